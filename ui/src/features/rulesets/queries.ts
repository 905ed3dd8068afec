import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, dataOf } from '@/api/client';
import type { components } from '@/api/schema';
import type { Got } from '@/shared/answers';
import { failed, told } from '@/shared/notices';
import { useParts } from '@/shared/paging';

type Schemas = components['schemas'];
export type RuleSet = Schemas['RuleSetOut'];
export type Layer = Schemas['Layer'];
export type AppliesTo = Schemas['AppliesTo'];
export type Version = Got<'/api/v1/rule-sets/{name}/versions'>['items'][number];
export type Difference = Got<'/api/v1/rule-sets/{name}/diff'>[number];
export type Effective = Schemas['EffectiveOut'];
export type DryRun = Schemas['DryRunOut'];
export type AssetPreview = Schemas['AssetPreviewOut'];
export type RuleProblem = Schemas['ProblemOut'];

export const LAYERS: readonly Layer[] = ['default', 'base', 'framework', 'overlay'];

const at = (name: string) => ({ path: { name } });
const matching = (set: RuleSet) => ({ ...at(set.name), header: { 'If-Match': `"${set.version}"` } });

export const useRuleSets = (layer: Layer | undefined, retired: boolean) =>
  useParts(['rule-sets', 'list', layer, retired], (cursor) => dataOf(api.GET('/api/v1/rule-sets', { params: { query: { limit: 200, cursor, layer, retired } } })));

export const useRuleSet = (name: string) => useQuery({ queryKey: ['rule-sets', 'one', name], queryFn: () => dataOf(api.GET('/api/v1/rule-sets/{name}', { params: at(name) })) });

export const useVersions = (name: string) =>
  useParts(['rule-sets', 'versions', name], (cursor) => dataOf(api.GET('/api/v1/rule-sets/{name}/versions', { params: { ...at(name), query: { limit: 50, cursor } } })));

/** The body that is worked on: the draft, or else what is in force. */
export const useVersion = (name: string, number: number | null) =>
  useQuery({
    queryKey: ['rule-sets', 'version', name, number],
    queryFn: () => dataOf(api.GET('/api/v1/rule-sets/{name}/versions/{number}', { params: { path: { name, number: number ?? 0 } } })),
    enabled: number !== null,
  });

export const useDiff = (name: string, before: number | null, after: number | null) =>
  useQuery({
    queryKey: ['rule-sets', 'diff', name, before, after],
    queryFn: () => dataOf(api.GET('/api/v1/rule-sets/{name}/diff', { params: { ...at(name), query: { before: before ?? 1, after: after ?? 1 } } })),
    enabled: before !== null && after !== null && before !== after,
  });

export const useValidation = (body: Record<string, unknown> | undefined, layer: Layer) =>
  useQuery({
    queryKey: ['rule-sets', 'validate', layer, body],
    queryFn: () => dataOf(api.POST('/api/v1/rule-sets/validate', { body: { body: body ?? {}, layer } })),
    enabled: body !== undefined,
    placeholderData: (before) => before,
  });

export const useEffective = (source: string | undefined) =>
  useQuery({ queryKey: ['rule-sets', 'effective', source], queryFn: () => dataOf(api.GET('/api/v1/effective-rules', { params: { query: { source: source ?? '' } } })), enabled: Boolean(source) });

export const useDryRun = () => useMutation({ mutationFn: (body: Schemas['DryRunIn']) => dataOf(api.POST('/api/v1/effective-rules/dry-run', { body })) });

export const useCheckTypes = () => useQuery({ queryKey: ['quality', 'check-types'], queryFn: () => dataOf(api.GET('/api/v1/quality/check-types')), staleTime: Infinity });

export function useCreateRuleSet() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas['RuleSetIn']) => dataOf(api.POST('/api/v1/rule-sets', { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['rule-sets'] }),
  });
}

export function useRuleSetActs(set: RuleSet) {
  const queries = useQueryClient();
  const settle = { onSettled: () => queries.invalidateQueries({ queryKey: ['rule-sets'] }) };
  const params = matching(set);
  return {
    save: useMutation({
      mutationFn: (body: Schemas['DraftIn']) => dataOf(api.PUT('/api/v1/rule-sets/{name}/draft', { params, body })),
      onSuccess: (draft) => told(`Kept as draft ${draft.number}; nothing is in force yet.`),
      ...settle,
    }),
    discard: useMutation({ mutationFn: () => dataOf(api.DELETE('/api/v1/rule-sets/{name}/draft', { params })), onSuccess: () => told('The draft is gone.'), onError: failed, ...settle }),
    publish: useMutation({
      mutationFn: () => dataOf(api.POST('/api/v1/rule-sets/{name}/publish', { params })),
      onSuccess: (now) => told(`Version ${now.published} is in force for the next scans.`),
      ...settle,
    }),
    restore: useMutation({
      mutationFn: (number: number) => dataOf(api.POST('/api/v1/rule-sets/{name}/versions/{number}/restore', { params: { path: { name: set.name, number }, header: params.header } })),
      onSuccess: (now) => told(`In force again, as version ${now.published}.`),
      ...settle,
    }),
    change: useMutation({ mutationFn: (body: Schemas['RuleSetPatch']) => dataOf(api.PATCH('/api/v1/rule-sets/{name}', { params, body })), onSuccess: () => told('Saved.'), ...settle }),
    retire: useMutation({ mutationFn: () => dataOf(api.DELETE('/api/v1/rule-sets/{name}', { params })), onSuccess: () => told('Out of force; its versions stay for the record.'), ...settle }),
  };
}
