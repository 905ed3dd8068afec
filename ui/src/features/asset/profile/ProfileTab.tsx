import { Select } from '@mantine/core';

import { abbreviated, inFull, percent } from '@/shared/format';
import { useUrlState } from '@/shared/hooks';
import { Panel } from '@/shared/PageHeader';
import { RelativeTime } from '@/shared/RelativeTime';
import { Sparkline } from '@/shared/Sparkline';
import { EmptyState, Loaded } from '@/shared/states';

import type { AssetDetail } from '../queries';
import { type Profile, useProfile } from '../queries-quality';
import { ColumnDetail } from './ColumnDetail';
import styles from './profile.module.css';

/** What each column holds, as the last scan found it. */
export function ProfileTab({ asset }: { asset: AssetDetail }) {
  const profile = useProfile(asset);
  return (
    <Loaded query={profile} isEmpty={(found) => found === null || found.columns.length === 0} empty={<NotProfiled />}>
      {(found) => (found ? <Inside profile={found} /> : null)}
    </Loaded>
  );
}

export function NotProfiled() {
  return <EmptyState title="Not profiled yet">Scan its source, and what each column holds stands here. Views and routines are not read.</EmptyState>;
}

function Inside({ profile }: { profile: Profile }) {
  const [{ column }, set] = useUrlState();
  const chosen = profile.columns.find((each) => each.name === column) ?? profile.columns[0];
  return (
    <Panel title={<span title={inFull(profile.rows)}>{abbreviated(profile.rows)} rows, {profile.columns.length} columns</span>} actions={<span className="faint">read <RelativeTime at={profile.at} /></span>} padded={false}>
      <div className={styles.pick}>
        <Select label="Column" searchable data={profile.columns.map((each) => each.name)} value={chosen?.name ?? null} allowDeselect={false} onChange={(name) => set({ column: name ?? undefined })} />
      </div>
      <div className={styles.layout}>
        <nav className={styles.list} aria-label="Columns">
          {profile.columns.map((each) => (
            <button key={each.name} type="button" className={styles.item} aria-current={each.name === chosen?.name} onClick={() => set({ column: each.name })}>
              <span className={styles.name} title={each.name}>{each.name}</span>
              <span>{each.histogram ? <Sparkline values={each.histogram.counts} width={56} height={16} label={`Distribution of ${each.name}`} /> : null}</span>
              <span className={`faint ${styles.small}`}>{each.kind}</span>
              <span className={`faint ${styles.small}`}>{each.nulls ? `${percent(each.null_share)} null` : 'no nulls'}</span>
            </button>
          ))}
        </nav>
        {chosen ? <ColumnDetail key={chosen.name} column={chosen} /> : null}
      </div>
    </Panel>
  );
}
