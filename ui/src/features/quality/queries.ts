import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, dataOf } from '@/api/client';
import type { components, paths } from '@/api/schema';
import type { Got } from '@/shared/answers';
import { failed, told } from '@/shared/notices';
import { useParts } from '@/shared/paging';

type Schemas = components['schemas'];
export type Incident = Schemas['IncidentOut'];
export type IncidentState = Schemas['IncidentState'];
export type Severity = Schemas['Severity'];
export type Estate = Schemas['EstateOut'];
export type Worst = Schemas['WorstOut'];
export type Result = Schemas['ResultOut'];
export type Day = Got<'/api/v1/quality/estate/trend'>[number];
export type IncidentFilter = NonNullable<paths['/api/v1/quality/incidents']['get']['parameters']['query']>;

export const useEstate = () => useQuery({ queryKey: ['quality', 'estate'], queryFn: () => dataOf(api.GET('/api/v1/quality/estate')), refetchInterval: 20_000 });
export const useTrend = (days: number) => useQuery({ queryKey: ['quality', 'trend', days], queryFn: () => dataOf(api.GET('/api/v1/quality/estate/trend', { params: { query: { days } } })) });
export const useWorst = () => useParts(['quality', 'worst'], (cursor) => dataOf(api.GET('/api/v1/quality/estate/worst', { params: { query: { limit: 50, cursor } } })));
export const useOpen = () => useQuery({ queryKey: ['quality', 'open'], queryFn: () => dataOf(api.GET('/api/v1/quality/incidents/summary')), refetchInterval: 10_000 });

export const useIncidents = (filter: IncidentFilter) =>
  useParts(['quality', 'incidents', filter], (cursor) => dataOf(api.GET('/api/v1/quality/incidents', { params: { query: { ...filter, cursor } } })), { every: 10_000 });

export const useIncident = (id: string | undefined) =>
  useQuery({ queryKey: ['quality', 'incident', id], queryFn: () => dataOf(api.GET('/api/v1/quality/incidents/{incident_id}', { params: { path: { incident_id: id ?? '' } } })), enabled: id !== undefined });

export const useFailing = (asset: string | undefined) =>
  useParts(['quality', 'failing', asset], (cursor) => dataOf(api.GET('/api/v1/quality/results', { params: { query: { asset: asset ?? '', status: 'failed', limit: 100, cursor } } })), { enabled: asset !== undefined });

export const useHistoryOf = (asset: string, key: string) =>
  useQuery({ queryKey: ['quality', 'history', asset, key], queryFn: () => dataOf(api.GET('/api/v1/quality/results/history', { params: { query: { asset, key, limit: 30 } } })) });

const acts = {
  acknowledge: '/api/v1/quality/incidents/{incident_id}/acknowledge',
  'root-cause': '/api/v1/quality/incidents/{incident_id}/root-cause',
  resolve: '/api/v1/quality/incidents/{incident_id}/resolve',
  'false-positive': '/api/v1/quality/incidents/{incident_id}/false-positive',
} as const;

export type Closing = 'root-cause' | 'resolve' | 'false-positive';

const said: Record<Closing, string> = {
  'root-cause': 'The cause is written down.',
  resolve: 'Resolved. The next scan opens it again if it is not mended.',
  'false-positive': 'Closed; it stays closed until the check comes out worse than now.',
};

export function useIncidentActs(incident: Incident) {
  const queries = useQueryClient();
  const params = { path: { incident_id: incident.id }, header: { 'If-Match': `"${incident.version}"` } };
  const onSettled = () => queries.invalidateQueries({ queryKey: ['quality'] });
  return {
    acknowledge: useMutation({ mutationFn: () => dataOf(api.POST(acts.acknowledge, { params })), onSuccess: () => told('Acknowledged: others see that you look at it.'), onError: failed, onSettled }),
    close: useMutation({ mutationFn: ({ how, reason }: { how: Closing; reason: string }) => dataOf(api.POST(acts[how], { params, body: { reason } })), onSuccess: (_, { how }) => told(said[how]), onSettled }),
  };
}
