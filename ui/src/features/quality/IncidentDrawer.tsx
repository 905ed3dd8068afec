import { Button, Drawer } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { SeverityBadge, StateBadge } from '@/shared/badges';
import { Facts } from '@/shared/Facts';
import layout from '@/shared/layout.module.css';
import { AssetLink, refWords } from '@/shared/links';
import { ReasonModal } from '@/shared/ReasonModal';
import { RelativeTime } from '@/shared/RelativeTime';
import { useMay } from '@/shared/session';
import { Loaded } from '@/shared/states';

import { CheckHistory } from './CheckHistory';
import { type Closing, type Incident, useIncident, useIncidentActs } from './queries';

/** One incident: what broke, since when, what is up and downstream, and what came of it. */
export function IncidentDrawer({ id, onClose }: { id: string | undefined; onClose: () => void }) {
  const incident = useIncident(id);
  return (
    <Drawer opened={id !== undefined} onClose={onClose} position="right" size="lg" title={incident.data?.title ?? 'Incident'}>
      {id === undefined ? null : <Loaded query={incident}>{(known) => <Inside incident={known} />}</Loaded>}
    </Drawer>
  );
}

const asks: Record<Closing, { title: string; lead: string; confirm: string; label: string }> = {
  'root-cause': { title: 'Why it happened', lead: 'Kept with the incident, for whoever comes next.', confirm: 'Write it down', label: 'The cause' },
  resolve: { title: 'Resolve the incident', lead: 'The next scan opens it again if it is not mended.', confirm: 'Resolve', label: 'What was done' },
  'false-positive': { title: 'Nothing is wrong', lead: 'It stays closed until the check comes out worse than now.', confirm: 'Close as false positive', label: 'Why nothing is wrong' },
};

function Inside({ incident }: { incident: Incident }) {
  const acts = useIncidentActs(incident);
  const mayManage = useMay('quality.manage');
  const [asking, setAsking] = useState<Closing | null>(null);
  const open = incident.state !== 'resolved' && incident.state !== 'false_positive';
  return (
    <div className={layout.stack}>
      <div className={layout.row}><SeverityBadge severity={incident.severity} /><StateBadge state={incident.state} /></div>
      <p style={{ margin: 0 }}>{incident.detail}</p>
      {mayManage && open ? (
        <div className={layout.row}>
          {incident.state === 'new' ? <Button loading={acts.acknowledge.isPending} onClick={() => acts.acknowledge.mutate()}>Acknowledge</Button> : null}
          <Button variant="default" onClick={() => setAsking('root-cause')}>Write down the cause</Button>
          <Button variant="default" onClick={() => setAsking('resolve')}>Resolve</Button>
          <Button variant="default" onClick={() => setAsking('false-positive')}>False positive</Button>
        </div>
      ) : null}
      <Facts
        items={[
          ['Where', <AssetLink key="asset" asset={incident.asset} search={{ tab: 'quality' }} className={layout.link}>{refWords(incident.asset)}</AssetLink>],
          ['Columns', incident.columns.join(', ')],
          ['Up and down', <AssetLink key="lineage" asset={incident.asset} search={{ tab: 'lineage' }} className={layout.link}>what feeds it, and who is affected</AssetLink>],
          ['Since', <RelativeTime key="since" at={incident.opened_at} />],
          ['Last seen', <span key="seen"><RelativeTime at={incident.last_seen_at} />, {incident.occurrences === 1 ? 'once' : `${incident.occurrences} times`}</span>],
          ['Found by', incident.run_id ? <Link key="run" to="/scans/$runId" params={{ runId: incident.run_id } as never} className={layout.link}>a scan</Link> : null],
          ['Who looks', incident.acknowledged_by ? <span key="who">{incident.acknowledged_by}, since <RelativeTime at={incident.acknowledged_at} /></span> : 'nobody yet'],
          ['Cause', incident.root_cause],
          ['Resolved', incident.resolved_at ? <span key="resolved">by {incident.resolved_by}, <RelativeTime at={incident.resolved_at} /></span> : null],
          ['Because', incident.resolution],
        ]}
      />
      {incident.kind === 'check' ? <CheckHistory asset={incident.asset} check={incident.key} /> : null}
      {asking ? (
        <ReasonModal opened title={asks[asking].title} lead={asks[asking].lead} confirm={asks[asking].confirm} reasonLabel={asks[asking].label} pending={acts.close.isPending} error={acts.close.error} onClose={() => setAsking(null)} onConfirm={(reason) => acts.close.mutate({ how: asking, reason }, { onSuccess: () => setAsking(null) })} />
      ) : null}
    </div>
  );
}
