import { Select } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';

import { StateBadge } from '@/shared/badges';
import { Count } from '@/shared/Count';
import { type Column, DataTable } from '@/shared/DataTable';
import { duration, inFull, words } from '@/shared/format';
import { useUrlState } from '@/shared/hooks';
import layout from '@/shared/layout.module.css';
import { Panel } from '@/shared/PageHeader';
import { MoreRows } from '@/shared/paging';
import { RelativeTime } from '@/shared/RelativeTime';
import { useSourceNames } from '@/shared/scanning';
import { EmptyState, Loaded } from '@/shared/states';

import { OVER, type Run, type RunState, usePastRuns } from './queries';

export const secondsOf = (run: Pick<Run, 'started_at' | 'ended_at'>): number | null =>
  run.started_at && run.ended_at ? (new Date(run.ended_at).getTime() - new Date(run.started_at).getTime()) / 1000 : null;

const changed = (run: Run) => {
  const first = run.changes?.[0];
  const compared = run.state === 'succeeded' || run.state === 'partial';
  if (!first) return <span className="faint">{run.problem ? run.problem.sentence : compared && run.changes ? 'nothing changed' : '–'}</span>;
  return <span title={run.changes?.join('\n')}>{first}{(run.changes?.length ?? 0) > 1 ? <span className="faint"> and {(run.changes?.length ?? 1) - 1} more</span> : null}</span>;
};

const columns: Column<Run>[] = [
  { key: 'source', title: 'Source', width: 'minmax(110px, 1fr)', cell: (run) => <strong>{run.source}</strong>, sort: (run) => run.source },
  { key: 'state', title: 'Outcome', width: '110px', cell: (run) => <StateBadge state={run.state} /> },
  { key: 'ended', title: 'Ended', width: '120px', cell: (run) => <RelativeTime at={run.ended_at} none="–" />, sort: (run) => run.ended_at },
  { key: 'took', title: 'Took', width: '90px', align: 'right', cell: (run) => { const seconds = secondsOf(run); return seconds === null ? <span className="faint">–</span> : duration(seconds); }, sort: secondsOf },
  { key: 'assets', title: 'Assets', width: '110px', align: 'right', cell: (run) => <span>{inFull(run.assets_done)}{run.assets_failed > 0 ? <span style={{ color: 'var(--sev-critical)' }}> · {inFull(run.assets_failed)} failed</span> : null}</span>, sort: (run) => run.assets_done },
  { key: 'rows', title: 'Rows', width: '80px', align: 'right', cell: (run) => <Count value={run.rows_done} />, sort: (run) => run.rows_done },
  { key: 'why', title: 'Asked by', width: '150px', wideOnly: true, cell: (run) => <span className="muted">{run.trigger === 'schedule' ? 'schedule' : run.requested_by}</span> },
  { key: 'changes', title: 'What changed', width: 'minmax(160px, 2fr)', wideOnly: true, cell: changed },
];

/** Scans that ended, the latest first. */
export function History() {
  const [{ source, state }, set] = useUrlState();
  const runs = usePastRuns(source, state as RunState | undefined);
  const sources = useSourceNames();
  const navigate = useNavigate();
  return (
    <Panel
      title="Ended"
      padded={false}
      actions={(
        <div className={layout.row}>
          <Select aria-label="Source" placeholder="All sources" clearable searchable w={150} data={(sources.data?.items ?? []).map((each) => each.name)} value={source ?? null} onChange={(next) => set({ source: next ?? undefined })} />
          <Select aria-label="Outcome" placeholder="Any outcome" clearable w={140} data={OVER.map((each) => ({ value: each, label: words(each) }))} value={state ?? null} onChange={(next) => set({ state: next ?? undefined })} />
        </div>
      )}
    >
      <Loaded query={runs} isEmpty={(rows) => rows.length === 0} empty={<EmptyState title={source || state ? 'No scan like this' : 'No scan has ended yet'}>{source || state ? 'Take a filter away to see more.' : 'Start one above; what it did is kept here.'}</EmptyState>}>
        {(rows) => <DataTable label="Scans that ended" rows={rows} columns={columns} rowKey={(run) => run.id} onOpen={(run) => void navigate({ to: '/scans/$runId', params: { runId: run.id } as never })} footer={<MoreRows list={runs} />} />}
      </Loaded>
    </Panel>
  );
}
