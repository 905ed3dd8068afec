import { Select } from '@mantine/core';

import { Badge, SeverityBadge, StateBadge } from '@/shared/badges';
import { type Column, DataTable } from '@/shared/DataTable';
import { words } from '@/shared/format';
import { useUrlState } from '@/shared/hooks';
import layout from '@/shared/layout.module.css';
import { AssetLink, refWords } from '@/shared/links';
import { Panel } from '@/shared/PageHeader';
import { MoreRows } from '@/shared/paging';
import { RelativeTime } from '@/shared/RelativeTime';
import { useSourceNames } from '@/shared/scanning';
import { EmptyState, Loaded } from '@/shared/states';

import { type Incident, type IncidentFilter, type IncidentState, type Severity, useIncidents } from './queries';

const columns: Column<Incident>[] = [
  { key: 'severity', title: 'Severity', width: '100px', cell: (each) => <SeverityBadge severity={each.severity} /> },
  { key: 'title', title: 'What is wrong', main: true, width: 'minmax(280px, 3fr)', cell: (each) => <span><strong style={{ fontWeight: 500 }}>{each.title}</strong> {each.kind === 'schema' ? <Badge tone="outline">Schema</Badge> : null}<br /><span className="muted">{each.detail}</span></span> },
  { key: 'asset', title: 'Where', width: 'minmax(160px, 1.2fr)', cell: (each) => <AssetLink asset={each.asset} search={{ tab: 'quality' }} onClick={(event) => event.stopPropagation()}>{refWords(each.asset)}{each.columns.length > 0 ? <> · <strong>{each.columns.join(', ')}</strong></> : null}</AssetLink>, sort: (each) => each.asset },
  { key: 'state', title: 'State', width: '112px', cell: (each) => <StateBadge state={each.state} />, sort: (each) => each.state },
  { key: 'who', title: 'Who looks', width: '110px', wideOnly: true, cell: (each) => each.acknowledged_by ?? <span className="faint">nobody</span> },
  { key: 'seen', title: 'Seen', width: '56px', align: 'right', wideOnly: true, cell: (each) => `${each.occurrences}×`, sort: (each) => each.occurrences },
  { key: 'since', title: 'Since', width: '120px', cell: (each) => <RelativeTime at={each.opened_at} />, sort: (each) => each.opened_at },
];

const states: IncidentState[] = ['new', 'acknowledged', 'root_cause', 'resolved', 'false_positive'];
const severities: Severity[] = ['critical', 'high', 'medium', 'low'];

export function Incidents() {
  const [url, set] = useUrlState();
  const sources = useSourceNames();
  const state = states.find((each) => each === url.state);
  const filter: IncidentFilter = { limit: 100, open: state || url.state === 'all' ? undefined : true, state, severity: severities.find((each) => each === url.severity), source: url.source, asset: url.asset };
  const incidents = useIncidents(filter);
  const filtered = Boolean(url.state ?? url.severity ?? url.source ?? url.asset);
  return (
    <>
      <div className={layout.filters}>
        <Select aria-label="State" placeholder="Open" clearable w={140} data={[...states.map((each) => ({ value: each, label: words(each) })), { value: 'all', label: 'All' }]} value={url.state ?? null} onChange={(next) => set({ state: next ?? undefined })} />
        <Select aria-label="Severity" placeholder="Any severity" clearable w={130} data={severities.map((each) => ({ value: each, label: words(each) }))} value={url.severity ?? null} onChange={(next) => set({ severity: next ?? undefined })} />
        <Select aria-label="Source" placeholder="All sources" clearable searchable w={150} data={(sources.data?.items ?? []).map((each) => each.name)} value={url.source ?? null} onChange={(next) => set({ source: next ?? undefined })} />
      </div>
      <Panel padded={false}>
        <Loaded query={incidents} isEmpty={(rows) => rows.length === 0} empty={<EmptyState title={filtered ? 'No incident like this' : 'Nothing is broken'}>{filtered ? 'Take a filter away to see more.' : 'Every check that was answered passes, and no schema broke.'}</EmptyState>}>
          {(rows) => <DataTable label="Incidents" rows={rows} columns={columns} rowKey={(each) => each.id} rowHeight={52} height="max(420px, calc(100vh - 250px))" onOpen={(each) => set({ incident: each.id })} footer={<MoreRows list={incidents} />} />}
        </Loaded>
      </Panel>
    </>
  );
}
