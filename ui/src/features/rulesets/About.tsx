import { Button, NumberInput, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import layout from '@/shared/layout.module.css';
import { Panel } from '@/shared/PageHeader';
import { ReasonModal } from '@/shared/ReasonModal';
import { useSourceNames } from '@/shared/scanning';
import { ErrorState } from '@/shared/states';

import { type RuleSet, useRuleSetActs } from './queries';

const orAll = (globs: string[]): string[] => (globs.length > 0 ? globs : ['*']);

export function About({ set, readOnly }: { set: RuleSet; readOnly: boolean }) {
  const acts = useRuleSetActs(set);
  const sources = useSourceNames();
  const navigate = useNavigate();
  const [title, setTitle] = useState(set.title);
  const [description, setDescription] = useState(set.description);
  const [position, setPosition] = useState(set.position);
  const [kinds, setKinds] = useState<string[]>([...(set.applies_to.kinds ?? ['*'])]);
  const [names, setNames] = useState<string[]>([...(set.applies_to.sources ?? ['*'])]);
  const [domains, setDomains] = useState<string[]>([...(set.applies_to.domains ?? ['*'])]);
  const [retiring, setRetiring] = useState(false);
  const save = () => acts.change.mutate({ title, description, position, applies_to: { kinds: orAll(kinds), sources: orAll(names), domains: orAll(domains) } });
  return (
    <>
      <Panel>
        <fieldset disabled={readOnly} style={{ maxWidth: 560 }} className={`${layout.readable} ${layout.stack}`}>
          <TextInput label="Title" value={title} onChange={(event) => setTitle(event.currentTarget.value)} />
          <Textarea size="xs" label="Description" autosize minRows={2} value={description} onChange={(event) => setDescription(event.currentTarget.value)} />
          <NumberInput size="xs" label="Order inside the layer" description="A higher one is laid over a lower one." min={0} max={1000} value={position} onChange={(next) => setPosition(Number(next) || 0)} />
          <TagsInput size="xs" label="Sources" description="Names or patterns; * is every source." data={(sources.data?.items ?? []).map((each) => each.name)} value={names} onChange={setNames} />
          <TagsInput size="xs" label="Kinds" description="Such as postgresql; * is every kind." value={kinds} onChange={setKinds} />
          <TagsInput size="xs" label="Domains" description="* is every domain, and sources without one." value={domains} onChange={setDomains} />
          {acts.change.error ? <ErrorState error={acts.change.error} /> : null}
          {readOnly ? null : <div><Button loading={acts.change.isPending} onClick={save}>Save</Button></div>}
        </fieldset>
      </Panel>
      {readOnly ? null : (
        <Panel title="Retire">
          <div className={layout.between}>
            <span className="muted">Takes the set out of force. Its versions stay, because scans were run with them.</span>
            <Button color="red" variant="light" onClick={() => setRetiring(true)}>Retire</Button>
          </div>
          <ReasonModal opened={retiring} title={`Retire ${set.title}`} lead="The next scans run without it." confirm="Retire" danger pending={acts.retire.isPending} error={acts.retire.error} onClose={() => setRetiring(false)} onConfirm={() => acts.retire.mutate(undefined, { onSuccess: () => navigate({ to: '/rule-sets' }) })} />
        </Panel>
      )}
    </>
  );
}
