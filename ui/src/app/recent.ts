export interface Visited {
  href: string;
  title: string;
}

const KEY = 'muniment.recent';
const MOST = 8;

/** The pages last looked at on this machine, the latest first; nothing leaves the browser. */
export function recentPages(): Visited[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(kept) ? kept.filter((each): each is Visited => typeof each?.href === 'string' && typeof each?.title === 'string') : [];
  } catch {
    return [];
  }
}

export function remember(page: Visited): void {
  const others = recentPages().filter((each) => each.href !== page.href);
  try {
    localStorage.setItem(KEY, JSON.stringify([page, ...others].slice(0, MOST)));
  } catch {
    // A browser that keeps nothing still shows pages.
  }
}

export function forgetRecent(): void {
  localStorage.removeItem(KEY);
}
