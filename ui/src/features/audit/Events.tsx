import { Button, Select, TextInput } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';

import { Badge } from '@/shared/badges';
import { type Column, DataTable } from '@/shared/DataTable';
import { useUrlState } from '@/shared/hooks';
import layout from '@/shared/layout.module.css';
import { refWords } from '@/shared/links';
import { Panel } from '@/shared/PageHeader';
import { MoreRows } from '@/shared/paging';
import { RelativeTime } from '@/shared/RelativeTime';
import { EmptyState, Loaded } from '@/shared/states';

import { type AuditEvent, useEvents } from './queries';
import { gist, said, topicGroups } from './said';

const columns: Column<AuditEvent>[] = [
  { key: 'at', title: 'When', width: '130px', cell: (each) => <RelativeTime at={each.occurred_at} /> },
  { key: 'actor', title: 'Who', width: '130px', cell: (each) => <strong style={{ fontWeight: 500 }}>{each.actor}</strong> },
  { key: 'what', title: 'What', main: true, width: 'minmax(230px, 1.2fr)', cell: (each) => { const { group, what } = said(each.topic); return <span>{what} <span className="faint">{group}</span></span>; } },
  { key: 'subject', title: 'On what', width: 'minmax(160px, 1.5fr)', cell: (each) => refWords(each.subject) },
  { key: 'gist', title: 'Detail', width: 'minmax(160px, 1.6fr)', wideOnly: true, cell: (each) => <span className="muted" style={{ display: 'block', whiteSpace: 'nowrap', overflow: 'hidden', textOverflow: 'ellipsis' }} title={gist(each.payload, each.subject)}>{gist(each.payload, each.subject)}</span> },
  { key: 'sealed', title: 'Sealed', width: '110px', cell: (each) => (each.checkpoint === null ? <Badge tone="dashed">Not yet</Badge> : <Badge tone="ok" title={`Under checkpoint ${each.checkpoint}`}>No. {each.checkpoint}</Badge>) },
];

const startOf = (day: string | undefined): string | undefined => (day ? `${day}T00:00:00Z` : undefined);
const endOf = (day: string | undefined): string | undefined => (day ? `${day}T23:59:59Z` : undefined);

export function Events() {
  const [url, set] = useUrlState();
  const events = useEvents({ limit: 100, topic: url.topic, actor: url.actor, subject: url.subject, since: startOf(url.since), until: endOf(url.until) });
  const filtered = Boolean(url.topic ?? url.actor ?? url.subject ?? url.since ?? url.until);
  return (
    <>
      <Filters url={url} set={set} />
      <Panel title="Events" padded={false} actions={<Button component="a" href="/api/v1/audit-trail/export" download="muniment-audit.ndjson" variant="default" leftSection={<IconDownload size={14} />}>Export the sealed trail</Button>}>
        <Loaded query={events} isEmpty={(rows) => rows.length === 0} empty={<EmptyState title={filtered ? 'No event like this' : 'Nothing has happened yet'}>{filtered ? 'Take a filter away to see more.' : 'Everything that people and scans do is written down here.'}</EmptyState>}>
          {(rows) => <DataTable label="Audit events" rows={rows} columns={columns} rowKey={(each) => each.id} height="max(420px, calc(100vh - 330px))" onOpen={(each) => set({ event: each.id })} footer={<MoreRows list={events} />} />}
        </Loaded>
      </Panel>
    </>
  );
}

function Filters({ url, set }: { url: Record<string, string | undefined>; set: (change: Record<string, string | undefined>) => void }) {
  const [actor, setActor] = useState(url.actor ?? '');
  const [subject, setSubject] = useState(url.subject ?? '');
  const apply = (event: FormEvent) => {
    event.preventDefault();
    set({ actor: actor.trim() || undefined, subject: subject.trim() || undefined });
  };
  const known = topicGroups.some((each) => each.value === url.topic);
  const data = url.topic && !known ? [...topicGroups, { value: url.topic, label: url.topic }] : topicGroups;
  return (
    <form className={layout.filters} onSubmit={apply}>
      <Select aria-label="About" placeholder="About anything" clearable w={160} data={data} value={url.topic ?? null} onChange={(next) => set({ topic: next ?? undefined })} />
      <TextInput aria-label="Who" placeholder="Who" w={140} value={actor} onChange={(event) => setActor(event.currentTarget.value)} onBlur={apply} />
      <TextInput aria-label="On what" placeholder="On what, such as shop/sales/orders" w={260} value={subject} onChange={(event) => setSubject(event.currentTarget.value)} onBlur={apply} />
      <TextInput aria-label="From day" leftSection={<span className="faint">from</span>} leftSectionWidth={42} type="date" w={170} value={url.since ?? ''} onChange={(event) => set({ since: event.currentTarget.value || undefined })} />
      <TextInput aria-label="To day" leftSection={<span className="faint">to</span>} leftSectionWidth={30} type="date" w={156} value={url.until ?? ''} onChange={(event) => set({ until: event.currentTarget.value || undefined })} />
      <Button type="submit" variant="default">Filter</Button>
    </form>
  );
}
