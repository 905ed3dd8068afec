import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, dataOf } from '@/api/client';
import type { components } from '@/api/schema';
import { failed, told } from '@/shared/notices';

type Schemas = components['schemas'];
export type AssistantState = Schemas['AssistantOut'];
export type AssistantSettings = AssistantState['settings'];
export type AssistantUsage = Schemas['AssistantUsageOut'];
export type AssistantCall = Schemas['AssistantCallOut'];

export const useAssistant = () => useQuery({ queryKey: ['assistant', 'settings'], queryFn: () => dataOf(api.GET('/api/v1/assistant/settings')) });

export const useAssistantUsage = () => useQuery({ queryKey: ['assistant', 'usage'], queryFn: () => dataOf(api.GET('/api/v1/assistant/usage')), refetchInterval: 15_000 });

export const useAssistantCalls = () => useQuery({ queryKey: ['assistant', 'calls'], queryFn: () => dataOf(api.GET('/api/v1/assistant/calls', { params: { query: { limit: 50 } } })), refetchInterval: 15_000 });

export function useSaveAssistant() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ settings, version }: { settings: AssistantSettings; version: number }) =>
      dataOf(api.PUT('/api/v1/assistant/settings', { params: { header: { 'If-Match': `"${version}"` } }, body: settings })),
    onSuccess: (state) => told(state.settings.enabled ? 'Saved. The assistant is on.' : 'Saved. The assistant is off.'),
    onSettled: () => queries.invalidateQueries({ queryKey: ['assistant'] }),
  });
}

export function useAssistantKey(done: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (key: string | null) => {
      if (key === null) await api.DELETE('/api/v1/assistant/key');
      else await api.PUT('/api/v1/assistant/key', { body: { key } });
      return key;
    },
    onSuccess: (key) => { told(key === null ? 'The key is forgotten.' : 'The key is stored, sealed.'); done(); },
    onError: failed,
    onSettled: () => queries.invalidateQueries({ queryKey: ['assistant'] }),
  });
}

export const useTestAssistant = () => useMutation({ mutationFn: () => dataOf(api.POST('/api/v1/assistant/test')), onError: failed });

export const usePreviewAssistant = () => useMutation({ mutationFn: (asset: string) => dataOf(api.POST('/api/v1/assistant/preview', { body: { asset } })) });

export const useAskAssistant = () =>
  useMutation({
    mutationFn: (asset: string) => dataOf(api.POST('/api/v1/assistant/ask', { body: { asset } })),
    onSuccess: () => told('It waits for a worker, which asks within the budgets.'),
    onError: failed,
  });
