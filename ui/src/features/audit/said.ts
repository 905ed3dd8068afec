import { words } from '@/shared/format';

const groups: Record<string, string> = { sources: 'Sources', rulesets: 'Rule sets', classification: 'Classification', catalog: 'Catalogue', compliance: 'Compliance', scans: 'Scans', identity: 'Accounts', platform: 'Platform', audit: 'Audit' };

/** `compliance.finding-opened.v1` as people say it. */
export function said(topic: string): { group: string; what: string } {
  const [group = '', what = topic] = topic.split('.');
  return { group: groups[group] ?? words(group), what: words(what.replaceAll('-', ' ')) };
}

export const topicGroups = Object.entries(groups).filter(([id]) => id !== 'audit').map(([id, title]) => ({ value: `${id}.`, label: title }));

/** The parts of a payload that tell most, in one line. */
export function gist(payload: Record<string, unknown>): string {
  return Object.entries(payload)
    .filter(([key, value]) => value !== null && value !== '' && !key.endsWith('_id') && key !== 'actor' && typeof value !== 'object')
    .slice(0, 4)
    .map(([key, value]) => `${key.replaceAll('_', ' ')} ${String(value)}`)
    .join(', ');
}
