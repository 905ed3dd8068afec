import { keepPreviousData, useQuery } from '@tanstack/react-query';

import { api, dataOf } from '@/api/client';
import { Problem } from '@/api/problem';
import type { components } from '@/api/schema';

import type { AssetDetail } from './queries';

export type Profile = components['schemas']['ProfileOut'];
export type ColumnProfile = components['schemas']['ColumnProfileOut'];
export type CheckResult = components['schemas']['ResultOut'];
export type AssetScore = components['schemas']['AssetScoreOut'];
export type Incident = components['schemas']['IncidentOut'];

/** Null where the answer is that there is none: an asset may never have been profiled. */
async function orNone<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  }
}

/** Views are not read, and what was never scanned has no profile: there is nothing to ask for. */
export const useProfile = ({ ref: asset, kind, last_scanned_at: scanned }: AssetDetail) =>
  useQuery({
    queryKey: ['profile', asset],
    queryFn: () => (kind === 'view' || scanned === null ? null : orNone(dataOf(api.GET('/api/v1/profiles', { params: { query: { asset } } })))),
    staleTime: 30_000,
  });

export const useScore = (asset: string) =>
  useQuery({ queryKey: ['quality', 'score', asset], queryFn: () => dataOf(api.GET('/api/v1/quality/score', { params: { query: { asset } } })) });

export const useScoreTrend = (asset: string) =>
  useQuery({ queryKey: ['quality', 'trend', asset], queryFn: () => dataOf(api.GET('/api/v1/quality/score/trend', { params: { query: { asset, days: 90 } } })) });

export const useResults = (asset: string, enabled = true) =>
  useQuery({
    enabled,
    queryKey: ['quality', 'results', asset],
    queryFn: () => dataOf(api.GET('/api/v1/quality/results', { params: { query: { asset, limit: 1000 } } })),
    placeholderData: keepPreviousData,
  });

export const useResultHistory = (asset: string, key: string) =>
  useQuery({
    queryKey: ['quality', 'history', asset, key],
    queryFn: () => dataOf(api.GET('/api/v1/quality/results/history', { params: { query: { asset, key, limit: 30 } } })),
  });

export const useIncidents = (asset: string) =>
  useQuery({
    queryKey: ['quality', 'incidents', asset],
    queryFn: () => dataOf(api.GET('/api/v1/quality/incidents', { params: { query: { asset, limit: 100 } } })),
  });
