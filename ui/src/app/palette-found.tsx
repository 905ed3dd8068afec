import { IconAlertTriangle } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';

import { api, dataOf } from '@/api/client';
import { Problem } from '@/api/problem';
import { SeverityBadge } from '@/shared/badges';
import { KindIcon } from '@/shared/icons';
import { refHome } from '@/shared/links';
import { useMay } from '@/shared/session';

import type { Entry } from './palette-entry';

const MOST_COLUMNS = 5;
const MOST_FINDINGS = 4;
const path = (ref: string) => `/assets/${ref.split('/').map(encodeURIComponent).join('/')}`;

/** What the server finds; while the next answer is on its way the last one stays. */
export function useFoundEntries(text: string): { entries: Entry[]; isWaiting: boolean; problem: string | undefined } {
  const mayFindings = useMay('compliance.read');
  const assets = useQuery({
    queryKey: ['suggest', text],
    queryFn: () => dataOf(api.GET('/api/v1/search/suggest', { params: { query: { q: text } } })),
    enabled: text.length > 0,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });
  const findings = useQuery({
    queryKey: ['palette', 'findings'],
    queryFn: () => dataOf(api.GET('/api/v1/findings', { params: { query: { state: ['open', 'acknowledged', 'in_progress'], limit: 200 } } })),
    enabled: text.length > 1 && mayFindings,
    staleTime: 30_000,
  });
  if (!text) return { entries: [], isWaiting: false, problem: undefined };
  const suggestions = assets.data ?? [];
  const wanted = text.toLowerCase().split(/\s+/);
  const entries = [
    ...suggestions.map((each): Entry => ({ id: `asset ${each.id}`, group: 'Assets', title: each.name, detail: refHome(each.ref), icon: <KindIcon kind={each.kind} />, href: path(each.ref) })),
    ...suggestions
      .flatMap((each) => each.why.filter((reason) => reason.field === 'column').map((reason) => ({ each, column: reason.term })))
      .slice(0, MOST_COLUMNS)
      .map(({ each, column }): Entry => ({ id: `column ${each.id} ${column}`, group: 'Columns', title: column, detail: `in ${each.name} · ${refHome(each.ref)}`, icon: <KindIcon kind="column" />, href: `${path(each.ref)}?${new URLSearchParams({ find: column })}` })),
    ...(text.length > 1 ? (findings.data?.items ?? []) : [])
      .filter((each) => wanted.every((word) => `${each.title} ${each.subject} ${each.check}`.toLowerCase().includes(word)))
      .slice(0, MOST_FINDINGS)
      .map((each): Entry => ({ id: `finding ${each.id}`, group: 'Findings', title: each.title, detail: each.subject, extra: <SeverityBadge severity={each.severity} />, icon: <IconAlertTriangle size={16} stroke={1.6} />, href: `/findings/${each.id}` })),
  ];
  const problem = assets.error ? (assets.error instanceof Problem ? assets.error.message : 'The search does not answer. Try again in a moment.') : undefined;
  return { entries, isWaiting: assets.isPending || assets.isPlaceholderData, problem };
}
