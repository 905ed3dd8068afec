import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { api, dataOf } from '@/api/client';
import { Problem } from '@/api/problem';
import type { components } from '@/api/schema';
import { failed, told } from '@/shared/notices';
import { useParts } from '@/shared/paging';

type Schemas = components['schemas'];
export type Source = Schemas['SourceOut'];
export type Connector = Schemas['ConnectorOut'];
export type Step = Schemas['StepOut'];
export type Tested = Schemas['TestOut'];
export type Preview = Schemas['PreviewOut'];
export type Health = Schemas['Health'];
export type Probe = Schemas['ProbeOut'];
export type SchemaChange = Schemas['SchemaChangeOut'];
export type Snapshot = Schemas['SnapshotOut'];

const at = (name: string) => ({ path: { name } });

export const useSources = (kind: string | undefined, health: Health | undefined) =>
  useParts(['sources', 'list', kind, health], (cursor) => dataOf(api.GET('/api/v1/sources', { params: { query: { limit: 200, cursor, kind, health } } })), { every: 15_000 });

export const useSource = (name: string) =>
  useQuery({ queryKey: ['sources', 'one', name], queryFn: () => dataOf(api.GET('/api/v1/sources/{name}', { params: at(name) })), refetchInterval: 20_000 });

export const useConnectors = () =>
  useQuery({ queryKey: ['connectors'], queryFn: () => dataOf(api.GET('/api/v1/connectors')), staleTime: Infinity });

export const useConnectorSchema = (kind: string | undefined) =>
  useQuery({
    queryKey: ['connectors', 'schema', kind],
    queryFn: () => dataOf(api.GET('/api/v1/connectors/{kind}/schema', { params: { path: { kind: kind ?? '' } } })),
    enabled: kind !== undefined,
    staleTime: Infinity,
  });

export const useHealth = (name: string, hours: number) =>
  useQuery({ queryKey: ['sources', 'health', name, hours], queryFn: () => dataOf(api.GET('/api/v1/sources/{name}/health', { params: { ...at(name), query: { hours } } })), refetchInterval: 20_000 });

export const useProbes = (name: string, limit: number) =>
  useQuery({ queryKey: ['sources', 'probes', name, limit], queryFn: () => dataOf(api.GET('/api/v1/sources/{name}/probes', { params: { ...at(name), query: { limit } } })), refetchInterval: 30_000 });

export const useLatestSnapshot = (name: string) =>
  useQuery({ queryKey: ['sources', 'snapshot', name], queryFn: () => dataOf(api.GET('/api/v1/sources/{name}/snapshots', { params: { ...at(name), query: { limit: 1 } } })), staleTime: 30_000 });

export const useSnapshots = (name: string) =>
  useParts(['sources', 'snapshots', name], (cursor) => dataOf(api.GET('/api/v1/sources/{name}/snapshots', { params: { ...at(name), query: { limit: 20, cursor } } })));

export const useSchemaChanges = (name: string, breaking: boolean | undefined) =>
  useParts(['sources', 'changes', name, breaking], (cursor) => dataOf(api.GET('/api/v1/schema-changes', { params: { query: { limit: 100, cursor, source: name, breaking } } })));

export const useLastRun = (name: string) =>
  useQuery({ queryKey: ['runs', 'last', name], queryFn: () => dataOf(api.GET('/api/v1/runs', { params: { query: { limit: 1, source: name } } })), refetchInterval: 10_000 });

export const useRunsOf = (name: string) =>
  useParts(['runs', 'of', name], (cursor) => dataOf(api.GET('/api/v1/runs', { params: { query: { limit: 30, cursor, source: name } } })), { every: 5_000 });

export function useProbeNow(name: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => dataOf(api.POST('/api/v1/sources/{name}/probes', { params: at(name) })),
    onSuccess: (probe) => told(probe.error ? `It did not answer: ${probe.message ?? probe.error}` : `It answered in ${Math.round(probe.milliseconds)} ms.`),
    onError: failed,
    onSettled: () => queries.invalidateQueries({ queryKey: ['sources'] }),
  });
}

type Heard = (step: Step) => void;

/** Hears the steps of a connection test as they come; a body may hold secrets, so it is posted, which EventSource cannot. */
async function follow(path: string, body: unknown, hear: Heard): Promise<Tested> {
  const answer = await fetch(path, { method: 'POST', credentials: 'same-origin', headers: { 'Content-Type': 'application/json' }, body: body === undefined ? null : JSON.stringify(body) }).catch(() => { throw Problem.unreachable(); });
  if (!answer.ok || !answer.body) throw await Problem.from(answer);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  const steps: Step[] = [];
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw Problem.unreachable();
    const parts = (rest + value).split('\n\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const [, name, data] = /^event: (\w+)\ndata: (.*)$/s.exec(part) ?? [];
      if (name === undefined || data === undefined) continue;
      if (name === 'end') {
        const end = JSON.parse(data) as { passed: boolean; problem: string | null };
        if (end.problem) throw new Problem({ detail: end.problem });
        return { passed: end.passed, steps };
      }
      steps.push(JSON.parse(data) as Step);
      hear(JSON.parse(data) as Step);
    }
  }
}

