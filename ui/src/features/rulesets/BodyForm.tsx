import { NumberInput, Select, Textarea } from '@mantine/core';
import { useState } from 'react';

import { type Body, lines, wrongAt } from './body';
import { HighWater } from './HighWater';
import { QualityRules } from './QualityRules';
import type { RuleProblem } from './queries';
import styles from './rulesets.module.css';

interface Props {
  body: Body;
  onChange: (body: Body) => void;
  readOnly: boolean;
  problems: readonly RuleProblem[];
}

const below = 'Left to the layers below';

function Patterns({ label, description, value, onChange, error, readOnly }: { label: string; description: string; value: string[] | undefined; onChange: (value: string[]) => void; error: string | undefined; readOnly: boolean }) {
  const [text, setText] = useState((value ?? []).join('\n'));
  return <Textarea size="xs" className={styles.text} label={label} description={description} placeholder={below} autosize minRows={2} maxRows={12} readOnly={readOnly} error={error} value={text} onChange={(event) => { setText(event.currentTarget.value); onChange(lines(event.currentTarget.value)); }} />;
}

function Amount({ label, description, value, onChange, min, max, error, readOnly }: { label: string; description?: string; value: number | undefined; onChange: (value: number | undefined) => void; min: number; max: number; error: string | undefined; readOnly: boolean }) {
  return <NumberInput size="xs" label={label} description={description} placeholder={below} thousandSeparator="," hideControls min={min} max={max} clampBehavior="none" error={error} readOnly={readOnly} value={value ?? ''} onChange={(next) => onChange(next === '' ? undefined : Number(next))} />;
}

function YesNo({ label, value, onChange, readOnly }: { label: string; value: boolean | undefined; onChange: (value: boolean | undefined) => void; readOnly: boolean }) {
  return <Select label={label} placeholder={below} clearable={!readOnly} readOnly={readOnly} data={[{ value: 'yes', label: 'Yes' }, { value: 'no', label: 'No' }]} value={value === undefined ? null : value ? 'yes' : 'no'} onChange={(next) => onChange(next === null ? undefined : next === 'yes')} />;
}

/** The body of a rule set, setting by setting. */
export function BodyForm({ body, onChange, readOnly, problems }: Props) {
  const at = (path: string) => wrongAt(problems, path);
  const rows = body.sampling?.rows;
  const sampled = typeof rows === 'number' ? 'some' : rows === 'all' ? 'all' : null;
  const setSampling = (change: Body['sampling']) => onChange({ ...body, sampling: { ...body.sampling, ...change } });
  const setLimits = (change: Body['limits']) => onChange({ ...body, limits: { ...body.limits, ...change } });
  return (
    <div style={{ display: 'flex', flexDirection: 'column', gap: 20 }}>
      <fieldset className={styles.group}>
        <legend>What is read</legend>
        <div className={styles.form}>
          <Patterns label="Take in" description="Patterns over the dotted path, one a line." value={body.scope?.include} error={at('scope.include')} readOnly={readOnly} onChange={(include) => onChange({ ...body, scope: { ...body.scope, include: include.length > 0 ? include : undefined } })} />
          <Patterns label="Leave out" description="Wins over what is taken in." value={body.scope?.exclude} error={at('scope.exclude')} readOnly={readOnly} onChange={(exclude) => onChange({ ...body, scope: { ...body.scope, exclude } })} />
          <Select label="Rows of an asset" error={sampled === 'some' ? undefined : at('sampling.rows')} placeholder={below} clearable={!readOnly} readOnly={readOnly} data={[{ value: 'all', label: 'All' }, { value: 'some', label: 'A sample' }]} value={sampled} onChange={(next) => setSampling({ rows: next === 'all' ? 'all' : next === 'some' ? 100_000 : undefined })} />
          {sampled === 'some' ? <Amount label="Rows in the sample" error={at('sampling.rows')} min={100} max={1_000_000_000} readOnly={readOnly} value={typeof rows === 'number' ? rows : undefined} onChange={(next) => setSampling({ rows: next })} /> : null}
          <Amount label="Rows in a partition" error={at('sampling.rows_per_partition')} min={1000} max={10_000_000} readOnly={readOnly} value={body.sampling?.rows_per_partition} onChange={(next) => setSampling({ rows_per_partition: next })} />
          <YesNo label="Read no rows, only metadata" readOnly={readOnly} value={body.sampling?.metadata_only} onChange={(next) => setSampling({ metadata_only: next })} />
        </div>
      </fieldset>
      <HighWater marks={body.high_water ?? []} problems={problems} readOnly={readOnly} onChange={(marks) => onChange({ ...body, high_water: marks })} />
      <fieldset className={styles.group}>
        <legend>What is looked for</legend>
        <div className={styles.form}>
          <Patterns label="Classifiers" description="Patterns over ids, one a line; !pattern takes out." value={body.classifiers} error={at('classifiers')} readOnly={readOnly} onChange={(classifiers) => onChange({ ...body, classifiers: classifiers.length > 0 ? classifiers : undefined })} />
          <NumberInput size="xs" label="Suggest labels from" description="How sure, 0 to 1." error={at('min_confidence')} placeholder={below} min={0} max={1} clampBehavior="none" step={0.05} decimalScale={2} readOnly={readOnly} value={body.min_confidence ?? ''} onChange={(next) => onChange({ ...body, min_confidence: next === '' ? undefined : Number(next) })} />
          <YesNo label="Suggest quality checks" readOnly={readOnly} value={body.suggest_quality} onChange={(next) => onChange({ ...body, suggest_quality: next })} />
          <YesNo label="Derive lineage" readOnly={readOnly} value={body.lineage} onChange={(next) => onChange({ ...body, lineage: next })} />
        </div>
      </fieldset>
      <QualityRules rules={body.quality_rules ?? []} problems={problems} readOnly={readOnly} onChange={(rules) => onChange({ ...body, quality_rules: rules })} />
      <fieldset className={styles.group}>
        <legend>What a scan may do to the source</legend>
        <div className={styles.form}>
          <Amount label="Chunks read at once" error={at('limits.max_concurrency')} min={1} max={64} readOnly={readOnly} value={body.limits?.max_concurrency} onChange={(next) => setLimits({ max_concurrency: next })} />
          <Amount label="Statement time-out, seconds" error={at('limits.statement_timeout_seconds')} min={1} max={86_400} readOnly={readOnly} value={body.limits?.statement_timeout_seconds} onChange={(next) => setLimits({ statement_timeout_seconds: next })} />
          <Amount label="Longest run, minutes" error={at('limits.max_run_minutes')} min={1} max={10_080} readOnly={readOnly} value={body.limits?.max_run_minutes} onChange={(next) => setLimits({ max_run_minutes: next })} />
        </div>
      </fieldset>
    </div>
  );
}
