import { Tabs } from '@mantine/core';

import { useUrlState } from '@/shared/hooks';
import { PageHeader } from '@/shared/PageHeader';
import { useMay } from '@/shared/session';
import { TabsList } from '@/shared/TabsList';

import { About } from './About';
import { Accounts } from './Accounts';
import { Assistant } from './Assistant';
import { Roles } from './Roles';

/** Who may use Muniment, with what, and which version this is. */
export default function SettingsPage() {
  const [{ tab = 'accounts' }, set] = useUrlState();
  const mayManage = useMay('settings.manage');
  return (
    <>
      <PageHeader title="Settings" lead="Accounts, roles, tokens, and what runs here." />
      <Tabs value={tab} onChange={(next) => set({ tab: next ?? undefined })} keepMounted={false}>
        <TabsList chosen={tab}>
          <Tabs.Tab value="accounts">Accounts and tokens</Tabs.Tab>
          <Tabs.Tab value="roles">Roles</Tabs.Tab>
          {mayManage ? <Tabs.Tab value="assistant">Assistant</Tabs.Tab> : null}
          <Tabs.Tab value="about">About</Tabs.Tab>
        </TabsList>
        <Tabs.Panel value="accounts"><Accounts /></Tabs.Panel>
        <Tabs.Panel value="roles"><Roles /></Tabs.Panel>
        {mayManage ? <Tabs.Panel value="assistant"><Assistant /></Tabs.Panel> : null}
        <Tabs.Panel value="about"><About /></Tabs.Panel>
      </Tabs>
    </>
  );
}
