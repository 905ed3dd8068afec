import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { SensitivityBadge, SeverityBadge } from '@/shared/badges';
import { inFull, percent, plural } from '@/shared/format';
import { Panel } from '@/shared/PageHeader';
import { ScoreBar } from '@/shared/Score';
import { useMay } from '@/shared/session';
import { Loaded, SkeletonRows } from '@/shared/states';

import styles from './home.module.css';
import { type Compliance, type Overview, useCompliance, useFrameworks, useIncidentCounts } from './queries';

const severities = ['critical', 'high', 'medium', 'low'] as const;
const tones = { restricted: 'var(--sev-critical)', confidential: 'var(--sev-high)', internal: 'var(--sev-low)', public: 'var(--ink-3)' } as const;
const levels = ['restricted', 'confidential', 'internal', 'public'] as const;

/** What is out of line, broken or exposed. */
export function AtRisk({ overview }: { overview: Overview }) {
  const mayCompliance = useMay('compliance.read');
  const compliance = useCompliance();
  return (
    <>
      {mayCompliance ? (
        <Panel title="At risk" actions={<Link to="/findings" className="muted">All findings</Link>} padded={false}>
          <Loaded query={compliance} skeleton={<SkeletonRows count={4} />}>
            {(found) => <><Severities found={found} /><Frameworks found={found} /></>}
          </Loaded>
        </Panel>
      ) : null}
      <Panel title="Where sensitive data lies" actions={<Link to="/assets" className="muted">All assets</Link>} padded={false}>
        <ul className={styles.list}>
          {levels.map((level) => {
            const count = overview.by_sensitivity.find((each) => each.value === level)?.count ?? 0;
            return (
              <Line key={level} to="/assets" search={{ sensitivity: level }} start={<span className={styles.level}><SensitivityBadge level={level} /></span>} end={plural(count, 'asset')}>
                <span className={styles.share} aria-hidden><span style={{ background: tones[level], width: `${overview.totals.assets ? (count / overview.totals.assets) * 100 : 0}%` }} /></span>
              </Line>
            );
          })}
          {overview.totals.copies ? <Line to="/assets" search={{ copies: '1' }} start={<strong className={styles.count}>{inFull(overview.totals.copies)}</strong>}>look like abandoned copies of other assets</Line> : null}
        </ul>
      </Panel>
    </>
  );
}

function Severities({ found }: { found: Compliance }) {
  const incidents = useIncidentCounts();
  return (
    <>
      <div className={styles.severities}>
        {severities.map((severity) => (
          <Link key={severity} to="/findings" search={{ severity } as never} className={styles.severity} aria-label={`${found.by_severity[severity] ?? 0} open findings of severity ${severity}`}>
            <span className={styles.number}>{inFull(found.by_severity[severity] ?? 0)}</span>
            <SeverityBadge severity={severity} />
          </Link>
        ))}
      </div>
      <ul className={styles.list}>
        {found.overdue ? <Line to="/findings" search={{ overdue: 'yes' }} start={<strong className={styles.count} style={{ color: 'var(--sev-critical)' }}>{inFull(found.overdue)}</strong>}>findings are overdue</Line> : null}
        {incidents.data?.open ? <Line to="/quality" start={<strong className={styles.count}>{inFull(incidents.data.open)}</strong>}>data quality incidents are open</Line> : null}
      </ul>
    </>
  );
}

function Frameworks({ found }: { found: Compliance }) {
  const frameworks = useFrameworks();
  if (found.frameworks.length === 0) return <p className={styles.quiet}>No framework is active. <Link to="/compliance">Choose one</Link>, and its checks begin to judge.</p>;
  const titles = new Map((frameworks.data ?? []).map((each) => [each.id, each.title]));
  return (
    <ul className={styles.list} aria-label="Frameworks">
      {[...found.frameworks].sort((a, b) => (a.score ?? 101) - (b.score ?? 101)).map((each) => (
        <Line key={each.framework} to={`/compliance/${each.framework}`} end={<ScoreBar score={each.score} coverage={`The checks tell about ${percent(each.coverage)} of its requirements.`} />}>
          <strong style={{ fontWeight: 500 }}>{titles.get(each.framework) ?? each.framework}</strong><span className={styles.under}>{each.failing ? `${plural(each.failing, 'requirement')} ${each.failing === 1 ? 'fails' : 'fail'}` : 'no requirement fails'}{each.manual ? `, ${each.manual} for people to judge` : ''}</span>
        </Line>
      ))}
    </ul>
  );
}

export function Line({ to, search, start, end, children }: { to: string; search?: Record<string, string>; start?: ReactNode; end?: ReactNode; children: ReactNode }) {
  return (
    <li>
      <Link to={to} search={(search ?? {}) as never} className={styles.line}>
        {start}
        <span className={styles.words}>{children}</span>
        <span className={styles.end}>{end}</span>
      </Link>
    </li>
  );
}