/** A connection test with the steps known so far. */
function useFollowedTest<B>(path: string) {
  const [steps, setSteps] = useState<readonly Step[]>([]);
  const test = useMutation({
    mutationFn: (body: B) => {
      setSteps([]);
      return follow(path, body, (step) => setSteps((before) => [...before, step]));
    },
  });
  return { ...test, steps };
}

export const useTestNew = () => useFollowedTest<Schemas['ConnectionIn']>('/api/v1/sources/test/events');
export const usePreviewNew = () => useMutation({ mutationFn: (body: Schemas['NewPreviewIn']) => dataOf(api.POST('/api/v1/sources/preview', { body })) });
export const useTest = (name: string) => useFollowedTest<undefined>(`/api/v1/sources/${encodeURIComponent(name)}/test/events`);
export const useGrantScript = (name: string) => useMutation({ mutationFn: () => dataOf(api.GET('/api/v1/sources/{name}/grant-script', { params: at(name) })) });

export interface Filter {
  include: string[];
  exclude: string[];
}

export const readsAll = (filter: Filter): boolean => filter.exclude.length === 0 && (filter.include.length === 0 || filter.include.join() === '*');

/** Registers a source; a filter becomes a rule set of the source's own, in force before the first scan; `unfiltered` says why it did not. */
export function useRegister() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ source, filter }: { source: Schemas['SourceIn']; filter: Filter }) => {
      const made = await dataOf(api.POST('/api/v1/sources', { body: source }));
      if (readsAll(filter)) return { made, unfiltered: null };
      return publishFilter(made.name, filter).then(() => ({ made, unfiltered: null }), (unfiltered: unknown) => ({ made, unfiltered }));
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['sources'] }),
  });
}

async function publishFilter(source: string, filter: Filter): Promise<void> {
  const name = `scope-${source.replaceAll(/[^a-z0-9]+/g, '-')}`.slice(0, 80).replace(/-+$/, '');
  const include = filter.include.length > 0 ? filter.include : ['*'];
  const body = {
    name,
    title: `What is read of ${source}`,
    description: 'Made when the source was registered.',
    layer: 'overlay' as const,
    position: 0,
    applies_to: { kinds: ['*'], sources: [source], domains: ['*'] },
    body: { scope: { include, exclude: filter.exclude } },
    note: 'As chosen at registration.',
  };
  try {
    await dataOf(api.POST('/api/v1/rule-sets', { body }));
  } catch (error) {
    if (!(error instanceof Problem && error.status === 409)) throw error;
    await draftAgain(body);
  }
  await dataOf(api.POST('/api/v1/rule-sets/{name}/publish', { params: { path: { name: body.name } } }));
}

/** A source of this name was registered before: its rule set gets a new draft, and is in force again once that is published. */
async function draftAgain(body: Schemas['RuleSetIn']): Promise<void> {
  const known = await dataOf(api.GET('/api/v1/rule-sets/{name}', { params: at(body.name) }));
  await dataOf(api.PUT('/api/v1/rule-sets/{name}/draft', { params: { ...at(body.name), header: { 'If-Match': `"${known.version}"` } }, body: { body: body.body ?? {}, note: body.note ?? '' } }));
}

export function useSourceActs(source: Source) {
  const queries = useQueryClient();
  const settle = { onSettled: () => queries.invalidateQueries({ queryKey: ['sources'] }) };
  const params = { ...at(source.name), header: { 'If-Match': `"${source.version}"` } };
  return {
    change: useMutation({
      mutationFn: (body: Schemas['SourcePatch']) => dataOf(api.PATCH('/api/v1/sources/{name}', { params, body })),
      onSuccess: () => told('Saved.'),
      ...settle,
    }),
    rotate: useMutation({
      mutationFn: (secrets: Record<string, string>) => dataOf(api.PUT('/api/v1/sources/{name}/credential', { params: at(source.name), body: { secrets } })),
      onSuccess: () => told('The new credential is sealed; the next connection uses it.'),
      ...settle,
    }),
    remove: useMutation({ mutationFn: () => api.DELETE('/api/v1/sources/{name}', { params }), ...settle }),
  };
}
