import { Button, Tooltip } from '@mantine/core';
import { useState } from 'react';

import { ReasonModal } from '@/shared/ReasonModal';
import { Loaded, SkeletonRows } from '@/shared/states';

import { Differences } from './Differences';
import { type RuleSet, useDiff, useRuleSetActs } from './queries';

/** Shows what would change, then puts the draft in force. */
export function Publish({ set, blocked }: { set: RuleSet; blocked: string | null }) {
  const [asking, setAsking] = useState(false);
  const acts = useRuleSetActs(set);
  const diff = useDiff(set.name, asking ? set.published : null, asking ? set.draft : null);
  if (set.draft === null) return null;
  return (
    <>
      <Tooltip label={blocked ?? 'Puts the draft in force for the next scans'}>
        <Button data-disabled={blocked !== null || undefined} aria-disabled={blocked !== null} onClick={() => { if (blocked === null) setAsking(true); }}>Publish</Button>
      </Tooltip>
      <ReasonModal opened={asking} title={`Publish ${set.title}`} lead="In force from the next scan on; scans that run now keep the rules they began with." confirm="Publish" pending={acts.publish.isPending} error={acts.publish.error} onClose={() => setAsking(false)} onConfirm={() => acts.publish.mutate(undefined, { onSuccess: () => setAsking(false) })}>
        {set.published === null ? <span className="muted">It is its first version.</span> : <Loaded query={diff} skeleton={<SkeletonRows count={3} />}>{(differences) => <Differences differences={differences} />}</Loaded>}
      </ReasonModal>
    </>
  );
}
