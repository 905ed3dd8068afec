import { Button } from '@mantine/core';
import { useState } from 'react';

import { StateBadge } from '@/shared/badges';
import { type Column, DataTable } from '@/shared/DataTable';
import { Panel } from '@/shared/PageHeader';
import { RelativeTime } from '@/shared/RelativeTime';
import { useMay } from '@/shared/session';
import { EmptyState, Loaded } from '@/shared/states';

import { AccountDrawer } from './AccountDrawer';
import { NewAccount } from './NewAccount';
import { type Account, useAccounts } from './queries';

const columns: Column<Account>[] = [
  { key: 'name', title: 'Name', main: true, cell: (account) => <strong>{account.name}</strong>, sort: (account) => account.name },
  { key: 'title', title: 'Title', cell: (account) => account.title, wideOnly: true },
  { key: 'kind', title: 'Kind', width: '90px', cell: (account) => account.kind },
  { key: 'roles', title: 'Roles', width: '2fr', cell: (account) => account.roles.map((role) => `${role.role.replaceAll('_', ' ')}${role.domain === '*' ? '' : ` in ${role.domain}`}`).join(', ') || <span className="faint">none</span> },
  { key: 'state', title: 'State', width: '100px', cell: (account) => <StateBadge state={account.active ? 'active' : 'disabled'} /> },
  { key: 'seen', title: 'Last seen', hint: 'seen', width: '130px', cell: (account) => <RelativeTime at={account.last_seen_at} />, sort: (account) => account.last_seen_at },
];

export function Accounts() {
  const accounts = useAccounts();
  const mayManage = useMay('identity.manage');
  const [adding, setAdding] = useState(false);
  const [opened, setOpened] = useState<string | null>(null);
  return (
    <Panel title="Accounts" padded={false} actions={mayManage ? <Button onClick={() => setAdding(true)}>New account</Button> : null}>
      <Loaded query={accounts} isEmpty={(page) => page.items.length === 0} empty={<EmptyState title="No accounts yet" />}>
        {(page) => (
          <>
            <DataTable label="Accounts" rows={page.items} columns={columns} rowKey={(account) => account.id} onOpen={(account) => setOpened(account.id)} />
            <AccountDrawer account={page.items.find((account) => account.id === opened)} onClose={() => setOpened(null)} />
          </>
        )}
      </Loaded>
      <NewAccount opened={adding} onClose={() => setAdding(false)} />
    </Panel>
  );
}
