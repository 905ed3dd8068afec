import { Link, useNavigate } from '@tanstack/react-router';

import { Badge, SeverityBadge, StateBadge } from '@/shared/badges';
import { type Column, DataTable } from '@/shared/DataTable';
import { inFull } from '@/shared/format';
import layout from '@/shared/layout.module.css';
import { MoreRows } from '@/shared/paging';
import { RelativeTime } from '@/shared/RelativeTime';
import { Loaded, SkeletonRows } from '@/shared/states';
import { Subject } from '@/shared/Subject';

import styles from './compliance.module.css';
import { type Check, type Finding, type Requirement, useChecks, useFindings } from './queries';

const columns: Column<Finding>[] = [
  { key: 'subject', title: 'What fails', width: 'minmax(200px, 2fr)', cell: (each) => <Subject of={each} /> },
  { key: 'owner', title: 'Owner', width: 'minmax(90px, 1fr)', cell: (each) => each.owner ?? <Badge tone="medium">Nobody</Badge>, sort: (each) => each.owner },
  { key: 'since', title: 'Since', width: '130px', cell: (each) => <RelativeTime at={each.opened_at} />, sort: (each) => each.opened_at },
  { key: 'due', title: 'Due', width: '130px', cell: (each) => <span style={each.overdue ? { color: 'var(--sev-critical)' } : undefined}><RelativeTime at={each.due_at} /></span>, sort: (each) => each.due_at },
  { key: 'state', title: 'State', width: '120px', cell: (each) => <StateBadge state={each.state} /> },
];

/** The checks of a requirement, and for each exactly what fails it, whose it is and since when. */
export function RequirementInside({ requirement }: { requirement: Requirement }) {
  const checks = useChecks();
  return (
    <div className={styles.inside}>
      {requirement.guidance ? <p className="muted" style={{ margin: 0 }}>{requirement.guidance}</p> : null}
      {requirement.checks.length === 0 ? <p style={{ margin: 0 }}>No check can tell this: somebody has to look and say so.</p> : (
        <Loaded query={checks} skeleton={<SkeletonRows count={3} />}>
          {(all) => <>{requirement.checks.flatMap((id) => { const check = all.find((each) => each.id === id); return check ? [<CheckPart key={id} check={check} />] : []; })}</>}
        </Loaded>
      )}
    </div>
  );
}

function CheckPart({ check }: { check: Check }) {
  const fails = check.failing + check.waived > 0;
  return (
    <div className={styles.check}>
      <div className={styles.checkHead}>
        <div className={layout.row}>
          {check.subjects === 0 ? <Badge>No subject</Badge> : check.failing > 0 ? <Badge tone="critical">{inFull(check.failing)} fail</Badge> : <Badge tone="ok">All pass</Badge>}
          <strong style={{ fontWeight: 500 }}>{check.title}</strong>
          <SeverityBadge severity={check.severity} />
        </div>
        <span className="muted">{check.subjects === 0 ? 'nothing in the estate falls under it' : `${inFull(check.passed)} of ${inFull(check.subjects)} pass${check.waived ? `, ${inFull(check.waived)} waived` : ''}${check.undecided ? `, ${inFull(check.undecided)} undecided` : ''}`}</span>
      </div>
      {fails ? <Failing check={check} /> : null}
    </div>
  );
}

function Failing({ check }: { check: Check }) {
  const findings = useFindings({ check: check.id, state: ['open', 'acknowledged', 'in_progress', 'waived'], limit: 50 }, { every: false });
  const navigate = useNavigate();
  return (
    <div style={{ borderTop: '1px solid var(--line)' }}>
      <div className="muted" style={{ padding: '8px 12px' }}>{check.remedy} <Link to="/findings" search={{ check: check.id } as never} className={layout.link}>Work on them</Link></div>
      <Loaded query={findings} skeleton={<SkeletonRows count={3} />} isEmpty={(rows) => rows.length === 0} empty={<p className="muted" style={{ margin: 0, padding: 12 }}>None that you may see.</p>}>
        {(rows) => <DataTable label={`What fails ${check.title}`} rows={rows} columns={columns} rowKey={(each) => each.id} onOpen={(each) => void navigate({ to: '/findings/$findingId', params: { findingId: each.id } as never })} footer={<MoreRows list={findings} />} />}
      </Loaded>
    </div>
  );
}
