import { abbreviated, duration, inFull, plural } from '@/shared/format';

import type { Progress, Run } from './queries';
import styles from './scans.module.css';

/** The figures of a run that are shown everywhere, from the live feed or from the list. */
export interface Figures {
  stage: string;
  state: string;
  assetsTotal: number;
  assetsDone: number;
  assetsFailed: number;
  rows: number;
  rowsExpected: number | null;
  perSecond: number | null;
  /** Until the forecast end; null where there is no forecast. */
  secondsLeft: number | null;
  current: readonly string[];
  /** Why less is read than could be. */
  held: string | null;
}

export const ofRun = (run: Run): Figures => ({
  stage: run.stage, state: run.state, assetsTotal: run.assets_total, assetsDone: run.assets_done, assetsFailed: run.assets_failed,
  rows: run.rows_done, rowsExpected: run.rows_expected, perSecond: null, secondsLeft: null, current: [], held: null,
});

export const ofProgress = (live: Progress): Figures => ({
  stage: live.stage, state: live.state, assetsTotal: live.assets_total, assetsDone: live.assets_done, assetsFailed: live.assets_failed,
  rows: live.rows_read, rowsExpected: live.rows_estimated, perSecond: live.rows_per_second, secondsLeft: live.eta_at ? (new Date(live.eta_at).getTime() - Date.now()) / 1000 : null, current: live.current, held: live.held,
});

/** How much is done, from 0 to 1: by rows where they are known, else by assets. */
export function shareDone(figures: Figures): number {
  if (figures.stage === 'finished') return 1;
  if (figures.rowsExpected) return Math.min(1, figures.rows / figures.rowsExpected);
  return figures.assetsTotal > 0 ? Math.min(1, (figures.assetsDone + figures.assetsFailed) / figures.assetsTotal) : 0;
}

export function Bar({ figures, label }: { figures: Figures; label: string }) {
  const share = shareDone(figures);
  const waiting = figures.state === 'awaiting_approval' || figures.state === 'queued';
  return (
    <div className={`${styles.track} ${waiting ? styles.waiting : ''}`} role="progressbar" aria-label={label} aria-valuenow={Math.round(share * 100)} aria-valuemin={0} aria-valuemax={100}>
      <div className={styles.done} style={{ width: `${share * 100}%` }} />
      {figures.assetsFailed > 0 && figures.assetsTotal > 0 ? <div className={styles.failed} style={{ width: `${(figures.assetsFailed / figures.assetsTotal) * 100}%` }} /> : null}
    </div>
  );
}

/** Rows, speed and forecast in one line. */
export function FiguresLine({ figures }: { figures: Figures }) {
  const left = figures.secondsLeft;
  return (
    <div className={styles.figures}>
      <span>{inFull(figures.assetsDone)} of {plural(figures.assetsTotal, 'asset')}</span>
      {figures.assetsFailed > 0 ? <span style={{ color: 'var(--sev-critical)' }}>{inFull(figures.assetsFailed)} failed</span> : null}
      <span title={inFull(figures.rows)}>{abbreviated(figures.rows)}{figures.rowsExpected ? ` of about ${abbreviated(figures.rowsExpected)}` : ''} rows</span>
      {figures.perSecond ? <span>{abbreviated(Math.round(figures.perSecond))} rows/s</span> : null}
      {figures.held ? <span role="status" className={styles.held}>{figures.held}</span> : null}
      {left !== null && left > 0 && !figures.held ? <span>about {duration(left < 10 ? Math.ceil(left) : left)} left</span> : null}
    </div>
  );
}
