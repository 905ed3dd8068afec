import { Button, Modal, Select, Switch, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';

import layout from '@/shared/layout.module.css';
import { useSourceNames } from '@/shared/scanning';

import { type Priority, type Schedule, useScheduleActs, useUpcoming } from './queries';

const usual = [
  { label: 'Every night at 2', cron: '0 2 * * *' },
  { label: 'Every hour', cron: '0 * * * *' },
  { label: 'Sundays at 4', cron: '0 4 * * 0' },
];
const zones = Intl.supportedValuesOf('timeZone');

export function ScheduleForm({ schedule, taken, onClose }: { schedule: Schedule | 'new' | null; taken: readonly string[]; onClose: () => void }) {
  const title = schedule === 'new' ? 'New schedule' : `Schedule of ${schedule?.source ?? ''}`;
  return (
    <Modal opened={schedule !== null} onClose={onClose} title={title} size="md">
      {schedule === null ? null : <Form schedule={schedule === 'new' ? undefined : schedule} taken={taken} onDone={onClose} />}
    </Modal>
  );
}

function Form({ schedule, taken, onDone }: { schedule: Schedule | undefined; taken: readonly string[]; onDone: () => void }) {
  const sources = useSourceNames();
  const acts = useScheduleActs(onDone);
  const upcoming = useUpcoming(schedule);
  const [source, setSource] = useState<string | null>(schedule?.source ?? null);
  const [cron, setCron] = useState(schedule?.cron ?? '0 2 * * *');
  const [zone, setZone] = useState(schedule?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone);
  const [priority, setPriority] = useState<Priority>(schedule?.priority ?? 'scheduled');
  const [paused, setPaused] = useState(schedule?.paused ?? false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body = { cron, time_zone: zone, priority, paused };
    if (schedule) acts.change.mutate({ schedule, body });
    else if (source) acts.create.mutate({ ...body, source });
  };
  return (
    <form onSubmit={submit} className={layout.stack}>
      {schedule ? null : <Select data-autofocus label="Source" required searchable data={(sources.data?.items ?? []).map((each) => each.name).filter((name) => !taken.includes(name))} value={source} onChange={setSource} />}
      <div>
        <TextInput label="When (cron)" description="Minute, hour, day, month, weekday." required value={cron} onChange={(event) => setCron(event.currentTarget.value)} styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }} />
        <div className={layout.row} style={{ marginTop: 6 }}>{usual.map((each) => <Button key={each.cron} variant="default" size="compact-xs" onClick={() => setCron(each.cron)}>{each.label}</Button>)}</div>
      </div>
      <Select label="Time zone" searchable allowDeselect={false} data={zones.includes(zone) ? zones : [zone, ...zones]} limit={60} value={zone} onChange={(next) => setZone(next ?? 'UTC')} />
      <Select label="Priority" allowDeselect={false} data={[{ value: 'scheduled', label: 'Scheduled' }, { value: 'backfill', label: 'Backfill: when nothing else waits' }, { value: 'interactive', label: 'Interactive: before everything else' }]} value={priority} onChange={(next) => setPriority((next ?? 'scheduled') as Priority)} />
      <Switch size="xs" label="Paused" checked={paused} onChange={(event) => setPaused(event.currentTarget.checked)} />
      {upcoming.data ? <div className="muted">Next: {upcoming.data.moments.map((moment) => new Date(moment).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })).join(' · ')}</div> : null}
      {acts.create.error ? <div role="alert" className={layout.bad}>{acts.create.error.message}</div> : null}
      <div className={layout.between}>
        {schedule ? <Button variant="subtle" color="red" loading={acts.remove.isPending} onClick={() => acts.remove.mutate(schedule)}>Remove</Button> : <span />}
        <Button type="submit" loading={acts.create.isPending || acts.change.isPending} disabled={!schedule && !source}>Save</Button>
      </div>
    </form>
  );
}
