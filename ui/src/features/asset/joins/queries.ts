import { useQuery } from '@tanstack/react-query';

import { api, dataOf } from '@/api/client';
import type { components } from '@/api/schema';

export type Related = components['schemas']['RelatedOut'];
export type Join = components['schemas']['JoinOut'];
export type Twins = components['schemas']['TwinsOut'];

export const useRelated = (asset: string) =>
  useQuery({ queryKey: ['relations', asset], queryFn: () => dataOf(api.GET('/api/v1/relations', { params: { query: { asset } } })), staleTime: 30_000 });
