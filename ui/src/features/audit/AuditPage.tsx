import { Tabs } from '@mantine/core';

import { Problem } from '@/api/problem';
import { useUrlState } from '@/shared/hooks';
import { PageHeader } from '@/shared/PageHeader';
import { ErrorState } from '@/shared/states';
import { TabsList } from '@/shared/TabsList';

import { Checkpoints } from './Checkpoints';
import { EventDrawer } from './EventDrawer';
import { Events } from './Events';
import { Offline } from './Offline';
import { useTrail } from './queries';
import { Verify } from './Verify';

/** Who did what, and the proof that nobody changed it since. */
export default function AuditPage() {
  const [{ tab = 'events', event }, set] = useUrlState();
  const trail = useTrail();
  const header = <PageHeader title="Audit trail" lead="Who did what, sealed so that nobody can change it unseen, Muniment's own administrators included." />;
  if (trail.error instanceof Problem && trail.error.status === 403) return <>{header}<ErrorState error={trail.error} /></>;
  return (
    <>
      {header}
      <Verify />
      <Tabs value={tab} onChange={(next) => set({ tab: next === 'events' ? undefined : (next ?? undefined) })} keepMounted={false}>
        <TabsList chosen={tab}>
          <Tabs.Tab value="events">Events</Tabs.Tab>
          <Tabs.Tab value="checkpoints">Checkpoints</Tabs.Tab>
          <Tabs.Tab value="offline">Verify without Muniment</Tabs.Tab>
        </TabsList>
        <Tabs.Panel value="events"><Events /></Tabs.Panel>
        <Tabs.Panel value="checkpoints"><Checkpoints /></Tabs.Panel>
        <Tabs.Panel value="offline"><Offline /></Tabs.Panel>
      </Tabs>
      <EventDrawer id={event} onClose={() => set({ event: undefined })} />
    </>
  );
}
