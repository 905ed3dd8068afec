import { useMantineColorScheme } from '@mantine/core';
import { IconBolt, IconClock, IconListSearch, IconMoon, IconPlus, IconSun } from '@tabler/icons-react';

import type { Entry } from './palette-entry';
import { navigation } from './navigation';
import { recentPages } from './recent';

const SIZE = 16;

/** What is known without asking the server: pages, actions, and what was looked at last. */
export function useLocalEntries(text: string): { first: Entry[]; rest: Entry[] } {
  const { setColorScheme } = useMantineColorScheme();
  const pages: Entry[] = navigation.map(({ title, to, icon: Icon }) => ({ id: `page ${to}`, group: 'Pages', title, icon: <Icon size={SIZE} />, href: to }));
  const actions: Entry[] = [
    { id: 'act connect', group: 'Actions', title: 'Connect a source', icon: <IconPlus size={SIZE} />, href: '/sources/new' },
    { id: 'act review', group: 'Actions', title: 'Review suggested labels', icon: <IconBolt size={SIZE} />, href: '/review' },
    { id: 'act dark', group: 'Actions', title: 'Use the dark theme', icon: <IconMoon size={SIZE} />, run: () => setColorScheme('dark') },
    { id: 'act light', group: 'Actions', title: 'Use the light theme', icon: <IconSun size={SIZE} />, run: () => setColorScheme('light') },
  ];
  if (!text) {
    const recent = recentPages().map((page): Entry => ({ id: `recent ${page.href}`, group: 'Recent', title: page.title, icon: <IconClock size={SIZE} />, href: page.href }));
    return { first: recent, rest: [...pages, ...actions] };
  }
  const wanted = text.toLowerCase();
  const fitting = [...pages, ...actions].filter((entry) => fits(entry.title, wanted));
  const exact = (entry: Entry) => entry.title.toLowerCase() === wanted;
  const everything: Entry = { id: 'search', group: 'Search', title: `Search for “${text}”`, detail: 'all results, with facets', icon: <IconListSearch size={SIZE} />, href: `/search?${new URLSearchParams({ q: text })}` };
  return { first: fitting.filter(exact), rest: [...fitting.filter((entry) => !exact(entry)), everything] };
}

/** Whether every word typed begins some word of the title. */
function fits(title: string, wanted: string): boolean {
  const parts = title.toLowerCase().split(/\s+/);
  return wanted.split(/\s+/).every((word) => parts.some((part) => part.startsWith(word)));
}
