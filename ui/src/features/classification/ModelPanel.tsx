import { Button } from '@mantine/core';
import { useState } from 'react';

import { Badge, type Tone } from '@/shared/badges';
import { Facts } from '@/shared/Facts';
import { ago, inFull, plural } from '@/shared/format';
import layout from '@/shared/layout.module.css';
import { Panel } from '@/shared/PageHeader';
import { MoreRows } from '@/shared/paging';
import { useMay } from '@/shared/session';
import { Loaded } from '@/shared/states';

import { type ModelNow, type ModelReport, type ModelVersion, useModelActs, useModelNow, useModelVersions } from './model-queries';

/** The model that learns from decisions: what is in force, what it learned, and the way back. */
export function ModelPanel() {
  const now = useModelNow();
  const acts = useModelActs();
  const mayManage = useMay('classification.manage');
  const data = now.data;
  const canLearn = data !== undefined && data.decided >= data.fewest && !data.learning;
  return (
    <Panel title="What the model learns from decisions" actions={mayManage ? <Button variant="default" disabled={!canLearn} loading={acts.train.isPending} onClick={() => acts.train.mutate()}>Learn now</Button> : null}>
      <Loaded query={now}>{(known) => <Inside now={known} />}</Loaded>
    </Panel>
  );
}

function Inside({ now }: { now: ModelNow }) {
  const versions = useModelVersions(now.learning);
  return (
    <div className={layout.stack}>
      <p className="muted" style={{ margin: 0 }}>{standing(now)} {outlook(now)}</p>
      {now.learning ? <div role="status" className={layout.note}>A version is being learned. Nothing changes before it is promoted.</div> : null}
      {now.outdated ? <div className={layout.warn}>Version {now.version} was learned on top of an earlier shipped model and is not used. Learn again.</div> : null}
      <Loaded query={versions} isEmpty={(rows) => rows.length === 0} empty={<p className="muted" style={{ margin: 0 }}>Nothing was learned yet.</p>}>
        {(rows) => (
          <>
            <ul className={layout.list}>
              {rows.map((each) => <Version key={each.version} version={each} now={now} />)}
              {now.version > 0 ? <Shipped now={now} /> : null}
            </ul>
            <MoreRows list={versions} />
          </>
        )}
      </Loaded>
    </div>
  );
}

function standing(now: ModelNow): string {
  return now.version === 0 ? `The shipped model is in force (version ${now.shipped}); it knows ${plural(now.labels, 'kind')} of columns.` : `Version ${now.version} is in force, learned here on top of the shipped one (version ${now.shipped}).`;
}

function outlook(now: ModelNow): string {
  if (now.decided < now.fewest) return `It learns from ${now.fewest} decided columns on; there are ${inFull(now.decided)}.`;
  return `${plural(now.decided, 'decided column')} can be learned from, ${inFull(now.fresh)} of them new; from ${now.learns_from} new ones on it learns by itself.`;
}

const gates: Record<'open' | 'shut' | 'queued' | 'failed', [Tone, string]> = { open: ['ok', 'Better'], shut: ['neutral', 'Not better'], queued: ['dashed', 'Being learned'], failed: ['high', 'Failed'] };

function Version({ version, now }: { version: ModelVersion; now: ModelNow }) {
  const acts = useModelActs();
  const mayManage = useMay('classification.manage');
  const [sure, setSure] = useState(false);
  const report = version.report as unknown as ModelReport | null;
  const [tone, word] = gates[version.state === 'ready' ? (report?.passes ? 'open' : 'shut') : version.state];
  const was = version.promoted_at !== null;
  const may = mayManage && !version.active && !version.outdated && (was || report?.passes === true);
  const put = () => (was ? acts.rollBack : acts.promote).mutate(version.version, { onSettled: () => setSure(false) });
  return (
    <li className={layout.stack}>
      <div className={layout.between}>
        <span className={layout.row}>
          <strong>Version {version.version}</strong>
          {version.active ? <Badge tone="ok">In force</Badge> : <Badge tone={tone}>{word}</Badge>}
          {version.outdated ? <Badge>Outdated</Badge> : null}
          <span className="muted">{version.requested_by}, {ago(version.requested_at)}{version.note ? `: ${version.note}` : ''}</span>
        </span>
        {may && !sure ? <Button size="compact-xs" variant={was ? 'default' : 'filled'} onClick={() => setSure(true)}>{was ? 'Put in force again' : 'Promote'}</Button> : null}
      </div>
      {version.problem ? <div className={layout.bad}>{version.problem}</div> : null}
      {report ? <Report report={report} /> : null}
      {sure ? <Sure what={`Version ${version.version}`} keep={now.version} busy={acts.promote.isPending || acts.rollBack.isPending} onYes={put} onNo={() => setSure(false)} /> : null}
    </li>
  );
}

function Shipped({ now }: { now: ModelNow }) {
  const acts = useModelActs();
  const mayManage = useMay('classification.manage');
  const [sure, setSure] = useState(false);
  return (
    <li className={layout.stack}>
      <div className={layout.between}>
        <span className={layout.row}><strong>As shipped</strong><span className="muted">version {now.shipped}</span></span>
        {mayManage && !sure ? <Button size="compact-xs" variant="default" onClick={() => setSure(true)}>Back to the shipped model</Button> : null}
      </div>
      {sure ? <Sure what="The shipped model" keep={now.version} busy={acts.rollBack.isPending} onYes={() => acts.rollBack.mutate(0, { onSettled: () => setSure(false) })} onNo={() => setSure(false)} /> : null}
    </li>
  );
}

function Sure({ what, keep, busy, onYes, onNo }: { what: string; keep: number; busy: boolean; onYes: () => void; onNo: () => void }) {
  return (
    <div className={layout.warn}>
      <p style={{ marginTop: 0 }}>{what} comes into force, and what scans have kept is judged by it; no data is read. What people decided stays.</p>
      <div className={layout.row}>
        <Button size="compact-xs" loading={busy} onClick={onYes}>Put in force</Button>
        <Button size="compact-xs" variant="default" onClick={onNo}>Keep {keep === 0 ? 'the shipped model' : `version ${keep}`}</Button>
      </div>
    </div>
  );
}

function Report({ report }: { report: ModelReport }) {
  const { decisions, frozen } = report;
  const facts: [string, string][] = [['Learned from', `${plural(report.columns, 'decided column')} of ${plural(report.names, 'name')}`]];
  if (report.new.length > 0) facts.push(['New kinds', report.new.join(', ')]);
  if (report.not_told_apart?.length) facts.push(['Not told apart yet', report.not_told_apart.join(', ')]);
  if (decisions) facts.push(['Decisions it did not learn from', `${inFull(decisions.after)} of ${inFull(decisions.of)} right, ${inFull(decisions.before)} before`]);
  if (frozen) facts.push(['Frozen columns', `${inFull(frozen.after)} of ${inFull(frozen.of)} right, ${inFull(frozen.before)} before`]);
  return (
    <>
      <Facts items={facts} />
      {report.reasons.length > 0 ? <ul className={layout.plain}>{report.reasons.map((each) => <li key={each} className="muted">{each}</li>)}</ul> : null}
    </>
  );
}
