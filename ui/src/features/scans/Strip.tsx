import type { UseQueryResult } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import type { components } from '@/api/schema';
import { inFull } from '@/shared/format';
import { SkeletonBlock } from '@/shared/states';

import styles from './scans.module.css';

/** The machinery in one line: each number leads to what it counts. */
export function Strip({ status }: { status: UseQueryResult<components['schemas']['OrchestratorOut']> }) {
  if (status.isPending) return <div style={{ marginBottom: 16 }}><SkeletonBlock height={56} /></div>;
  const now = status.data;
  if (!now) return null;
  const cells: [string, string, string | undefined][] = [
    ['Running', inFull(now.runs_running), undefined],
    ['Queued', inFull(now.runs_queued), undefined],
    ['Wait for approval', inFull(now.runs_awaiting_approval), 'approvals'],
    ['Workers', inFull(now.workers), 'workers'],
    ['Slots busy', `${inFull(now.busy)} of ${inFull(now.slots)}`, 'workers'],
    ['Chunks ready', inFull(now.chunks_ready), 'workers'],
  ];
  return (
    <div className={`panel ${styles.strip}`}>
      {cells.map(([label, value, tab]) => (
        <Link key={label} to="/scans" search={(tab ? { tab } : {}) as never} className={styles.cell}>
          <span className="muted" style={{ fontSize: '0.75rem' }}>{label}</span>
          <b>{value}</b>
        </Link>
      ))}
      {now.workers === 0 ? <div style={{ padding: 12, color: 'var(--sev-medium)', gridColumn: '1 / -1', borderTop: '1px solid var(--line)' }}>No worker is alive: what is asked for waits until one starts.</div> : null}
    </div>
  );
}
