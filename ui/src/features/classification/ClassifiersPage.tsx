import { Button, Select, Switch, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';

import { Badge, SensitivityBadge } from '@/shared/badges';
import { type Column, DataTable } from '@/shared/DataTable';
import { plural } from '@/shared/format';
import { useUrlState } from '@/shared/hooks';
import layout from '@/shared/layout.module.css';
import { PageHeader, Panel } from '@/shared/PageHeader';
import { useMay } from '@/shared/session';
import { EmptyState, Loaded } from '@/shared/states';

import { ClassifierDrawer } from './ClassifierDrawer';
import { ClassifierForm } from './ClassifierForm';
import { MinedList } from './MinedList';
import { ModelPanel } from './ModelPanel';
import { type Classifier, type ClassifierDetail, useClassifiers, useTaxonomy } from './queries';
import { TryValues } from './TryValues';
import { useVersionActs } from './versions-queries';

const columns: Column<Classifier>[] = [
  { key: 'title', title: 'Classifier', width: 'minmax(180px, 2fr)', cell: (each) => <span><strong style={{ fontWeight: 500 }}>{each.title}</strong>{each.custom ? <> <Badge tone="low">Yours</Badge></> : null}</span>, sort: (each) => each.title },
  { key: 'id', title: 'Id', width: 'minmax(140px, 1.2fr)', wideOnly: true, cell: (each) => <span className="mono muted">{each.id}</span>, sort: (each) => each.id },
  { key: 'sensitivity', title: 'Sensitivity', width: '130px', cell: (each) => <SensitivityBadge level={each.sensitivity} /> },
  { key: 'people', title: 'About people', width: '130px', cell: (each) => (each.special ? <Badge tone="critical">Special</Badge> : each.personal ? <Badge tone="high">Personal</Badge> : <span className="faint">no</span>) },
  { key: 'by', title: 'Goes by', width: 'minmax(120px, 1fr)', wideOnly: true, cell: (each) => <span className="muted">{each.by.map((how) => (how === 'validator' ? 'check digit' : how === 'labels' ? 'other labels' : how)).join(', ')}</span> },
  { key: 'jurisdiction', title: 'Where', width: '80px', wideOnly: true, cell: (each) => (each.jurisdiction === 'ANY' ? <span className="faint">any</span> : each.jurisdiction), sort: (each) => each.jurisdiction },
];

/** The kinds of data that are recognised, and how; with a place to try them. */
export default function ClassifiersPage() {
  const [{ q, category, custom, classifier }, set] = useUrlState();
  const [typed, setTyped] = useState(q ?? '');
  const [wanted] = useDebouncedValue(typed, 200);
  const classifiers = useClassifiers({ q: wanted || undefined, category, custom: custom ? true : undefined });
  const taxonomy = useTaxonomy();
  const mayManage = useMay('classification.manage');
  const { again } = useVersionActs();
  const [editing, setEditing] = useState<ClassifierDetail | 'new' | null>(null);
  return (
    <>
      <PageHeader title="Classifiers" lead="The kinds of data that are recognised, and how. Each must agree with its own examples." actions={mayManage ? <><Button variant="default" loading={again.isPending} onClick={() => again.mutate()}>Judge everything again</Button><Button leftSection={<IconPlus size={14} />} onClick={() => setEditing('new')}>New classifier</Button></> : null} />
      <TryValues onOpen={(id) => set({ classifier: id })} />
      <div className={layout.filters}>
        <TextInput aria-label="Search classifiers" placeholder="Search by word or id" w={220} value={typed} onChange={(event) => { setTyped(event.currentTarget.value); set({ q: event.currentTarget.value || undefined }); }} />
        <Select aria-label="Category" placeholder="All categories" clearable searchable w={200} data={(taxonomy.data?.categories ?? []).map((each) => ({ value: each.id, label: each.title }))} value={category ?? null} onChange={(next) => set({ category: next ?? undefined })} />
        <Switch size="xs" label="Yours only" checked={custom !== undefined} onChange={(event) => set({ custom: event.currentTarget.checked ? 'yes' : undefined })} />
      </div>
      <Panel title={classifiers.data ? plural(classifiers.data.length, 'classifier') : 'Classifiers'} padded={false}>
        <Loaded query={classifiers} isEmpty={(rows) => rows.length === 0} empty={<EmptyState title="No classifier like this">Take a filter away, or write one of your own.</EmptyState>}>
          {(rows) => <DataTable label="Classifiers" rows={rows} columns={columns} rowKey={(each) => each.id} height={720} onOpen={(each) => set({ classifier: each.id })} />}
        </Loaded>
      </Panel>
      {mayManage ? <MinedList /> : null}
      <ModelPanel />
      <ClassifierDrawer id={classifier} onClose={() => set({ classifier: undefined })} onEdit={(detail) => { set({ classifier: undefined }); setEditing(detail); }} />
      <ClassifierForm of={editing} onClose={() => setEditing(null)} />
    </>
  );
}
