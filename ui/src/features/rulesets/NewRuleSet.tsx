import { Button, Modal, Select, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';

import layout from '@/shared/layout.module.css';
import { useSourceNames } from '@/shared/scanning';
import { ErrorState } from '@/shared/states';

import { useCreateRuleSet } from './queries';

const slug = (title: string): string => title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^[^a-z]+|-+$/g, '').slice(0, 80);

export function NewRuleSet({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return <Modal opened={opened} onClose={onClose} title="New rule set" size="md">{opened ? <Form /> : null}</Modal>;
}

function Form() {
  const create = useCreateRuleSet();
  const sources = useSourceNames();
  const navigate = useNavigate();
  const [title, setTitle] = useState('');
  const [named, setName] = useState<string | null>(null);
  const [layer, setLayer] = useState<'base' | 'overlay'>('overlay');
  const [source, setSource] = useState<string | null>(null);
  const name = named ?? slug(title);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate(
      { name, title, description: '', layer, position: 0, applies_to: { kinds: ['*'], sources: [source ?? '*'], domains: ['*'] }, body: {}, note: '' },
      { onSuccess: () => navigate({ to: '/rule-sets/$name', params: { name } as never }) },
    );
  };
  return (
    <form onSubmit={submit} className={layout.stack}>
      <TextInput data-autofocus label="Title" required value={title} onChange={(event) => setTitle(event.currentTarget.value)} />
      <TextInput label="Name" description="In links and in the record of scans; cannot be changed." required value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <Select label="Layer" allowDeselect={false} data={[{ value: 'overlay', label: 'Overlay: has the last word' }, { value: 'base', label: 'Base: over the defaults, under everything else' }]} value={layer} onChange={(next) => setLayer(next === 'base' ? 'base' : 'overlay')} />
      <Select label="For" placeholder="Every source" clearable searchable data={(sources.data?.items ?? []).map((each) => each.name)} value={source} onChange={setSource} />
      {create.error ? <ErrorState error={create.error} /> : null}
      <Button type="submit" loading={create.isPending} disabled={!title || !name}>Create with an empty draft</Button>
    </form>
  );
}
