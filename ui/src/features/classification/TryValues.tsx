import { Button, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';

import { SensitivityBadge } from '@/shared/badges';
import { EvidenceView } from '@/shared/Evidence';
import { percent } from '@/shared/format';
import layout from '@/shared/layout.module.css';
import { Panel } from '@/shared/PageHeader';
import { ErrorState } from '@/shared/states';

import { type ClassifiedColumn, useClassify } from './queries';

/** What a column with this name and these values would be called. Nothing is stored. */
export function TryValues({ onOpen }: { onOpen: (id: string) => void }) {
  const classify = useClassify();
  const [column, setColumn] = useState('');
  const [values, setValues] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    classify.mutate({ column: column || 'value', values: values.split('\n').map((line) => line.trim()).filter(Boolean) });
  };
  return (
    <Panel title="Try values">
      <div className={layout.halves}>
        <form onSubmit={submit} className={layout.stack}>
          <Textarea size="xs" label="Values, one a line" description="They are looked at and forgotten." autosize minRows={3} maxRows={8} value={values} onChange={(event) => setValues(event.currentTarget.value)} />
          <TextInput label="Name of the column" placeholder="such as cust_email" value={column} onChange={(event) => setColumn(event.currentTarget.value)} />
          <div><Button type="submit" variant="default" loading={classify.isPending} disabled={!values.trim() && !column.trim()}>What is it?</Button></div>
        </form>
        <div>
          {classify.error ? <ErrorState error={classify.error} /> : null}
          {classify.data ? <Found column={classify.data} onOpen={onOpen} /> : <p className="muted">The answer comes here, with its evidence: the same engine that scans use.</p>}
        </div>
      </div>
    </Panel>
  );
}

function Found({ column, onOpen }: { column: ClassifiedColumn; onOpen: (id: string) => void }) {
  if (column.labels.length === 0) return <p>Nothing is recognised. A few more values, or the real name of the column, tell more.</p>;
  return (
    <div className={layout.stack}>
      {column.labels.map((label) => (
        <div key={label.label} className={layout.stack}>
          <div className={layout.row}>
            <button type="button" onClick={() => onOpen(label.label)} style={{ all: 'unset', cursor: 'pointer' }}><strong>{label.title}</strong></button>
            <SensitivityBadge level={label.sensitivity} />
            <span className="muted">{percent(label.confidence)} sure{label.effective ? '' : ', a suggestion only'}</span>
          </div>
          <EvidenceView evidence={label.evidence} />
        </div>
      ))}
    </div>
  );
}
