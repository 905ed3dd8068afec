import { useQuery } from '@tanstack/react-query';

import { api, dataOf } from '@/api/client';
import type { components } from '@/api/schema';

export type Finding = components['schemas']['FindingOut'];

export const useFindings = (asset: string) =>
  useQuery({
    queryKey: ['findings', 'asset', asset],
    queryFn: () => dataOf(api.GET('/api/v1/findings', { params: { query: { asset, limit: 500 } } })),
  });
