import { Button, Modal, Select, TagsInput, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';

import { api, dataOf } from '@/api/client';
import { plural } from '@/shared/format';
import { failed, told } from '@/shared/notices';

import type { Asset, Change } from '../queries';
import styles from './list.module.css';

type Field = 'owner' | 'domain' | 'tags' | 'certification';

const fields: Record<Field, string> = { owner: 'Set the owner', domain: 'Set the domain', tags: 'Add tags', certification: 'Certify or deprecate' };

/** One change to many assets: what it will do is told before it is done. */
export function BulkBar({ assets, onDone }: { assets: readonly Asset[]; onDone: () => void }) {
  const [field, setField] = useState<Field | null>(null);
  return (
    <div className={styles.bulk} role="region" aria-label="Selected assets">
      <strong>{plural(assets.length, 'asset')} selected</strong>
      {(Object.keys(fields) as Field[]).map((each) => <Button key={each} variant="default" onClick={() => setField(each)}>{fields[each]}</Button>)}
      <Button variant="subtle" color="gray" onClick={onDone}>Clear</Button>
      <Modal opened={field !== null} onClose={() => setField(null)} title={field ? fields[field] : ''}>
        {field ? <Form field={field} assets={assets} onClose={() => setField(null)} onDone={onDone} /> : null}
      </Modal>
    </div>
  );
}

function Form({ field, assets, onClose, onDone }: { field: Field; assets: readonly Asset[]; onClose: () => void; onDone: () => void }) {
  const [text, setText] = useState('');
  const [tags, setTags] = useState<string[]>([]);
  const queries = useQueryClient();
  const changeOf = (asset: Asset): Change => {
    if (field === 'tags') return { tags: [...new Set([...asset.tags, ...tags])] };
    if (field === 'certification') return { certification: text as Change['certification'] };
    return { [field]: text.trim() || null };
  };
  const touched = assets.filter((asset) => differs(asset, changeOf(asset)));
  const change = useMutation({
    mutationFn: () => dataOf(api.POST('/api/v1/assets/annotate-many', { body: { items: touched.map((asset) => ({ asset_id: asset.id, ...changeOf(asset) })) } })),
    onSuccess: (outcomes) => {
      const refused = outcomes.filter((each) => each.problem);
      void queries.invalidateQueries({ queryKey: ['assets'] });
      void queries.invalidateQueries({ queryKey: ['asset'] });
      void queries.invalidateQueries({ queryKey: ['facets'] });
      if (refused.length) failed(`${plural(refused.length, 'asset')} stayed as they were: ${refused[0]?.problem ?? ''}`);
      if (outcomes.length > refused.length) told(`${plural(outcomes.length - refused.length, 'asset')} changed.`);
      onClose();
      onDone();
    },
    onError: failed,
  });
  const nothing = field === 'tags' ? tags.length === 0 : !text.trim();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  const replaced = field === 'owner' || field === 'domain' ? touched.filter((asset) => asset[field]).length : 0;
  return (
    <form onSubmit={submit} className={styles.form}>
      {field === 'tags' ? <TagsInput data-autofocus size="xs" label="Tags to add" description="Enter adds one." value={tags} onChange={setTags} /> : field === 'certification' ? (
        <Select data-autofocus label="Certification" value={text || null} onChange={(next) => setText(next ?? '')} data={[{ value: 'certified', label: 'Certified: fit for use' }, { value: 'deprecated', label: 'Deprecated: use something else' }, { value: 'none', label: 'Neither' }]} />
      ) : <TextInput data-autofocus label={field === 'owner' ? 'Who answers for them' : 'Domain; decides who may see them'} value={text} onChange={(event) => setText(event.currentTarget.value)} />}
      <div className="muted" role="status">
        {nothing ? <>{plural(assets.length, 'asset')} chosen.</> : <>{plural(touched.length, 'asset')} will change{touched.length < assets.length ? `; ${assets.length - touched.length} say so already` : ''}.{replaced ? ` ${plural(replaced, 'asset')} had another ${field}.` : ''} It can be changed back on each asset; its history keeps both.</>}
      </div>
      <Button type="submit" loading={change.isPending} disabled={nothing || touched.length === 0}>Change {plural(nothing ? assets.length : touched.length, 'asset')}</Button>
    </form>
  );
}

function differs(asset: Asset, change: Change): boolean {
  return Object.entries(change).some(([key, value]) => JSON.stringify(asset[key as Field]) !== JSON.stringify(value));
}
