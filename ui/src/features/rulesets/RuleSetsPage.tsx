import { Button, Select, Switch, Tabs } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import { Badge, type Tone } from '@/shared/badges';
import { type Column, DataTable } from '@/shared/DataTable';
import { words } from '@/shared/format';
import { useUrlState } from '@/shared/hooks';
import layout from '@/shared/layout.module.css';
import { PageHeader, Panel } from '@/shared/PageHeader';
import { MoreRows } from '@/shared/paging';
import { RelativeTime } from '@/shared/RelativeTime';
import { useSourceNames } from '@/shared/scanning';
import { useMay } from '@/shared/session';
import { EmptyState, Loaded } from '@/shared/states';
import { TabsList } from '@/shared/TabsList';

import { EffectiveTable } from './EffectiveTable';
import { NewRuleSet } from './NewRuleSet';
import { type AppliesTo, type Layer, LAYERS, type RuleSet, useEffective, useRuleSets } from './queries';

const tones: Record<Layer, Tone> = { default: 'neutral', base: 'low', framework: 'medium', overlay: 'ok' };

export const appliesWords = (to: AppliesTo): string => {
  const parts = ([['kind', to.kinds], ['source', to.sources], ['domain', to.domains]] as const)
    .filter(([, globs]) => globs && globs.join() !== '*')
    .map(([what, globs]) => `${what} ${globs?.join(' or ')}`);
  return parts.length === 0 ? 'every source' : parts.join(', ');
};

export function InForce({ set }: { set: RuleSet }) {
  if (set.retired) return <Badge>Retired</Badge>;
  return (
    <span className={layout.row}>
      {set.published === null ? <Badge tone="dashed">Not in force</Badge> : <Badge tone="ok">v{set.published} in force</Badge>}
      {set.draft === null ? null : <Badge tone="medium">Draft</Badge>}
    </span>
  );
}

const columns: Column<RuleSet>[] = [
  { key: 'layer', title: 'Layer', width: '100px', cell: (each) => <Badge tone={tones[each.layer]}>{words(each.layer)}</Badge>, sort: (each) => LAYERS.indexOf(each.layer) * 10_000 + each.position },
  { key: 'name', title: 'Rule set', width: 'minmax(180px, 2fr)', cell: (each) => <span><strong>{each.title}</strong> <span className="mono faint">{each.name}</span></span>, sort: (each) => each.title },
  { key: 'for', title: 'For', width: 'minmax(120px, 1fr)', cell: (each) => appliesWords(each.applies_to) },
  { key: 'state', title: 'In force', width: '190px', cell: (each) => <InForce set={each} /> },
  { key: 'order', title: 'Order', width: '70px', align: 'right', wideOnly: true, cell: (each) => each.position, sort: (each) => each.position },
  { key: 'by', title: 'Kept by', width: '110px', wideOnly: true, cell: (each) => <span className="muted">{each.managed_by ?? (each.layer === 'default' ? 'Muniment' : 'people')}</span> },
  { key: 'changed', title: 'Changed', width: '120px', cell: (each) => <RelativeTime at={each.updated_at} none="shipped" />, sort: (each) => each.updated_at },
];

/** What scans read, how much of it, and what they look for: layer upon layer. */
export default function RuleSetsPage() {
  const [{ tab = 'sets' }, set] = useUrlState();
  const [adding, setAdding] = useState(false);
  const mayWrite = useMay('rulesets.write');
  return (
    <>
      <PageHeader title="Rule sets" lead="What scans read, how much of it, and what they look for. Later layers are laid over earlier ones: default, base, framework, overlay." actions={mayWrite ? <Button leftSection={<IconPlus size={14} />} onClick={() => setAdding(true)}>New rule set</Button> : null} />
      <Tabs value={tab} onChange={(next) => set({ tab: next === 'sets' ? undefined : (next ?? undefined) })} keepMounted={false}>
        <TabsList chosen={tab}>
          <Tabs.Tab value="sets">Rule sets</Tabs.Tab>
          <Tabs.Tab value="effective">Effect on a source</Tabs.Tab>
        </TabsList>
        <Tabs.Panel value="sets"><Sets /></Tabs.Panel>
        <Tabs.Panel value="effective"><EffectOnSource /></Tabs.Panel>
      </Tabs>
      <NewRuleSet opened={adding} onClose={() => setAdding(false)} />
    </>
  );
}

function Sets() {
  const [{ layer, retired }, set] = useUrlState();
  const sets = useRuleSets(layer as Layer | undefined, retired === 'yes');
  const navigate = useNavigate();
  const inOrder = (rows: RuleSet[]) => [...rows].sort((a, b) => LAYERS.indexOf(a.layer) - LAYERS.indexOf(b.layer) || a.position - b.position || a.name.localeCompare(b.name));
  return (
    <Panel
      title="In the order in which they are laid over one another"
      padded={false}
      actions={(
        <div className={layout.row}>
          <Switch size="xs" label="Retired too" checked={retired === 'yes'} onChange={(event) => set({ retired: event.currentTarget.checked ? 'yes' : undefined })} />
          <Select aria-label="Layer" placeholder="Any layer" clearable w={130} data={LAYERS.map((each) => ({ value: each, label: words(each) }))} value={layer ?? null} onChange={(next) => set({ layer: next ?? undefined })} />
        </div>
      )}
    >
      <Loaded query={sets} isEmpty={(rows) => rows.length === 0} empty={<EmptyState title="No rule set like this">Take the filter away to see all.</EmptyState>}>
        {(rows) => <DataTable label="Rule sets" rows={inOrder(rows)} columns={columns} rowKey={(each) => each.name} onOpen={(each) => void navigate({ to: '/rule-sets/$name', params: { name: each.name } as never })} footer={<MoreRows list={sets} />} />}
      </Loaded>
    </Panel>
  );
}

function EffectOnSource() {
  const [{ source }, set] = useUrlState();
  const sources = useSourceNames();
  const effective = useEffective(source);
  return (
    <Panel title="What the next scan does" padded={false} actions={<Select aria-label="Source" placeholder="Choose a source" searchable w={200} data={(sources.data?.items ?? []).map((each) => each.name)} value={source ?? null} onChange={(next) => set({ source: next ?? undefined })} />}>
      {source ? <Loaded query={effective}>{(rules) => <EffectiveTable rules={rules} />}</Loaded> : <EmptyState title="Choose a source">Each setting is shown with the rule set it comes from.</EmptyState>}
    </Panel>
  );
}
