import { Select, Switch } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import { Badge, SeverityBadge, StateBadge } from '@/shared/badges';
import { type Column, DataTable } from '@/shared/DataTable';
import { plural, words } from '@/shared/format';
import { useUrlState } from '@/shared/hooks';
import layout from '@/shared/layout.module.css';
import { PageHeader, Panel } from '@/shared/PageHeader';
import { MoreRows } from '@/shared/paging';
import { RelativeTime } from '@/shared/RelativeTime';
import { useSourceNames } from '@/shared/scanning';
import { useMay } from '@/shared/session';
import { EmptyState, Loaded } from '@/shared/states';
import { Subject } from '@/shared/Subject';

import { BulkBar } from './BulkBar';
import { type Finding, type FindingFilter, type FindingState, NEEDS_WORK, type Severity, useChecks, useFindings, useFrameworks } from './queries';

const severities: Severity[] = ['critical', 'high', 'medium', 'low'];
const states = [
  { value: 'open', label: 'Open' },
  { value: 'acknowledged', label: 'Acknowledged' },
  { value: 'in_progress', label: 'In progress' },
  { value: 'waived', label: 'Waived' },
  { value: 'resolved', label: 'Resolved' },
  { value: 'all', label: 'All' },
];
const filters = ['state', 'severity', 'framework', 'check', 'owner', 'unassigned', 'source', 'domain', 'asset', 'overdue'] as const;

const columns: Column<Finding>[] = [
  { key: 'severity', title: 'Severity', width: '100px', cell: (each) => <SeverityBadge severity={each.severity} /> },
  { key: 'title', title: 'Finding', width: 'minmax(220px, 2fr)', cell: (each) => <strong style={{ fontWeight: 500 }}>{each.title}</strong> },
  { key: 'subject', title: 'Where', width: 'minmax(180px, 1.6fr)', cell: (each) => <Subject of={each} />, sort: (each) => each.subject },
  { key: 'owner', title: 'Owner', width: 'minmax(80px, 0.7fr)', cell: (each) => each.owner ?? <Badge tone="medium">Nobody</Badge>, sort: (each) => each.owner },
  { key: 'state', title: 'State', width: '120px', cell: (each) => <StateBadge state={each.state} /> },
  { key: 'opened', title: 'Since', width: '110px', wideOnly: true, cell: (each) => <RelativeTime at={each.opened_at} />, sort: (each) => each.opened_at },
  { key: 'due', title: 'Due', width: '110px', cell: (each) => <span style={each.overdue ? { color: 'var(--sev-critical)' } : undefined}><RelativeTime at={each.due_at} /></span>, sort: (each) => each.due_at },
];

function filterOf(url: Record<string, string | undefined>): FindingFilter {
  const state = url.state === 'all' ? undefined : url.state ? [url.state as FindingState] : NEEDS_WORK;
  return {
    limit: 100,
    total: true,
    state,
    severity: url.severity ? [url.severity as Severity] : undefined,
    framework: url.framework,
    check: url.check,
    owner: url.owner,
    unassigned: url.unassigned ? true : undefined,
    source: url.source,
    domain: url.domain,
    asset: url.asset,
    overdue: url.overdue ? true : undefined,
  };
}

/** What breaks a rule, whose it is, and until when it should be mended. */
export default function FindingsPage() {
  const [url, set] = useUrlState();
  const findings = useFindings(filterOf(url));
  const mayManage = useMay('compliance.manage');
  const navigate = useNavigate();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const filtered = filters.some((each) => url[each] !== undefined);
  const open = (finding: Finding) => void navigate({ to: '/findings/$findingId', params: { findingId: finding.id } as never });
  return (
    <>
      <PageHeader title="Findings" lead="What breaks a rule, whose it is, and until when it should be mended. The gravest come first." />
      <Filters url={url} set={set} />
      <Panel title={findings.total === null ? 'Findings' : plural(findings.total, 'finding')} padded={false}>
        <Loaded query={findings} isEmpty={(rows) => rows.length === 0} empty={<EmptyState title={filtered ? 'No finding like this' : 'Nothing is out of line'}>{filtered ? 'Take a filter away to see more.' : 'Every check in force holds for everything that was judged.'}</EmptyState>}>
          {(rows) => (
            <>
              <DataTable label="Findings" rows={rows} columns={columns} rowKey={(each) => each.id} rowHeight={40} height="max(420px, calc(100vh - 250px))" onOpen={open} selected={mayManage ? selected : undefined} onSelect={mayManage ? setSelected : undefined} footer={<MoreRows list={findings} />} />
              {mayManage && selected.size > 0 ? <BulkBar findings={rows.filter((each) => selected.has(each.id))} onDone={() => setSelected(new Set())} /> : null}
            </>
          )}
        </Loaded>
      </Panel>
    </>
  );
}

function Filters({ url, set }: { url: Record<string, string | undefined>; set: (change: Record<string, string | undefined>) => void }) {
  const frameworks = useFrameworks();
  const checks = useChecks();
  const sources = useSourceNames();
  const rest = (['owner', 'domain', 'asset'] as const).filter((each) => url[each]);
  return (
    <div className={layout.filters}>
      <Select aria-label="State" clearable placeholder="Needs work" w={140} data={states} value={url.state ?? null} onChange={(next) => set({ state: next ?? undefined })} />
      <Select aria-label="Severity" clearable placeholder="Any severity" w={130} data={severities.map((each) => ({ value: each, label: words(each) }))} value={url.severity ?? null} onChange={(next) => set({ severity: next ?? undefined })} />
      <Select aria-label="Framework" clearable placeholder="Any framework" w={150} data={(frameworks.data ?? []).map((each) => ({ value: each.id, label: each.title }))} value={url.framework ?? null} onChange={(next) => set({ framework: next ?? undefined })} />
      <Select aria-label="Check" clearable searchable placeholder="Any check" w={240} data={(checks.data ?? []).map((each) => ({ value: each.id, label: each.title }))} value={url.check ?? null} onChange={(next) => set({ check: next ?? undefined })} />
      <Select aria-label="Source" clearable searchable placeholder="Any source" w={140} data={(sources.data?.items ?? []).map((each) => each.name)} value={url.source ?? null} onChange={(next) => set({ source: next ?? undefined })} />
      <Switch size="xs" label="Overdue" checked={url.overdue !== undefined} onChange={(event) => set({ overdue: event.currentTarget.checked ? 'yes' : undefined })} />
      <Switch size="xs" label="Nobody's" checked={url.unassigned !== undefined} onChange={(event) => set({ unassigned: event.currentTarget.checked ? 'yes' : undefined })} />
      {rest.map((each) => (
        <button key={each} type="button" onClick={() => set({ [each]: undefined })} style={{ all: 'unset', cursor: 'pointer', flex: 'none' }} aria-label={`Take the filter ${each} away`}><Badge tone="low">{each}: {url[each]} ✕</Badge></button>
      ))}
    </div>
  );
}
