import { Button, Modal, PasswordInput, SegmentedControl, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';

import { Problem } from '@/api/problem';

import { type RoleIn, useCreateAccount } from './queries';
import { RolePicker } from './RolePicker';

export function NewAccount({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [name, setName] = useState('');
  const [kind, setKind] = useState<'user' | 'service'>('user');
  const [password, setPassword] = useState('');
  const [roles, setRoles] = useState<RoleIn[]>([{ role: 'viewer', domain: '*' }]);
  const create = useCreateAccount(() => {
    setName('');
    setPassword('');
    onClose();
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({ name, kind, title: '', roles, password: kind === 'user' && password ? password : null });
  };
  return (
    <Modal opened={opened} onClose={onClose} title="New account">
      <form onSubmit={submit} style={{ display: 'flex', flexDirection: 'column', gap: 12 }}>
        {create.error instanceof Problem ? <p role="alert" style={{ color: 'var(--sev-critical)', margin: 0 }}>{create.error.message}</p> : null}
        <SegmentedControl size="xs" value={kind} onChange={(next) => setKind(next as 'user' | 'service')} data={[{ value: 'user', label: 'Person' }, { value: 'service', label: 'Service' }]} />
        <TextInput data-autofocus label="Name" description="Small letters, digits, dots and dashes." required value={name} onChange={(event) => setName(event.currentTarget.value)} />
        {kind === 'user' ? <PasswordInput size="xs" label="Password" description="At least 10 characters; empty: signs in by link only." autoComplete="new-password" value={password} onChange={(event) => setPassword(event.currentTarget.value)} /> : null}
        <RolePicker value={roles} onChange={setRoles} />
        <Button type="submit" loading={create.isPending}>Create</Button>
      </form>
    </Modal>
  );
}
