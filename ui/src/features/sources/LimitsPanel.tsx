import { ActionIcon, Button, NumberInput, Switch, TextInput } from '@mantine/core';
import { useState } from 'react';

import layout from '@/shared/layout.module.css';
import { Panel } from '@/shared/PageHeader';

import { type Source, useSourceActs } from './queries';
import styles from './sources.module.css';

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const usual = [
  { label: 'Office hours', window: `Mon-Fri 08:00-18:00 ${zone}` },
  { label: 'Nights', window: `daily 22:00-06:00 ${zone}` },
  { label: 'Weekends', window: `Sat,Sun 00:00-24:00 ${zone}` },
];

const orNone = (value: number | string): number | null => (value === '' ? null : Number(value));

/** How much a scan may ask of a source, and when. */
export function LimitsPanel({ source, readOnly }: { source: Source; readOnly: boolean }) {
  const { change } = useSourceActs(source);
  const [values, setValues] = useState({
    max_concurrency: source.max_concurrency,
    statement_timeout_seconds: source.statement_timeout_seconds,
    idle_timeout_seconds: source.idle_timeout_seconds,
    rows_per_second: source.rows_per_second,
    megabytes_per_second: source.megabytes_per_second,
    statements_per_minute: source.statements_per_minute,
    governed: source.governed,
    blackouts: source.blackouts,
  });
  const save = () => change.mutate({ ...values, blackouts: values.blackouts.map((each) => each.trim()).filter(Boolean) });
  return (
    <Panel title="What a scan may do to it">
      <fieldset disabled={readOnly} className={`${layout.readable} ${layout.stack}`}>
        <div className={styles.form}>
          <NumberInput size="xs" label="Chunks read at once" description="The smaller of this and the rule set's counts." min={1} max={64} value={values.max_concurrency} onChange={(next) => setValues({ ...values, max_concurrency: Number(next) || 1 })} />
          <NumberInput size="xs" label="Statement time-out, seconds" description="The smaller of this and the rule set's counts." min={1} max={86_400} value={values.statement_timeout_seconds} onChange={(next) => setValues({ ...values, statement_timeout_seconds: Number(next) || 120 })} />
          <NumberInput size="xs" label="Give up after silence of, seconds" description="A source that sends nothing while it should." min={5} max={3600} value={values.idle_timeout_seconds} onChange={(next) => setValues({ ...values, idle_timeout_seconds: Number(next) || 60 })} />
          <NumberInput size="xs" label="Rows a second" description="Over all workers together." placeholder="no limit" min={1} thousandSeparator="," allowDecimal={false} value={values.rows_per_second ?? ''} onChange={(next) => setValues({ ...values, rows_per_second: orNone(next) })} />
          <NumberInput size="xs" label="Megabytes a second" description="As held in memory." placeholder="no limit" min={0.01} value={values.megabytes_per_second ?? ''} onChange={(next) => setValues({ ...values, megabytes_per_second: orNone(next) })} />
          <NumberInput size="xs" label="Statements a minute" description="That read rows." placeholder="no limit" min={1} allowDecimal={false} value={values.statements_per_minute ?? ''} onChange={(next) => setValues({ ...values, statements_per_minute: orNone(next) })} />
        </div>
        <Switch size="xs" label="Ask less of it while its answers are slower than usual" checked={values.governed} onChange={(event) => setValues({ ...values, governed: event.currentTarget.checked })} />
        <Windows windows={values.blackouts} readOnly={readOnly} onChange={(blackouts) => setValues({ ...values, blackouts })} />
        {change.error ? <div role="alert" className={layout.bad}>{change.error.message}</div> : null}
        {readOnly ? null : <div><Button loading={change.isPending} onClick={save}>Save the limits</Button></div>}
      </fieldset>
    </Panel>
  );
}

function Windows({ windows, readOnly, onChange }: { windows: string[]; readOnly: boolean; onChange: (next: string[]) => void }) {
  return (
    <div className={layout.tight}>
      <span style={{ fontWeight: 500 }}>When it is left alone</span>
      <span className="muted">Days, hours and a time zone. What is being read when they begin is finished; nothing else begins until they end.</span>
      {windows.map((window, place) => (
        <div key={place} className={layout.row}>
          <TextInput size="xs" style={{ flex: 1 }} aria-label={`Window ${place + 1}`} placeholder={usual[0]?.window} value={window} onChange={(event) => onChange(windows.map((each, other) => (other === place ? event.currentTarget.value : each)))} />
          {readOnly ? null : <ActionIcon variant="subtle" color="gray" aria-label={`Remove window ${place + 1}`} onClick={() => onChange(windows.filter((_, other) => other !== place))}>×</ActionIcon>}
        </div>
      ))}
      {readOnly ? null : (
        <div className={layout.row}>
          {usual.map((each) => <Button key={each.label} variant="default" size="compact-xs" onClick={() => onChange([...windows, each.window])}>{each.label}</Button>)}
          <Button variant="default" size="compact-xs" onClick={() => onChange([...windows, ''])}>Another</Button>
        </div>
      )}
    </div>
  );
}
