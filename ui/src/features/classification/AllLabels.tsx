import { Select, Switch } from '@mantine/core';

import { Badge, LabelChip, StateBadge } from '@/shared/badges';
import { type Column, DataTable } from '@/shared/DataTable';
import { words } from '@/shared/format';
import { useUrlState } from '@/shared/hooks';
import layout from '@/shared/layout.module.css';
import { AssetLink, refWords } from '@/shared/links';
import { Panel } from '@/shared/PageHeader';
import { MoreRows } from '@/shared/paging';
import { useSourceNames } from '@/shared/scanning';
import { EmptyState, Loaded } from '@/shared/states';

import { type Label, type LabelFilter, useClassifiers, useLabels } from './queries';

const columns: Column<Label>[] = [
  { key: 'column', title: 'Column', main: true, width: 'minmax(220px, 2fr)', cell: (each) => <AssetLink asset={each.asset} search={{ tab: 'columns', column: each.column_name }}>{refWords(each.asset)} · <strong>{each.column_name}</strong></AssetLink>, sort: (each) => `${each.asset}/${each.column_name}` },
  { key: 'label', title: 'Label', width: 'minmax(160px, 1fr)', cell: (each) => <LabelChip label={each} />, sort: (each) => each.label },
  { key: 'state', title: 'State', width: '110px', cell: (each) => <StateBadge state={each.state} /> },
  { key: 'effect', title: 'In effect', hint: 'in effect', width: '90px', cell: (each) => (each.effective ? <Badge tone="ok">Yes</Badge> : <span className="faint">no</span>) },
  { key: 'by', title: 'By', width: '120px', cell: (each) => <span className="muted">{each.decided_by ?? words(each.tier)}</span> },
  { key: 'kind', title: 'Data about people', width: '140px', wideOnly: true, cell: (each) => (each.special ? <Badge tone="critical">Special category</Badge> : each.personal ? <Badge tone="high">Personal</Badge> : <span className="faint">no</span>) },
];

export function AllLabels() {
  const [url, set] = useUrlState();
  const sources = useSourceNames();
  const classifiers = useClassifiers({ q: undefined, category: undefined, custom: undefined });
  const filter: LabelFilter = { limit: 200, source: url.source, label: url.label, category: url.category, state: url.state as LabelFilter['state'], personal: url.personal ? true : undefined };
  const labels = useLabels(filter);
  return (
    <>
      <div className={layout.filters}>
        <Select aria-label="Source" placeholder="All sources" clearable searchable w={150} data={(sources.data?.items ?? []).map((each) => each.name)} value={url.source ?? null} onChange={(next) => set({ source: next ?? undefined })} />
        <Select aria-label="Label" placeholder="Any label" clearable searchable w={220} data={(classifiers.data ?? []).map((each) => ({ value: each.id, label: each.title }))} value={url.label ?? null} onChange={(next) => set({ label: next ?? undefined })} />
        <Select aria-label="State" placeholder="Any state" clearable w={130} data={['suggested', 'confirmed', 'rejected'].map((each) => ({ value: each, label: words(each) }))} value={url.state ?? null} onChange={(next) => set({ state: next ?? undefined })} />
        <Switch size="xs" label="Personal data only" checked={url.personal !== undefined} onChange={(event) => set({ personal: event.currentTarget.checked ? 'yes' : undefined })} />
      </div>
      <Panel padded={false}>
        <Loaded query={labels} isEmpty={(rows) => rows.length === 0} empty={<EmptyState title="No label like this">Take a filter away to see more.</EmptyState>}>
          {(rows) => <DataTable label="Labels" rows={rows} columns={columns} rowKey={(each) => each.id} height={720} footer={<MoreRows list={labels} />} />}
        </Loaded>
      </Panel>
    </>
  );
}
