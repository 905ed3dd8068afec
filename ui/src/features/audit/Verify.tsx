import { Button } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';

import { inFull, plural } from '@/shared/format';
import layout from '@/shared/layout.module.css';
import { Panel } from '@/shared/PageHeader';
import { RelativeTime } from '@/shared/RelativeTime';
import { Loaded, SkeletonBlock } from '@/shared/states';

import { useTrail, useVerify, type Verification } from './queries';

/** How long the trail is, when it was last verified, and a button that verifies it now. */
export function Verify() {
  const trail = useTrail();
  const verify = useVerify();
  return (
    <Panel>
      <div className={layout.between}>
        <Loaded query={trail} skeleton={<SkeletonBlock height={40} />}>
          {(now) => (
            <div>
              <div><strong>{plural(now.events, 'event')}</strong> under {plural(now.checkpoints, 'signed checkpoint')}; {now.unsealed === 0 ? 'everything is sealed' : <>{inFull(now.unsealed)} wait to be sealed, the oldest for <RelativeTime at={now.oldest_unsealed_at} /></>}.</div>
              <div className="muted">{now.last_verified_at ? <>Last verified <RelativeTime at={now.last_verified_at} />: {now.last_verified_ok ? 'nothing was changed.' : <strong style={{ color: 'var(--sev-critical)' }}>it does not fit.</strong>}</> : 'Not verified yet.'}</div>
            </div>
          )}
        </Loaded>
        <Button leftSection={<IconShieldCheck size={14} />} loading={verify.isPending} onClick={() => verify.mutate()}>Verify now</Button>
      </div>
      {verify.isPending ? <p className="muted" role="status" style={{ margin: '8px 0 0' }}>Checking every event against its checkpoint, and every checkpoint against the one before…</p> : null}
      {verify.data ? <Result found={verify.data} /> : null}
    </Panel>
  );
}

function Result({ found }: { found: Verification }) {
  if (found.ok) {
    return (
      <div className={layout.note} role="status" style={{ marginTop: 10 }}>
        <strong>Nothing was changed.</strong> {plural(found.events, 'event')} under {plural(found.checkpoints, 'checkpoint')} fit their hashes and signatures{found.unsealed > 0 ? `; ${plural(found.unsealed, 'event')} ${found.unsealed === 1 ? 'is' : 'are'} not sealed yet` : ''}.
        {found.head ? <div className="faint mono" style={{ overflowWrap: 'anywhere' }}>Head {found.head}</div> : null}
      </div>
    );
  }
  return (
    <div className={layout.bad} role="alert" style={{ marginTop: 10 }}>
      <strong>The trail does not fit.</strong> {found.broken?.what}
      <div>{found.broken?.checkpoint == null ? null : `Checkpoint ${found.broken.checkpoint}`}{found.broken?.event_id ? `, event ${found.broken.event_id}` : ''}</div>
    </div>
  );
}
