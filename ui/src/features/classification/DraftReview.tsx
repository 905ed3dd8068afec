import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';

import { Badge, type Tone } from '@/shared/badges';
import { Facts } from '@/shared/Facts';
import { percent, plural } from '@/shared/format';
import layout from '@/shared/layout.module.css';
import { AssetLink, refWords } from '@/shared/links';
import { MoreRows } from '@/shared/paging';
import { Loaded } from '@/shared/states';

import { type Gate, type Revaluation, type RevaluedColumn, useRevaluation, useRevaluedColumns, useVersionActs } from './versions-queries';

const changes: Record<RevaluedColumn['change'], [Tone, string]> = { gained: ['ok', 'gained'], lost: ['high', 'lost'], changed: ['neutral', 'changed'], to_read: ['dashed', 'to be read'] };

/** What a draft would change, whether its gate is open, and the way to publish it. */
export function DraftReview({ id, onDone }: { id: string; onDone: () => void }) {
  const judged = useRevaluation(id);
  return <Loaded query={judged}>{(draft) => <Inside draft={draft} onDone={onDone} />}</Loaded>;
}

function Inside({ draft, onDone }: { draft: Revaluation; onDone: () => void }) {
  const acts = useVersionActs();
  const [why, setWhy] = useState('');
  if (draft.state === 'queued' || draft.state === 'running') {
    return (
      <div role="status" className={layout.stack}>
        <div>What is kept of scans is judged by the draft; no data is read. {draft.assets_done} of {plural(draft.assets_total, 'asset')} so far.</div>
        <div><Button variant="default" onClick={() => acts.discard.mutate(draft.id, { onSuccess: onDone })}>Give the draft up</Button></div>
      </div>
    );
  }
  if (draft.state !== 'ready') return <div role="status">This draft was {draft.state}.</div>;
  const gate = draft.gate as unknown as Gate | null;
  const isOpen = gate?.passes ?? false;
  return (
    <section className={layout.stack} aria-label="What the draft would change">
      <h3 style={{ margin: 0 }}>What it would change</h3>
      <div className={layout.row}>
        <Badge tone="ok">{plural(draft.gained, 'column')} gained</Badge>
        <Badge tone={draft.lost > 0 ? 'high' : 'neutral'}>{draft.lost} lost</Badge>
        <Badge>{draft.changed} changed</Badge>
        {draft.to_read > 0 ? <Badge tone="dashed">{draft.to_read} to be read</Badge> : null}
      </div>
      <Diff id={draft.id} />
      {gate ? <GateFacts gate={gate} /> : null}
      {isOpen ? null : <TextInput label="Why it is published all the same" description="Kept with the version and in the audit trail." value={why} onChange={(event) => setWhy(event.currentTarget.value)} />}
      <div className={layout.row}>
        <Button disabled={!isOpen && why.trim().length < 3} loading={acts.publish.isPending} onClick={() => acts.publish.mutate({ id: draft.id, despite: isOpen ? null : why.trim() }, { onSuccess: onDone })}>{isOpen ? 'Publish' : 'Publish all the same'}</Button>
        <Button variant="default" loading={acts.discard.isPending} onClick={() => acts.discard.mutate(draft.id, { onSuccess: onDone })}>Give the draft up</Button>
      </div>
    </section>
  );
}

function rates(precision: number | null, recall: number | null): string {
  return `precision ${precision === null ? 'unknown' : percent(precision)}, recall ${recall === null ? 'unknown' : percent(recall)}`;
}

function GateFacts({ gate }: { gate: Gate }) {
  const { decisions, examples } = gate;
  return (
    <>
      <div className={gate.passes ? layout.note : layout.bad}>
        {gate.passes ? 'The gate is open: nothing that people decided is contradicted.' : 'The gate is shut.'}
        {gate.reasons.length > 0 ? <ul className={layout.plain}>{gate.reasons.map((each) => <li key={each}>{each}</li>)}</ul> : null}
      </div>
      <Facts
        items={[
          ['Test cases', `${examples.hits} that hit and ${examples.misses} near misses, all as they must be`],
          ['Decided by people', `${decisions.confirmed} confirmed, ${decisions.rejected} rejected${decisions.unknown > 0 ? `, ${decisions.unknown} of them to be read first` : ''}`],
          ['On those now', rates(decisions.precision_before, decisions.recall_before)],
          ['With the draft', rates(decisions.precision, decisions.recall)],
        ]}
      />
    </>
  );
}

function Diff({ id }: { id: string }) {
  const columns = useRevaluedColumns(id, true);
  const sure = (value: number | null) => (value === null ? 'none' : percent(value));
  return (
    <Loaded query={columns} isEmpty={(rows) => rows.length === 0} empty={<p className="muted">No column that was scanned changes.</p>}>
      {(rows) => (
        <>
          <ul className={layout.list}>
            {rows.map((each) => {
              const [tone, said] = changes[each.change];
              return (
                <li key={`${each.asset} ${each.column_name} ${each.label}`} className={layout.row}>
                  <Badge tone={tone}>{said}</Badge>
                  <AssetLink asset={each.asset} search={{ tab: 'columns', column: each.column_name }}>{refWords(each.asset)} · <strong>{each.column_name}</strong></AssetLink>
                  {each.change === 'to_read' ? <span className="muted">{each.why ?? 'scan it again to know'}</span> : <span className="muted">{sure(each.confidence_before)} → {sure(each.confidence_after)}</span>}
                </li>
              );
            })}
          </ul>
          <MoreRows list={columns} />
        </>
      )}
    </Loaded>
  );
}
