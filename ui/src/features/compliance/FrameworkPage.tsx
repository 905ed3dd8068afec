import { Button, Select } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';

import { Badge, type Tone } from '@/shared/badges';
import { inFull, percent, plural, words } from '@/shared/format';
import { useUrlState } from '@/shared/hooks';
import layout from '@/shared/layout.module.css';
import { PageHeader, Panel } from '@/shared/PageHeader';
import { ReasonModal } from '@/shared/ReasonModal';
import { ScoreBar, ScoreRing } from '@/shared/Score';
import { useMay } from '@/shared/session';
import { EmptyState, Loaded } from '@/shared/states';

import styles from './compliance.module.css';
import { type Framework, type Requirement, useFramework, useFrameworkActs, useRequirements } from './queries';
import { ReportMenu } from './ReportMenu';
import { RequirementInside } from './RequirementInside';
import { Segments } from './Segments';
import { Trend } from './Trend';

const tones: Record<Requirement['status'], Tone> = { met: 'ok', failing: 'critical', no_evidence: 'neutral', manual: 'outline' };
const statuses: Requirement['status'][] = ['failing', 'met', 'no_evidence', 'manual'];

/** One framework: each requirement, the checks that tell, and exactly what fails them. */
export default function FrameworkPage() {
  const { frameworkId = '' } = useParams({ strict: false }) as { frameworkId?: string };
  const framework = useFramework(frameworkId);
  return <Loaded query={framework}>{(known) => <Known framework={known} />}</Loaded>;
}

function Known({ framework }: { framework: Framework }) {
  return (
    <>
      <PageHeader
        title={framework.title}
        above={<Link to="/compliance" className="muted">Compliance</Link>}
        lead={<>{framework.summary} <span className="faint">{framework.publisher}, {framework.version}. <a href={framework.link} target="_blank" rel="noopener noreferrer" className={layout.link}>The text</a></span></>}
        actions={<><ReportMenu path={`/api/v1/frameworks/${framework.id}/report`} name={`${framework.id}-posture`} /><Force framework={framework} /></>}
      />
      {framework.active ? (
        <div className={layout.main}>
          <Panel>
            <div className={styles.top}>
              <ScoreRing score={framework.score} label={framework.title} size={88} />
              <div className={layout.grow}>
                <div><strong>{framework.score === null ? 'Not measured yet' : `${framework.score.toFixed(1)} of 100`}</strong> over {percent(framework.coverage)} of the {inFull(framework.requirements)} requirements. <Link to="/findings" search={{ framework: framework.id } as never} className={layout.link}>{plural(framework.open_findings, 'open finding')}</Link></div>
                <div style={{ marginTop: 8 }}><Segments counts={framework} /></div>
                <div className="faint" style={{ marginTop: 6 }}>Formula {framework.formula}: the mean over the requirements that can be measured, each by the severity of its checks. What only a person can tell never counts as met.</div>
              </div>
            </div>
          </Panel>
          <Panel title="Over time"><Trend id={framework.id} /></Panel>
        </div>
      ) : <div className={layout.warn} style={{ marginBottom: 16 }}>This framework is not in force: its checks are not judged for it.</div>}
      <Requirements id={framework.id} />
    </>
  );
}

function Requirements({ id }: { id: string }) {
  const [{ status, requirement }, set] = useUrlState();
  const requirements = useRequirements(id);
  return (
    <Panel
      title="Requirements"
      padded={false}
      actions={<Select aria-label="Status" placeholder="Any status" clearable w={160} data={statuses.map((each) => ({ value: each, label: words(each) }))} value={status ?? null} onChange={(next) => set({ status: next ?? undefined })} />}
    >
      <Loaded query={requirements}>
        {(all) => {
          const shown = all.filter((each) => !status || each.status === status);
          if (shown.length === 0) return <EmptyState title="No requirement like this">Take the filter away to see all.</EmptyState>;
          return <>{shown.map((each) => <RequirementLine key={each.id} requirement={each} open={requirement === each.id} onToggle={(open) => { if (open !== (requirement === each.id)) set({ requirement: open ? each.id : undefined }); }} />)}</>;
        }}
      </Loaded>
    </Panel>
  );
}

function RequirementLine({ requirement, open, onToggle }: { requirement: Requirement; open: boolean; onToggle: (open: boolean) => void }) {
  return (
    <details className={styles.requirement} open={open}>
      <summary onClick={(event) => { event.preventDefault(); onToggle(!open); }}>
        <span className="mono">{requirement.id}</span>
        <span><strong style={{ fontWeight: 500 }}>{requirement.title}</strong>{requirement.section ? <span className="faint"> {requirement.section}</span> : null}</span>
        <span className={layout.row}>
          {requirement.status === 'manual' ? null : <Badge tone="outline" title={requirement.automation === 'automated' ? 'The checks tell all of it' : requirement.automation === 'partial' ? 'The checks tell a part of it; a person tells the rest' : 'Only a person can tell'}>{words(requirement.automation)}</Badge>}
          <Badge tone={tones[requirement.status]}>{words(requirement.status)}</Badge>
        </span>
        <span style={{ minWidth: 120, textAlign: 'right' }}>{requirement.score === null ? <span className="faint">not measured</span> : <ScoreBar score={requirement.score} coverage={`${inFull(requirement.failing)} of ${inFull(requirement.subjects)} fail`} />}</span>
      </summary>
      {open ? <RequirementInside requirement={requirement} /> : null}
    </details>
  );
}

function Force({ framework }: { framework: Framework }) {
  const acts = useFrameworkActs();
  const mayManage = useMay('compliance.manage');
  const [asking, setAsking] = useState(false);
  if (!mayManage) return null;
  if (!framework.active) return <Button loading={acts.activate.isPending} onClick={() => acts.activate.mutate(framework.id)}>Put in force</Button>;
  return (
    <>
      <Button variant="default" onClick={() => setAsking(true)}>Take out of force</Button>
      <ReasonModal
        opened={asking}
        title={`Take ${framework.title} out of force`}
        lead={`Findings that only it asks for resolve (${plural(framework.open_findings, 'open finding')} now), and its rule set leaves the next scans. It can be put in force again.`}
        confirm="Take out of force"
        pending={acts.deactivate.isPending}
        onClose={() => setAsking(false)}
        onConfirm={() => acts.deactivate.mutate(framework.id, { onSuccess: () => setAsking(false) })}
      />
    </>
  );
}
