import { Button, Tabs } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';

import { Badge, StateBadge } from '@/shared/badges';
import { Facts } from '@/shared/Facts';
import { duration, inFull, plural, words } from '@/shared/format';
import { useUrlState } from '@/shared/hooks';
import layout from '@/shared/layout.module.css';
import { refWords } from '@/shared/links';
import { PageHeader, Panel } from '@/shared/PageHeader';
import { RelativeTime } from '@/shared/RelativeTime';
import { useMay } from '@/shared/session';
import { Loaded } from '@/shared/states';
import { TabsList } from '@/shared/TabsList';

import { ApprovalCard } from './Approvals';
import { Bar, FiguresLine, ofProgress, ofRun } from './Bar';
import { Changes } from './Changes';
import { secondsOf } from './History';
import { useAskAgainAtEnd, useLiveRun } from './live';
import { isOver, type LogLine, type RunDetail, useApproval, useRun, useRunActs } from './queries';
import { RunAssets } from './RunAssets';
import { RunChunks } from './RunChunks';
import { RunLog } from './RunLog';
import styles from './scans.module.css';
import { Stages } from './Stages';

/** One scan, as it goes on and after it ended. */
export default function RunPage() {
  const { runId = '' } = useParams({ strict: false }) as { runId?: string };
  const run = useRun(runId);
  return <Loaded query={run}>{(known) => <Known key={known.id} run={known} />}</Loaded>;
}

function Known({ run }: { run: RunDetail }) {
  const [{ tab = 'assets' }, set] = useUrlState();
  const live = useLiveRun(run.id, !isOver(run.state));
  useAskAgainAtEnd(isOver(run.state));
  const figures = !isOver(run.state) && live.progress ? ofProgress(live.progress) : ofRun(run);
  const goesOn = !isOver(figures.state);
  const approval = useApproval(run.id, run.state === 'awaiting_approval');
  return (
    <>
      <PageHeader
        title={`Scan of ${run.source}`}
        above={<Link to="/scans" className="muted">Scans</Link>}
        lead={<span className={layout.row}><StateBadge state={figures.state} />{run.paused && goesOn ? <Badge tone="medium">Paused</Badge> : null}<span>asked by {run.requested_by}, <RelativeTime at={run.requested_at} /></span>{goesOn && live.state !== 'live' ? <span className="faint">connecting to the live feed…</span> : null}</span>}
        actions={<Acts run={run} />}
      />
      <Panel>
        <Stages stage={figures.stage} state={figures.state} approval={run.state === 'awaiting_approval' || run.state === 'rejected'} />
        <div className={layout.tight}>
          <Bar figures={figures} label={`Scan of ${run.source}`} />
          <FiguresLine figures={figures} />
          {goesOn ? <div className={styles.current} aria-live="off">{figures.current.length > 0 ? `Now: ${figures.current.map(refWords).join(', ')}` : ''}</div> : null}
        </div>
        {run.problem ? <div className={layout.bad} style={{ marginTop: 8 }}><strong>{run.problem.sentence}</strong>{run.problem.remedy ? <div>{run.problem.remedy}</div> : null}</div> : null}
      </Panel>
      {approval.data && run.state === 'awaiting_approval' ? <ApprovalCard approval={approval.data} /> : null}
      <div className={layout.main}>
        <Panel title="What changed since the scan before"><Changes run={run} /></Panel>
        <Panel title="This scan"><Particulars run={run} /></Panel>
      </div>
      <Detail tab={tab} setTab={(next) => set({ tab: next, asset_state: undefined })} run={run} lines={live.lines} />
    </>
  );
}

function Detail({ tab, setTab, run, lines }: { tab: string; setTab: (next: string | undefined) => void; run: RunDetail; lines: readonly LogLine[] }) {
  const goesOn = !isOver(run.state);
  return (
    <Tabs value={tab} onChange={(next) => setTab(next ?? undefined)} keepMounted={false}>
      <TabsList chosen={tab}>
        <Tabs.Tab value="assets">Assets{run.assets_failed > 0 ? ` (${run.assets_failed} failed)` : ''}</Tabs.Tab>
        <Tabs.Tab value="chunks">Chunks</Tabs.Tab>
        <Tabs.Tab value="log">Log</Tabs.Tab>
      </TabsList>
      <Tabs.Panel value="assets"><RunAssets run={run} live={goesOn} /></Tabs.Panel>
      <Tabs.Panel value="chunks"><RunChunks id={run.id} live={goesOn} /></Tabs.Panel>
      <Tabs.Panel value="log"><RunLog id={run.id} fresh={lines} /></Tabs.Panel>
    </Tabs>
  );
}

