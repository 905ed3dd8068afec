import { words } from '@/shared/format';

const groups: Record<string, string> = { sources: 'Sources', rulesets: 'Rule sets', classification: 'Classification', catalog: 'Catalogue', compliance: 'Compliance', scans: 'Scans', identity: 'Accounts', platform: 'Platform', audit: 'Audit' };

/** `compliance.finding-opened.v1` as people say it. */
export function said(topic: string): { group: string; what: string } {
  const [group = '', what = topic] = topic.split('.');
  return { group: groups[group] ?? words(group), what: words(what.replaceAll('-', ' ')) };
}

export const topicGroups = Object.entries(groups).filter(([id]) => id !== 'audit').map(([id, title]) => ({ value: `${id}.`, label: title }));

const plain = ['reason', 'resolution', 'why', 'what', 'title', 'note'];
const skipped = ['actor', 'subject_ref', 'source', 'asset'];

/** The parts of a payload that tell most, in one line; what the subject says already is left out. */
export function gist(payload: Record<string, unknown>, subject: string): string {
  return Object.entries(payload)
    .filter(([key, value]) => value !== null && value !== '' && value !== subject && typeof value !== 'object' && !key.endsWith('_id') && !skipped.includes(key))
    .slice(0, 4)
    .map(([key, value]) => (plain.includes(key) ? String(value).replace(/\.$/, '') : `${key.replaceAll('_', ' ')}: ${String(value)}`))
    .join(', ');
}
