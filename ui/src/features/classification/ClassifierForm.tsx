import { Button, Drawer, MultiSelect, Select, Switch, TagsInput, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';

import { Problem } from '@/api/problem';
import { Badge } from '@/shared/badges';
import { words } from '@/shared/format';
import layout from '@/shared/layout.module.css';
import { ErrorState } from '@/shared/states';

import { DraftReview } from './DraftReview';
import { ExactList } from './ExactList';
import { type Draft, draftOf, emptyDraft, entryOf, idOf, isComposed, lines } from './draft';
import { type ClassifierDetail, useClassifierActs, useClassifiers, useTaxonomy, useTryClassifier } from './queries';
import { useVersionActs } from './versions-queries';

export function ClassifierForm({ of, onClose }: { of: ClassifierDetail | 'new' | null; onClose: () => void }) {
  return (
    <Drawer opened={of !== null} onClose={onClose} position="right" size="lg" title={of === 'new' ? 'New classifier' : `Change ${of?.title ?? ''}`}>
      {of === null ? null : <Form of={of === 'new' ? undefined : of} onDone={onClose} />}
    </Drawer>
  );
}

const KINDS = [
  { value: 'text', label: 'Text' },
  { value: 'integer', label: 'Whole numbers' },
  { value: 'decimal', label: 'Decimals' },
  { value: 'date', label: 'Dates' },
  { value: 'boolean', label: 'Yes and no' },
] as const;
const mono = { input: { fontFamily: 'var(--mantine-font-family-monospace)' } };

function Form({ of, onDone }: { of: ClassifierDetail | undefined; onDone: () => void }) {
  const [draft, setDraft] = useState<Draft>(() => (of ? draftOf(of) : emptyDraft));
  const [note, setNote] = useState('');
  const [probes, setProbes] = useState('');
  const taxonomy = useTaxonomy();
  const acts = useClassifierActs(onDone);
  const known = useClassifiers({ q: undefined, category: undefined, custom: undefined });
  const ids = (known.data ?? []).map((each) => each.id);
  const trial = useTryClassifier();
  const { propose } = useVersionActs();
  const set = (change: Partial<Draft>) => setDraft({ ...draft, ...change });
  const text = (key: keyof Draft) => ({ value: String(draft[key]), onChange: (event: { currentTarget: { value: string } }) => set({ [key]: event.currentTarget.value }) });
  const rename = (title: string) => set({ title, id: of === undefined && draft.id === idOf(draft.title) ? idOf(title) : draft.id });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    propose.mutate({ entry: entryOf(draft), note });
  };
  if (propose.data) return <DraftReview id={propose.data.id} onDone={onDone} />;
  return (
    <form onSubmit={submit} className={layout.stack}>
      <TextInput data-autofocus label="Title" required value={draft.title} onChange={(event) => rename(event.currentTarget.value)} />
      <TextInput label="Id" description={of && !of.custom ? 'A shipped classifier keeps its id; your version takes its place.' : 'Begins with custom. and cannot be changed later.'} required disabled={of !== undefined} styles={mono} {...text('id')} />
      <div className={layout.halves}>
        <Select label="Category" required searchable data={(taxonomy.data?.categories ?? []).map((each) => ({ value: each.id, label: each.title }))} value={draft.category || null} onChange={(next) => set({ category: next ?? '' })} />
        <Select label="Sensitivity" allowDeselect={false} data={['public', 'internal', 'confidential', 'restricted'].map((each) => ({ value: each, label: words(each) }))} value={draft.sensitivity} onChange={(next) => set({ sensitivity: (next ?? 'internal') as Draft['sensitivity'] })} />
      </div>
      <div className={layout.row} style={{ gap: 16 }}>
        <Switch size="xs" label="Personal data" checked={draft.personal} onChange={(event) => set({ personal: event.currentTarget.checked })} />
        <Switch size="xs" label="Special category" checked={draft.special} onChange={(event) => set({ special: event.currentTarget.checked })} />
        <Switch size="xs" label="Letters of either case" checked={draft.ignoreCase} onChange={(event) => set({ ignoreCase: event.currentTarget.checked })} />
      </div>
      <Textarea size="xs" label="Patterns" description="Regular expressions over the whole value, one a line." autosize minRows={2} styles={mono} {...text('patterns')} />
      <Textarea size="xs" label="Never" description="Patterns of whole values that are something else, one a line." autosize minRows={1} styles={mono} {...text('never')} />
      <Textarea size="xs" label="Words" description="Whole values that it knows, one a line; case and accents do not matter." autosize minRows={1} maxRows={8} {...text('words')} />
      <ExactList list={draft.exact} onList={(exact) => set({ exact })} />
      <details>
        <summary className={layout.summary}>Check, range, shares and values that are allowed</summary>
        <div className={layout.stack}>
          <MultiSelect label="Columns of" data={[...KINDS]} value={draft.kinds} onChange={(next) => set({ kinds: next as Draft['kinds'] })} />
          <TextInput label="Check" description="A validator by name, such as luhn, iban or stdnum:de.idnr." styles={mono} {...text('validator')} />
          <div className={layout.halves}>
            <TextInput label="Lowest number" description="What lies outside speaks against it." inputMode="decimal" {...text('lowest')} />
            <TextInput label="Highest number" description="A range alone says little: give column names too." inputMode="decimal" {...text('highest')} />
          </div>
          <div className={layout.halves}>
            <TextInput label="Share of values that counts in full, %" type="number" min={1} max={100} {...text('minShare')} />
            <TextInput label="Rows that must match at least" type="number" min={1} {...text('minCount')} />
          </div>
          <Textarea size="xs" label="Allow list" description="Values that are never a hit, one a line. They are kept and shown as written: leave out what is secret." autosize minRows={1} maxRows={8} styles={mono} {...text('allowed')} />
          <Switch size="xs" label="Tell a single value among many, as a suggestion" checked={draft.rare} onChange={(event) => set({ rare: event.currentTarget.checked })} />
        </div>
      </details>
      <details>
        <summary className={layout.summary}>Made of other labels</summary>
        <div className={layout.stack}>
          <span className="muted">A label of other labels looks at no value itself: leave patterns, words, names and examples empty. Patterns of ids such as *.passport are allowed.</span>
          <TagsInput label="The column carries all of" data={ids} value={draft.allOf} onChange={(next) => set({ allOf: next })} />
          <TagsInput label="The column carries one of" data={ids} value={draft.anyOf} onChange={(next) => set({ anyOf: next })} />
          <TagsInput label="The column carries none of" data={ids} value={draft.noneOf} onChange={(next) => set({ noneOf: next })} />
          <TagsInput label="Other columns carry all of" data={ids} value={draft.besideAll} onChange={(next) => set({ besideAll: next })} />
          <TagsInput label="Other columns carry one of" data={ids} value={draft.besideAny} onChange={(next) => set({ besideAny: next })} />
          <TextInput label="Columns apart at most" description="Empty: anywhere in the table." type="number" min={1} {...text('within')} />
        </div>
      </details>
      <Select label="A match alone says" allowDeselect={false} data={[{ value: 'decisive', label: 'Decisive: nothing else looks like this' }, { value: 'strong', label: 'Strong' }, { value: 'medium', label: 'Medium' }, { value: 'weak', label: 'Weak: only together with the column name' }]} value={draft.strength} onChange={(next) => set({ strength: (next ?? 'medium') as Draft['strength'] })} />
      <Textarea size="xs" label="Column names that say it" description="Words, one a line." autosize minRows={2} {...text('strong')} />
      <Textarea size="xs" label="Column names that hint at it" description="Words, one a line." autosize minRows={1} {...text('weak')} />
      <div className={layout.halves}>
        <Textarea size="xs" label="Examples that it must hit" description="One a line." required={!isComposed(draft) && !draft.exact} autosize minRows={3} styles={mono} {...text('hit')} />
        <Textarea size="xs" label="Near misses that it must not" description="One a line." autosize minRows={3} styles={mono} {...text('miss')} />
      </div>
      <Textarea size="xs" label="Description" autosize minRows={2} {...text('description')} />
      <Textarea size="xs" label="Try it on values" description="One a line; nothing is saved." autosize minRows={2} styles={mono} value={probes} onChange={(event) => setProbes(event.currentTarget.value)} />
      <div><Button variant="default" loading={trial.isPending} onClick={() => trial.mutate({ classifier: entryOf(draft), values: lines(probes) })}>Try examples and values</Button></div>
      {trial.error ? <Trouble error={trial.error} /> : null}
      {trial.data && !trial.error ? (
        <div role="status">
          <div>It agrees with its examples.</div>
          {lines(probes).map((value, index) => <div key={`${value} ${index}`} className={layout.row}><Badge tone={trial.data.hits[index] ? 'ok' : 'neutral'}>{trial.data.hits[index] ? 'hit' : 'no'}</Badge><span className="mono">{value}</span></div>)}
        </div>
      ) : null}
      <TextInput label="What changes, and why" value={note} onChange={(event) => setNote(event.currentTarget.value)} />
      {propose.error ?? acts.save.error ? <Trouble error={(propose.error ?? acts.save.error) as Error} /> : null}
      <div className={layout.row}>
        <Button type="submit" loading={propose.isPending}>See what it changes</Button>
        {of && !of.custom ? null : <Button variant="default" loading={acts.save.isPending} onClick={() => acts.save.mutate({ entry: entryOf(draft), note, version: of?.version })}>{of ? 'Save the next version' : 'Create'}</Button>}
      </div>
    </form>
  );
}

function Trouble({ error }: { error: Error }) {
  if (!(error instanceof Problem) || error.status === 403) return <ErrorState error={error} />;
  return (
    <div role="alert" className={layout.bad}>
      {error.message}
      {error.errors.length > 0 ? <ul className={layout.plain}>{error.errors.map((each) => <li key={`${each.field} ${each.message}`}><span className="mono">{each.field}</span>: {each.message}</li>)}</ul> : null}
    </div>
  );
}
