import { Button } from '@mantine/core';
import { useState } from 'react';

import { StateBadge } from '@/shared/badges';
import layout from '@/shared/layout.module.css';
import { Panel } from '@/shared/PageHeader';
import { ReasonModal } from '@/shared/ReasonModal';
import { RelativeTime } from '@/shared/RelativeTime';
import { useMay } from '@/shared/session';

import { type Finding, useRevoke, useWaivers } from './queries';

/** Exceptions that were granted for this finding, with their end. */
export function Waivers({ finding }: { finding: Finding }) {
  const waivers = useWaivers(finding.check, finding.subject);
  const revoke = useRevoke();
  const mayWaive = useMay('compliance.waive');
  const [ending, setEnding] = useState<string | null>(null);
  const list = waivers.data?.items ?? [];
  if (list.length === 0) return null;
  return (
    <Panel title="Waivers">
      <ul className={layout.list}>
        {list.map((each) => (
          <li key={each.id} className={layout.tight}>
            <div className={layout.between}>
              <span className={layout.row}><StateBadge state={each.state} /><span>{each.state === 'active' ? 'until' : 'was to end'} <RelativeTime at={each.expires_at} /></span></span>
              {mayWaive && each.state === 'active' ? <Button variant="default" size="compact-xs" onClick={() => setEnding(each.id)}>End it now</Button> : null}
            </div>
            <div>{each.reason}</div>
            <div className="faint">{each.owner} answers for it; granted by {each.granted_by} <RelativeTime at={each.granted_at} />{each.ended_why ? `; ended: ${each.ended_why}` : ''}</div>
          </li>
        ))}
      </ul>
      <ReasonModal opened={ending !== null} title="End the waiver" lead="The finding is open again at once." confirm="End it" danger reasonLabel="Why" pending={revoke.isPending} error={revoke.error} onClose={() => setEnding(null)} onConfirm={(reason) => revoke.mutate({ waiver: ending ?? '', reason }, { onSuccess: () => setEnding(null) })} />
    </Panel>
  );
}
