import { Link, useParams } from '@tanstack/react-router';

import { Badge, SeverityBadge, StateBadge } from '@/shared/badges';
import { Facts } from '@/shared/Facts';
import { words } from '@/shared/format';
import layout from '@/shared/layout.module.css';
import { PageHeader, Panel } from '@/shared/PageHeader';
import { RelativeTime } from '@/shared/RelativeTime';
import { Loaded, SkeletonRows } from '@/shared/states';
import { Subject } from '@/shared/Subject';

import { Evidence } from './Evidence';
import { FindingActs } from './FindingActs';
import { FindingHistory } from './FindingHistory';
import { type Finding, useCheck, useFinding, useFrameworks } from './queries';
import { Waivers } from './Waivers';

/** One finding: what is wrong, how it is known, what to do, and what was done. */
export default function FindingPage() {
  const { findingId = '' } = useParams({ strict: false }) as { findingId?: string };
  const finding = useFinding(findingId);
  return <Loaded query={finding}>{(known) => <Known finding={known} />}</Loaded>;
}

function Known({ finding }: { finding: Finding }) {
  return (
    <>
      <PageHeader
        title={finding.title}
        above={<Link to="/findings" className="muted">Findings</Link>}
        lead={<span className={layout.row}><SeverityBadge severity={finding.severity} /><StateBadge state={finding.state} />{finding.overdue ? <Badge tone="critical">Overdue</Badge> : null}<Subject of={finding} /></span>}
        actions={<FindingActs finding={finding} />}
      />
      <div className={layout.main}>
        <div>
          <Panel title="What to do"><div style={{ overflowWrap: 'anywhere' }}>{finding.remedy || 'The check is no longer in the library.'}</div></Panel>
          <Evidence finding={finding} />
          <Panel title="History" padded={false}><FindingHistory finding={finding} /></Panel>
        </div>
        <div>
          <Panel title="Whose it is, and until when">
            <Facts
              items={[
                ['Owner', finding.owner ?? <Badge key="none" tone="medium">Nobody</Badge>],
                ['Since', <RelativeTime key="since" at={finding.opened_at} />],
                ['Due', <span key="due" style={finding.overdue ? { color: 'var(--sev-critical)' } : undefined}><RelativeTime at={finding.due_at} /></span>],
                ['Opened', finding.times_opened > 1 ? `${finding.times_opened} times` : 'once'],
                ['Domain', finding.domain],
                ['Source', finding.source ? <Link key="source" to="/sources/$sourceId" params={{ sourceId: finding.source } as never} className={layout.link}>{finding.source}</Link> : null],
                ['Found by', finding.run_id ? <Link key="run" to="/scans/$runId" params={{ runId: finding.run_id } as never} className={layout.link}>a scan</Link> : null],
                ['Resolved', finding.resolved_at ? <RelativeTime key="resolved" at={finding.resolved_at} /> : null],
                ['Because', finding.resolution],
              ]}
            />
          </Panel>
          <Panel title="Why it matters">
            <div>{finding.rationale}</div>
            <Requirements finding={finding} />
          </Panel>
          <Waivers finding={finding} />
        </div>
      </div>
    </>
  );
}

/** The requirements that the check tells about, in the frameworks in force. */
function Requirements({ finding }: { finding: Finding }) {
  const check = useCheck(finding.check);
  const frameworks = useFrameworks();
  const titles = new Map(frameworks.data?.map((each) => [each.id, each.title]));
  return (
    <Loaded query={check} skeleton={<SkeletonRows count={2} />}>
      {({ requirements }) => (
        <ul className={layout.list} style={{ marginTop: 8 }}>
          {requirements.filter((each) => finding.frameworks.includes(each.framework)).map((each) => (
            <li key={`${each.framework} ${each.requirement}`}>
              <Link to="/compliance/$frameworkId" params={{ frameworkId: each.framework } as never} search={{ requirement: each.requirement } as never} className={layout.link}>{titles.get(each.framework) ?? words(each.framework)} {each.requirement}</Link>
            </li>
          ))}
        </ul>
      )}
    </Loaded>
  );
}
