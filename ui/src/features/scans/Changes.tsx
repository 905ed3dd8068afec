import layout from '@/shared/layout.module.css';
import { Loaded, SkeletonRows } from '@/shared/states';

import { isOver, type Run, useRunDiff } from './queries';

/** The difference to the scan before, in plain words. */
export function Changes({ run }: { run: Run }) {
  const diff = useRunDiff(run.id, !isOver(run.state));
  return (
    <Loaded query={diff} skeleton={<SkeletonRows count={3} />}>
      {({ ready, changes }) => {
        if (!ready || run.state === 'cancelled' || run.state === 'rejected') return <span className="muted">{isOver(run.state) ? 'It ended before it could be compared.' : 'Told when the scan ends.'}</span>;
        if (changes.length === 0) return <span className="muted">Nothing.</span>;
        return <ul className={layout.plain}>{changes.map((each) => <li key={each}>{each}</li>)}</ul>;
      }}
    </Loaded>
  );
}
