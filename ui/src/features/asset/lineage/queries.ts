import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';

import { api, dataOf } from '@/api/client';
import type { components } from '@/api/schema';

export type GraphPart = components['schemas']['GraphOut'];
export type Reached = components['schemas']['ReachedOut'];
export type Impact = components['schemas']['ImpactOut'];
export type Direction = 'both' | 'upstream' | 'downstream';

export const graphQuery = (asset: string, direction: Direction, columns: boolean) =>
  queryOptions({
    queryKey: ['lineage', asset, direction, columns],
    queryFn: () => dataOf(api.GET('/api/v1/lineage/{asset_id}/graph', { params: { path: { asset_id: asset }, query: { direction, depth: 1, columns } } })),
    staleTime: 30_000,
  });

export const useImpact = (asset: string, column: string | undefined) =>
  useQuery({
    queryKey: ['impact', asset, column],
    queryFn: () => dataOf(api.GET('/api/v1/lineage/{asset_id}/impact', { params: { path: { asset_id: asset }, query: { column } } })),
    placeholderData: keepPreviousData,
  });
