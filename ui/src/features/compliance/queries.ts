import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, dataOf } from '@/api/client';
import type { components, paths } from '@/api/schema';
import type { Got } from '@/shared/answers';
import { failed, told } from '@/shared/notices';
import { useParts } from '@/shared/paging';

type Schemas = components['schemas'];
export type Finding = Schemas['FindingOut'];
export type FindingState = Schemas['FindingState'];
export type Severity = Schemas['Severity'];
export type Framework = Schemas['FrameworkOut'];
export type Requirement = Schemas['RequirementOut'];
export type Check = Got<'/api/v1/compliance/checks'>[number];
export type Overview = Got<'/api/v1/compliance/overview'>;
export type Group = Got<'/api/v1/compliance/breakdown'>[number];
export type Point = Got<'/api/v1/frameworks/{framework_id}/scores'>['items'][number];
export type FindingFilter = NonNullable<paths['/api/v1/findings']['get']['parameters']['query']>;
export type Waiver = Schemas['WaiverOut'];

export const NEEDS_WORK: FindingState[] = ['open', 'acknowledged', 'in_progress'];

export const useOverview = () => useQuery({ queryKey: ['compliance', 'overview'], queryFn: () => dataOf(api.GET('/api/v1/compliance/overview')), refetchInterval: 15_000 });
export const useFrameworks = () => useQuery({ queryKey: ['compliance', 'frameworks'], queryFn: () => dataOf(api.GET('/api/v1/frameworks')), refetchInterval: 15_000 });
export const useFramework = (id: string) =>
  useQuery({ queryKey: ['compliance', 'framework', id], queryFn: () => dataOf(api.GET('/api/v1/frameworks/{framework_id}', { params: { path: { framework_id: id } } })), refetchInterval: 15_000 });
export const useRequirements = (id: string) =>
  useQuery({ queryKey: ['compliance', 'requirements', id], queryFn: () => dataOf(api.GET('/api/v1/frameworks/{framework_id}/requirements', { params: { path: { framework_id: id } } })), refetchInterval: 20_000 });
export const useScores = (id: string) =>
  useQuery({ queryKey: ['compliance', 'scores', id], queryFn: () => dataOf(api.GET('/api/v1/frameworks/{framework_id}/scores', { params: { path: { framework_id: id }, query: { limit: 60 } } })) });
export const useBreakdown = (by: 'domain' | 'source' | 'owner') =>
  useQuery({ queryKey: ['compliance', 'breakdown', by], queryFn: () => dataOf(api.GET('/api/v1/compliance/breakdown', { params: { query: { by } } })) });
export const useChecks = () => useQuery({ queryKey: ['compliance', 'checks'], queryFn: () => dataOf(api.GET('/api/v1/compliance/checks')), staleTime: 15_000 });
export const useCheck = (id: string) =>
  useQuery({ queryKey: ['compliance', 'checks', id], queryFn: () => dataOf(api.GET('/api/v1/compliance/checks/{check_id}', { params: { path: { check_id: id } } })), staleTime: 60_000 });

export const useFindings = (filter: FindingFilter, { every = 15_000 as number | false, enabled = true } = {}) =>
  useParts(['findings', 'list', filter], (cursor) => dataOf(api.GET('/api/v1/findings', { params: { query: { ...filter, cursor } } })), { every, enabled });

export const useFinding = (id: string) =>
  useQuery({ queryKey: ['findings', 'one', id], queryFn: () => dataOf(api.GET('/api/v1/findings/{finding_id}', { params: { path: { finding_id: id } } })), refetchInterval: 15_000 });

export const useWaivers = (check: string, subject: string) =>
  useQuery({ queryKey: ['waivers', check, subject], queryFn: () => dataOf(api.GET('/api/v1/waivers', { params: { query: { check, subject, limit: 50 } } })) });

function useRefresh() {
  const queries = useQueryClient();
  return () => Promise.all(['findings', 'compliance', 'waivers'].map((first) => queries.invalidateQueries({ queryKey: [first] })));
}

