import { Button, Select } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';

import { Badge, StateBadge } from '@/shared/badges';
import { Count } from '@/shared/Count';
import { type Column, DataTable } from '@/shared/DataTable';
import { plural, words } from '@/shared/format';
import { useUrlState } from '@/shared/hooks';
import layout from '@/shared/layout.module.css';
import { PageHeader, Panel } from '@/shared/PageHeader';
import { MoreRows } from '@/shared/paging';
import { RelativeTime } from '@/shared/RelativeTime';
import { useMay } from '@/shared/session';
import { Sparkline } from '@/shared/Sparkline';
import { EmptyState, Loaded } from '@/shared/states';

import { type Health, type Source, useConnectors, useLastRun, useLatestSnapshot, useProbes, useSources } from './queries';

const healths: Health[] = ['healthy', 'degraded', 'down', 'unknown'];

function Latency({ source }: { source: Source }) {
  const probes = useProbes(source.name, 30);
  const values = [...(probes.data?.items ?? [])].reverse().map((probe) => (probe.error ? 0 : probe.milliseconds));
  return (
    <span className={layout.row} style={{ flexWrap: 'nowrap' }}>
      <Sparkline values={values} kind="bars" label={`Answer times of the last ${values.length} probes, in milliseconds`} />
      {source.latency_ms === null ? null : <span className="muted">{source.latency_ms < 10 ? source.latency_ms.toFixed(1) : Math.round(source.latency_ms)} ms</span>}
    </span>
  );
}

function LastScan({ name }: { name: string }) {
  const last = useLastRun(name).data?.items[0];
  if (!last) return <span className="faint">never</span>;
  return (
    <Link to="/scans/$runId" params={{ runId: last.id } as never} className={layout.row} onClick={(event) => event.stopPropagation()}>
      <StateBadge state={last.state} /><RelativeTime at={last.ended_at ?? last.requested_at} />
    </Link>
  );
}

function Assets({ name }: { name: string }) {
  const latest = useLatestSnapshot(name).data?.items[0];
  return <Count value={latest?.assets} />;
}

export default function SourcesPage() {
  const [{ kind, health }, set] = useUrlState();
  const sources = useSources(kind, health as Health | undefined);
  const connectors = useConnectors();
  const mayWrite = useMay('sources.write');
  const navigate = useNavigate();
  const titles = new Map(connectors.data?.map((each) => [each.kind, each.title]));
  const add = mayWrite ? <Button component={Link} to="/sources/new" leftSection={<IconPlus size={14} />}>New source</Button> : null;
  const columns: Column<Source>[] = [
    { key: 'name', title: 'Source', main: true, width: 'minmax(220px, 3fr)', cell: (each) => <span><strong>{each.name}</strong>{each.sensitive ? <> <Badge tone="high" mark="●" title="Scans wait for an approval">Sensitive</Badge></> : null}{each.title === each.name ? null : <span className="muted" style={{ display: 'block' }}>{each.title}</span>}</span>, sort: (each) => each.name },
    { key: 'kind', title: 'Kind', width: '96px', cell: (each) => titles.get(each.kind) ?? each.kind, sort: (each) => each.kind },
    { key: 'health', title: 'Health', width: '110px', cell: (each) => <span title={each.health_reason ?? undefined}><StateBadge state={each.health} /></span>, sort: (each) => each.health },
    { key: 'latency', title: 'Answers in', width: '150px', cell: (each) => <Latency source={each} /> },
    { key: 'scan', title: 'Last scan', width: '196px', cell: (each) => <LastScan name={each.name} /> },
    { key: 'assets', title: 'Assets', width: '80px', align: 'right', cell: (each) => <Assets name={each.name} /> },
    { key: 'owner', title: 'Owner', width: '100px', cell: (each) => each.owner ?? <Badge tone="medium">No owner</Badge>, sort: (each) => each.owner },
    { key: 'domain', title: 'Domain', width: '90px', wideOnly: true, cell: (each) => each.domain ?? <span className="faint">–</span>, sort: (each) => each.domain },
  ];
  return (
    <>
      <PageHeader title="Sources" lead="Where the data lives, whether it answers, and when it was last read." actions={add} />
      <Panel
        padded={false}
        title={sources.data ? plural(sources.data.length, 'source') : 'Sources'}
        actions={(
          <div className={layout.row}>
            <Select aria-label="Kind" placeholder="Any kind" clearable w={140} data={(connectors.data ?? []).map((each) => ({ value: each.kind, label: each.title }))} value={kind ?? null} onChange={(next) => set({ kind: next ?? undefined })} />
            <Select aria-label="Health" placeholder="Any health" clearable w={130} data={healths.map((each) => ({ value: each, label: words(each) }))} value={health ?? null} onChange={(next) => set({ health: next ?? undefined })} />
          </div>
        )}
      >
        <Loaded
          query={sources}
          isEmpty={(rows) => rows.length === 0}
          empty={kind || health ? <EmptyState title="No source like this">Take a filter away to see all.</EmptyState> : <EmptyState title="Nothing is connected yet" action={add}>Connect a database or a folder; two minutes, and it is only ever read.</EmptyState>}
        >
          {(rows) => <DataTable label="Sources" rows={rows} columns={columns} rowKey={(each) => each.id} rowHeight={52} onOpen={(each) => void navigate({ to: '/sources/$sourceId', params: { sourceId: each.name } as never })} footer={<MoreRows list={sources} />} />}
        </Loaded>
      </Panel>
    </>
  );
}
