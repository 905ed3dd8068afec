import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, dataOf } from '@/api/client';
import type { Got } from '@/shared/answers';
import { failed, told } from '@/shared/notices';
import { useParts } from '@/shared/paging';

export type ModelNow = Got<'/api/v1/classification-models/now'>;
export type ModelVersion = Got<'/api/v1/classification-models/{version}'>;

/** What a version learned from, and how it compares with the shipped model where it did not learn. */
export interface ModelReport {
  columns: number;
  names: number;
  labels: string[];
  new: string[];
  not_told_apart?: string[];
  decisions?: { of: number; before: number; after: number; names_better: number; names_worse: number };
  frozen?: { of: number; before: number; after: number };
  passes: boolean;
  reasons: string[];
}

const key = ['classification-models'];

export const useModelNow = () =>
  useQuery({
    queryKey: [...key, 'now'],
    queryFn: () => dataOf(api.GET('/api/v1/classification-models/now')),
    refetchInterval: (query) => (query.state.data?.learning ? 2_000 : false),
  });

/** The versions, the latest first; fetched anew when one begins or ends to be learned. */
export const useModelVersions = (learning: boolean) =>
  useParts([...key, 'versions', learning], (cursor) => dataOf(api.GET('/api/v1/classification-models', { params: { query: { limit: 10, cursor } } })));

/** The model trained, a version put in force, or an earlier one again. */
export function useModelActs() {
  const queries = useQueryClient();
  const onSettled = () => Promise.all([key, ['labels'], ['review'], ['revaluations']].map((queryKey) => queries.invalidateQueries({ queryKey })));
  return {
    train: useMutation({
      mutationFn: () => dataOf(api.POST('/api/v1/classification-models', { body: { note: '' } })),
      onSuccess: (made) => told(`Version ${made.version} is being learned; nothing changes before it is promoted.`),
      onError: failed,
      onSettled,
    }),
    promote: useMutation({
      mutationFn: (version: number) => dataOf(api.POST('/api/v1/classification-models/{version}/promote', { params: { path: { version } } })),
      onSuccess: (made) => told(`Version ${made.version} is in force; labels follow as it is applied.`),
      onError: failed,
      onSettled,
    }),
    rollBack: useMutation({
      mutationFn: (version: number) => dataOf(api.POST('/api/v1/classification-models/rollback', { body: { version } })),
      onSuccess: (now) => told(`${now.version === 0 ? 'The shipped model' : `Version ${now.version}`} is in force again; labels follow as it is applied.`),
      onError: failed,
      onSettled,
    }),
  };
}
