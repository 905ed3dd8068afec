import { Link } from '@tanstack/react-router';

import { words } from '@/shared/format';
import layout from '@/shared/layout.module.css';
import { RelativeTime } from '@/shared/RelativeTime';
import { useMay } from '@/shared/session';
import { Loaded, SkeletonRows } from '@/shared/states';

import { type Finding, useTrailOf } from './queries';

/** `compliance.finding-opened.v1` as people say it. */
const said = (topic: string): string => words((topic.split('.')[1] ?? topic).replaceAll('-', ' '));

function detail(payload: Record<string, unknown>): string {
  const { reason, why, resolution, fields } = payload;
  const told = [reason, why, resolution].find((each) => typeof each === 'string' && each !== '');
  if (told) return String(told);
  return Array.isArray(fields) && fields.length > 0 ? `${fields.join(', ')} changed` : '';
}

/** What happened to a finding: from the sealed trail for those who may read it, else from the finding itself. */
export function FindingHistory({ finding }: { finding: Finding }) {
  const mayAudit = useMay('audit.read');
  const trail = useTrailOf(finding, mayAudit);
  if (!mayAudit || trail.error) return <Own finding={finding} />;
  return (
    <Loaded query={trail} skeleton={<SkeletonRows count={3} />} isEmpty={(events) => events.length === 0} empty={<Own finding={finding} />}>
      {(events) => (
        <ul className={layout.list} style={{ padding: '0 12px' }}>
          {events.map((event) => (
            <li key={event.id} className={layout.between}>
              <span><Link to="/audit" search={{ event: event.id } as never}><strong style={{ fontWeight: 500 }}>{said(event.topic)}</strong></Link> <span className="muted">{detail(event.payload)}</span></span>
              <span className="muted">{event.actor}, <RelativeTime at={event.occurred_at} /></span>
            </li>
          ))}
        </ul>
      )}
    </Loaded>
  );
}

function Own({ finding }: { finding: Finding }) {
  const moments: [string, string | null][] = [
    ['Resolved', finding.resolved_at],
    ['Last changed', finding.changed_at],
    [finding.times_opened > 1 ? `Opened, for the ${finding.times_opened}. time` : 'Opened', finding.opened_at],
  ];
  return (
    <ul className={layout.list} style={{ padding: '0 12px' }}>
      {moments.map(([what, at]) => (at ? <li key={what} className={layout.between}><span>{what}</span><span className="muted"><RelativeTime at={at} /></span></li> : null))}
    </ul>
  );
}
