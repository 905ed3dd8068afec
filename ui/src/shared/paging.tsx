import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';

import styles from './layout.module.css';

interface Part<T> {
  items: T[];
  next_cursor?: string | null;
  total?: number | null;
}

interface Options {
  enabled?: boolean;
  /** Milliseconds between looks; false looks once. */
  every?: number | false;
}

/** A list that is fetched part by part; `rows` is all that came so far, and `data` equals it for `Loaded`. */
export function useParts<T>(key: readonly unknown[], fetch: (cursor: string | undefined) => Promise<Part<T>>, { enabled = true, every = false }: Options = {}) {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => fetch(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last: Part<T>) => last.next_cursor ?? undefined,
    enabled,
    refetchInterval: every,
    placeholderData: (before) => before,
  });
  const rows = query.data?.pages.flatMap((page) => page.items);
  return {
    data: rows,
    error: query.error,
    isPending: query.isPending,
    refetch: query.refetch,
    total: query.data?.pages[0]?.total ?? null,
    hasMore: query.hasNextPage,
    more: () => void query.fetchNextPage(),
    loadingMore: query.isFetchingNextPage,
  };
}

/** Fetches the next part, where there is one. */
export function MoreRows({ list }: { list: { hasMore: boolean; more: () => void; loadingMore: boolean } }) {
  if (!list.hasMore) return null;
  return <div className={styles.more}><Button variant="default" loading={list.loadingMore} onClick={list.more}>Show more</Button></div>;
}
