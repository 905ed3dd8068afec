import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, dataOf } from '@/api/client';
import { failed, told } from '@/shared/notices';

/** The labels of an asset as classification keeps them, with the ids that decisions need. */
export const useLabels = (asset: string, enabled: boolean) =>
  useQuery({
    queryKey: ['labels', asset],
    queryFn: () => dataOf(api.GET('/api/v1/labels', { params: { query: { asset, limit: 1000 } } })),
    enabled,
  });

/** The re-identification risk of an asset; an empty page where nothing was measured. */
export const useRisk = (asset: string, enabled: boolean) =>
  useQuery({
    queryKey: ['labels', 'risk', asset],
    queryFn: () => dataOf(api.GET('/api/v1/reidentification', { params: { query: { asset, limit: 1 } } })),
    enabled,
    staleTime: 30_000,
  });

export const useEvidence = (label: string | undefined) =>
  useQuery({
    queryKey: ['label', label],
    queryFn: () => dataOf(api.GET('/api/v1/labels/{label_id}', { params: { path: { label_id: label ?? '' } } })),
    enabled: label !== undefined,
  });

export function useDecide(asset: string, assetId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ label, action }: { label: string; action: 'confirm' | 'reject' }) =>
      dataOf(api.POST('/api/v1/labels/{label_id}/decision', { params: { path: { label_id: label } }, body: { action } })),
    onSuccess: (decided) => {
      told(`${decided.title} on ${decided.column_name} is ${decided.state}.`);
      void queries.invalidateQueries({ queryKey: ['labels', asset] });
      void queries.invalidateQueries({ queryKey: ['label', decided.id] });
      // The catalogue hears of the decision through an event, a moment later.
      const again = () => {
        void queries.invalidateQueries({ queryKey: ['columns', assetId] });
        void queries.invalidateQueries({ queryKey: ['asset'] });
        void queries.invalidateQueries({ queryKey: ['findings', 'asset', asset] });
      };
      for (const delay of [300, 1500, 4000]) setTimeout(again, delay);
    },
    onError: failed,
  });
}
