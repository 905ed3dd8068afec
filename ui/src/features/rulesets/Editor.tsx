import { Button, SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';

import { useUrlState } from '@/shared/hooks';
import layout from '@/shared/layout.module.css';
import { Panel } from '@/shared/PageHeader';
import { ErrorState } from '@/shared/states';

import { type Body, bodyOf, lean, textOf } from './body';
import { BodyForm } from './BodyForm';
import { Preview } from './Preview';
import { Problems } from './Problems';
import { Publish } from './Publish';
import { type RuleSet, useRuleSetActs, useValidation, type Version } from './queries';
import styles from './rulesets.module.css';

/** The rules as a form or as text, checked while one writes, tried on a source before they are published. */
export function Editor({ set, version, readOnly }: { set: RuleSet; version: Version; readOnly: boolean }) {
  const [{ as = 'form' }, change] = useUrlState();
  const initial = textOf(version.body);
  const [text, setText] = useState(initial);
  const [note, setNote] = useState(version.state === 'draft' ? version.note : '');
  const acts = useRuleSetActs(set);
  const read = bodyOf(text);
  const body = 'body' in read ? read.body : undefined;
  const [settled] = useDebouncedValue(body, 350);
  const validation = useValidation(settled as Record<string, unknown> | undefined, set.layer);
  const problems = validation.data?.problems ?? [];
  const changed = text !== initial;
  const setBody = (next: Body) => setText(textOf(next));
  const save = () => acts.save.mutate({ body: lean(body) as Record<string, unknown>, note });
  return (
    <>
      <Panel
        title={version.state === 'draft' ? `Draft ${version.number}` : `Version ${version.number}`}
        actions={<SegmentedControl size="xs" aria-label="Show as" value={as} onChange={(next) => change({ as: next === 'form' ? undefined : next })} data={[{ value: 'form', label: 'Form' }, { value: 'text', label: 'JSON' }]} />}
      >
        {as === 'text' || !body ? (
          <Textarea size="xs" className={styles.text} aria-label="Rules as JSON" autosize minRows={14} maxRows={40} readOnly={readOnly} spellCheck={false} value={text} onChange={(event) => setText(event.currentTarget.value)} />
        ) : <BodyForm body={body} onChange={setBody} readOnly={readOnly} problems={problems} />}
        {'problem' in read ? <div role="alert" className={layout.bad} style={{ marginTop: 8 }}>{read.problem}</div> : null}
        <Problems problems={problems} asked={validation.isFetched && !readOnly} />
        {acts.save.error ? <ErrorState error={acts.save.error} /> : null}
        {readOnly ? null : (
          <div className={layout.row} style={{ marginTop: 12 }}>
            <TextInput aria-label="Note" placeholder="What changes, and why" w={280} value={note} onChange={(event) => setNote(event.currentTarget.value)} />
            <Button variant="default" loading={acts.save.isPending} disabled={!body || !changed} onClick={save}>Keep as draft</Button>
            <Publish set={set} blocked={changed ? 'Keep the draft first.' : validation.data?.valid === false ? 'Mend the errors first.' : null} />
            {set.draft !== null && set.published !== null ? <Button variant="subtle" color="gray" loading={acts.discard.isPending} onClick={() => acts.discard.mutate()}>Throw the draft away</Button> : null}
          </div>
        )}
      </Panel>
      <Preview set={set} body={body && validation.data?.valid !== false ? (lean(body) as Record<string, unknown>) : undefined} />
    </>
  );
}
