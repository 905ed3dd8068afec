import { SeverityBadge } from '@/shared/badges';
import { type Column, DataTable } from '@/shared/DataTable';
import { inFull, percent, words } from '@/shared/format';
import { useUrlState } from '@/shared/hooks';
import layout from '@/shared/layout.module.css';
import { AssetLink, refWords } from '@/shared/links';
import { Panel } from '@/shared/PageHeader';
import { MoreRows } from '@/shared/paging';
import { ScoreBar } from '@/shared/Score';
import { EmptyState, Loaded } from '@/shared/states';

import { type Result, useFailing, useWorst, type Worst } from './queries';

const columns: Column<Worst>[] = [
  { key: 'asset', title: 'Asset', width: 'minmax(180px, 2fr)', cell: (each) => refWords(each.asset), sort: (each) => each.asset },
  { key: 'score', title: 'Score', width: '120px', cell: (each) => <ScoreBar score={each.score} />, sort: (each) => each.score },
  { key: 'failed', title: 'Checks fail', width: '90px', align: 'right', cell: (each) => inFull(each.failed), sort: (each) => each.failed },
];

const failing: Column<Result>[] = [
  { key: 'severity', title: 'Severity', width: '100px', cell: (each) => <SeverityBadge severity={each.severity} /> },
  { key: 'title', title: 'Check', width: 'minmax(160px, 2fr)', cell: (each) => <span>{each.title}<br /><span className="muted">{each.message || `Expected ${each.expected}${each.observed ? `, observed ${each.observed}` : ''}.`}</span></span> },
  { key: 'dimension', title: 'Dimension', width: '120px', wideOnly: true, cell: (each) => <span className="muted">{words(each.dimension)}</span> },
  { key: 'ratio', title: 'Pass', width: '80px', align: 'right', cell: (each) => (each.ratio === null ? <span className="faint">–</span> : percent(each.ratio, 1)) },
];

/** The assets that score worst; choosing one shows exactly which of its checks fail. */
export function WorstAssets() {
  const [{ asset }, set] = useUrlState();
  const worst = useWorst();
  const chosen = asset ?? worst.data?.[0]?.asset;
  return (
    <div className={layout.halves}>
      <Panel title="Worst first" padded={false}>
        <Loaded query={worst} isEmpty={(rows) => rows.length === 0} empty={<EmptyState title="Nothing was scored yet">A scan checks what it reads.</EmptyState>}>
          {(rows) => <DataTable label="Worst assets" rows={rows} columns={columns} rowKey={(each) => each.asset} selected={new Set(chosen ? [chosen] : [])} onOpen={(each) => set({ asset: each.asset })} footer={<MoreRows list={worst} />} />}
        </Loaded>
      </Panel>
      {chosen ? <Failing asset={chosen} /> : null}
    </div>
  );
}

function Failing({ asset }: { asset: string }) {
  const results = useFailing(asset);
  return (
    <Panel title={<>Failing checks of <AssetLink asset={asset} search={{ tab: 'quality' }} className={layout.link} /></>} padded={false}>
      <Loaded query={results} isEmpty={(rows) => rows.length === 0} empty={<p className="muted" style={{ margin: 0, padding: 12 }}>All its checks pass.</p>}>
        {(rows) => <DataTable label="Failing checks" rows={rows} columns={failing} rowKey={(each) => each.key} rowHeight={52} />}
      </Loaded>
    </Panel>
  );
}
