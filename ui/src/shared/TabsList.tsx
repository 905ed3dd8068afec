import { Tabs } from '@mantine/core';
import { type ReactNode, useEffect, useRef } from 'react';

/** The tabs of a page in one line: where they do not fit they scroll, and the chosen one is in view. */
export function TabsList({ chosen, children }: { chosen: string; children: ReactNode }) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const frame = list.current;
    const tab = frame?.querySelector<HTMLElement>('[role="tab"][aria-selected="true"]');
    if (frame && tab) frame.scrollLeft = tab.offsetLeft - (frame.clientWidth - tab.clientWidth) / 2;
  }, [chosen]);
  return <Tabs.List ref={list} mb="md" style={{ flexWrap: 'nowrap', overflowX: 'auto', overflowY: 'hidden', scrollbarWidth: 'none' }}>{children}</Tabs.List>;
}
