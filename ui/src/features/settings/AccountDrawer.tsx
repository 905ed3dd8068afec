import { Button, CopyButton, Drawer, TextInput } from '@mantine/core';
import { useState } from 'react';

import { Badge } from '@/shared/badges';
import { failed } from '@/shared/notices';
import { RelativeTime } from '@/shared/RelativeTime';
import { useMay } from '@/shared/session';
import { Loaded, SkeletonRows } from '@/shared/states';

import { type Account, type RoleIn, useChangeAccount, useIssueToken, useRevokeToken, useTokens } from './queries';
import { RolePicker } from './RolePicker';

/** One account: its roles, its tokens, and whether it may come in. */
export function AccountDrawer({ account, onClose }: { account: Account | undefined; onClose: () => void }) {
  return (
    <Drawer opened={account !== undefined} onClose={onClose} position="right" size="md" title={account?.name}>
      {account ? <Inside key={account.id + String(account.version)} account={account} /> : null}
    </Drawer>
  );
}

function Inside({ account }: { account: Account }) {
  const mayManage = useMay('identity.manage');
  const [roles, setRoles] = useState<RoleIn[]>(account.roles);
  const change = useChangeAccount();
  return (
    <div style={{ display: 'flex', flexDirection: 'column', gap: 20 }}>
      <div className="muted">{account.title} · {account.kind} · seen <RelativeTime at={account.last_seen_at} /></div>
      <RolePicker value={roles} onChange={setRoles} />
      {mayManage ? (
        <div style={{ display: 'flex', gap: 8 }}>
          <Button loading={change.isPending} onClick={() => change.mutate({ account, change: { roles } })}>Save roles</Button>
          <Button variant="default" onClick={() => change.mutate({ account, change: { active: !account.active } })}>{account.active ? 'Disable' : 'Enable'}</Button>
        </div>
      ) : null}
      <Tokens account={account} mayManage={mayManage} />
    </div>
  );
}

function Tokens({ account, mayManage }: { account: Account; mayManage: boolean }) {
  const tokens = useTokens(account.id);
  const issue = useIssueToken(account.id);
  const revoke = useRevokeToken(account.id);
  const [title, setTitle] = useState('');
  const inNinetyDays = () => new Date(Date.now() + 90 * 86_400_000).toISOString();
  const issueOne = () => issue.mutate({ title, expires_at: inNinetyDays() }, { onSuccess: () => setTitle(''), onError: failed });
  return (
    <section>
      <h2 style={{ fontSize: '0.875rem', margin: '0 0 8px' }}>Tokens</h2>
      {issue.data ? (
        <div className="panel" style={{ padding: 10, marginBottom: 10 }}>
          <div className="muted" style={{ marginBottom: 4 }}>Copy it now; it cannot be read again.</div>
          <div style={{ display: 'flex', gap: 8 }}>
            <code className="mono" style={{ overflowWrap: 'anywhere', flex: 1 }}>{issue.data.secret}</code>
            <CopyButton value={issue.data.secret}>{({ copied, copy }) => <Button variant="default" onClick={copy}>{copied ? 'Copied' : 'Copy'}</Button>}</CopyButton>
          </div>
        </div>
      ) : null}
      <Loaded query={tokens} skeleton={<SkeletonRows count={2} />} isEmpty={(rows) => rows.length === 0} empty={<p className="faint">None.</p>}>
        {(rows) => (
          <ul style={{ listStyle: 'none', margin: 0, padding: 0 }}>
            {rows.map((token) => (
              <li key={token.id} style={{ display: 'flex', alignItems: 'center', gap: 8, padding: '6px 0', borderBottom: '1px solid var(--line)' }}>
                <span style={{ flex: 1 }}>{token.title} <span className="mono faint">…{token.hint}</span><br /><span className="faint">{token.expires_at ? <>expires <RelativeTime at={token.expires_at} /></> : 'never expires'}, used <RelativeTime at={token.last_used_at} /></span></span>
                {token.revoked_at ? <Badge>Revoked</Badge> : mayManage ? <Button variant="default" onClick={() => revoke.mutate(token.id)}>Revoke</Button> : null}
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      {mayManage ? (
        <div style={{ display: 'flex', gap: 8, marginTop: 10, alignItems: 'flex-end' }}>
          <TextInput label="New token for" placeholder="CI of the warehouse team" value={title} onChange={(event) => setTitle(event.currentTarget.value)} flex={1} />
          <Button disabled={!title} loading={issue.isPending} onClick={issueOne}>Issue for 90 days</Button>
        </div>
      ) : null}
    </section>
  );
}
