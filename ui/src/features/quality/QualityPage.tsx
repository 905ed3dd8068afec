import { Tabs } from '@mantine/core';

import { useUrlState } from '@/shared/hooks';
import { PageHeader } from '@/shared/PageHeader';
import { TabsList } from '@/shared/TabsList';

import { EstateScore } from './EstateScore';
import { IncidentDrawer } from './IncidentDrawer';
import { Incidents } from './Incidents';
import { useOpen } from './queries';
import { WorstAssets } from './WorstAssets';

/** How good the data is, what broke, and who looks at it. */
export default function QualityPage() {
  const [{ tab = 'incidents', incident }, set] = useUrlState();
  const open = useOpen();
  return (
    <>
      <PageHeader title="Quality" lead="How good the data is, what broke, and who looks at it." />
      <EstateScore />
      <Tabs value={tab} onChange={(next) => set({ tab: next === 'incidents' ? undefined : (next ?? undefined) })} keepMounted={false}>
        <TabsList chosen={tab}>
          <Tabs.Tab value="incidents">Incidents{open.data ? ` (${open.data.open} open)` : ''}</Tabs.Tab>
          <Tabs.Tab value="worst">Worst assets and failing checks</Tabs.Tab>
        </TabsList>
        <Tabs.Panel value="incidents"><Incidents /></Tabs.Panel>
        <Tabs.Panel value="worst"><WorstAssets /></Tabs.Panel>
      </Tabs>
      <IncidentDrawer id={incident} onClose={() => set({ incident: undefined })} />
    </>
  );
}
