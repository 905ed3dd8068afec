import type { ClassifierDetail, ClassifierEntry } from './queries';

/** A classifier as the form holds it: lists as lines of text. */
export interface Draft {
  id: string;
  title: string;
  category: string;
  sensitivity: ClassifierEntry['sensitivity'];
  strength: ClassifierEntry['strength'];
  personal: boolean;
  special: boolean;
  ignoreCase: boolean;
  patterns: string;
  never: string;
  kinds: ClassifierEntry['kinds'];
  words: string;
  validator: string;
  allowed: string;
  /** A list of which only hashes are kept. */
  exact: ClassifierEntry['exact_match'];
  allOf: string[];
  anyOf: string[];
  noneOf: string[];
  besideAll: string[];
  besideAny: string[];
  within: string;
  lowest: string;
  highest: string;
  minShare: string;
  minCount: string;
  rare: boolean;
  strong: string;
  weak: string;
  hit: string;
  miss: string;
  description: string;
  /** The entry as it came: what the form does not show, or nobody touched, is sent back unchanged. */
  came: ClassifierEntry | undefined;
}

/** The id that a title suggests; what is an organisation's own begins with `custom.`. */
export const idOf = (title: string): string => `custom.${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_').replaceAll(/^_+|_+$/g, '')}`;

export const emptyDraft: Draft = {
  id: 'custom.', title: '', category: '', sensitivity: 'internal', strength: 'medium', personal: false, special: false, ignoreCase: false,
  patterns: '', never: '', kinds: ['text'], words: '', validator: '', allowed: '', exact: null, allOf: [], anyOf: [], noneOf: [], besideAll: [], besideAny: [], within: '', lowest: '', highest: '', minShare: '60', minCount: '1', rare: false, strong: '', weak: '', hit: '', miss: '', description: '', came: undefined,
};

export const lines = (text: string): string[] => text.split('\n').map((line) => line.trim()).filter(Boolean);

const numberText = (value: number | null | undefined): string => (value === null || value === undefined ? '' : String(value));
const numberOr = (text: string): number | null => (text.trim() === '' || Number.isNaN(Number(text)) ? null : Number(text));

export const draftOf = ({ entry }: ClassifierDetail): Draft => ({
  id: entry.id,
  title: entry.title,
  category: entry.category,
  sensitivity: entry.sensitivity,
  strength: entry.strength,
  personal: entry.personal,
  special: entry.special,
  ignoreCase: entry.ignore_case,
  patterns: entry.patterns.join('\n'),
  never: entry.never.join('\n'),
  kinds: entry.kinds,
  words: entry.words.join('\n'),
  validator: entry.validator ?? '',
  allowed: entry.allowed.join('\n'),
  exact: entry.exact_match,
  allOf: entry.compose?.all_of ?? [],
  anyOf: entry.compose?.any_of ?? [],
  noneOf: entry.compose?.none_of ?? [],
  besideAll: entry.compose?.beside_all ?? [],
  besideAny: entry.compose?.beside_any ?? [],
  within: numberText(entry.compose?.within),
  lowest: numberText(entry.guards.lowest),
  highest: numberText(entry.guards.highest),
  minShare: String(Math.round(entry.min_share * 10_000) / 100),
  minCount: String(entry.min_count),
  rare: entry.rare,
  strong: entry.header.strong.join('\n'),
  weak: entry.header.weak.join('\n'),
  hit: entry.examples.hit.join('\n'),
  miss: entry.examples.miss.join('\n'),
  description: entry.description ?? '',
  came: entry,
});

/** Whether the label is made of others, and looks at no value itself. */
export const isComposed = (draft: Draft): boolean => [draft.allOf, draft.anyOf, draft.besideAll, draft.besideAny].some((each) => each.length > 0);

type Composition = NonNullable<ClassifierEntry['compose']>;

/** A composition as a sentence. */
export function composition({ all_of: all, any_of: any, none_of: none, beside_all: besideAll, beside_any: besideAny, within }: Composition): string {
  const far = within ? `within ${within} columns` : 'in the table';
  return [
    all.length > 0 ? `carries ${all.join(' and ')}` : '',
    any.length > 0 ? `carries ${any.join(' or ')}` : '',
    none.length > 0 ? `carries no ${none.join(', no ')}` : '',
    besideAll.length > 0 ? `has ${besideAll.join(' and ')} ${far}` : '',
    besideAny.length > 0 ? `has ${besideAny.join(' or ')} ${far}` : '',
  ].filter(Boolean).join('; ');
}

const unset = {
  jurisdiction: 'ANY', kinds: ['text'], sure: [], plain: [], contains: [], words: [], allowed: [], min_share: 0.6, min_count: 1, rare: false, never: [], titles: {}, context: [], context_never: [],
  guards: { flags: false, min_distinct: 1, repeats: true, years: false },
} satisfies Partial<ClassifierEntry>;

/** Lines that nobody changed stay as they were, blanks at their ends included. */
const linesOr = (text: string, before: readonly string[] | undefined): string[] => (before?.join('\n') === text ? [...before] : lines(text));

export function entryOf(draft: Draft): ClassifierEntry {
  const { came } = draft;
  return {
    ...unset,
    ...came,
    id: draft.id.trim(),
    title: draft.title.trim(),
    category: draft.category,
    sensitivity: draft.sensitivity,
    strength: draft.strength,
    personal: draft.personal,
    special: draft.special,
    ignore_case: draft.ignoreCase,
    patterns: linesOr(draft.patterns, came?.patterns),
    never: linesOr(draft.never, came?.never),
    kinds: draft.kinds,
    words: linesOr(draft.words, came?.words),
    validator: draft.validator.trim() || null,
    allowed: linesOr(draft.allowed, came?.allowed),
    exact_match: draft.exact ?? null,
    guards: { ...unset.guards, ...came?.guards, lowest: numberOr(draft.lowest), highest: numberOr(draft.highest) },
    compose: isComposed(draft)
      ? { all_of: draft.allOf, any_of: draft.anyOf, none_of: draft.noneOf, beside_all: draft.besideAll, beside_any: draft.besideAny, within: numberOr(draft.within) }
      : null,
    min_share: Math.min(Math.max(Number(draft.minShare) / 100 || unset.min_share, 0.01), 1),
    min_count: Math.max(1, Math.round(Number(draft.minCount)) || 1),
    rare: draft.rare,
    description: draft.description.trim() || null,
    header: { never: [], alone: false, ...came?.header, strong: linesOr(draft.strong, came?.header.strong), weak: linesOr(draft.weak, came?.header.weak) },
    examples: { headers: [], not_headers: [], ...came?.examples, hit: linesOr(draft.hit, came?.examples.hit), miss: linesOr(draft.miss, came?.examples.miss) },
  };
}
