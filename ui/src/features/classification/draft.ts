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
  strong: string;
  weak: string;
  hit: string;
  miss: string;
  description: string;
  /** What the form does not show is sent back as it came. */
  kept: Partial<ClassifierEntry>;
}

/** The id that a title suggests; what is an organisation's own begins with `custom.`. */
export const idOf = (title: string): string => `custom.${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_').replaceAll(/^_+|_+$/g, '')}`;

export const emptyDraft: Draft = {
  id: 'custom.', title: '', category: '', sensitivity: 'internal', strength: 'medium', personal: false, special: false, ignoreCase: false,
  patterns: '', strong: '', weak: '', hit: '', miss: '', description: '', kept: {},
};

export const lines = (text: string): string[] => text.split('\n').map((line) => line.trim()).filter(Boolean);

export const draftOf = (detail: ClassifierDetail): Draft => ({
  id: detail.id,
  title: detail.title,
  category: detail.category,
  sensitivity: detail.sensitivity as Draft['sensitivity'],
  strength: detail.strength as Draft['strength'],
  personal: detail.personal,
  special: detail.special,
  ignoreCase: false,
  patterns: detail.patterns.join('\n'),
  strong: detail.header.strong.join('\n'),
  weak: detail.header.weak.join('\n'),
  hit: detail.examples.hit.join('\n'),
  miss: detail.examples.miss.join('\n'),
  description: detail.description ?? '',
  kept: {
    jurisdiction: detail.jurisdiction,
    kinds: detail.kinds as ClassifierEntry['kinds'],
    sure: detail.sure,
    plain: detail.plain,
    contains: detail.contains,
    validator: detail.validator,
    dictionary: detail.dictionary,
    words: detail.words,
    min_share: detail.min_share,
    context: detail.context,
    header: { strong: [], weak: [], never: detail.header.never, alone: detail.header.alone },
    examples: { hit: [], miss: [], headers: detail.examples.headers, not_headers: detail.examples.not_headers },
  },
});

export function entryOf(draft: Draft): ClassifierEntry {
  const { kept } = draft;
  return {
    jurisdiction: 'ANY',
    kinds: ['text'],
    sure: [],
    plain: [],
    contains: [],
    words: [],
    min_share: 0.6,
    context: [],
    context_never: [],
    guards: { flags: false, min_distinct: 1, repeats: true, years: false },
    ...kept,
    id: draft.id.trim(),
    title: draft.title.trim(),
    category: draft.category,
    sensitivity: draft.sensitivity,
    strength: draft.strength,
    personal: draft.personal,
    special: draft.special,
    ignore_case: draft.ignoreCase,
    patterns: lines(draft.patterns),
    description: draft.description.trim() || null,
    header: { never: [], alone: false, ...kept.header, strong: lines(draft.strong), weak: lines(draft.weak) },
    examples: { headers: [], not_headers: [], ...kept.examples, hit: lines(draft.hit), miss: lines(draft.miss) },
  };
}
