import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';

import { api, dataOf } from '@/api/client';
import type { components } from '@/api/schema';
import { failed, told } from '@/shared/notices';
import { useParts } from '@/shared/paging';
import { useMay } from '@/shared/session';

type Schemas = components['schemas'];
export type Run = Schemas['RunOut'];
export type RunDetail = Schemas['RunDetail'];
export type Progress = Schemas['ProgressOut'];
export type RunState = Schemas['RunState'];
export type RunAsset = Schemas['RunAssetOut'];
export type AssetState = Schemas['AssetState'];
export type Chunk = Schemas['ChunkOut'];
export type LogLine = Schemas['LogLineOut'];
export type Approval = Schemas['ApprovalOut'];
export type Schedule = Schemas['ScheduleOut'];
export type Priority = Schemas['Priority'];

export const ACTIVE: readonly RunState[] = ['queued', 'awaiting_approval', 'running', 'cancelling'];
export const OVER: readonly RunState[] = ['succeeded', 'partial', 'failed', 'cancelled', 'rejected'];
export const isOver = (state: string): boolean => (OVER as readonly string[]).includes(state);

export const useActiveRuns = () =>
  useQuery({
    queryKey: ['runs', 'active'],
    queryFn: () => dataOf(api.GET('/api/v1/runs', { params: { query: { limit: 100, state: [...ACTIVE] } } })),
    refetchInterval: 2_000,
  });

export const usePastRuns = (source: string | undefined, state: RunState | undefined) =>
  useParts(
    ['runs', 'past', source, state],
    (cursor) => dataOf(api.GET('/api/v1/runs', { params: { query: { limit: 50, cursor, source, state: state ? [state] : [...OVER] } } })),
    { every: 5_000 },
  );

export const useOrchestrator = () =>
  useQuery({ queryKey: ['orchestrator'], queryFn: () => dataOf(api.GET('/api/v1/orchestrator')), refetchInterval: 3_000 });

export const useWorkers = () => useQuery({ queryKey: ['workers'], queryFn: () => dataOf(api.GET('/api/v1/workers')), refetchInterval: 5_000 });

export function useQueue() {
  const may = useMay('scans.manage');
  return useQuery({ queryKey: ['queue'], queryFn: () => dataOf(api.GET('/api/v1/queue')), refetchInterval: 3_000, enabled: may });
}

export function useChores() {
  const may = useMay('scans.manage');
  return useQuery({ queryKey: ['chores'], queryFn: () => dataOf(api.GET('/api/v1/chores')), refetchInterval: 15_000, enabled: may });
}

export const useRun = (id: string) =>
  useQuery({
    queryKey: ['runs', 'one', id],
    queryFn: () => dataOf(api.GET('/api/v1/runs/{run_id}', { params: { path: { run_id: id } } })),
    refetchInterval: (query) => (query.state.error || (query.state.data && isOver(query.state.data.state)) ? false : 3_000),
  });

export const useRunAssets = (id: string, state: AssetState | undefined, live: boolean) =>
  useParts(
    ['runs', 'assets', id, state],
    (cursor) => dataOf(api.GET('/api/v1/runs/{run_id}/assets', { params: { path: { run_id: id }, query: { limit: 1000, cursor, state } } })),
    { every: live ? 3_000 : false },
  );

export const useRunChunks = (id: string, live: boolean) =>
  useParts(
    ['runs', 'chunks', id],
    (cursor) => dataOf(api.GET('/api/v1/runs/{run_id}/chunks', { params: { path: { run_id: id }, query: { limit: 1000, cursor } } })),
    { every: live ? 3_000 : false },
  );

export const useRunLog = (id: string) =>
  useParts(['runs', 'log', id], (cursor) => dataOf(api.GET('/api/v1/runs/{run_id}/log', { params: { path: { run_id: id }, query: { limit: 500, cursor } } })));

export const useRunDiff = (id: string, live: boolean) =>
  useQuery({
    queryKey: ['runs', 'diff', id],
    queryFn: () => dataOf(api.GET('/api/v1/runs/{run_id}/diff', { params: { path: { run_id: id } } })),
    refetchInterval: live ? 5_000 : false,
  });

