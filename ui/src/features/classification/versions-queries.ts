import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, dataOf } from '@/api/client';
import type { Got } from '@/shared/answers';
import { failed, told } from '@/shared/notices';
import { useParts } from '@/shared/paging';

import type { ClassifierEntry } from './queries';

export type ClassifierVersion = Got<'/api/v1/classifiers/{classifier_id}/versions'>[number];
export type Revaluation = Got<'/api/v1/revaluations/{revaluation_id}'>;
export type RevaluedColumn = Got<'/api/v1/revaluations/{revaluation_id}/columns'>['items'][number];

/** What the gate says of a draft; rates are missing where nobody decided anything. */
export interface Gate {
  passes: boolean;
  reasons: string[];
  examples: { hits: number; misses: number };
  decisions: { confirmed: number; rejected: number; unknown: number; precision_before: number | null; recall_before: number | null; precision: number | null; recall: number | null };
}

const isMoving = (state: Revaluation['state'] | undefined): boolean => state === 'queued' || state === 'running';

export const useVersions = (id: string) =>
  useQuery({ queryKey: ['classifiers', 'versions', id], queryFn: () => dataOf(api.GET('/api/v1/classifiers/{classifier_id}/versions', { params: { path: { classifier_id: id } } })) });

export const useRevaluation = (id: string) =>
  useQuery({
    queryKey: ['revaluations', id],
    queryFn: () => dataOf(api.GET('/api/v1/revaluations/{revaluation_id}', { params: { path: { revaluation_id: id } } })),
    refetchInterval: (query) => (isMoving(query.state.data?.state) ? 1_000 : false),
  });

export const useRevaluedColumns = (id: string, enabled: boolean) =>
  useParts(['revaluations', id, 'columns'], (cursor) => dataOf(api.GET('/api/v1/revaluations/{revaluation_id}/columns', { params: { path: { revaluation_id: id }, query: { limit: 50, cursor } } })), { enabled });

/** A draft judged, published or given up; an earlier version again; everything judged anew. */
export function useVersionActs() {
  const queries = useQueryClient();
  const onSettled = () => Promise.all(['classifiers', 'revaluations', 'labels', 'review'].map((key) => queries.invalidateQueries({ queryKey: [key] })));
  return {
    propose: useMutation({
      mutationFn: ({ entry, note }: { entry: ClassifierEntry; note: string }) => dataOf(api.POST('/api/v1/revaluations/drafts', { body: { classifier: entry, note } })),
      onSettled,
    }),
    publish: useMutation({
      mutationFn: ({ id, despite }: { id: string; despite: string | null }) => dataOf(api.POST('/api/v1/revaluations/{revaluation_id}/publish', { params: { path: { revaluation_id: id } }, body: { despite } })),
      onSuccess: (made) => told(`Version ${made.version} is in force; labels follow as it is applied.`),
      onError: failed,
      onSettled,
    }),
    discard: useMutation({
      mutationFn: (id: string) => api.POST('/api/v1/revaluations/{revaluation_id}/discard', { params: { path: { revaluation_id: id } } }),
      onSuccess: () => told('The draft is given up; nothing was changed.'),
      onError: failed,
      onSettled,
    }),
    rollBack: useMutation({
      mutationFn: ({ id, version, now }: { id: string; version: number; now: number }) =>
        dataOf(api.POST('/api/v1/classifiers/{classifier_id}/rollback', { params: { path: { classifier_id: id }, header: { 'If-Match': `"${now}"` } }, body: { version, note: '' } })),
      onSuccess: (made) => told(`Version ${made.version} is in force; ${made.labels} labels are again what they were.`),
      onError: failed,
      onSettled,
    }),
    again: useMutation({
      mutationFn: () => dataOf(api.POST('/api/v1/revaluations', { body: { note: '' } })),
      onSuccess: (asked) => told(`${asked.assets_total > 0 ? `${asked.assets_total} assets are` : 'What is kept of scans is'} judged again; no data is read.`),
      onError: failed,
      onSettled,
    }),
  };
}
