import { keepPreviousData, queryOptions, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, dataOf } from '@/api/client';
import { Problem } from '@/api/problem';
import type { components, paths } from '@/api/schema';
import type { Got } from '@/shared/answers';
import { failed, told } from '@/shared/notices';
import { useParts } from '@/shared/paging';

export type Asset = components['schemas']['AssetOut'];
export type AssetDetail = components['schemas']['AssetDetail'];
export type AssetColumn = Got<'/api/v1/assets/{asset_id}/columns'>['items'][number];
export type Label = AssetColumn['labels'][number];
export type Change = components['schemas']['Annotate'];
export type Version = Got<'/api/v1/assets/{asset_id}/versions'>['items'][number];
export type Difference = Got<'/api/v1/assets/{asset_id}/diff'>[number];
export type ColumnSample = components['schemas']['ColumnSampleOut'];
export type AssetFilter = NonNullable<paths['/api/v1/assets']['get']['parameters']['query']>;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** One asset, given its id or its ref. */
export const assetQuery = (asset: string) =>
  queryOptions({
    queryKey: ['asset', asset],
    queryFn: () =>
      uuid.test(asset)
        ? dataOf(api.GET('/api/v1/assets/{asset_id}', { params: { path: { asset_id: asset } } }))
        : dataOf(api.GET('/api/v1/assets/by-ref', { params: { query: { ref: asset } } })),
  });

export const useAssets = (filter: AssetFilter) =>
  useInfiniteQuery({
    queryKey: ['assets', filter],
    queryFn: ({ pageParam }) => dataOf(api.GET('/api/v1/assets', { params: { query: { ...filter, limit: 200, total: pageParam === undefined, cursor: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });

const COLUMNS_AT_ONCE = 1000;

/** Every column of an asset, wide tables included. */
export const useColumns = (id: string) =>
  useQuery({
    queryKey: ['columns', id],
    queryFn: async () => {
      const found: AssetColumn[] = [];
      let cursor: string | null | undefined;
      do {
        const page = await dataOf(api.GET('/api/v1/assets/{asset_id}/columns', { params: { path: { asset_id: id }, query: { limit: COLUMNS_AT_ONCE, cursor } } }));
        found.push(...page.items);
        cursor = page.next_cursor;
      } while (cursor);
      return found;
    },
    staleTime: 15_000,
  });

export const useSample = (id: string) =>
  useQuery({ queryKey: ['sample', id], queryFn: () => dataOf(api.GET('/api/v1/assets/{asset_id}/sample', { params: { path: { asset_id: id } } })) });

export const useVersions = (id: string) =>
  useInfiniteQuery({
    queryKey: ['versions', id],
    queryFn: ({ pageParam }) => dataOf(api.GET('/api/v1/assets/{asset_id}/versions', { params: { path: { asset_id: id }, query: { limit: 50, cursor: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  });

/** What happened to the labels of an asset, the latest first. */
export const useLabelEvents = (asset: string) =>
  useParts(['labels', 'history', 'asset', asset], (cursor) => dataOf(api.GET('/api/v1/classification/history', { params: { query: { asset, limit: 50, cursor } } })));

export const useDiff = (id: string, before: number, after: number) =>
  useQuery({
    queryKey: ['diff', id, before, after],
    queryFn: () => dataOf(api.GET('/api/v1/assets/{asset_id}/diff', { params: { path: { asset_id: id }, query: { before, after } } })),
    enabled: before > 0 && after > 0 && before !== after,
    staleTime: Infinity,
  });

/** Changes what people say of an asset; refused when somebody else was quicker. */
export function useAnnotate(asset: AssetDetail) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (change: Change) =>
      dataOf(api.PATCH('/api/v1/assets/{asset_id}', { params: { path: { asset_id: asset.id }, header: { 'If-Match': `"${asset.revision}"` } }, body: change })),
    onSuccess: (changed) => {
      queries.setQueryData(['asset', asset.id], changed);
      queries.setQueryData(['asset', asset.ref], changed);
      void queries.invalidateQueries({ queryKey: ['versions', asset.id] });
      void queries.invalidateQueries({ queryKey: ['assets'] });
      told('Saved.');
    },
    onError: (error) => {
      if (error instanceof Problem && error.status === 412) {
        void queries.invalidateQueries({ queryKey: ['asset'] });
        failed(new Problem({ title: 'Somebody else was quicker', detail: 'The asset was changed since you opened it. What they wrote is shown now; look at it, then make your change again.', trace_id: error.traceId }));
      } else failed(error);
    },
  });
}

export function useDescribeColumn(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ column, description }: { column: string; description: string | null }) =>
      dataOf(api.PATCH('/api/v1/assets/{asset_id}/columns/{column}', { params: { path: { asset_id: id, column } }, body: { description } })),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['columns', id] });
      told('Saved.');
    },
    onError: failed,
  });
}
