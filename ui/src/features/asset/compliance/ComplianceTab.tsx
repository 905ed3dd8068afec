import { Link } from '@tanstack/react-router';

import { Badge, SeverityBadge, StateBadge } from '@/shared/badges';
import { plural } from '@/shared/format';
import { refName } from '@/shared/links';
import { Panel } from '@/shared/PageHeader';
import { RelativeTime } from '@/shared/RelativeTime';
import { EmptyState, Loaded } from '@/shared/states';

import styles from './compliance.module.css';
import { type Finding, useFindings } from './queries';

const DONE = ['resolved', 'waived'];

/** What is out of line on this asset: since when, who has it, and what would mend it. */
export function ComplianceTab({ asset }: { asset: string }) {
  const findings = useFindings(asset);
  return (
    <Loaded query={findings} isEmpty={(page) => page.items.length === 0} empty={<EmptyState title="Nothing is out of line">No check that is in force is broken by this asset. Checks follow the frameworks that are active under Compliance.</EmptyState>}>
      {(page) => {
        const open = page.items.filter((each) => !DONE.includes(each.state));
        const done = page.items.filter((each) => DONE.includes(each.state));
        return (
          <>
            {open.length ? <Findings title={plural(open.length, 'open finding')} findings={open} /> : <EmptyState title="Nothing is open">What was found here is resolved or waived.</EmptyState>}
            {done.length ? <Findings title={`${done.length} resolved or waived`} findings={done} /> : null}
          </>
        );
      }}
    </Loaded>
  );
}

function Findings({ title, findings }: { title: string; findings: readonly Finding[] }) {
  return (
    <Panel title={title} padded={false}>
      <ul className={styles.list}>
        {findings.map((each) => (
          <li key={each.id} className={styles.finding}>
            <span><SeverityBadge severity={each.severity} /></span>
            <div className={styles.words}>
              <Link to="/findings/$findingId" params={{ findingId: each.id } as never} className={styles.title}>{each.title}</Link>
              {each.subject !== each.asset ? <span className="mono faint"> {refName(each.subject)}</span> : null}
              {each.remedy ? <div className="muted">{each.remedy}</div> : null}
              <div className={styles.small}>
                <span>since <RelativeTime at={each.opened_at} /></span>
                <span>{each.owner ? `with ${each.owner}` : 'with nobody yet'}</span>
                {each.overdue ? <span className={styles.late}>overdue, was due <RelativeTime at={each.due_at} /></span> : DONE.includes(each.state) ? null : <span>due <RelativeTime at={each.due_at} /></span>}
                {each.frameworks.map((framework) => <Badge key={framework} tone="outline">{framework}</Badge>)}
              </div>
            </div>
            <StateBadge state={each.state} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}
