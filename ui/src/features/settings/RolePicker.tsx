import { ActionIcon, Button, Select, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';

import { words } from '@/shared/format';

import { type RoleIn, useRoles } from './queries';

/** Roles, each in one domain or in all of them. */
export function RolePicker({ value, onChange }: { value: RoleIn[]; onChange: (roles: RoleIn[]) => void }) {
  const roles = useRoles();
  const options = (roles.data ?? []).map(({ role }) => ({ value: role, label: words(role) }));
  const change = (index: number, role: Partial<RoleIn>) => onChange(value.map((each, at) => (at === index ? { ...each, ...role } : each)));
  return (
    <fieldset style={{ border: 0, padding: 0, margin: 0, display: 'flex', flexDirection: 'column', gap: 6 }}>
      <legend style={{ fontSize: '0.75rem', fontWeight: 500, padding: 0, marginBottom: 4 }}>Roles</legend>
      {value.map((each, index) => (
        <div key={index} style={{ display: 'flex', gap: 6 }}>
          <Select aria-label="Role" data={options} value={each.role} allowDeselect={false} onChange={(role) => change(index, { role: role ?? each.role })} flex={1} />
          <TextInput aria-label="Domain, or * for all" value={each.domain ?? '*'} onChange={(event) => change(index, { domain: event.currentTarget.value })} w={120} />
          <ActionIcon variant="subtle" color="gray" aria-label="Remove the role" onClick={() => onChange(value.filter((_, at) => at !== index))}><IconX size={15} /></ActionIcon>
        </div>
      ))}
      <Button variant="default" style={{ alignSelf: 'flex-start' }} onClick={() => onChange([...value, { role: 'viewer', domain: '*' }])}>Add a role</Button>
    </fieldset>
  );
}
