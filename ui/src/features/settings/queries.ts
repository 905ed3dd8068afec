import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, dataOf } from '@/api/client';
import type { components } from '@/api/schema';
import { failed, told } from '@/shared/notices';

export type Account = components['schemas']['AccountOut'];
export type Token = components['schemas']['TokenOut'];
export type NewToken = components['schemas']['NewToken'];
export type RoleIn = components['schemas']['RoleIn'];

export const useAccounts = () =>
  useQuery({ queryKey: ['accounts'], queryFn: () => dataOf(api.GET('/api/v1/accounts', { params: { query: { limit: 1000 } } })) });

export const useRoles = () => useQuery({ queryKey: ['roles'], queryFn: () => dataOf(api.GET('/api/v1/roles')), staleTime: Infinity });

export const useTokens = (account: string) =>
  useQuery({ queryKey: ['tokens', account], queryFn: () => dataOf(api.GET('/api/v1/accounts/{account_id}/tokens', { params: { path: { account_id: account } } })) });

export function useCreateAccount(done: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: components['schemas']['AccountIn']) => dataOf(api.POST('/api/v1/accounts', { body })),
    onSuccess: (made) => {
      void queries.invalidateQueries({ queryKey: ['accounts'] });
      told(`${made.name} was created.`);
      done();
    },
  });
}

export function useChangeAccount() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ account, change }: { account: Account; change: components['schemas']['AccountPatch'] }) =>
      dataOf(api.PATCH('/api/v1/accounts/{account_id}', { params: { path: { account_id: account.id }, header: { 'If-Match': `"${account.version}"` } }, body: change })),
    onSuccess: (changed) => told(`${changed.name} was changed.`),
    onError: failed,
    onSettled: () => queries.invalidateQueries({ queryKey: ['accounts'] }),
  });
}

export function useIssueToken(account: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: components['schemas']['TokenIn']) =>
      dataOf(api.POST('/api/v1/accounts/{account_id}/tokens', { params: { path: { account_id: account } }, body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['tokens', account] }),
  });
}

export function useRevokeToken(account: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (token: string) => api.DELETE('/api/v1/tokens/{token_id}', { params: { path: { token_id: token } } }),
    onSuccess: () => told('The token was revoked.'),
    onError: failed,
    onSettled: () => queries.invalidateQueries({ queryKey: ['tokens', account] }),
  });
}
