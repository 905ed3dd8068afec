import { Button } from '@mantine/core';

import { CodeBlock } from '@/shared/CodeBlock';
import layout from '@/shared/layout.module.css';
import { Panel } from '@/shared/PageHeader';

/** How somebody who does not trust this server checks the trail. */
export function Offline() {
  return (
    <>
      <Panel title="Check the trail where Muniment is not">
        <ol className={layout.plain} style={{ display: 'flex', flexDirection: 'column', gap: 14 }}>
          <li>
            Save the sealed trail and the public key. Keep the key where the administrators of this server cannot change it: whoever holds it can tell later whether anything was rewritten.
            <div className={layout.row} style={{ marginTop: 6 }}>
              <Button variant="default" component="a" href="/api/v1/audit-trail/export" download="muniment-audit.ndjson">Save the trail</Button>
              <Button variant="default" component="a" href="/api/v1/audit-trail/key" download="muniment-audit.pem">Save the key</Button>
            </div>
          </li>
          <li>
            Take both to another machine and check them there. It needs no database and no connection.
            <div style={{ marginTop: 6 }}><CodeBlock label="Verify command" text="muniment audit verify --export muniment-audit.ndjson --key muniment-audit.pem" /></div>
          </li>
          <li>It ends with exit code 0 and the counts when everything fits; with 1, and the first event or checkpoint that does not, when something was changed, taken out or put in.</li>
        </ol>
      </Panel>
      <Panel title="How it is sealed">
        <p style={{ margin: 0 }}>Every event is hashed as canonical JSON (SHA-256) and becomes a leaf of a Merkle tree (RFC 6962). Each checkpoint holds the root of its tree and the hash of the checkpoint before, and is signed with Ed25519. So one event can be proved with a handful of hashes, and nothing can be changed, taken out or put in between without breaking the chain.</p>
      </Panel>
    </>
  );
}
