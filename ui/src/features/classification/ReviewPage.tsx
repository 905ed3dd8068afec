import { Button, Tabs } from '@mantine/core';
import { Link } from '@tanstack/react-router';

import { useUrlState } from '@/shared/hooks';
import { PageHeader } from '@/shared/PageHeader';
import { TabsList } from '@/shared/TabsList';

import { AllLabels } from './AllLabels';
import { ChangesTab } from './ChangesTab';
import { CoverageTab } from './CoverageTab';
import { Queue } from './Queue';
import { RiskTab } from './RiskTab';

/** Suggested labels that wait for a person, how far one has come, and all labels. */
export default function ReviewPage() {
  const [{ tab = 'queue' }, set] = useUrlState();
  return (
    <>
      <PageHeader title="Review labels" lead="Columns that look alike are decided together. What matters most, and is least sure, comes first." actions={<Button variant="default" component={Link} to="/classifiers">Classifiers</Button>} />
      <Tabs value={tab} onChange={(next) => set({ tab: next === 'queue' ? undefined : (next ?? undefined) })} keepMounted={false}>
        <TabsList chosen={tab}>
          <Tabs.Tab value="queue">To decide</Tabs.Tab>
          <Tabs.Tab value="coverage">Coverage</Tabs.Tab>
          <Tabs.Tab value="changes">Changes</Tabs.Tab>
          <Tabs.Tab value="risk">Re-identification</Tabs.Tab>
          <Tabs.Tab value="labels">All labels</Tabs.Tab>
        </TabsList>
        <Tabs.Panel value="queue"><Queue /></Tabs.Panel>
        <Tabs.Panel value="coverage"><CoverageTab /></Tabs.Panel>
        <Tabs.Panel value="changes"><ChangesTab /></Tabs.Panel>
        <Tabs.Panel value="risk"><RiskTab /></Tabs.Panel>
        <Tabs.Panel value="labels"><AllLabels /></Tabs.Panel>
      </Tabs>
    </>
  );
}