function Particulars({ run }: { run: RunDetail }) {
  const seconds = secondsOf(run);
  return (
    <Facts
      items={[
        ['Source', <Link key="source" to="/sources/$sourceId" params={{ sourceId: run.source } as never} className={layout.link}>{run.source}</Link>],
        ['Started by', run.trigger === 'schedule' ? 'its schedule' : run.trigger === 'event' ? 'an event' : run.requested_by],
        ['Priority', words(run.priority)],
        ['Started', <RelativeTime key="started" at={run.started_at} none="not yet" />],
        ['Took', seconds === null ? null : duration(seconds)],
        ['Rules', run.rule_sets.length > 0 ? run.rule_sets.map((each) => <span key={each.name} style={{ marginRight: 8 }}><Link to="/rule-sets/$name" params={{ name: each.name } as never} className={layout.link}>{each.name}</Link> <span className="faint">v{each.version}</span></span>) : null],
        ['Chunks', `${inFull(run.chunks_done)} of ${inFull(run.chunks_total)}`],
        ['Partitions', run.partitions_carried > 0 ? `${inFull(run.partitions_total - run.partitions_carried)} of ${inFull(run.partitions_total)} read; ${inFull(run.partitions_carried)} unchanged` : run.partitions_total > 0 ? `${inFull(run.partitions_total)}, all read` : null],
        ['Rows not read again', run.rows_carried > 0 ? inFull(run.rows_carried) : null],
        ['Asked to', run.full ? 'read everything' : run.verify !== null ? `compare ${Math.round(run.verify * 1000) / 10} % of what is unchanged` : null],
        ['Labels', run.labels === null ? null : plural(run.labels, 'label')],
        ['Quality', run.quality === null ? null : `${Math.round(run.quality)} of 100`],
        ['Limits', run.limits ? limitsOf(run.limits) : null],
        ['Retry of', run.retry_of ? <Link key="retry" to="/scans/$runId" params={{ runId: run.retry_of } as never} className={layout.link}>an earlier scan</Link> : null],
        ['Stopped by', run.cancelled_by],
      ]}
    />
  );
}

/** What the source and the rules together allowed this scan, in short. */
function limitsOf(limits: NonNullable<RunDetail['limits']>) {
  const parts = [
    `${plural(limits.max_concurrency, 'chunk')} at once`,
    limits.rows_per_second === null ? null : `${inFull(limits.rows_per_second)} rows/s`,
    limits.megabytes_per_second === null ? null : `${limits.megabytes_per_second} MB/s`,
    limits.statements_per_minute === null ? null : `${inFull(limits.statements_per_minute)} statements a minute`,
    `statements of ${duration(limits.statement_timeout_seconds)} at most`,
    limits.blackouts.length > 0 ? `not ${limits.blackouts.join(', ')}` : null,
  ];
  return parts.filter((part) => part !== null).join(' · ');
}

function Acts({ run }: { run: RunDetail }) {
  const acts = useRunActs(run);
  const mayRun = useMay('scans.run');
  if (!mayRun) return null;
  if (isOver(run.state)) {
    return (
      <>
        {run.assets_failed > 0 || run.state === 'cancelled' ? <Button variant="default" loading={acts.replay.isPending} onClick={() => acts.replay.mutate()}>{run.assets_failed > 0 ? `Retry the ${plural(run.assets_failed, 'asset')} that failed` : 'Scan what was not reached'}</Button> : null}
        <Button loading={acts.retry.isPending} onClick={() => acts.retry.mutate()}>Scan again</Button>
      </>
    );
  }
  return (
    <>
      {run.state === 'running' ? <Button variant="default" loading={acts.pause.isPending || acts.resume.isPending} onClick={() => (run.paused ? acts.resume : acts.pause).mutate()}>{run.paused ? 'Resume' : 'Pause'}</Button> : null}
      <Button color="red" variant="light" loading={acts.cancel.isPending} disabled={run.state === 'cancelling'} onClick={() => acts.cancel.mutate()}>Stop the scan</Button>
    </>
  );
}
