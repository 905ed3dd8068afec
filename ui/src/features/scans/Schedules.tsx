import { Button } from '@mantine/core';
import { useState } from 'react';

import { StateBadge } from '@/shared/badges';
import { type Column, DataTable } from '@/shared/DataTable';
import { words } from '@/shared/format';
import { Panel } from '@/shared/PageHeader';
import { RelativeTime } from '@/shared/RelativeTime';
import { useMay } from '@/shared/session';
import { EmptyState, Loaded } from '@/shared/states';

import { cronWords } from './cron';
import { type Schedule, useSchedules } from './queries';
import { ScheduleForm } from './ScheduleForm';

const columns: Column<Schedule>[] = [
  { key: 'source', title: 'Source', main: true, cell: (each) => <strong>{each.source}</strong>, sort: (each) => each.source },
  { key: 'cron', title: 'When', width: '250px', cell: (each) => <>{cronWords(each.cron)} <span className="mono faint" style={{ whiteSpace: 'nowrap' }}>{each.cron}</span></> },
  { key: 'zone', title: 'Time zone', width: '130px', wideOnly: true, cell: (each) => each.time_zone },
  { key: 'next', title: 'Next', hint: 'next', width: '120px', cell: (each) => (each.paused ? <span className="faint">paused</span> : <RelativeTime at={each.next_at} />), sort: (each) => each.next_at },
  { key: 'last', title: 'Last', hint: 'last', width: '120px', cell: (each) => <RelativeTime at={each.last_fired_at} /> },
  { key: 'priority', title: 'Priority', width: '110px', wideOnly: true, cell: (each) => words(each.priority) },
  { key: 'state', title: 'State', width: '90px', cell: (each) => <StateBadge state={each.paused ? 'paused' : 'active'} /> },
  { key: 'by', title: 'Set by', width: '130px', wideOnly: true, cell: (each) => <span className="muted">{each.created_by}</span> },
];

export function Schedules() {
  const schedules = useSchedules();
  const mayManage = useMay('scans.manage');
  const [open, setOpen] = useState<Schedule | 'new' | null>(null);
  const add = mayManage ? <Button onClick={() => setOpen('new')}>New schedule</Button> : null;
  return (
    <Panel title="Schedules" padded={false} actions={add}>
      <Loaded query={schedules} isEmpty={(page) => page.items.length === 0} empty={<EmptyState title="Nothing is scanned by itself yet" action={add}>A schedule scans a source at set times; one a night keeps the catalogue true.</EmptyState>}>
        {(page) => <DataTable label="Schedules" rows={page.items} columns={columns} rowKey={(each) => each.id} onOpen={mayManage ? setOpen : undefined} />}
      </Loaded>
      <ScheduleForm schedule={open} taken={(schedules.data?.items ?? []).map((each) => each.source)} onClose={() => setOpen(null)} />
    </Panel>
  );
}
