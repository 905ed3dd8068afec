import { Button, Menu, TextInput } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { useState } from 'react';

import { failed, told } from '@/shared/notices';
import { PersonInput } from '@/shared/PersonInput';
import { ReasonModal } from '@/shared/ReasonModal';
import { useMay, useMe } from '@/shared/session';
import { toldWithUndo } from '@/shared/undo';

import { type Finding, useFindingActs } from './queries';

type Asking = 'assign' | 'resolve' | 'waive' | null;
const DAY = 86_400_000;
const dayAfter = (days: number): string => new Date(Date.now() + days * DAY).toISOString().slice(0, 10);

/** What may be done with a finding in its present state. */
export function FindingActs({ finding }: { finding: Finding }) {
  const acts = useFindingActs(finding);
  const mayManage = useMay('compliance.manage');
  const mayWaive = useMay('compliance.waive');
  const [asking, setAsking] = useState<Asking>(null);
  const close = () => setAsking(null);
  const open = finding.state !== 'resolved' && finding.state !== 'waived';
  const acknowledge = () => acts.move.mutate('acknowledge', { onSuccess: () => toldWithUndo('Acknowledged.', () => acts.move.mutate('reopen')) });
  if (!mayManage && !mayWaive) return null;
  return (
    <>
      {mayManage && open ? (
        <>
          <Button variant="default" onClick={() => setAsking('assign')}>Assign</Button>
          {finding.state === 'open' ? <Button variant="default" loading={acts.move.isPending} onClick={acknowledge}>Acknowledge</Button> : null}
          {finding.state === 'acknowledged' ? <Button variant="default" loading={acts.move.isPending} onClick={() => acts.move.mutate('start')}>Start mending</Button> : null}
        </>
      ) : null}
      {mayManage && finding.state === 'resolved' ? <Button variant="default" loading={acts.move.isPending} onClick={() => acts.move.mutate('reopen')}>Open again</Button> : null}
      {open ? (
        <Menu position="bottom-end">
          <Menu.Target><Button rightSection={<IconChevronDown size={14} />}>Close</Button></Menu.Target>
          <Menu.Dropdown>
            {mayManage ? <Menu.Item onClick={() => setAsking('resolve')}>Resolve: it is mended</Menu.Item> : null}
            {mayWaive ? <Menu.Item onClick={() => setAsking('waive')}>Waive until a date</Menu.Item> : null}
          </Menu.Dropdown>
        </Menu>
      ) : null}
      <AssignModal finding={finding} opened={asking === 'assign'} onClose={close} acts={acts} />
      <ReasonModal opened={asking === 'resolve'} title="Resolve the finding" lead="It opens again if the next judging still finds the fact." confirm="Resolve" reasonLabel="What was done" pending={acts.resolve.isPending} error={acts.resolve.error} onClose={close} onConfirm={(reason) => acts.resolve.mutate(reason, { onSuccess: close })} />
      {asking === 'waive' ? <WaiveModal onClose={close} acts={acts} /> : null}
    </>
  );
}

type Acts = ReturnType<typeof useFindingActs>;

function AssignModal({ finding, opened, onClose, acts }: { finding: Finding; opened: boolean; onClose: () => void; acts: Acts }) {
  const [owner, setOwner] = useState(finding.owner ?? '');
  const assign = () => acts.assign.mutate(owner || null, { onSuccess: () => { told(owner ? `Given to ${owner}.` : "Given back to the asset's owner."); onClose(); }, onError: failed });
  return (
    <ReasonModal opened={opened} title="Assign the finding" confirm="Assign" pending={acts.assign.isPending} onClose={onClose} onConfirm={assign}>
      <PersonInput label="To whom" description="Empty gives it back to the asset's owner." value={owner} onChange={setOwner} />
    </ReasonModal>
  );
}

function WaiveModal({ onClose, acts }: { onClose: () => void; acts: Acts }) {
  const me = useMe();
  const [bounds] = useState(() => ({ from: dayAfter(1), to: dayAfter(365) }));
  const [owner, setOwner] = useState(me.data?.name ?? '');
  const [until, setUntil] = useState('');
  const waive = (reason: string) => acts.waive.mutate({ reason, owner, expires_at: `${until}T23:59:59Z` }, { onSuccess: onClose });
  return (
    <ReasonModal
      opened
      title="Waive the finding"
      lead="An accepted exception: it counts as waived until its end, then it opens by itself. It stays in the trail and in every report."
      confirm="Waive"
      reasonLabel="Why it is accepted (10 characters or more)"
      atLeast={10}
      ready={until !== '' && owner !== ''}
      pending={acts.waive.isPending}
      error={acts.waive.error}
      onClose={onClose}
      onConfirm={waive}
    >
      <PersonInput label="Who answers for the exception" required value={owner} onChange={setOwner} />
      <TextInput type="date" label="Until" description="A year at most." required min={bounds.from} max={bounds.to} value={until} onChange={(event) => setUntil(event.currentTarget.value)} />
    </ReasonModal>
  );
}
