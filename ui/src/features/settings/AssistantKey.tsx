import { Button, PasswordInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';

import layout from '@/shared/layout.module.css';
import { Panel } from '@/shared/PageHeader';

import { type AssistantState, useAssistantKey, useTestAssistant } from './assistant-queries';

const SAID: Record<string, string> = {
  stored: 'A key is stored, sealed. It cannot be read again, and another base address forgets it.',
  environment: 'The key comes from an environment variable of the workers.',
  none: 'No key is stored; some endpoints need none.',
};

/** The key of the endpoint, and a test that sends no data. */
export function AssistantKey({ state }: { state: AssistantState }) {
  const [typed, setTyped] = useState('');
  const key = useAssistantKey(() => setTyped(''));
  const test = useTestAssistant();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    key.mutate(typed);
  };
  const ready = Boolean(state.settings.base_url && state.settings.model);
  return (
    <Panel title="Key and connection">
      <div className={layout.stack}>
        <p className="muted" style={{ margin: 0 }}>{SAID[state.key] ?? ''}</p>
        <form onSubmit={submit} className={layout.row} style={{ alignItems: 'flex-end' }}>
          <PasswordInput size="xs" label="New key" autoComplete="off" w={260} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
          <Button type="submit" variant="default" disabled={!typed || !state.settings.base_url} loading={key.isPending}>Store the key</Button>
          {state.key === 'stored' ? <Button variant="subtle" color="gray" onClick={() => key.mutate(null)}>Forget it</Button> : null}
        </form>
        <div className={layout.row}>
          <Button variant="default" disabled={!ready} loading={test.isPending} onClick={() => test.mutate()}>Test the connection</Button>
          {test.data ? (
            <span role="status" style={{ color: test.data.passed ? undefined : 'var(--sev-critical)' }}>
              {test.data.message}{test.data.milliseconds ? ` ${test.data.milliseconds.toLocaleString()} ms, ${test.data.model ?? ''}` : ''}
            </span>
          ) : <span className="muted">{ready ? 'Sends a question that holds no data.' : 'Save a base address and a model first.'}</span>}
        </div>
      </div>
    </Panel>
  );
}
