import { Tooltip } from '@mantine/core';

import { percent, plural, words } from '@/shared/format';
import { Panel } from '@/shared/PageHeader';
import { RelativeTime } from '@/shared/RelativeTime';
import { ScoreBar, ScoreRing } from '@/shared/Score';
import { Sparkline } from '@/shared/Sparkline';
import { EmptyState, Loaded, SkeletonBlock } from '@/shared/states';

import { type AssetScore, useScore, useScoreTrend } from '../queries-quality';
import { Checks } from './Checks';
import { Incidents } from './Incidents';
import styles from './quality.module.css';

/** How good the data is: the score and what it is made of, every check, what is wrong now. */
export function QualityTab({ asset }: { asset: string }) {
  const score = useScore(asset);
  return (
    <>
      <Loaded query={score} skeleton={<SkeletonBlock height={140} />} isEmpty={(found) => found.latest === null} empty={<EmptyState title="Not checked yet">Scan its source, and its checks are answered. Views and routines are not read.</EmptyState>}>
        {(found) => <Score asset={asset} score={found} />}
      </Loaded>
      <Incidents asset={asset} />
      <Checks asset={asset} />
    </>
  );
}

function Score({ asset, score }: { asset: string; score: AssetScore }) {
  const trend = useScoreTrend(asset);
  const latest = score.latest;
  if (!latest) return null;
  const past = (trend.data ?? []).flatMap((each) => (each.score === null ? [] : [each.score]));
  return (
    <Panel>
      <div className={styles.score}>
        <div className={styles.ring}>
          <ScoreRing score={latest.score} size={96} label="Quality" />
          {latest.capped ? <Tooltip label="A failing check holds the score down: below 60 a critical one, below 80 a high one, below 95 a medium one." multiline w={220}><span className="faint">held down by a failing check</span></Tooltip> : null}
        </div>
        <dl className={styles.dimensions}>
          {Object.entries(latest.dimensions).map(([dimension, value]) => (
            <div key={dimension} style={{ display: 'contents' }}>
              <dt>{words(dimension)}</dt>
              <dd><ScoreBar score={value} width={140} /></dd>
            </div>
          ))}
        </dl>
        <div className={styles.facts}>
          <div><strong>{plural(latest.passed, 'check')}</strong> passed, <strong>{latest.failed}</strong> failed{latest.unanswered ? <>, {latest.unanswered} without an answer</> : null}</div>
          <div className="muted">{percent(latest.coverage)} of the columns were looked at by a check.</div>
          <div className="muted">Measured <RelativeTime at={latest.at} />.</div>
          {past.length > 1 ? <div><Sparkline kind="line" values={past} width={180} height={32} label={`Score over ${past.length} scans`} /></div> : null}
        </div>
      </div>
      <details className={styles.formula}>
        <summary>How the score is made</summary>
        <p className="muted">{score.formula}</p>
      </details>
    </Panel>
  );
}
