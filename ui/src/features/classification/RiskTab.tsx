import { Badge } from '@/shared/badges';
import { type Column, DataTable } from '@/shared/DataTable';
import { inFull, percent, words } from '@/shared/format';
import { AssetLink, refWords } from '@/shared/links';
import { Panel } from '@/shared/PageHeader';
import { MoreRows } from '@/shared/paging';
import { EmptyState, Loaded } from '@/shared/states';

import { type Risk, useRisks } from './queries';

const TONES = { high: 'critical', medium: 'high', low: 'ok' } as const;

const columns: Column<Risk>[] = [
  { key: 'asset', title: 'Asset', main: true, width: 'minmax(220px, 2fr)', cell: (each) => <AssetLink asset={each.asset}><strong>{refWords(each.asset)}</strong></AssetLink>, sort: (each) => each.asset },
  { key: 'level', title: 'Risk', width: '110px', cell: (each) => <Badge tone={TONES[each.level]}>{words(each.level)}</Badge>, sort: (each) => each.level },
  { key: 'columns', title: 'Known together', width: 'minmax(200px, 2fr)', cell: (each) => <span className="mono">{each.columns.join(' + ')}</span> },
  { key: 'unique', title: 'Rows like no other', width: '140px', align: 'right', cell: (each) => `${each.detail.sampled === true ? 'at most ' : ''}${percent(each.unique_share)}`, sort: (each) => each.unique_share },
  { key: 'smallest', title: 'Smallest group', width: '120px', align: 'right', cell: (each) => inFull(each.smallest), sort: (each) => each.smallest },
];

/** Columns that tell people apart when they are taken together. */
export function RiskTab() {
  const risks = useRisks();
  return (
    <Panel padded={false}>
      <Loaded query={risks} isEmpty={(rows) => rows.length === 0} empty={<EmptyState title="No combination was measured">Tables with at least two of birth date, postcode, gender, city and the like are counted when they are scanned.</EmptyState>}>
        {(rows) => <DataTable label="Re-identification" rows={rows} columns={columns} rowKey={(each) => each.asset} height={720} footer={<MoreRows list={risks} />} />}
      </Loaded>
    </Panel>
  );
}
