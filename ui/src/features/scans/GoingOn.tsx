import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';

import { Badge, StateBadge } from '@/shared/badges';
import { words } from '@/shared/format';
import layout from '@/shared/layout.module.css';
import { refWords } from '@/shared/links';
import { Panel } from '@/shared/PageHeader';
import { RelativeTime } from '@/shared/RelativeTime';
import { useMay } from '@/shared/session';
import { Loaded, SkeletonRows } from '@/shared/states';

import { Bar, FiguresLine, ofProgress, ofRun } from './Bar';
import { useLiveProgress, useSteady } from './live';
import { type Progress, type Run, useActiveRuns, useRunActs } from './queries';
import styles from './scans.module.css';

const NONE: readonly Run[] = [];

export function GoingOn() {
  const active = useActiveRuns();
  const { rows, hold } = useSteady(active.data?.items ?? NONE, (run) => run.id);
  const live = useLiveProgress(rows.filter((run) => run.state === 'running').map((run) => run.id));
  return (
    <Panel title="Going on now" padded={false}>
      <Loaded query={active} skeleton={<SkeletonRows count={2} />}>
        {() => (
          <div {...hold}>
            {rows.length === 0 ? <p className="muted" style={{ margin: 0, padding: 12 }}>Nothing is scanned at the moment.</p> : null}
            {rows.map((run) => <RunLine key={run.id} run={run} progress={live.get(run.id)} />)}
          </div>
        )}
      </Loaded>
    </Panel>
  );
}

function RunLine({ run, progress }: { run: Run; progress: Progress | undefined }) {
  const figures = progress ? ofProgress(progress) : ofRun(run);
  const acts = useRunActs(run);
  const mayRun = useMay('scans.run');
  return (
    <div className={styles.run}>
      <div className={layout.between}>
        <div className={layout.row}>
          <Link to="/scans/$runId" params={{ runId: run.id } as never}><strong>{run.source}</strong></Link>
          <StateBadge state={figures.state} />
          {run.paused ? <Badge tone="medium">Paused</Badge> : null}
          {figures.state === 'running' ? <span className="muted">{words(figures.stage)}</span> : null}
          <span className="faint">asked by {run.requested_by}, <RelativeTime at={run.requested_at} /></span>
        </div>
        <div className={layout.row}>
          {run.state === 'awaiting_approval' ? <Link to="/scans" search={{ tab: 'approvals' } as never} className={layout.link}>See what it would run</Link> : null}
          {mayRun && run.state === 'running' ? <Button variant="default" size="compact-xs" onClick={() => (run.paused ? acts.resume : acts.pause).mutate()}>{run.paused ? 'Resume' : 'Pause'}</Button> : null}
          {mayRun && run.state !== 'cancelling' ? <Button variant="default" size="compact-xs" loading={acts.cancel.isPending} onClick={() => acts.cancel.mutate()}>Stop</Button> : null}
        </div>
      </div>
      <Bar figures={figures} label={`Scan of ${run.source}`} />
      <FiguresLine figures={figures} />
      {figures.state === 'running' ? <div className={styles.current}>{figures.current.map(refWords).join(', ')}</div> : null}
    </div>
  );
}
