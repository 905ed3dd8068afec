import { Button, SegmentedControl } from '@mantine/core';
import { Link } from '@tanstack/react-router';

import { Badge } from '@/shared/badges';
import { type Column, DataTable } from '@/shared/DataTable';
import { inFull, percent, plural } from '@/shared/format';
import { useUrlState } from '@/shared/hooks';
import layout from '@/shared/layout.module.css';
import { PageHeader, Panel } from '@/shared/PageHeader';
import { ScoreBar, ScoreRing } from '@/shared/Score';
import { useMay } from '@/shared/session';
import { Sparkline } from '@/shared/Sparkline';
import { StatCard } from '@/shared/StatCard';
import { EmptyState, Loaded, SkeletonBlock } from '@/shared/states';

import styles from './compliance.module.css';
import { type Framework, type Group, useBreakdown, useFrameworkActs, useFrameworks, useOverview, useScores } from './queries';
import { ReportMenu } from './ReportMenu';
import { Segments } from './Segments';

/** Where the estate stands against what the organisation answers to. */
export default function CompliancePage() {
  const overview = useOverview();
  const frameworks = useFrameworks();
  const acts = useFrameworkActs();
  const mayManage = useMay('compliance.manage');
  return (
    <>
      <PageHeader
        title="Compliance"
        lead="Where the estate stands against each framework. Every number opens to what it counts."
        actions={<>{mayManage ? <Button variant="default" loading={acts.judge.isPending} onClick={() => acts.judge.mutate()}>Judge everything now</Button> : null}<ReportMenu path="/api/v1/compliance/report" name="compliance-posture" /></>}
      />
      <Loaded query={overview} skeleton={<SkeletonBlock height={88} />}>
        {(now) => (
          <div className={layout.cards}>
            <StatCard label="Open findings" value={inFull(now.open)} detail={`${inFull(now.by_severity.critical ?? 0)} critical, ${inFull(now.by_severity.high ?? 0)} high`} to="/findings" />
            <StatCard label="Overdue" value={inFull(now.overdue)} detail="past the date promised" to="/findings" search={{ overdue: 'yes' }} />
            <StatCard label="Waived" value={inFull(now.waived)} detail="until a date" to="/findings" search={{ state: 'waived' }} />
            <StatCard label="Resolved" value={inFull(now.resolved)} to="/findings" search={{ state: 'resolved' }} />
            <StatCard label="Checks that fail" value={<>{inFull(now.checks_failing)} <span className="faint" style={{ fontSize: '0.875rem' }}>of {inFull(now.checks_in_force)}</span></>} detail={`${inFull(now.subjects_judged)} subjects judged`} to="/findings" />
          </div>
        )}
      </Loaded>
      <Loaded query={frameworks} skeleton={<SkeletonBlock height={220} />} isEmpty={(list) => list.length === 0} empty={<EmptyState title="No framework is installed" />}>
        {(list) => <div className={layout.wideCards}>{[...list].sort((a, b) => Number(b.active) - Number(a.active)).map((each) => <Card key={each.id} framework={each} />)}</div>}
      </Loaded>
      <Breakdown />
    </>
  );
}

function Card({ framework }: { framework: Framework }) {
  const scores = useScores(framework.id);
  const acts = useFrameworkActs();
  const mayManage = useMay('compliance.manage');
  const points = [...(scores.data?.items ?? [])].reverse().flatMap((point) => (point.score === null ? [] : [point.score]));
  const first = points[0];
  const last = points.at(-1);
  const moved = first !== undefined && last !== undefined && points.length > 1 ? last - first : null;
  return (
    <section className={`panel ${styles.framework}`} aria-label={framework.title}>
      <div className={styles.top}>
        <ScoreRing score={framework.active ? framework.score : null} label={framework.title} />
        <div className={layout.grow}>
          <h2 style={{ margin: 0, fontSize: '1rem' }}><Link to="/compliance/$frameworkId" params={{ frameworkId: framework.id } as never}>{framework.title}</Link></h2>
          <div className="muted">{framework.active ? <Link to="/findings" search={{ framework: framework.id } as never}>{plural(framework.open_findings, 'open finding')}</Link> : <Badge>Not in force</Badge>}</div>
          {framework.active ? <div className="faint" title={`${framework.formula}: what has no evidence or only a person can tell is no part of the score`}>{percent(framework.coverage)} of the requirements measured</div> : null}
        </div>
      </div>
      {framework.active ? <Segments counts={framework} /> : <p className="muted" style={{ margin: 0 }}>{framework.summary}</p>}
      {framework.active && points.length > 1 ? (
        <div className={styles.trend} title="Score at each change">
          <span className="faint">{moved === null || Math.abs(moved) < 0.5 ? 'steady' : `${moved > 0 ? 'up' : 'down'} ${Math.abs(moved).toFixed(0)}`} since the first judging</span>
          <Sparkline values={points} kind="line" width={120} label={`Scores over time, now ${Math.round(last ?? 0)}`} />
        </div>
      ) : null}
      {!framework.active && mayManage ? <div><Button variant="default" loading={acts.activate.isPending} onClick={() => acts.activate.mutate(framework.id)}>Put in force</Button></div> : null}
    </section>
  );
}

const groups = ['domain', 'source', 'owner'] as const;
type By = (typeof groups)[number];

function Breakdown() {
  const [{ by = 'domain' }, set] = useUrlState();
  const breakdown = useBreakdown(groups.includes(by as By) ? (by as By) : 'domain');
  const columns: Column<Group>[] = [
    { key: 'name', title: by === 'owner' ? 'Owner' : by === 'source' ? 'Source' : 'Domain', width: '2fr', cell: (each) => (each.name === null ? <span className="muted">{by === 'owner' ? 'nobody' : 'none'}</span> : <Link to="/findings" search={{ [by]: each.name } as never}><strong>{each.name}</strong></Link>), sort: (each) => each.name },
    { key: 'score', title: 'Score', width: '130px', cell: (each) => <ScoreBar score={each.score} />, sort: (each) => each.score },
    { key: 'failed', title: 'Fail', width: '90px', align: 'right', cell: (each) => inFull(each.failed), sort: (each) => each.failed },
    { key: 'waived', title: 'Waived', width: '90px', align: 'right', cell: (each) => inFull(each.waived), sort: (each) => each.waived },
    { key: 'subjects', title: 'Judged', width: '90px', align: 'right', cell: (each) => inFull(each.subjects), sort: (each) => each.subjects },
  ];
  return (
    <Panel title="Where it is weakest" padded={false} actions={<SegmentedControl size="xs" aria-label="Group by" value={by} onChange={(next) => set({ by: next })} data={groups.map((each) => ({ value: each, label: `By ${each}` }))} />}>
      <Loaded query={breakdown} isEmpty={(rows) => rows.length === 0} empty={<EmptyState title="Nothing was judged yet">A scan finds the facts; the checks judge them by themselves.</EmptyState>}>
        {(rows) => <DataTable label={`Scores by ${by}`} rows={rows} columns={columns} rowKey={(each) => each.name ?? ''} />}
      </Loaded>
    </Panel>
  );
}
