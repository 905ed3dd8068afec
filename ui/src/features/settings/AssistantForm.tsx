import { Button, NumberInput, Select, Switch, TagsInput, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';

import layout from '@/shared/layout.module.css';
import { ErrorState } from '@/shared/states';

import { type AssistantSettings, type AssistantState, useSaveAssistant } from './assistant-queries';

type Numeric = 'timeout_seconds' | 'retries' | 'calls_per_minute' | 'columns_per_call' | 'share_of_columns' | 'columns_per_run' | 'tokens_per_run' | 'calls_per_day' | 'tokens_per_day' | 'price_per_1k_prompt' | 'price_per_1k_completion' | 'min_confidence';

const LIMITS: readonly (readonly [Numeric, string, { max?: number; step?: number }])[] = [
  ['share_of_columns', 'Share of a run’s columns', { max: 1, step: 0.01 }],
  ['columns_per_run', 'Columns per run', {}],
  ['tokens_per_run', 'Tokens per run', { step: 10_000 }],
  ['calls_per_day', 'Calls per day', { step: 100 }],
  ['tokens_per_day', 'Tokens per day', { step: 10_000 }],
  ['calls_per_minute', 'Calls per minute', {}],
  ['columns_per_call', 'Columns per call', { max: 60 }],
  ['timeout_seconds', 'Seconds to wait for an answer', { max: 600 }],
  ['retries', 'Further tries', { max: 5 }],
  ['min_confidence', 'Least confidence of a suggestion', { max: 1, step: 0.05 }],
  ['price_per_1k_prompt', 'Price of 1,000 tokens sent', { step: 0.001 }],
  ['price_per_1k_completion', 'Price of 1,000 tokens answered', { step: 0.001 }],
];

const grid = { display: 'grid', gap: 12, gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 210px), 1fr))', alignItems: 'end' } as const;

export function AssistantForm({ state }: { state: AssistantState }) {
  const [draft, setDraft] = useState<AssistantSettings>(state.settings);
  const save = useSaveAssistant();
  const put = (change: Partial<AssistantSettings>) => setDraft((before) => ({ ...before, ...change }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ settings: draft, version: state.version });
  };
  return (
    <form onSubmit={submit} className={layout.stack}>
      <Switch size="sm" label="Ask the assistant after scans" checked={draft.enabled ?? false} onChange={(event) => put({ enabled: event.currentTarget.checked })} />
      <div style={grid}>
        <TextInput label="Base address" placeholder="https://host/v1" value={draft.base_url ?? ''} onChange={(event) => put({ base_url: event.currentTarget.value.trim() })} />
        <TextInput label="Model" value={draft.model ?? ''} onChange={(event) => put({ model: event.currentTarget.value })} />
        <Select label="Held to JSON by" allowDeselect={false} data={[{ value: 'json_schema', label: 'a JSON schema' }, { value: 'json_object', label: 'JSON mode' }, { value: 'text', label: 'the instructions only' }]} value={draft.answer_format ?? 'json_object'} onChange={(next) => put({ answer_format: (next ?? 'json_object') as NonNullable<AssistantSettings['answer_format']> })} />
        <TagsInput label="Sources it may be asked about" value={[...(draft.sources ?? [])]} onChange={(sources) => put({ sources })} />
      </div>
      <fieldset style={{ border: 0, margin: 0, padding: 0 }}>
        <legend style={{ padding: 0, marginBottom: 6, fontWeight: 500 }}>Limits and prices</legend>
        <div style={grid}>
          {LIMITS.map(([name, label, limits]) => (
            <NumberInput key={name} size="xs" label={label} min={0} {...limits} value={draft[name] ?? 0} onChange={(next) => put({ [name]: Number(next) })} />
          ))}
          <NumberInput size="xs" label="Cost per day, at most" placeholder="no limit" min={0} value={draft.cost_per_day ?? ''} onChange={(next) => put({ cost_per_day: next === '' ? null : Number(next) })} />
          <TextInput size="xs" label="Currency" maxLength={3} value={draft.currency ?? 'USD'} onChange={(event) => put({ currency: event.currentTarget.value.toUpperCase() })} />
        </div>
      </fieldset>
      <fieldset style={{ border: 0, margin: 0, padding: 0 }}>
        <legend style={{ padding: 0, marginBottom: 6, fontWeight: 500 }}>Raw values</legend>
        <div style={grid}>
          <NumberInput size="xs" label="Values sent of each column" description="0: only masked shapes leave." min={0} max={10} value={draft.samples ?? 0} onChange={(next) => put({ samples: Number(next) })} />
          <TagsInput label="Sources whose values may be sent" description="None unless named here." value={[...(draft.sample_sources ?? [])]} onChange={(sample_sources) => put({ sample_sources })} />
        </div>
      </fieldset>
      {save.error ? <ErrorState error={save.error} /> : null}
      <div><Button type="submit" loading={save.isPending}>Save</Button></div>
    </form>
  );
}
