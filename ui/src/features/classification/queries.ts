import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, dataOf } from '@/api/client';
import type { components, paths } from '@/api/schema';
import type { Got } from '@/shared/answers';
import { failed, told } from '@/shared/notices';
import { useParts } from '@/shared/paging';

type Schemas = components['schemas'];
export type Group = Schemas['GroupOut'];
export type Sample = Group['sample'][number];
export type Coverage = Got<'/api/v1/classification/coverage'>;
export type LabelEvent = Got<'/api/v1/classification/history'>['items'][number];
export type Risk = Got<'/api/v1/reidentification'>['items'][number];
export type Label = Got<'/api/v1/labels'>['items'][number];
export type LabelFilter = NonNullable<paths['/api/v1/labels']['get']['parameters']['query']>;
export type Classifier = Schemas['ClassifierOut'];
export type ClassifierDetail = Schemas['ClassifierDetail'];
export type ClassifierEntry = Schemas['ClassifierIn']['classifier'];
export type ClassifiedColumn = Awaited<ReturnType<typeof classify>>;
export type Action = 'confirm' | 'reject';

export interface QueueFilter {
  source: string | undefined;
  category: string | undefined;
  label: string | undefined;
}

/** Groups to decide; with ``asked`` false those that nobody is asked about any more. */
export const useQueue = (filter: QueueFilter, asked = true) =>
  useParts(['review', 'queue', filter, asked], (cursor) => dataOf(api.GET('/api/v1/review-queue', { params: { query: { ...filter, asked, limit: 100, cursor } } })));

export type Asking = Got<'/api/v1/classification/asking'>;

export const useAsking = () => useQuery({ queryKey: ['review', 'asking'], queryFn: () => dataOf(api.GET('/api/v1/classification/asking')), staleTime: 10_000 });

export function useSwitchAsking() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ enabled, bar }: { enabled: boolean; bar: number }) => dataOf(api.PUT('/api/v1/classification/asking', { body: { enabled, bar } })),
    onSuccess: (now) => told(now.enabled ? 'The queue stops asking where people agreed.' : 'Every suggested label is asked about.'),
    onError: failed,
    onSettled: () => client.invalidateQueries({ queryKey: ['review'] }),
  });
}

export const useCoverage = () => useQuery({ queryKey: ['review', 'coverage'], queryFn: () => dataOf(api.GET('/api/v1/classification/coverage')), staleTime: 10_000 });

export const useLabelHistory = (alerts: boolean) =>
  useParts(['labels', 'history', alerts], (cursor) => dataOf(api.GET('/api/v1/classification/history', { params: { query: { alerts: alerts ? true : undefined, limit: 100, cursor } } })));

export const useRisks = () =>
  useParts(['labels', 'risks'], (cursor) => dataOf(api.GET('/api/v1/reidentification', { params: { query: { limit: 100, cursor } } })));

export function useAcknowledge() {
  const refresh = useRefreshLabels();
  return useMutation({
    mutationFn: (alerts: string[]) => dataOf(api.POST('/api/v1/classification/alerts/acknowledge', { body: { alerts } })),
    onSuccess: (seen) => told(`${seen.length} marked as seen.`),
    onError: failed,
    onSettled: refresh,
  });
}

export const useLabels = (filter: LabelFilter, enabled = true) =>
  useParts(['labels', filter], (cursor) => dataOf(api.GET('/api/v1/labels', { params: { query: { ...filter, cursor } } })), { enabled });

export const useTaxonomy = () => useQuery({ queryKey: ['taxonomy'], queryFn: () => dataOf(api.GET('/api/v1/taxonomy')), staleTime: Infinity });

function useRefreshLabels() {
  const queries = useQueryClient();
  return () => Promise.all([queries.invalidateQueries({ queryKey: ['labels'] }), queries.invalidateQueries({ queryKey: ['review', 'coverage'] })]);
}

