import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useRef, useState } from 'react';

/** View state that lives in the URL, so that every view has an address. */
export function useUrlState(): [Record<string, string | undefined>, (change: Record<string, string | undefined>) => void] {
  const search = useSearch({ strict: false }) as Record<string, string | undefined>;
  const navigate = useNavigate();
  const set = useCallback(
    (change: Record<string, string | undefined>) => {
      const kept = Object.entries({ ...search, ...change }).filter(([, value]) => value !== undefined && value !== '');
      void navigate({ to: '.', search: Object.fromEntries(kept) as never, replace: true });
    },
    [navigate, search],
  );
  return [search, set];
}

export type LiveState = 'connecting' | 'live' | 'lost';

/** Listens to server-sent events; the browser reconnects, and the state says what it is doing. */
export function useEventSource(url: string | null, onEvent: (name: string, data: unknown) => void, names: readonly string[] = ['message']): LiveState {
  const [state, setState] = useState<LiveState>('connecting');
  const handler = useRef(onEvent);
  useEffect(() => {
    handler.current = onEvent;
  });
  const listened = names.join(' ');
  useEffect(() => {
    if (!url) return undefined;
    const source = new EventSource(url);
    source.onopen = () => setState('live');
    source.onerror = () => setState(source.readyState === EventSource.CLOSED ? 'lost' : 'connecting');
    for (const name of listened.split(' ')) {
      source.addEventListener(name, (event) => handler.current(name, JSON.parse((event as MessageEvent<string>).data)));
    }
    return () => source.close();
  }, [url, listened]);
  return state;
}

/** Whether a key belongs to a field, or to a command of the browser. */
export function isTyping(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement;
  return event.ctrlKey || event.metaKey || event.altKey || target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}

/** One-key commands of a page; not while typing. Returns nothing: the help overlay reads `hotkeys`. */
export function useHotkeysOf(keys: Record<string, { label: string; run: () => void }>): void {
  const current = useRef(keys);
  useEffect(() => {
    current.current = keys;
    hotkeys.set(Object.entries(keys).map(([key, { label }]) => ({ key, label })));
    return () => hotkeys.set([]);
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (isTyping(event) || event.target instanceof Element && event.target.closest('[role="dialog"]')) return;
      const found = current.current[event.key];
      if (!found) return;
      event.preventDefault();
      found.run();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}

export interface Hotkey {
  key: string;
  label: string;
}

class Hotkeys {
  private known: Hotkey[] = [];
  set(keys: Hotkey[]) {
    this.known = keys;
  }
  get(): readonly Hotkey[] {
    return this.known;
  }
}

/** What the present page understands, for the help overlay. */
export const hotkeys = new Hotkeys();
