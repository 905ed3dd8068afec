import { Link } from '@tanstack/react-router';

import { StateBadge } from '@/shared/badges';
import { plural, words } from '@/shared/format';
import { AssetLink, refHome } from '@/shared/links';
import { Panel } from '@/shared/PageHeader';
import { RelativeTime } from '@/shared/RelativeTime';
import { EmptyState } from '@/shared/states';

import styles from './home.module.css';
import { type Overview, type Run, useRuns } from './queries';

const RUNS = 6;
const LINES = 3;
const ASSETS = 8;

/** What the scans found different, in plain words, and what people and scans changed in a day. */
export function Changed({ overview }: { overview: Overview }) {
  const runs = useRuns();
  const latest = (runs.data?.items ?? []).slice(0, RUNS);
  const assets = [...overview.changed.filter((each) => !each.changed.includes('created')), ...overview.vanished].sort((a, b) => b.at.localeCompare(a.at)).slice(0, ASSETS);
  const fresh = overview.changed.filter((each) => each.changed.includes('created')).length;
  if (latest.length === 0 && assets.length === 0 && fresh === 0) {
    return <Panel title="What changed" padded={false}><EmptyState title="Nothing in the last day" /></Panel>;
  }
  return (
    <Panel title="What changed" actions={<Link to="/scans" className="muted">All scans</Link>} padded={false}>
      <ul className={styles.list} aria-label="Latest scans">
        {latest.map((run) => <OneRun key={run.id} run={run} />)}
      </ul>
      {assets.length ? (
        <ul className={styles.list} aria-label="Changed assets">
          {assets.map((each) => (
            <li key={`${each.asset_id} ${each.at}`} className={styles.change}>
              <AssetLink asset={each.ref} search={{ tab: 'history' }} className={styles.words}><strong style={{ fontWeight: 500 }}>{each.name}</strong> <span className="faint">{refHome(each.ref)}: {each.changed.map(words).join(', ').toLowerCase()}{each.actor ? ` by ${each.actor}` : ''}</span></AssetLink>
              <span className={styles.end}><RelativeTime at={each.at} /></span>
            </li>
          ))}
        </ul>
      ) : null}
    </Panel>
  );
}

function OneRun({ run }: { run: Run }) {
  const changes = run.changes ?? [];
  return (
    <li className={styles.run}>
      <div className={styles.runHead}>
        <Link to="/scans/$runId" params={{ runId: run.id } as never} className={styles.words}><strong style={{ fontWeight: 500 }}>{run.source}</strong> <span className="faint">{run.state === 'running' ? `${run.assets_done} of ${plural(run.assets_total, 'asset')} so far` : `${plural(run.assets_done, 'asset')} scanned`}</span></Link>
        <StateBadge state={run.state} />
        <span className={styles.end}><RelativeTime at={run.ended_at ?? run.requested_at} /></span>
      </div>
      {changes.slice(0, LINES).map((line) => <div key={line} className={styles.said}>{line}</div>)}
      {changes.length > LINES ? <Link to="/scans/$runId" params={{ runId: run.id } as never} className={styles.said}>{plural(changes.length - LINES, 'more change')}</Link> : null}
    </li>
  );
}
