import { Count } from '@/shared/Count';
import { inFull, percent, plural, score, words } from '@/shared/format';
import { StatCard } from '@/shared/StatCard';

import styles from './home.module.css';
import { type Overview, useEstateQuality, type useSources } from './queries';

type Sources = NonNullable<ReturnType<typeof useSources>['data']>['items'];

const KINDS = 2;

/** What there is, each number a link to the things it counts. */
export function WhatWeHave({ overview, sources }: { overview: Overview; sources: Sources | undefined }) {
  const quality = useEstateQuality();
  const { totals } = overview;
  const ill = (sources ?? []).filter((each) => each.health === 'down' || each.health === 'degraded');
  const kinds = [...overview.by_kind].sort((a, b) => b.count - a.count);
  return (
    <section className={styles.cards} aria-label="What we have">
      {sources ? <StatCard label="Sources" value={<Count value={sources.length} />} detail={ill.length ? <span style={{ color: 'var(--sev-critical)' }}>{ill.map((each) => each.name).join(', ')} {ill.length === 1 ? 'is' : 'are'} not well</span> : 'all reachable'} to="/sources" /> : null}
      <StatCard label="Assets" value={<Count value={totals.assets} />} detail={kinds.slice(0, KINDS).map((each) => `${inFull(each.count)} ${words(each.value).toLowerCase()}${each.count === 1 ? '' : 's'}`).join(', ')} to="/assets" />
      <StatCard label="Columns" value={<Count value={totals.columns} />} detail={<><Count value={totals.rows} /> rows</>} to="/assets" />
      <StatCard label="Sensitive columns" value={<Count value={overview.sensitive_columns} />} detail={totals.columns ? `${percent(overview.sensitive_columns / totals.columns)} of all, in ${plural(totals.sensitive_assets, 'asset')}` : undefined} to="/search" search={{ sensitivity: 'restricted|confidential' }} />
      {quality.data ? <StatCard label="Data quality" value={quality.data.score === null ? '–' : <>{score(quality.data.score)}<span className={styles.of}> / 100</span></>} detail={quality.data.score === null ? 'nothing checked yet' : `${inFull(quality.data.failed)} of ${inFull(quality.data.passed + quality.data.failed)} checks fail`} to="/quality" /> : null}
    </section>
  );
}