export function useRunActs(run: Pick<Run, 'id' | 'source'>) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const path = { run_id: run.id };
  const settle = { onError: failed, onSettled: () => queries.invalidateQueries({ queryKey: ['runs'] }) };
  const goTo = async ({ run_id }: { run_id: string }) => {
    await navigate({ to: '/scans/$runId', params: { runId: run_id } as never });
  };
  return {
    cancel: useMutation({ mutationFn: () => dataOf(api.POST('/api/v1/runs/{run_id}/cancel', { params: { path } })), onSuccess: () => told(`The scan of ${run.source} is being stopped.`), ...settle }),
    pause: useMutation({ mutationFn: () => dataOf(api.POST('/api/v1/runs/{run_id}/pause', { params: { path } })), ...settle }),
    resume: useMutation({ mutationFn: () => dataOf(api.POST('/api/v1/runs/{run_id}/resume', { params: { path } })), ...settle }),
    retry: useMutation({ mutationFn: () => dataOf(api.POST('/api/v1/runs/{run_id}/retry', { params: { path } })), onSuccess: goTo, ...settle }),
    replay: useMutation({ mutationFn: () => dataOf(api.POST('/api/v1/runs/{run_id}/replay', { params: { path } })), onSuccess: goTo, ...settle }),
  };
}

export const useApprovals = (decided: boolean) =>
  useParts(['approvals', decided], (cursor) => dataOf(api.GET('/api/v1/approvals', { params: { query: { limit: 50, cursor, decided } } })), { every: 5_000 });

export const useApproval = (runId: string, waiting: boolean) =>
  useQuery({ queryKey: ['approvals', 'one', runId], queryFn: () => dataOf(api.GET('/api/v1/approvals/{run_id}', { params: { path: { run_id: runId } } })), enabled: waiting });

export function useDecide() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ runId, ...body }: { runId: string; approve: boolean; reason: string }) =>
      dataOf(api.POST('/api/v1/approvals/{run_id}/decision', { params: { path: { run_id: runId } }, body })),
    onSuccess: (decided) => told(decided.approved ? `The scan of ${decided.source} may run.` : `The scan of ${decided.source} was rejected.`),
    onSettled: () => Promise.all([queries.invalidateQueries({ queryKey: ['approvals'] }), queries.invalidateQueries({ queryKey: ['runs'] })]),
  });
}

export const useSchedules = () =>
  useQuery({ queryKey: ['schedules'], queryFn: () => dataOf(api.GET('/api/v1/schedules', { params: { query: { limit: 1000 } } })), refetchInterval: 30_000 });

export const useUpcoming = (schedule: Schedule | undefined) =>
  useQuery({
    queryKey: ['schedules', 'next', schedule?.id, schedule?.version],
    queryFn: () => dataOf(api.GET('/api/v1/schedules/{schedule_id}/next', { params: { path: { schedule_id: schedule?.id ?? '' }, query: { count: 5 } } })),
    enabled: schedule !== undefined && !schedule.paused,
  });

export function useScheduleActs(done?: () => void) {
  const queries = useQueryClient();
  const onSettled = () => queries.invalidateQueries({ queryKey: ['schedules'] });
  return {
    create: useMutation({
      mutationFn: (body: Schemas['ScheduleIn']) => dataOf(api.POST('/api/v1/schedules', { body })),
      onSuccess: (made) => { told(`${made.source} is scanned by itself from now on.`); done?.(); },
      onSettled,
    }),
    change: useMutation({
      mutationFn: ({ schedule, body }: { schedule: Schedule; body: Schemas['TimingIn'] }) =>
        dataOf(api.PUT('/api/v1/schedules/{schedule_id}', { params: { path: { schedule_id: schedule.id }, header: { 'If-Match': `"${schedule.version}"` } }, body })),
      onSuccess: (changed) => { told(changed.paused ? `The schedule of ${changed.source} is paused.` : `The schedule of ${changed.source} was saved.`); done?.(); },
      onError: failed,
      onSettled,
    }),
    remove: useMutation({
      mutationFn: (schedule: Schedule) => api.DELETE('/api/v1/schedules/{schedule_id}', { params: { path: { schedule_id: schedule.id } } }),
      onSuccess: () => { told('The schedule was removed; the source is scanned when asked.'); done?.(); },
      onError: failed,
      onSettled,
    }),
  };
}
