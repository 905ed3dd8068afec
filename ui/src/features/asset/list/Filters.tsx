import { Button, Select, Switch, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { api, dataOf } from '@/api/client';
import { inFull, words } from '@/shared/format';
import { useLabelTitles } from '@/shared/labels';
import { refWords } from '@/shared/links';

import type { AssetFilter } from '../queries';
import styles from './list.module.css';

type Url = Record<string, string | undefined>;

const plain = ['source', 'kind', 'domain', 'owner', 'label', 'tag', 'sensitivity', 'certification', 'parent', 'q'] as const;
const flags = ['unowned', 'undescribed', 'sensitive', 'copies', 'vanished'] as const;
const titles: Record<(typeof flags)[number], string> = { unowned: 'No owner', undescribed: 'Not described', sensitive: 'Sensitive', copies: 'Abandoned copies', vanished: 'Gone' };
const selects = [
  { key: 'source', title: 'Source', worded: false },
  { key: 'kind', title: 'Kind', worded: true },
  { key: 'domain', title: 'Domain', worded: false },
  { key: 'owner', title: 'Owner', worded: false },
  { key: 'label', title: 'Label', worded: false },
  { key: 'sensitivity', title: 'Sensitivity', worded: true },
  { key: 'certification', title: 'Certification', worded: true },
] as const;

/** The filter that an address asks for. */
export function filterOf(url: Url): AssetFilter {
  const given = plain.flatMap((key) => (url[key] ? [[key, url[key]]] : []));
  const on = flags.flatMap((key) => (url[key] === '1' ? [[key, true]] : []));
  return Object.fromEntries([...given, ...on]) as AssetFilter;
}

/** What there is to choose from, with counts over all that the caller sees. */
const useFacets = () =>
  useQuery({ queryKey: ['facets'], queryFn: async () => (await dataOf(api.GET('/api/v1/search', { params: { query: { limit: 1 } } }))).facets, staleTime: 60_000 });

export function Filters({ url, onChange }: { url: Url; onChange: (change: Url) => void }) {
  const facets = useFacets();
  const titleOf = useLabelTitles();
  const [text, setText] = useState(url.q ?? '');
  const ask = useDebouncedCallback((q: string) => onChange({ q: q || undefined }), 200);
  const narrowed = Object.keys(filterOf(url)).length > 0;
  return (
    <div className={styles.filters}>
      <TextInput aria-label="A part of the path" placeholder="A part of the path" value={text} onChange={(event) => { setText(event.currentTarget.value); ask(event.currentTarget.value.trim()); }} />
      {selects.map(({ key, title, worded }) => {
        const known = (facets.data?.[key] ?? []).filter((each) => key !== 'sensitivity' || each.value !== 'unlabelled');
        const values = url[key] && !known.some((each) => each.value === url[key]) ? [...known, { value: url[key], count: 0 }] : known;
        return (
          <Select
            key={key}
            aria-label={title}
            placeholder={title}
            data={values.map((each) => ({ value: each.value, label: worded ? words(each.value) : key === 'label' ? titleOf(each.value) : each.value }))}
            renderOption={({ option }) => <span className={styles.option}>{option.label} <span className="faint">{inFull(values.find((each) => each.value === option.value)?.count ?? 0)}</span></span>}
            value={url[key] ?? null}
            onChange={(value) => onChange({ [key]: value ?? undefined })}
            searchable
            clearable
            data-active={url[key] ? true : undefined}
          />
        );
      })}
      {flags.map((flag) => <Switch key={flag} size="xs" label={titles[flag]} checked={url[flag] === '1'} onChange={(event) => onChange({ [flag]: event.currentTarget.checked ? '1' : undefined })} />)}
      {url.parent ? <Button variant="light" onClick={() => onChange({ parent: undefined })}>in {refWords(url.parent)} ✕</Button> : null}
      {url.tag ? <Button variant="light" onClick={() => onChange({ tag: undefined })}>tag {url.tag} ✕</Button> : null}
      {narrowed ? <Button variant="subtle" color="gray" onClick={() => { setText(''); onChange(Object.fromEntries([...plain, ...flags].map((key) => [key, undefined]))); }}>Take all back</Button> : null}
    </div>
  );
}
