import { SeverityBadge, StateBadge } from '@/shared/badges';
import { plural } from '@/shared/format';
import { Panel } from '@/shared/PageHeader';
import { RelativeTime } from '@/shared/RelativeTime';

import { useIncidents } from '../queries-quality';
import styles from './quality.module.css';

const CLOSED = ['resolved', 'false_positive'];

/** What is wrong with the asset now, and what was. Silent when there never was anything. */
export function Incidents({ asset }: { asset: string }) {
  const incidents = useIncidents(asset);
  const items = incidents.data?.items ?? [];
  if (items.length === 0) return null;
  const open = items.filter((each) => !CLOSED.includes(each.state));
  return (
    <Panel title={open.length ? plural(open.length, 'open incident') : 'Incidents, all closed'} padded={false}>
      <ul className={styles.list}>
        {[...open, ...items.filter((each) => CLOSED.includes(each.state))].map((each) => (
          <li key={each.id} className={styles.incident}>
            <span><SeverityBadge severity={each.severity} /></span>
            <div className={styles.grow}>
              <div>{each.title}</div>
              <div className="muted">{each.detail}</div>
              {each.root_cause ? <div className="muted">Cause: {each.root_cause}</div> : null}
              {each.resolution ? <div className="muted">Closed{each.resolved_by ? ` by ${each.resolved_by}` : ''}: {each.resolution}</div> : null}
              <div className="faint">since <RelativeTime at={each.opened_at} />{each.occurrences > 1 ? `, seen ${each.occurrences} times` : ''}{each.acknowledged_by ? `, ${each.acknowledged_by} looks at it` : ''}</div>
            </div>
            <StateBadge state={each.state} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}
