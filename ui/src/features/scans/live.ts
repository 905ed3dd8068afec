import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';

import { type LiveState, useEventSource } from '@/shared/hooks';

import { isOver, type LogLine, type Progress } from './queries';

const LINES_KEPT = 500;

interface Live {
  progress: Progress | undefined;
  lines: readonly LogLine[];
  state: LiveState;
}

/** Follows one run while it goes on: its progress, and the log lines that come meanwhile. */
export function useLiveRun(id: string, on: boolean): Live {
  const queries = useQueryClient();
  const [progress, setProgress] = useState<Progress>();
  const [lines, setLines] = useState<readonly LogLine[]>([]);
  const hear = (name: string, data: unknown) => {
    if (name === 'log') setLines((before) => [...before.slice(1 - LINES_KEPT), data as LogLine]);
    if (name === 'progress') setProgress(data as Progress);
    // The feed is closed as soon as the run is over, so its own end may not be heard any more.
    if (name === 'end' || (name === 'progress' && isOver((data as Progress).state))) void queries.invalidateQueries({ queryKey: ['runs'] });
  };
  const mine = progress?.run_id === id ? progress : undefined;
  const over = mine !== undefined && isOver(mine.state);
  const state = useEventSource(on && !over ? `/api/v1/runs/${id}/events` : null, hear, ['progress', 'log', 'end']);
  return { progress: mine, lines, state };
}

/** Follows all these runs over one connection, for a browser opens only six to one host. */
export function useLiveProgress(ids: readonly string[]): ReadonlyMap<string, Progress> {
  const queries = useQueryClient();
  const [heard, setHeard] = useState<ReadonlyMap<string, Progress>>(new Map());
  const hear = (_: string, data: unknown) => {
    const news = data as Progress;
    setHeard((before) => new Map(before).set(news.run_id, news));
    if (isOver(news.state)) void queries.invalidateQueries({ queryKey: ['runs'] });
  };
  // In their order, so that a list that is only sorted anew is not asked for anew.
  const asked = new URLSearchParams([...ids].sort().map((id) => ['run', id])).toString();
  useEventSource(asked ? `/api/v1/runs/events?${asked}` : null, hear, ['progress']);
  return heard;
}

/** Asks again for all that is shown of a run once it is over: what was asked while it went on is stale. */
export function useAskAgainAtEnd(over: boolean) {
  const queries = useQueryClient();
  const before = useRef(over);
  useEffect(() => {
    if (over && !before.current) void queries.invalidateQueries({ queryKey: ['runs'] });
    before.current = over;
  }, [over, queries]);
}

interface Steady<T> {
  rows: readonly T[];
  /** Spread on what holds the rows. */
  hold: { onPointerEnter: () => void; onPointerLeave: () => void };
}

/** Rows that do not jump under the pointer: while it is over them, each stays where it is and new ones come last. */
export function useSteady<T>(rows: readonly T[], keyOf: (row: T) => string): Steady<T> {
  const [held, setHeld] = useState(false);
  const [seen, setSeen] = useState(rows);
  const [shown, setShown] = useState(rows);
  if (rows !== seen) {
    setSeen(rows);
    setShown(held ? merged(shown, rows, keyOf) : rows);
  }
  return {
    rows: shown,
    hold: {
      onPointerEnter: () => setHeld(true),
      onPointerLeave: () => {
        setHeld(false);
        setShown(rows);
      },
    },
  };
}

function merged<T>(before: readonly T[], after: readonly T[], keyOf: (row: T) => string): readonly T[] {
  const news = new Map(after.map((row) => [keyOf(row), row]));
  const kept = before.map((row) => news.get(keyOf(row)) ?? row);
  const known = new Set(before.map(keyOf));
  return [...kept, ...after.filter((row) => !known.has(keyOf(row)))];
}
