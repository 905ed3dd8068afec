import { Button, Drawer, TextInput } from '@mantine/core';
import { useDebouncedCallback, useDisclosure, useMediaQuery } from '@mantine/hooks';
import { IconFilter, IconSearch } from '@tabler/icons-react';
import { useRef, useState } from 'react';

import { inFull } from '@/shared/format';
import { useHotkeysOf, useUrlState } from '@/shared/hooks';
import { PageHeader } from '@/shared/PageHeader';
import { EmptyState, ErrorState, SkeletonRows } from '@/shared/states';

import { FacetList } from './FacetList';
import { type Chosen, type Facet, FACETS, useSearchResults } from './queries';
import { Results } from './Results';
import styles from './search.module.css';

/** Values of one facet share one place in the URL. */
const SEPARATOR = '|';

/** Find anything in the catalogue: words, not only names; each result says why it is one. */
export default function SearchPage() {
  const [url, set] = useUrlState();
  const q = url.q ?? '';
  const chosen: Chosen = Object.fromEntries(FACETS.flatMap((facet) => (url[facet] ? [[facet, url[facet].split(SEPARATOR)]] : [])));
  const results = useSearchResults(q, chosen);
  const narrow = useMediaQuery('(max-width: 900px)');
  const [filters, filtersHandlers] = useDisclosure(false);
  const first = results.data?.pages[0];
  const hits = results.data?.pages.flatMap((page) => page.items) ?? [];
  const count = Object.values(chosen).reduce((sum, values) => sum + values.length, 0);
  const choose = (facet: Facet, value: string) => {
    const now = chosen[facet] ?? [];
    const next = now.includes(value) ? now.filter((each) => each !== value) : [...now, value];
    set({ [facet]: next.join(SEPARATOR) || undefined });
  };
  const clear = () => set(Object.fromEntries(FACETS.map((facet) => [facet, undefined])));
  const facets = first ? <FacetList facets={first.facets} chosen={chosen} onChoose={choose} onClear={clear} /> : <SkeletonRows count={6} />;

  return (
    <>
      <PageHeader title="Search" />
      <Ask key={url.from} q={q} onAsk={(text) => set({ q: text || undefined })} />
      <div className={styles.layout}>
        {narrow ? (
          <>
            <Button variant="default" leftSection={<IconFilter size={14} />} onClick={filtersHandlers.open} style={{ justifySelf: 'start' }}>Filters{count ? ` (${count})` : ''}</Button>
            <Drawer opened={filters} onClose={filtersHandlers.close} size={300} title="Filters">{facets}</Drawer>
          </>
        ) : <aside aria-label="Filters">{facets}</aside>}
        <section aria-label="Results" aria-busy={results.isPlaceholderData}>
          {results.isPending ? <SkeletonRows /> : results.error && !first ? <ErrorState error={results.error} retry={() => void results.refetch()} /> : (
            <>
              <p className={styles.total} role="status">{first?.total === 1 ? '1 result' : `${inFull(first?.total ?? 0)} results`}{q ? <> for “{q}”</> : null}{first?.match === 'some' ? <span className="muted">. {first.complete === 0 ? 'None has every word' : `${inFull(first.complete)} of them ${first.complete === 1 ? 'has' : 'have'} every word`}; those with most of the words stand first.</span> : null}</p>
              {hits.length === 0 ? <Nothing q={q} filtered={count > 0} onClear={clear} /> : <Results hits={hits} />}
              {results.hasNextPage ? <Button variant="default" loading={results.isFetchingNextPage} onClick={() => void results.fetchNextPage()} mt="md">Show more</Button> : null}
            </>
          )}
        </section>
      </div>
    </>
  );
}

function Ask({ q, onAsk }: { q: string; onAsk: (text: string) => void }) {
  const [text, setText] = useState(q);
  const [known, setKnown] = useState(q);
  const input = useRef<HTMLInputElement>(null);
  const ask = useDebouncedCallback(onAsk, 150);
  // The URL may change without this field, by going back or by a link.
  if (q !== known) {
    setKnown(q);
    if (q !== text.trim()) setText(q);
  }
  useHotkeysOf({ s: { label: 'Type a new search', run: () => input.current?.select() } });
  return (
    <TextInput
      ref={input}
      size="md"
      autoFocus
      aria-label="What you look for"
      placeholder="A name, a column, a label, or a few words: monthly revenue by customer"
      leftSection={<IconSearch size={17} />}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        ask(event.currentTarget.value.trim());
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' || event.key === 'ArrowDown') {
          event.preventDefault();
          document.querySelector<HTMLElement>('[data-results]')?.focus();
        }
      }}
      mb="md"
    />
  );
}

function Nothing({ q, filtered, onClear }: { q: string; filtered: boolean; onClear: () => void }) {
  if (!q && !filtered) return <EmptyState title="The catalogue is empty">Connect a source and scan it; what is found stands here.</EmptyState>;
  return (
    <EmptyState title="Nothing fits" action={filtered ? <Button variant="default" onClick={onClear}>Take the filters back</Button> : undefined}>
      Typing errors and word forms are forgiven, and one word would be enough, so it is probably not in the catalogue, or in a domain that you may not see. Try fewer or other words.
    </EmptyState>
  );
}
