import { Button } from '@mantine/core';
import { useState } from 'react';

import { plural } from '@/shared/format';
import layout from '@/shared/layout.module.css';
import { failed, told } from '@/shared/notices';
import { PersonInput } from '@/shared/PersonInput';
import { ReasonModal } from '@/shared/ReasonModal';
import { toldWithUndo } from '@/shared/undo';

import { type Finding, useBulk } from './queries';

const stuck = (left: readonly { why: string }[]): string => (left.length === 0 ? '' : ` ${plural(left.length, 'finding')} stayed: ${left[0]?.why}`);

/** The same change to all selected findings: shown before it is made, undone where that is possible. */
export function BulkBar({ findings, onDone }: { findings: readonly Finding[]; onDone: () => void }) {
  const bulk = useBulk();
  const [asking, setAsking] = useState<'assign' | 'resolve' | null>(null);
  const [owner, setOwner] = useState('');
  const ids = findings.map((each) => each.id);
  const acknowledge = () =>
    bulk.mutate({ ids, state: 'acknowledged', unassign: false }, {
      onError: failed,
      onSuccess: ({ changed, left }) => {
        const undo = () => bulk.mutate({ ids: changed, state: 'open', unassign: false }, { onError: failed, onSuccess: () => told(`${plural(changed.length, 'finding')} are open again.`) });
        toldWithUndo(`${plural(changed.length, 'finding')} acknowledged.${stuck(left)}`, undo);
        onDone();
      },
    });
  const assign = () =>
    bulk.mutate({ ids, owner: owner || null, unassign: owner === '' }, {
      onSuccess: ({ changed, left }) => {
        told(`${plural(changed.length, 'finding')} ${owner ? `given to ${owner}` : 'given back'}.${stuck(left)}`);
        setAsking(null);
        onDone();
      },
    });
  const resolve = (reason: string) =>
    bulk.mutate({ ids, state: 'resolved', reason, unassign: false }, {
      onSuccess: ({ changed, left }) => {
        told(`${plural(changed.length, 'finding')} resolved.${stuck(left)}`);
        setAsking(null);
        onDone();
      },
    });
  const assets = new Set(findings.map((each) => each.asset ?? each.subject)).size;
  return (
    <div className={layout.bar} role="region" aria-label="Selected findings">
      <strong>{plural(ids.length, 'finding')} selected</strong>
      <Button variant="default" onClick={() => setAsking('assign')}>Assign</Button>
      <Button variant="default" loading={bulk.isPending && asking === null} onClick={acknowledge}>Acknowledge</Button>
      <Button variant="default" onClick={() => setAsking('resolve')}>Resolve</Button>
      <Button variant="subtle" color="gray" onClick={onDone}>Clear</Button>
      <ReasonModal
        opened={asking === 'assign'}
        title={`Assign ${plural(ids.length, 'finding')}`}
        lead={`On ${plural(assets, 'subject')}. Empty gives them back to the owners of the assets.`}
        confirm="Assign"
        pending={bulk.isPending}
        error={bulk.error}
        onClose={() => setAsking(null)}
        onConfirm={assign}
      >
        <PersonInput label="To whom" value={owner} onChange={setOwner} />
      </ReasonModal>
      <ReasonModal
        opened={asking === 'resolve'}
        title={`Resolve ${plural(ids.length, 'finding')}`}
        lead={`On ${plural(assets, 'subject')}. Those whose fact is still there open again at the next judging.`}
        confirm="Resolve"
        reasonLabel="What was done"
        pending={bulk.isPending}
        error={bulk.error}
        onClose={() => setAsking(null)}
        onConfirm={resolve}
      />
    </div>
  );
}
