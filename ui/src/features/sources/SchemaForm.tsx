import { NumberInput, PasswordInput, Select, Switch, TextInput } from '@mantine/core';

import { Problem } from '@/api/problem';

import type { Field, Values } from './fields';
import styles from './sources.module.css';

/** A form made of a connector's JSON Schema; problems of the server stand at their field. */
export function SchemaForm({ fields, values, onChange, error }: { fields: readonly Field[]; values: Values; onChange: (values: Values) => void; error?: unknown }) {
  const problems = new Map(error instanceof Problem ? error.errors.map((each) => [each.field.split('.').at(-1), each.message] as const) : []);
  return (
    <div className={styles.form}>
      {fields.map((field) => (
        <OneField key={field.name} field={field} value={values[field.name] ?? ''} problem={problems.get(field.name)} onChange={(value) => onChange({ ...values, [field.name]: value })} />
      ))}
    </div>
  );
}

function OneField({ field, value, problem, onChange }: { field: Field; value: string; problem: string | undefined; onChange: (value: string) => void }) {
  const common = { size: 'xs', label: field.title, description: field.description, required: field.required, error: problem } as const;
  switch (field.kind) {
    case 'secret':
      return <PasswordInput {...common} description={field.description ?? 'Sealed in the vault; never shown again.'} autoComplete="off" value={value} onChange={(event) => onChange(event.currentTarget.value)} />;
    case 'choice':
      return <Select {...common} data={field.choices} allowDeselect={false} value={value} onChange={(next) => onChange(next ?? '')} />;
    case 'number':
      return <NumberInput {...common} min={field.minimum} max={field.maximum} hideControls value={value === '' ? '' : Number(value)} onChange={(next) => onChange(String(next))} />;
    case 'switch':
      return <Switch size="xs" label={field.title} description={field.description} checked={value === 'true'} onChange={(event) => onChange(String(event.currentTarget.checked))} />;
    default:
      return <TextInput {...common} placeholder={field.example} value={value} onChange={(event) => onChange(event.currentTarget.value)} />;
  }
}
