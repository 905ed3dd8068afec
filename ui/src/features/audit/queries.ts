import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, dataOf } from '@/api/client';
import type { components, paths } from '@/api/schema';
import { failed } from '@/shared/notices';
import { useParts } from '@/shared/paging';

type Schemas = components['schemas'];
export type AuditEvent = Schemas['AuditEventOut'];
export type Checkpoint = Schemas['CheckpointOut'];
export type Verification = Schemas['VerificationOut'];
export type EventFilter = NonNullable<paths['/api/v1/audit-events']['get']['parameters']['query']>;

export const useTrail = () => useQuery({ queryKey: ['audit', 'trail'], queryFn: () => dataOf(api.GET('/api/v1/audit-trail')), refetchInterval: 15_000 });

export const useEvents = (filter: EventFilter) =>
  useParts(['audit', 'events', filter], (cursor) => dataOf(api.GET('/api/v1/audit-events', { params: { query: { ...filter, cursor } } })), { every: filter.until ? false : 10_000 });

export const useEvent = (id: string | undefined) =>
  useQuery({ queryKey: ['audit', 'event', id], queryFn: () => dataOf(api.GET('/api/v1/audit-events/{event_id}', { params: { path: { event_id: id ?? '' } } })), enabled: id !== undefined });

export const useProof = (event: AuditEvent) =>
  useQuery({ queryKey: ['audit', 'proof', event.id], queryFn: () => dataOf(api.GET('/api/v1/audit-events/{event_id}/proof', { params: { path: { event_id: event.id } } })), enabled: event.checkpoint !== null, staleTime: Infinity });

export const useCheckpoints = () => useParts(['audit', 'checkpoints'], (cursor) => dataOf(api.GET('/api/v1/audit-trail/checkpoints', { params: { query: { limit: 50, cursor } } })));

export function useVerify() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => dataOf(api.POST('/api/v1/audit-trail/verify')),
    onError: failed,
    onSettled: () => queries.invalidateQueries({ queryKey: ['audit'] }),
  });
}
