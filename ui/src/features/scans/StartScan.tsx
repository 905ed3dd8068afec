import { Button, Checkbox, Modal, Select, Textarea } from '@mantine/core';
import { type FormEvent, useState } from 'react';

import layout from '@/shared/layout.module.css';
import { useRequestScan, useSourceNames } from '@/shared/scanning';

import type { Priority } from './queries';

export function StartScan({ opened, source, onClose }: { opened: boolean; source: string | undefined; onClose: () => void }) {
  return <Modal opened={opened} onClose={onClose} title="Start a scan" size="md">{opened ? <Form chosen={source} /> : null}</Modal>;
}

function Form({ chosen }: { chosen: string | undefined }) {
  const sources = useSourceNames();
  const request = useRequestScan();
  const [source, setSource] = useState(chosen ?? null);
  const [priority, setPriority] = useState<Priority>('interactive');
  const [only, setOnly] = useState('');
  const [full, setFull] = useState(false);
  const [compare, setCompare] = useState(false);
  const known = sources.data?.items.find((each) => each.name === source);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const texts = only.split('\n').map((line) => line.trim()).filter(Boolean);
    if (source) request.mutate({ source, priority, only: texts.length > 0 ? texts : null, full, verify: compare && !full ? 0.05 : null });
  };
  return (
    <form onSubmit={submit} className={layout.stack}>
      <Select data-autofocus label="Source" required searchable placeholder={sources.isPending ? 'Loading…' : 'Choose'} data={(sources.data?.items ?? []).map((each) => ({ value: each.name, label: each.title === each.name ? each.name : `${each.title} (${each.name})` }))} value={source} onChange={setSource} />
      {known?.sensitive ? <div className={layout.warn}>This source is marked sensitive: the scan waits until somebody else approves it.</div> : null}
      <Select label="Priority" allowDeselect={false} data={[{ value: 'interactive', label: 'Interactive: before everything else' }, { value: 'scheduled', label: 'Scheduled: with the nightly scans' }, { value: 'backfill', label: 'Backfill: when nothing else waits' }]} value={priority} onChange={(next) => setPriority((next ?? 'interactive') as Priority)} />
      <Textarea size="xs" label="Only these assets" description="One a line, as source/schema/table. Empty: all in the scope of the rule set." autosize minRows={2} maxRows={8} value={only} onChange={(event) => setOnly(event.currentTarget.value)} />
      <Checkbox size="xs" label="Read everything" description="Also what did not change since the last scan." checked={full} onChange={(event) => setFull(event.currentTarget.checked)} />
      <Checkbox size="xs" label="Compare a sample of what is unchanged" description="Reads 5 % of it again, to prove that nothing was missed." checked={compare && !full} disabled={full} onChange={(event) => setCompare(event.currentTarget.checked)} />
      <Button type="submit" loading={request.isPending} disabled={!source}>Start</Button>
    </form>
  );
}
