import { Button, Tabs } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';

import { useUrlState } from '@/shared/hooks';
import { PageHeader } from '@/shared/PageHeader';
import { useMay } from '@/shared/session';
import { TabsList } from '@/shared/TabsList';

import { Approvals } from './Approvals';
import { GoingOn } from './GoingOn';
import { History } from './History';
import { useOrchestrator } from './queries';
import { Schedules } from './Schedules';
import { StartScan } from './StartScan';
import { Strip } from './Strip';
import { Workers } from './Workers';

/** What is scanned, what waits for whom, and what comes by itself. */
export default function ScansPage() {
  const [{ tab = 'runs', start }, set] = useUrlState();
  const orchestrator = useOrchestrator();
  const mayRun = useMay('scans.run');
  const waiting = orchestrator.data?.runs_awaiting_approval ?? 0;
  return (
    <>
      <PageHeader
        title="Scans"
        lead="What runs now, what waits for whom, and what comes by itself."
        actions={mayRun ? <Button leftSection={<IconPlayerPlay size={14} />} onClick={() => set({ start: 'yes' })}>Start a scan</Button> : null}
      />
      <Strip status={orchestrator} />
      <Tabs value={tab} onChange={(next) => set({ tab: next === 'runs' ? undefined : (next ?? undefined) })} keepMounted={false}>
        <TabsList chosen={tab}>
          <Tabs.Tab value="runs">Runs</Tabs.Tab>
          <Tabs.Tab value="approvals">Approvals{waiting > 0 ? ` (${waiting})` : ''}</Tabs.Tab>
          <Tabs.Tab value="schedules">Schedules</Tabs.Tab>
          <Tabs.Tab value="workers">Workers and queue</Tabs.Tab>
        </TabsList>
        <Tabs.Panel value="runs"><GoingOn /><History /></Tabs.Panel>
        <Tabs.Panel value="approvals"><Approvals /></Tabs.Panel>
        <Tabs.Panel value="schedules"><Schedules /></Tabs.Panel>
        <Tabs.Panel value="workers"><Workers /></Tabs.Panel>
      </Tabs>
      <StartScan opened={start !== undefined} source={start === 'yes' ? undefined : start} onClose={() => set({ start: undefined })} />
    </>
  );
}