/** Decides whole groups; the ids of the batches take it back. */
export function useDecideGroups() {
  const refresh = useRefreshLabels();
  return useMutation({
    mutationFn: async ({ groups, action }: { groups: readonly Group[]; action: Action }) => {
      const batches: string[] = [];
      for (const group of groups) {
        const done = await dataOf(api.POST('/api/v1/review-queue/{look_alike}/decision', { params: { path: { look_alike: group.look_alike } }, body: { action } }));
        batches.push(done.id);
      }
      return batches;
    },
    onError: failed,
    onSettled: refresh,
  });
}

export function useUndoBatches() {
  const refresh = useRefreshLabels();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (batches: readonly string[]) => Promise.all(batches.map((id) => dataOf(api.POST('/api/v1/label-batches/{batch_id}/undo', { params: { path: { batch_id: id } } })))),
    onSuccess: (done) => told(`Taken back: ${done.flat().length} labels wait again.`),
    onError: failed,
    onSettled: () => Promise.all([refresh(), queries.invalidateQueries({ queryKey: ['review'] })]),
  });
}

export function useDecideOne() {
  const refresh = useRefreshLabels();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, action }: { id: string; action: Action }) => dataOf(api.POST('/api/v1/labels/{label_id}/decision', { params: { path: { label_id: id } }, body: { action } })),
    onSuccess: (label) => told(`${label.column_name}: ${label.title} ${label.state}.`),
    onError: failed,
    onSettled: () => Promise.all([refresh(), queries.invalidateQueries({ queryKey: ['review'] })]),
  });
}

export interface ClassifierFilter {
  q: string | undefined;
  category: string | undefined;
  custom: boolean | undefined;
}

export const useClassifiers = (filter: ClassifierFilter) =>
  useQuery({ queryKey: ['classifiers', filter], queryFn: () => dataOf(api.GET('/api/v1/classifiers', { params: { query: filter } })), placeholderData: (before) => before });

export const useClassifier = (id: string | undefined) =>
  useQuery({ queryKey: ['classifiers', 'one', id], queryFn: () => dataOf(api.GET('/api/v1/classifiers/{classifier_id}', { params: { path: { classifier_id: id ?? '' } } })), enabled: id !== undefined });

const classify = (body: { column: string; values: string[] }) =>
  dataOf(api.POST('/api/v1/classify', { body: { ...body, table: '', classifiers: ['*'], min_confidence: 0.3 } }));

export const useClassify = () => useMutation({ mutationFn: classify });

export const useTryClassifier = () =>
  useMutation({ mutationFn: (body: { classifier: ClassifierEntry; values: string[] }) => dataOf(api.POST('/api/v1/classifiers/test', { body })) });

/** Values turned into a list of salted hashes; nothing is saved by it. */
export const useExactValues = () => useMutation({ mutationFn: (values: string[]) => dataOf(api.POST('/api/v1/classifiers/exact-match', { body: { values } })) });

export function useClassifierActs(done: () => void) {
  const queries = useQueryClient();
  const onSettled = () => queries.invalidateQueries({ queryKey: ['classifiers'] });
  return {
    save: useMutation({
      mutationFn: ({ entry, note, version }: { entry: ClassifierEntry; note: string; version: number | undefined }) => {
        const body = { classifier: entry, note };
        if (version === undefined) return dataOf(api.POST('/api/v1/classifiers', { body }));
        return dataOf(api.PUT('/api/v1/classifiers/{classifier_id}', { params: { path: { classifier_id: entry.id }, header: { 'If-Match': `"${version}"` } }, body }));
      },
      onSuccess: (made) => { told(`${made.title} takes part from the next scan on.`); done(); },
      onSettled,
    }),
    retire: useMutation({
      mutationFn: (id: string) => api.POST('/api/v1/classifiers/{classifier_id}/retire', { params: { path: { classifier_id: id } } }),
      onSuccess: () => { told('Retired: scans to come do not look for it.'); done(); },
      onError: failed,
      onSettled,
    }),
  };
}
