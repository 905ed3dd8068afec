import { inFull } from '@/shared/format';
import { Panel } from '@/shared/PageHeader';
import { useMay } from '@/shared/session';
import { SkeletonRows } from '@/shared/states';

import { Line } from './AtRisk';
import styles from './home.module.css';
import { type Overview, useApprovals, useCoverage, useFindingCounts } from './queries';

interface Task {
  key: string;
  count: number;
  /** For one, and for many. */
  words: readonly [string, string];
  to: string;
  search?: Record<string, string>;
}

/** What waits for the one who looks; what is done is not listed. */
export function NeedsMe({ overview }: { overview: Overview }) {
  const approvals = useApprovals();
  const coverage = useCoverage();
  const findings = useFindingCounts();
  const mayDecide = useMay('classification.decide');
  const mayManage = useMay('compliance.manage');
  const mayAnnotate = useMay('catalog.annotate');
  const asked = [approvals, coverage, findings.mine, findings.unassigned];
  if (asked.some((query) => query.isLoading)) return <Panel title="Needs you" padded={false}><SkeletonRows count={3} /></Panel>;

  const waiting = (coverage.data?.sources ?? []).reduce((sum, source) => sum + source.suggested, 0);
  const tasks: Task[] = [
    { key: 'approvals', count: approvals.data?.items.length ?? 0, words: ['scan waits for your approval', 'scans wait for your approval'], to: '/scans', search: { tab: 'approvals' } },
    { key: 'mine', count: findings.mine.data ?? 0, words: ['finding is yours to mend', 'findings are yours to mend'], to: '/findings', search: { owner: findings.me ?? '' } },
    { key: 'labels', count: mayDecide ? waiting : 0, words: ['suggested label waits for a decision', 'suggested labels wait for a decision'], to: '/review' },
    { key: 'unassigned', count: mayManage ? (findings.unassigned.data ?? 0) : 0, words: ['finding belongs to nobody yet', 'findings belong to nobody yet'], to: '/findings', search: { unassigned: 'yes' } },
    { key: 'owner', count: mayAnnotate ? overview.totals.without_owner : 0, words: ['asset has no owner', 'assets have no owner'], to: '/assets', search: { unowned: '1' } },
    { key: 'description', count: mayAnnotate ? overview.totals.without_description : 0, words: ['asset is not described', 'assets are not described'], to: '/assets', search: { undescribed: '1' } },
  ];
  const open = tasks.filter((task) => task.count > 0);
  return (
    <Panel title="Needs you" padded={false}>
      {open.length === 0 ? <p className={styles.quiet}>Nothing waits for you.</p> : (
        <ul className={styles.list} aria-label="What needs you">
          {open.map((task) => <Line key={task.key} to={task.to} search={task.search} start={<strong className={styles.count}>{inFull(task.count)}</strong>}>{task.words[task.count === 1 ? 0 : 1]}</Line>)}
        </ul>
      )}
    </Panel>
  );
}
