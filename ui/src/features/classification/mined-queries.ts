import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, dataOf } from '@/api/client';
import type { components } from '@/api/schema';
import { failed, told } from '@/shared/notices';

export type Mined = components['schemas']['MinedOut'];

export const useMined = (enabled: boolean) => useQuery({ queryKey: ['mined'], queryFn: () => dataOf(api.GET('/api/v1/mined-classifiers')), enabled });

export function useMinedActs() {
  const queries = useQueryClient();
  const onSettled = () => Promise.all([queries.invalidateQueries({ queryKey: ['mined'] }), queries.invalidateQueries({ queryKey: ['classifiers'] })]);
  return {
    mine: useMutation({
      mutationFn: () => dataOf(api.POST('/api/v1/mined-classifiers/mine')),
      onSuccess: (found) => told(found.length ? `${found.length} proposals.` : 'Unlabelled columns share nothing that tells enough.'),
      onError: failed,
      onSettled,
    }),
    accept: useMutation({
      mutationFn: (id: string) => dataOf(api.POST('/api/v1/mined-classifiers/{proposal_id}/accept', { params: { path: { proposal_id: id } }, body: { changes: {} } })),
      onSuccess: (made) => told(`${made.classifier} takes part from the next scan on.`),
      onError: failed,
      onSettled,
    }),
    reject: useMutation({
      mutationFn: (id: string) => api.POST('/api/v1/mined-classifiers/{proposal_id}/reject', { params: { path: { proposal_id: id } } }),
      onSuccess: () => told('This form is not proposed again.'),
      onError: failed,
      onSettled,
    }),
  };
}
