import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';

import { api, dataOf } from '@/api/client';
import type { components } from '@/api/schema';
import { failed, told } from '@/shared/notices';

/** All sources by name, for menus and forms. */
export const useSourceNames = () =>
  useQuery({ queryKey: ['sources', 'names'], queryFn: () => dataOf(api.GET('/api/v1/sources', { params: { query: { limit: 1000 } } })), staleTime: 30_000 });

type Asked = Omit<components['schemas']['ScanIn'], 'full'> & { full?: boolean };

/** Asks for a scan and goes to where it can be watched. */
export function useRequestScan() {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (asked: Asked) => dataOf(api.POST('/api/v1/scans', { body: { ...asked, full: asked.full ?? false } })),
    onSuccess: async ({ run_id }, { source }) => {
      void queries.invalidateQueries({ queryKey: ['runs'] });
      told(`The scan of ${source} was asked for.`);
      await navigate({ to: '/scans/$runId', params: { runId: run_id } as never });
    },
    onError: failed,
  });
}
