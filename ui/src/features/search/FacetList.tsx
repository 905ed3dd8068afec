import { Button, Checkbox } from '@mantine/core';
import { useState } from 'react';

import { Count } from '@/shared/Count';
import { words } from '@/shared/format';
import { useLabelTitles } from '@/shared/labels';

import { type Chosen, type Facet, FACETS, type Facets } from './queries';
import styles from './search.module.css';

const SHORT = 6;
const worded: ReadonlySet<Facet> = new Set(['kind', 'sensitivity', 'quality', 'certification']);
const order: Partial<Record<Facet, string[]>> = {
  sensitivity: ['restricted', 'confidential', 'internal', 'public', 'unlabelled'],
  quality: ['good', 'fair', 'poor', 'unchecked'],
};

/** Narrows the results; each value says how many of them it leaves. */
export function FacetList({ facets, chosen, onChoose, onClear }: { facets: Facets; chosen: Chosen; onChoose: (facet: Facet, value: string) => void; onClear: () => void }) {
  const any = Object.keys(chosen).length > 0;
  return (
    <div className={styles.facets}>
      {any ? <Button variant="default" size="compact-xs" onClick={onClear}>Take all filters back</Button> : null}
      {FACETS.map((facet) => <One key={facet} facet={facet} values={facets[facet] ?? []} chosen={chosen[facet] ?? []} onChoose={(value) => onChoose(facet, value)} />)}
    </div>
  );
}

function One({ facet, values, chosen, onChoose }: { facet: Facet; values: Facets[string]; chosen: readonly string[]; onChoose: (value: string) => void }) {
  const [all, setAll] = useState(false);
  const titleOf = useLabelTitles();
  const ranked = order[facet];
  const known = [...values, ...chosen.filter((value) => !values.some((each) => each.value === value)).map((value) => ({ value, count: 0 }))];
  const sorted = ranked ? [...known].sort((a, b) => ranked.indexOf(a.value) - ranked.indexOf(b.value)) : known;
  if (sorted.length === 0) return null;
  const shown = all ? sorted : sorted.filter((each, index) => index < SHORT || chosen.includes(each.value));
  return (
    <fieldset className={styles.facet}>
      <legend>{words(facet)}</legend>
      {shown.map(({ value, count }) => (
        <label key={value} className={styles.value}>
          <Checkbox size="xs" checked={chosen.includes(value)} onChange={() => onChoose(value)} aria-label={`${words(facet)}: ${value}`} />
          <span className={styles.valueName} title={value}>{worded.has(facet) ? words(value) : facet === 'label' ? titleOf(value) : value}</span>
          <span className="faint"><Count value={count} /></span>
        </label>
      ))}
      {sorted.length > SHORT ? <button type="button" className={styles.more} onClick={() => setAll(!all)}>{all ? 'Fewer' : `${sorted.length - shown.length} more`}</button> : null}
    </fieldset>
  );
}
