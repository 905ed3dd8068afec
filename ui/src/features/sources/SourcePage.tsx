import { Button, Tabs } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { Link, useParams } from '@tanstack/react-router';

import { Badge, StateBadge } from '@/shared/badges';
import { useUrlState } from '@/shared/hooks';
import layout from '@/shared/layout.module.css';
import { PageHeader } from '@/shared/PageHeader';
import { RelativeTime } from '@/shared/RelativeTime';
import { useRequestScan } from '@/shared/scanning';
import { useMay } from '@/shared/session';
import { Loaded } from '@/shared/states';
import { TabsList } from '@/shared/TabsList';

import { HealthTab } from './HealthTab';
import { type Source, useProbeNow, useSource } from './queries';
import { RunsTab } from './RunsTab';
import { SchemaTab } from './SchemaTab';
import { SettingsTab } from './SettingsTab';

/** One source: whether it answers, how its schema changed, what was scanned, and how it is set up. */
export default function SourcePage() {
  const { sourceId = '' } = useParams({ strict: false }) as { sourceId?: string };
  const source = useSource(sourceId);
  return <Loaded query={source}>{(known) => <Known source={known} />}</Loaded>;
}

function Known({ source }: { source: Source }) {
  const [{ tab = 'health' }, set] = useUrlState();
  const scan = useRequestScan();
  const probe = useProbeNow(source.name);
  const mayScan = useMay('scans.run');
  const mayWrite = useMay('sources.write');
  return (
    <>
      <PageHeader
        title={source.title || source.name}
        above={<Link to="/sources" className="muted">Sources</Link>}
        lead={(
          <span className={layout.row}>
            <StateBadge state={source.health} />
            {source.health_reason ? <span>{source.health_reason}</span> : null}
            {source.health_since ? <span>since <RelativeTime at={source.health_since} /></span> : null}
            {source.sensitive ? <Badge tone="high" mark="●">Sensitive: scans wait for an approval</Badge> : null}
            <span className="mono faint">{source.name}</span>
            <span>{source.owner ? `owned by ${source.owner}` : <Badge tone="medium">No owner</Badge>}</span>
            {source.domain ? <span>in {source.domain}</span> : null}
          </span>
        )}
        actions={(
          <>
            <Button variant="default" component={Link} to="/assets" search={{ source: source.name } as never}>Its assets</Button>
            {mayWrite ? <Button variant="default" loading={probe.isPending} onClick={() => probe.mutate()}>Probe now</Button> : null}
            {mayScan ? <Button leftSection={<IconPlayerPlay size={14} />} loading={scan.isPending} onClick={() => scan.mutate({ source: source.name, priority: 'interactive' })}>Scan now</Button> : null}
          </>
        )}
      />
      {source.description ? <p style={{ marginTop: 0 }}>{source.description}</p> : null}
      <Tabs value={tab} onChange={(next) => set({ tab: next ?? undefined })} keepMounted={false}>
        <TabsList chosen={tab}>
          <Tabs.Tab value="health">Health</Tabs.Tab>
          <Tabs.Tab value="schema">Schema</Tabs.Tab>
          <Tabs.Tab value="runs">Scans</Tabs.Tab>
          <Tabs.Tab value="settings">Settings</Tabs.Tab>
        </TabsList>
        <Tabs.Panel value="health"><HealthTab name={source.name} /></Tabs.Panel>
        <Tabs.Panel value="schema"><SchemaTab name={source.name} /></Tabs.Panel>
        <Tabs.Panel value="runs"><RunsTab name={source.name} /></Tabs.Panel>
        <Tabs.Panel value="settings"><SettingsTab source={source} /></Tabs.Panel>
      </Tabs>
    </>
  );
}
