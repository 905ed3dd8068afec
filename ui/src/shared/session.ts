import { useQuery } from '@tanstack/react-query';

import { api, dataOf } from '@/api/client';

/** Who is signed in; fails with 401 when nobody is. */
export const meQuery = { queryKey: ['me'], queryFn: () => dataOf(api.GET('/api/v1/me')), staleTime: 60_000, retry: false } as const;

export function useMe() {
  return useQuery(meQuery);
}

/** Whether the caller holds a permission somewhere; the server decides anew for each thing. */
export function useMay(permission: string): boolean {
  return useMe().data?.permissions.includes(permission) ?? false;
}
