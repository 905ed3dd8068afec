import { Button, Drawer } from '@mantine/core';

import { CodeBlock } from '@/shared/CodeBlock';
import { Facts } from '@/shared/Facts';
import layout from '@/shared/layout.module.css';
import { refWords } from '@/shared/links';
import { Loaded, SkeletonBlock } from '@/shared/states';

import { type AuditEvent, useEvent, useProof } from './queries';
import { said } from './said';

/** One event, word for word, and the proof that it stands under a signed checkpoint. */
export function EventDrawer({ id, onClose }: { id: string | undefined; onClose: () => void }) {
  const event = useEvent(id);
  return (
    <Drawer opened={id !== undefined} onClose={onClose} position="right" size="lg" title={event.data ? said(event.data.topic).what : 'Event'}>
      {id === undefined ? null : <Loaded query={event}>{(known) => <Inside event={known} />}</Loaded>}
    </Drawer>
  );
}

function Inside({ event }: { event: AuditEvent }) {
  return (
    <div className={layout.stack}>
      <Facts
        items={[
          ['When', new Date(event.occurred_at).toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'long' })],
          ['Who', event.actor],
          ['What', <span key="topic" className="mono">{event.topic}</span>],
          ['On what', refWords(event.subject)],
          ['Number', `${event.seq}`],
        ]}
      />
      <CodeBlock label="What was written down" text={JSON.stringify(event.payload, null, 2)} />
      <h3 style={{ margin: 0 }}>Proof</h3>
      {event.checkpoint === null ? <span className="muted">It is not sealed yet; the next checkpoint comes within a minute or two.</span> : <Proof event={event} />}
    </div>
  );
}

function Proof({ event }: { event: AuditEvent }) {
  const proof = useProof(event);
  return (
    <Loaded query={proof} skeleton={<SkeletonBlock height={160} />}>
      {(found) => {
        const text = JSON.stringify(found, null, 2);
        const address = `data:application/json;charset=utf-8,${encodeURIComponent(text)}`;
        return (
          <>
            <p style={{ margin: 0 }}>It is leaf {found.index + 1} of {found.checkpoint.size} under checkpoint {found.checkpoint.number}, signed {new Date(found.checkpoint.sealed_at).toLocaleString()} with key <span className="mono">{found.checkpoint.key_id}</span>. Hashing it with the {found.path.length} neighbours below gives the signed root.</p>
            <Facts
              items={[
                ['Leaf', <span key="leaf" className="mono">{found.leaf}</span>],
                ['Neighbours', <ol key="path" className={`mono ${layout.plain}`}>{found.path.map((each) => <li key={each}>{each}</li>)}</ol>],
                ['Root', <span key="root" className="mono">{found.checkpoint.root}</span>],
                ['Signature', <span key="signature" className="mono">{found.checkpoint.signature}</span>],
              ]}
            />
            <div><Button variant="default" component="a" href={address} download={`proof-${event.seq}.json`}>Save the proof</Button></div>
          </>
        );
      }}
    </Loaded>
  );
}
