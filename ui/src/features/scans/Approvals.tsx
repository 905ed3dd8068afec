import { Button, Switch } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { Badge } from '@/shared/badges';
import { CodeBlock } from '@/shared/CodeBlock';
import { Facts } from '@/shared/Facts';
import { duration, inFull } from '@/shared/format';
import { useUrlState } from '@/shared/hooks';
import layout from '@/shared/layout.module.css';
import { Panel } from '@/shared/PageHeader';
import { MoreRows } from '@/shared/paging';
import { ReasonModal } from '@/shared/ReasonModal';
import { RelativeTime } from '@/shared/RelativeTime';
import { useMay, useMe } from '@/shared/session';
import { EmptyState, Loaded } from '@/shared/states';

import { type Approval, useApprovals, useDecide } from './queries';

export function Approvals() {
  const [{ decided }, set] = useUrlState();
  const approvals = useApprovals(decided === 'yes');
  return (
    <>
      <div className={layout.filters}>
        <Switch size="xs" label="Show those already decided" checked={decided === 'yes'} onChange={(event) => set({ decided: event.currentTarget.checked ? 'yes' : undefined })} />
      </div>
      <Loaded query={approvals} isEmpty={(rows) => rows.length === 0} empty={<EmptyState title="Nothing waits for an approval">Scans of sources marked sensitive stop here first, with the statements they would run.</EmptyState>}>
        {(rows) => <>{rows.map((each) => <ApprovalCard key={each.run_id} approval={each} />)}<MoreRows list={approvals} /></>}
      </Loaded>
    </>
  );
}

/** One request: why it waits, what it would do, word for word, and the decision. */
export function ApprovalCard({ approval }: { approval: Approval }) {
  const { quote } = approval;
  return (
    <Panel
      title={<>Scan of <Link to="/scans/$runId" params={{ runId: approval.run_id } as never} className={layout.link}>{approval.source}</Link></>}
      actions={approval.approved === null ? <Decide approval={approval} /> : <Badge tone={approval.approved ? 'ok' : 'critical'}>{approval.approved ? 'Approved' : 'Rejected'}</Badge>}
    >
      <div className={layout.main}>
        <div className={layout.stack}>
          <ul className={layout.plain}>{approval.reasons.map((reason) => <li key={reason}>{reason}</li>)}</ul>
          {quote.statements && quote.statements.length > 0 ? (
            <div className={layout.tight}>
              <div className="muted">The catalogue statements it runs, word for word:</div>
              <CodeBlock label="Statements" text={quote.statements.join(';\n\n')} />
            </div>
          ) : <div className="muted">It reads no catalogue by statements.</div>}
        </div>
        <Facts
          items={[
            ['Asked by', approval.requested_by],
            ['Asked', <RelativeTime key="at" at={approval.requested_at} />],
            ['Assets', quote.assets == null ? 'first scan: unknown' : inFull(quote.assets)],
            ['Rows', quote.rows == null ? 'first scan: unknown' : `about ${inFull(quote.rows)}`],
            ['Time', quote.seconds == null ? null : `about ${duration(quote.seconds)}`],
            ['Figures from', quote.based_on ? <Link key="run" to="/scans/$runId" params={{ runId: quote.based_on } as never} className={layout.link}>the last scan</Link> : null],
            ['Decided by', approval.decided_by],
            ['Decided', approval.decided_at ? <RelativeTime key="decided" at={approval.decided_at} /> : null],
            ['Reason', approval.reason],
          ]}
        />
      </div>
    </Panel>
  );
}

function Decide({ approval }: { approval: Approval }) {
  const [approving, setApproving] = useState<boolean | null>(null);
  const decide = useDecide();
  const mayApprove = useMay('scans.approve');
  const me = useMe();
  if (!mayApprove) return <span className="faint">waits for somebody who may approve</span>;
  if (me.data?.name === approval.requested_by) return <span className="faint">you asked for it: somebody else decides</span>;
  return (
    <div className={layout.row}>
      <Button variant="default" onClick={() => setApproving(false)}>Reject</Button>
      <Button onClick={() => setApproving(true)}>Approve</Button>
      <ReasonModal
        opened={approving !== null}
        title={approving ? `Approve the scan of ${approval.source}` : `Reject the scan of ${approval.source}`}
        lead={approving ? 'It starts at once and runs what is shown, nothing else.' : 'It ends here; whoever asked sees your reason.'}
        confirm={approving ? 'Approve' : 'Reject'}
        danger={!approving}
        reasonLabel="Why"
        pending={decide.isPending}
        error={decide.error}
        onClose={() => { setApproving(null); decide.reset(); }}
        onConfirm={(reason) => decide.mutate({ runId: approval.run_id, approve: approving === true, reason }, { onSuccess: () => setApproving(null) })}
      />
    </div>
  );
}
