import { inFull, plural, words } from '@/shared/format';
import layout from '@/shared/layout.module.css';
import { Panel } from '@/shared/PageHeader';
import { ScoreBar, ScoreRing } from '@/shared/Score';
import { Sparkline } from '@/shared/Sparkline';
import { Loaded, SkeletonBlock } from '@/shared/states';

import { type Day, type Estate, useEstate, useTrend } from './queries';

/** The score of everything, by dimension, with how much of the estate it speaks of. */
export function EstateScore() {
  const estate = useEstate();
  const trend = useTrend(30);
  return (
    <Loaded query={estate} skeleton={<SkeletonBlock height={150} />}>
      {(now) => (
        <div className={layout.main}>
          <Panel>
            <div className={layout.row} style={{ gap: 16, flexWrap: 'nowrap' }}>
              <ScoreRing score={now.score} label="Quality of the estate" size={88} />
              <div className={layout.grow}>
                <Words now={now} />
                <details style={{ marginTop: 6 }}>
                  <summary className="muted" style={{ cursor: 'pointer' }}>How it is made</summary>
                  <p className="muted" style={{ margin: '6px 0 0' }}>{now.formula}</p>
                </details>
              </div>
              <Trend days={trend.data ?? []} />
            </div>
          </Panel>
          <Panel>
            <table style={{ width: '100%', fontSize: '0.8125rem', borderSpacing: 0 }}>
              <tbody>
                {now.dimensions.map((each) => (
                  <tr key={each.dimension}>
                    <td style={{ padding: '3px 0' }}>{words(each.dimension)}</td>
                    <td><ScoreBar score={each.score} width={96} /></td>
                    <td className="muted" style={{ textAlign: 'right' }} title="Assets in which it was checked">{plural(each.assets, 'asset')}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            {now.dimensions.length === 0 ? <span className="muted">Nothing was checked yet.</span> : null}
          </Panel>
        </div>
      )}
    </Loaded>
  );
}

function Words({ now }: { now: Estate }) {
  if (now.score === null) return <div>Nothing was checked yet: a scan checks what it reads.</div>;
  const all = now.passed + now.failed + now.unanswered;
  return (
    <div>
      <strong>{now.score.toFixed(1)} of 100</strong> over {plural(now.assets, 'asset')}. {inFull(now.passed)} of {inFull(all)} checks pass, <strong>{inFull(now.failed)} fail</strong>{now.unanswered > 0 ? `, ${inFull(now.unanswered)} could not be answered` : ''}.
    </div>
  );
}

function Trend({ days }: { days: readonly Day[] }) {
  if (days.length < 2) return null;
  return <div title="Day by day"><Sparkline kind="line" width={140} height={48} values={days.map((day) => day.score)} label={`Scores of the last ${days.length} days, now ${Math.round(days.at(-1)?.score ?? 0)}`} /></div>;
}
