import { Badge } from '@/shared/badges';
import { type Column, DataTable } from '@/shared/DataTable';
import { Panel } from '@/shared/PageHeader';
import { RelativeTime } from '@/shared/RelativeTime';
import { EmptyState, Loaded } from '@/shared/states';

import { type AssistantCall, useAssistantCalls, useAssistantUsage } from './assistant-queries';

const columns = (currency: string): Column<AssistantCall>[] => [
  { key: 'asset', title: 'Table', main: true, width: 'minmax(160px, 2fr)', cell: (call) => call.asset },
  { key: 'at', title: 'When', width: '110px', cell: (call) => <RelativeTime at={call.at} /> },
  { key: 'outcome', title: 'Outcome', width: 'minmax(100px, 1fr)', cell: (call) => (call.outcome === 'answered' ? <span title={`${call.refused} refused, ${call.abstained} left open`}>{call.labelled} of {call.columns} suggested</span> : <span title={call.problem ?? ''}><Badge tone="high">{call.outcome}</Badge></span>) },
  { key: 'model', title: 'Model', width: '140px', wideOnly: true, cell: (call) => call.model },
  { key: 'sent', title: 'Sent', width: '90px', wideOnly: true, cell: (call) => (call.samples ? <Badge tone="high">Values</Badge> : 'shapes') },
  { key: 'tokens', title: 'Tokens', hint: 'tokens', width: '90px', align: 'right', cell: (call) => (call.prompt_tokens + call.completion_tokens).toLocaleString() },
  { key: 'cost', title: `Cost, ${currency}`, hint: currency, width: '100px', align: 'right', cell: (call) => call.cost.toFixed(4) },
];

/** What today came to, and the latest requests. */
export function AssistantUse({ currency }: { currency: string }) {
  const usage = useAssistantUsage();
  const calls = useAssistantCalls();
  return (
    <Panel title="Usage" padded={false}>
      <Loaded query={usage}>
        {(known) => <p className="muted" style={{ margin: 0, padding: '8px 12px' }}>Today: {known.today.calls.toLocaleString()} calls, {known.today.tokens.toLocaleString()} tokens, {known.today.cost.toFixed(4)} {currency}. {known.waiting ? `${known.waiting} waiting.` : 'Nothing waits.'}</p>}
      </Loaded>
      <Loaded query={calls} isEmpty={(page) => page.items.length === 0} empty={<EmptyState title="Nothing was asked yet" />}>
        {(page) => <DataTable label="Requests" rows={page.items} columns={columns(currency)} rowKey={(call) => call.id} height={360} />}
      </Loaded>
    </Panel>
  );
}
