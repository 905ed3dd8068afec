import { useQuery } from '@tanstack/react-query';

import { api, dataOf } from '@/api/client';
import type { Got } from '@/shared/answers';
import { useMay, useMe } from '@/shared/session';

export type Overview = Got<'/api/v1/overview'>;
export type Compliance = Got<'/api/v1/compliance/overview'>;
export type Run = Got<'/api/v1/runs'>['items'][number];

/** The home page keeps itself up to date. */
const EVERY = 15_000;
const UNDONE = ['open', 'acknowledged', 'in_progress'] as ('open' | 'acknowledged' | 'in_progress')[];

export const useOverview = () => useQuery({ queryKey: ['overview'], queryFn: () => dataOf(api.GET('/api/v1/overview')), refetchInterval: EVERY });

export const useSources = () =>
  useQuery({ queryKey: ['home', 'sources'], queryFn: () => dataOf(api.GET('/api/v1/sources', { params: { query: { limit: 1000 } } })), enabled: useMay('sources.read'), refetchInterval: EVERY });

export const useCompliance = () =>
  useQuery({ queryKey: ['home', 'compliance'], queryFn: () => dataOf(api.GET('/api/v1/compliance/overview')), enabled: useMay('compliance.read'), refetchInterval: EVERY });

export const useFrameworks = () =>
  useQuery({ queryKey: ['home', 'frameworks'], queryFn: () => dataOf(api.GET('/api/v1/frameworks')), enabled: useMay('compliance.read'), staleTime: 60_000 });

export const useIncidentCounts = () =>
  useQuery({ queryKey: ['home', 'incidents'], queryFn: () => dataOf(api.GET('/api/v1/quality/incidents/summary')), enabled: useMay('quality.read'), refetchInterval: EVERY });

export const useEstateQuality = () =>
  useQuery({ queryKey: ['home', 'quality'], queryFn: () => dataOf(api.GET('/api/v1/quality/estate')), enabled: useMay('quality.read'), refetchInterval: EVERY });

export const useCoverage = () =>
  useQuery({ queryKey: ['home', 'coverage'], queryFn: () => dataOf(api.GET('/api/v1/classification/coverage')), enabled: useMay('classification.read'), refetchInterval: EVERY });

export const useApprovals = () =>
  useQuery({ queryKey: ['home', 'approvals'], queryFn: () => dataOf(api.GET('/api/v1/approvals', { params: { query: { limit: 100 } } })), enabled: useMay('scans.approve'), refetchInterval: EVERY });

export const useRuns = () =>
  useQuery({ queryKey: ['home', 'runs'], queryFn: () => dataOf(api.GET('/api/v1/runs', { params: { query: { limit: 12 } } })), enabled: useMay('scans.read'), refetchInterval: EVERY });

/** Findings by what they need: those of the caller, those that nobody has. */
export function useFindingCounts() {
  const me = useMe().data?.name;
  const may = useMay('compliance.read');
  const count = (key: string, query: Record<string, unknown>) => ({
    queryKey: ['home', 'findings', key],
    queryFn: async () => (await dataOf(api.GET('/api/v1/findings', { params: { query: { state: UNDONE, limit: 1, total: true, ...query } } }))).total ?? 0,
    enabled: may && me !== undefined,
    refetchInterval: EVERY,
  });
  const mine = useQuery(count('mine', { owner: me }));
  const unassigned = useQuery(count('unassigned', { unassigned: true }));
  return { me, mine, unassigned };
}
