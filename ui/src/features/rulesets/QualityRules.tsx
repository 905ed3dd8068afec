import { ActionIcon, Button, Select, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useState } from 'react';

import { words } from '@/shared/format';

import { type QualityEntry, wrongAt } from './body';
import { type RuleProblem, useCheckTypes } from './queries';
import styles from './rulesets.module.css';

const severities = ['low', 'medium', 'high', 'critical'].map((each) => ({ value: each, label: words(each) }));

/** Checks asked for wherever their patterns match. */
export function QualityRules({ rules, problems, onChange, readOnly }: { rules: readonly QualityEntry[]; problems: readonly RuleProblem[]; onChange: (rules: QualityEntry[]) => void; readOnly: boolean }) {
  const types = useCheckTypes();
  const known = (types.data ?? []).map((each) => ({ value: each.id, label: each.title }));
  const at = (index: number, field: string) => wrongAt(problems, `quality_rules.${index}.${field}`);
  const change = (index: number, part: Partial<QualityEntry>) => onChange(rules.map((each, at) => (at === index ? { ...each, ...part } : each)));
  return (
    <fieldset className={styles.group}>
      <legend>Quality checks</legend>
      {rules.length === 0 ? <span className="faint">None of its own.</span> : null}
      {rules.map((rule, index) => (
        <div key={index} className={styles.rule}>
          <Select aria-label="Check" placeholder="Check" searchable error={at(index, 'check')} readOnly={readOnly} data={known.some((each) => each.value === rule.check) ? known : [...known, { value: rule.check, label: rule.check }]} value={rule.check} onChange={(next) => change(index, { check: next ?? rule.check })} />
          <TextInput aria-label="Assets" placeholder="Assets: *" error={at(index, 'assets')} readOnly={readOnly} value={rule.assets ?? ''} onChange={(event) => change(index, { assets: event.currentTarget.value || undefined })} />
          <TextInput aria-label="Columns" placeholder="Columns" error={at(index, 'columns')} readOnly={readOnly} value={rule.columns ?? ''} onChange={(event) => change(index, { columns: event.currentTarget.value || undefined })} />
          <TextInput aria-label="Or columns with the label" placeholder="or label" error={at(index, 'label')} readOnly={readOnly} value={rule.label ?? ''} onChange={(event) => change(index, { label: event.currentTarget.value || undefined })} />
          <Params value={rule.params} error={at(index, 'params')} readOnly={readOnly} onChange={(params) => change(index, { params })} />
          <Select aria-label="Severity" readOnly={readOnly} allowDeselect={false} data={severities} value={rule.severity ?? 'medium'} onChange={(next) => change(index, { severity: next ?? 'medium' })} />
          {readOnly ? <span /> : <ActionIcon variant="subtle" color="gray" aria-label="Remove the check" onClick={() => onChange(rules.filter((_, at) => at !== index))}><IconX size={15} /></ActionIcon>}
        </div>
      ))}
      {readOnly ? null : <div><Button variant="default" onClick={() => onChange([...rules, { check: known[0]?.value ?? 'not_null' }])}>Add a check</Button></div>}
    </fieldset>
  );
}

function Params({ value, onChange, error, readOnly }: { value: Record<string, unknown> | undefined; onChange: (value: Record<string, unknown> | undefined) => void; error: string | undefined; readOnly: boolean }) {
  const [text, setText] = useState(value && Object.keys(value).length > 0 ? JSON.stringify(value) : '');
  const [wrong, setWrong] = useState(false);
  const read = (next: string) => {
    setText(next);
    try {
      onChange(next.trim() === '' ? undefined : (JSON.parse(next) as Record<string, unknown>));
      setWrong(false);
    } catch {
      setWrong(true);
    }
  };
  return <TextInput aria-label="Parameters as JSON" placeholder='{"min": 0}' readOnly={readOnly} error={wrong ? 'This is not JSON; what stood here before counts.' : error} value={text} onChange={(event) => read(event.currentTarget.value)} />;
}
