import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';

import { api, dataOf } from '@/api/client';
import type { Got } from '@/shared/answers';

export type Hit = Got<'/api/v1/search'>['items'][number];
export type Facets = Got<'/api/v1/search'>['facets'];

export const FACETS = ['kind', 'source', 'domain', 'owner', 'label', 'sensitivity', 'quality', 'certification'] as const;
export type Facet = (typeof FACETS)[number];
export type Chosen = Partial<Record<Facet, string[]>>;

export const useSearchResults = (q: string, chosen: Chosen) =>
  useInfiniteQuery({
    queryKey: ['search', q, chosen],
    queryFn: ({ pageParam }) => dataOf(api.GET('/api/v1/search', { params: { query: { q, ...chosen, limit: 30, cursor: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
