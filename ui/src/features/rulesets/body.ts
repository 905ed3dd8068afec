/** The body of a rule set as the form works on it. What is absent is left to the layers below. */
export interface QualityEntry {
  check: string;
  assets?: string;
  columns?: string;
  label?: string;
  params?: Record<string, unknown>;
  severity?: string;
}

export interface HighWaterEntry {
  assets: string;
  column: string;
}

export interface Body {
  scope?: { include?: string[]; exclude?: string[] };
  sampling?: { rows?: number | 'all'; rows_per_partition?: number; metadata_only?: boolean };
  classifiers?: string[];
  min_confidence?: number;
  quality_rules?: QualityEntry[];
  high_water?: HighWaterEntry[];
  suggest_quality?: boolean;
  lineage?: boolean;
  limits?: { max_concurrency?: number; statement_timeout_seconds?: number; max_run_minutes?: number };
}

/** Without what says nothing: nulls, empty lists, empty objects. */
export function lean(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lean);
  if (value === null || typeof value !== 'object') return value;
  const kept = Object.entries(value)
    .map(([key, each]) => [key, lean(each)] as const)
    .filter(([, each]) => each !== null && each !== undefined && each !== '' && !(typeof each === 'object' && Object.keys(each as object).length === 0));
  return Object.fromEntries(kept);
}

export const textOf = (body: unknown): string => JSON.stringify(lean(body), null, 2);

/** Body of a text, or the sentence that says why it is none. */
export function bodyOf(text: string): { body: Body } | { problem: string } {
  try {
    const read: unknown = JSON.parse(text);
    if (read === null || typeof read !== 'object' || Array.isArray(read)) return { problem: 'The text must be one JSON object.' };
    return { body: read as Body };
  } catch (error) {
    return { problem: `This is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** What is wrong with one setting, in the words of the check; a line of a list is named by its number. */
export function wrongAt(problems: readonly { path: string; message: string; suggestion?: string | null; weight: string }[], path: string): string | undefined {
  const here = problems.filter((each) => each.weight === 'error' && (each.path === path || each.path.startsWith(`${path}.`)));
  const said = here.map((each) => {
    const line = /^\d+/.exec(each.path.slice(path.length + 1))?.[0];
    return [line === undefined ? '' : `Line ${Number(line) + 1}: `, each.message, each.suggestion ? ` ${each.suggestion}` : ''].join('');
  });
  return said.length > 0 ? said.join(' ') : undefined;
}

export const lines = (text: string): string[] => text.split('\n').map((line) => line.trim()).filter(Boolean);

export function shown(value: unknown): string {
  if (value === null || value === undefined) return 'not set';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map((each) => (typeof each === 'object' ? JSON.stringify(each) : String(each))).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