export function useBulk() {
  const refresh = useRefresh();
  return useMutation({ mutationFn: (body: Schemas['BulkChange']) => dataOf(api.POST('/api/v1/findings/bulk', { body })), onSettled: refresh });
}

export function useFrameworkActs() {
  const refresh = useRefresh();
  const queries = useQueryClient();
  const settle = { onError: failed, onSettled: () => { void queries.invalidateQueries({ queryKey: ['rule-sets'] }); return refresh(); } };
  return {
    activate: useMutation({
      mutationFn: (id: string) => dataOf(api.POST('/api/v1/frameworks/{framework_id}/activate', { params: { path: { framework_id: id } } })),
      onSuccess: (now) => told(`${now.title} is in force: its checks are judged, and its rule set joins the next scans.`),
      ...settle,
    }),
    deactivate: useMutation({
      mutationFn: (id: string) => dataOf(api.POST('/api/v1/frameworks/{framework_id}/deactivate', { params: { path: { framework_id: id } } })),
      onSuccess: (now) => told(`${now.title} is out of force.`),
      ...settle,
    }),
    judge: useMutation({
      mutationFn: () => dataOf(api.POST('/api/v1/compliance/judge')),
      onSuccess: (judged) => told(`Judged: ${judged.open_findings} findings are open.`),
      ...settle,
    }),
  };
}

export type Move = 'acknowledge' | 'start' | 'reopen';

const moves = {
  acknowledge: '/api/v1/findings/{finding_id}/acknowledge',
  start: '/api/v1/findings/{finding_id}/start',
  reopen: '/api/v1/findings/{finding_id}/reopen',
} as const;

export function useFindingActs(finding: Finding) {
  const refresh = useRefresh();
  const params = { path: { finding_id: finding.id }, header: { 'If-Match': `"${finding.version}"` } };
  const settle = { onSettled: refresh };
  return {
    move: useMutation({ mutationFn: (move: Move) => dataOf(api.POST(moves[move], { params })), onError: failed, ...settle }),
    resolve: useMutation({ mutationFn: (reason: string) => dataOf(api.POST('/api/v1/findings/{finding_id}/resolve', { params, body: { reason } })), onSuccess: () => told('Resolved. It opens again if the next judging still finds the fact.'), ...settle }),
    assign: useMutation({ mutationFn: (owner: string | null) => dataOf(api.POST('/api/v1/findings/{finding_id}/assign', { params, body: { owner } })), ...settle }),
    waive: useMutation({ mutationFn: (body: Omit<Schemas['WaiverIn'], 'finding_id'>) => dataOf(api.POST('/api/v1/waivers', { body: { ...body, finding_id: finding.id } })), onSuccess: () => told('Waived until its date; then it opens by itself.'), ...settle }),
  };
}

export function useRevoke() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ waiver, reason }: { waiver: string; reason: string }) => dataOf(api.POST('/api/v1/waivers/{waiver_id}/revoke', { params: { path: { waiver_id: waiver } }, body: { reason } })),
    onSuccess: () => told('The waiver ended; the finding is open again.'),
    onSettled: refresh,
  });
}

/** What the trail says of one finding; only for those who may read it. */
export const useTrailOf = (finding: Finding, may: boolean) =>
  useQuery({
    queryKey: ['findings', 'trail', finding.id, finding.version],
    enabled: may,
    queryFn: async () => {
      const ask = (subject: string) => dataOf(api.GET('/api/v1/audit-events', { params: { query: { topic: 'compliance.', subject, limit: 100 } } }));
      const [onSubject, onFinding] = await Promise.all([ask(finding.subject), ask(finding.id)]);
      const mine = onSubject.items.filter(({ payload }) => payload.finding_id === finding.id || payload.check === finding.check);
      return [...new Map([...mine, ...onFinding.items].map((event) => [event.id, event])).values()].sort((a, b) => b.seq - a.seq);
    },
  });
