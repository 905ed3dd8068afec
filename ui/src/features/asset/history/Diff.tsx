import { Select } from '@mantine/core';

import { Badge, type Tone } from '@/shared/badges';
import { words } from '@/shared/format';
import { Panel } from '@/shared/PageHeader';
import { EmptyState, Loaded } from '@/shared/states';

import { type Difference, useDiff } from '../queries';
import styles from './history.module.css';

const tones: Record<string, Tone> = { added: 'ok', removed: 'critical', changed: 'medium' };

/** What the asset says of itself is said in words; a column keeps its name. */
const own: Record<string, string> = { retention_days: 'Kept for, days', public_grants: 'Granted to everybody' };
const named = (where: string): string => own[where] ?? (/^[a-z_]+$/.test(where) ? words(where) : where);

/** What differs between two versions, entry by entry. */
export function Diff({ asset, before, after, versions, onBefore }: { asset: string; before: number; after: number; versions: readonly number[]; onBefore: (version: string | undefined) => void }) {
  const diff = useDiff(asset, before, after);
  const earlier = versions.filter((each) => each < after);
  if (before < 1) return <Panel><EmptyState title="The first version">There is nothing before it to compare with.</EmptyState></Panel>;
  return (
    <Panel
      title={`What version ${after} changed`}
      actions={<Select aria-label="Compare with" data={earlier.map((each) => ({ value: String(each), label: `against version ${each}` }))} value={String(before)} onChange={(next) => onBefore(next ?? undefined)} allowDeselect={false} w={170} />}
      padded={false}
    >
      <Loaded query={diff} isEmpty={(found) => found.length === 0} empty={<EmptyState title="Nothing differs">The two versions say the same.</EmptyState>}>
        {(found) => (
          <ul className={styles.differences}>
            {found.map((each) => (
              <li key={each.where} className={styles.difference}>
                <span><Badge tone={tones[each.kind] ?? 'neutral'}>{words(each.kind)}</Badge></span>
                <span className={styles.where}>{named(each.where)}</span>
                <Values difference={each} />
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Panel>
  );
}

function said(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((each) => typeof each !== 'object')) return value.join(', ') || '(none)';
  if (typeof value === 'object') return Object.entries(value).filter(([, each]) => each !== null && each !== undefined && each !== '').map(([key, each]) => `${key}: ${said(each)}`).join(', ');
  return String(value);
}

function Values({ difference }: { difference: Difference }) {
  const [before, after] = [said(difference.before), said(difference.after)];
  return (
    <span className={styles.values}>
      {before ? <del className={styles.before}>{before}</del> : null}
      {after ? <ins className={styles.after}>{after}</ins> : null}
    </span>
  );
}
