import { SegmentedControl } from '@mantine/core';

import { Badge, SeverityBadge, StateBadge } from '@/shared/badges';
import { type Column, DataTable } from '@/shared/DataTable';
import { inFull, percent, words } from '@/shared/format';
import { useUrlState } from '@/shared/hooks';
import { Panel } from '@/shared/PageHeader';
import { EmptyState, Loaded } from '@/shared/states';

import { type CheckResult, useResults } from '../queries-quality';
import { CheckDrawer } from './CheckDrawer';

const order: Record<string, number> = { failed: 0, error: 1, skipped: 2, passed: 3 };
const weight: Record<string, number> = { critical: 0, high: 1, medium: 2, low: 3 };

const columns: Column<CheckResult>[] = [
  { key: 'status', title: 'Result', width: '92px', cell: (check) => <StateBadge state={check.status} />, sort: (check) => order[check.status] },
  { key: 'title', title: 'Check', main: true, width: 'minmax(160px, 2fr)', cell: (check) => <span title={check.title}>{check.title}</span>, sort: (check) => check.title },
  { key: 'columns', title: 'Columns', cell: (check) => (check.columns.length ? <span className="mono" title={check.columns.join(', ')}>{check.columns.join(', ')}</span> : <span className="faint">whole asset</span>), sort: (check) => check.columns.join() },
  { key: 'ratio', title: 'Holds for', width: '150px', cell: (check) => <Holds check={check} />, sort: (check) => check.ratio },
  { key: 'dimension', title: 'Dimension', width: '112px', wideOnly: true, cell: (check) => words(check.dimension), sort: (check) => check.dimension },
  { key: 'severity', title: 'Severity', width: '96px', cell: (check) => <SeverityBadge severity={check.severity} />, sort: (check) => weight[check.severity] },
  { key: 'origin', title: 'Asked by', width: '96px', wideOnly: true, cell: (check) => <Badge tone="outline">{words(check.origin)}</Badge>, sort: (check) => check.origin },
];

function Holds({ check }: { check: CheckResult }) {
  if (check.ratio === null) return <span className="faint">no answer</span>;
  return <span title={`${inFull(check.evaluated - check.failed)} of ${inFull(check.evaluated)}`}>{check.exact ? '' : '≈ '}{percent(check.ratio)}{check.failed > 0 ? <span className="faint"> {inFull(check.failed)} fail</span> : null}</span>;
}

/** Every answer of the last scan, what failed first. */
export function Checks({ asset }: { asset: string }) {
  const results = useResults(asset);
  const [{ status = 'all', check }, set] = useUrlState();
  return (
    <Loaded query={results} isEmpty={(page) => page.items.length === 0} empty={<></>}>
      {(page) => {
        const failed = page.items.filter((each) => each.status === 'failed' || each.status === 'error');
        const rows = [...(status === 'failed' ? failed : page.items)].sort((a, b) => (order[a.status] ?? 9) - (order[b.status] ?? 9) || (weight[a.severity] ?? 9) - (weight[b.severity] ?? 9));
        return (
          <Panel
            title="Checks"
            padded={false}
            actions={<SegmentedControl size="xs" value={status} onChange={(next) => set({ status: next === 'all' ? undefined : next })} data={[{ value: 'all', label: `All ${page.items.length}` }, { value: 'failed', label: `Failed ${failed.length}` }]} />}
          >
            {rows.length === 0 ? <EmptyState title="No check failed">All {page.items.length} checks of the last scan hold or had nothing to judge.</EmptyState> : (
              <DataTable label="Checks" rows={rows} columns={columns} rowKey={(each) => each.key} onOpen={(each) => set({ check: each.key })} height={560} />
            )}
            <CheckDrawer asset={asset} result={page.items.find((each) => each.key === check)} onClose={() => set({ check: undefined })} />
          </Panel>
        );
      }}
    </Loaded>
  );
}
