import { Badge } from '@/shared/badges';
import { words } from '@/shared/format';
import { Panel } from '@/shared/PageHeader';
import { Loaded } from '@/shared/states';

import { useRoles } from './queries';

/** What each role is for and what it permits. */
export function Roles() {
  const roles = useRoles();
  return (
    <Loaded query={roles}>
      {(list) => (
        <>
          {list.map((role) => (
            <Panel key={role.role} title={words(role.role)}>
              <p style={{ margin: '0 0 8px' }}>{role.title}</p>
              <div style={{ display: 'flex', flexWrap: 'wrap', gap: 4 }}>{role.permissions.map((permission) => <Badge key={permission} tone="outline">{permission}</Badge>)}</div>
            </Panel>
          ))}
        </>
      )}
    </Loaded>
  );
}
