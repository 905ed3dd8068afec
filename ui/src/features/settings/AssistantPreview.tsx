import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';

import { CodeBlock } from '@/shared/CodeBlock';
import { plural } from '@/shared/format';
import layout from '@/shared/layout.module.css';
import { Panel } from '@/shared/PageHeader';
import { ErrorState } from '@/shared/states';

import { useAskAssistant, usePreviewAssistant } from './assistant-queries';

interface Message { role: string; content: string }

function readable(messages: readonly Message[]): string {
  return messages.map(({ role, content }) => {
    if (role !== 'user') return `${role}:\n${content}`;
    return `${role}:\n${JSON.stringify(JSON.parse(content), null, 1)}`;
  }).join('\n\n');
}

/** What would be sent about a table, word for word. */
export function AssistantPreview({ enabled }: { enabled: boolean }) {
  const [asset, setAsset] = useState('');
  const preview = usePreviewAssistant();
  const ask = useAskAssistant();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    preview.mutate(asset.trim());
  };
  return (
    <Panel title="What is sent">
      <div className={layout.stack}>
        <form onSubmit={submit} className={layout.row} style={{ alignItems: 'flex-end' }}>
          <TextInput label="Table" placeholder="warehouse/sales/orders" w={300} value={asset} onChange={(event) => setAsset(event.currentTarget.value)} />
          <Button type="submit" variant="default" disabled={!asset.trim()} loading={preview.isPending}>Show the request</Button>
          {enabled && preview.data?.requests.length ? <Button variant="subtle" loading={ask.isPending} onClick={() => ask.mutate(asset.trim())}>Ask now</Button> : null}
        </form>
        {preview.error ? <ErrorState error={preview.error} /> : null}
        {preview.data?.requests.length === 0 ? <p className="muted" style={{ margin: 0 }}>No column of this table is open: nothing would be sent.</p> : null}
        {preview.data?.requests.map((request, at) => (
          <div key={at} className={layout.tight}>
            <span className="muted">{plural(request.columns, 'column')}, about {request.tokens.toLocaleString()} tokens, {request.samples ? 'raw values included' : 'no values'}{request.url ? <>, to <code>{request.url}</code></> : null}</span>
            <CodeBlock label="The request" text={readable(request.body.messages as Message[])} />
          </div>
        ))}
      </div>
    </Panel>
  );
}
