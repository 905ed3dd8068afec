import type { components } from '@/api/schema';
import { StateBadge } from '@/shared/badges';
import { type Column, DataTable } from '@/shared/DataTable';
import { duration, inFull } from '@/shared/format';
import { Panel } from '@/shared/PageHeader';
import { RelativeTime } from '@/shared/RelativeTime';
import { useMay } from '@/shared/session';
import { EmptyState, Loaded } from '@/shared/states';

import { useChores, useQueue, useWorkers } from './queries';

type Worker = components['schemas']['WorkerOut'];
type Line = components['schemas']['QueueLineOut'];
type Chore = components['schemas']['ChoreOut'];

const workerColumns: Column<Worker>[] = [
  { key: 'host', title: 'Worker', main: true, cell: (each) => <><strong>{each.host}</strong> <span className="mono faint">{each.id.slice(-8)}</span></> },
  { key: 'state', title: 'State', width: '100px', cell: (each) => <StateBadge state={each.state} /> },
  { key: 'busy', title: 'Slots busy', width: '110px', align: 'right', cell: (each) => `${each.busy} of ${each.slots}` },
  { key: 'memory', title: 'Memory', width: '110px', align: 'right', cell: (each) => (each.memory_mb === null ? <span className="faint">–</span> : `${inFull(each.memory_mb)} MB`) },
  { key: 'started', title: 'Started', hint: 'started', width: '140px', cell: (each) => <RelativeTime at={each.started_at} /> },
  { key: 'beat', title: 'Last heard of', hint: 'heard of', width: '140px', cell: (each) => <RelativeTime at={each.beat_at} /> },
];

const queueColumns: Column<Line>[] = [
  { key: 'source', title: 'Source', cell: (each) => <strong>{each.source}</strong> },
  { key: 'runs', title: 'Runs', width: '80px', align: 'right', cell: (each) => inFull(each.runs) },
  { key: 'running', title: 'Chunks running', width: '130px', align: 'right', cell: (each) => inFull(each.running) },
  { key: 'ready', title: 'Ready', width: '90px', align: 'right', cell: (each) => inFull(each.ready) },
  { key: 'waiting', title: 'Wait to be retried', width: '140px', align: 'right', cell: (each) => inFull(each.waiting) },
  { key: 'oldest', title: 'Oldest ready', width: '140px', cell: (each) => <RelativeTime at={each.oldest_ready_at} none="–" /> },
];

const choreColumns: Column<Chore>[] = [
  { key: 'name', title: 'Job', cell: (each) => <span className="mono">{each.name}</span> },
  { key: 'every', title: 'Every', width: '100px', align: 'right', cell: (each) => duration(each.every_seconds) },
  { key: 'ran', title: 'Last ran', hint: 'ran', width: '140px', cell: (each) => <RelativeTime at={each.started_at} /> },
  { key: 'took', title: 'Took', width: '100px', align: 'right', cell: (each) => (each.seconds === null ? <span className="faint">–</span> : duration(each.seconds)) },
  { key: 'ended', title: 'Ended', width: '2fr', cell: (each) => (each.problem ? <span style={{ color: 'var(--sev-critical)' }}>{each.problem}</span> : <span className="muted">well</span>) },
];

/** Who does the work, how much of it waits, and what runs by the clock. */
export function Workers() {
  const workers = useWorkers();
  const queue = useQueue();
  const chores = useChores();
  const mayManage = useMay('scans.manage');
  return (
    <>
      <Panel title="Workers" padded={false}>
        <Loaded query={workers} isEmpty={(rows) => rows.length === 0} empty={<EmptyState title="No worker is alive">Start one with <code>muniment worker</code>; scans wait until then.</EmptyState>}>
          {(rows) => <DataTable label="Workers" rows={rows} columns={workerColumns} rowKey={(each) => each.id} />}
        </Loaded>
      </Panel>
      {mayManage ? (
        <>
          <Panel title="Queue" padded={false}>
            <Loaded query={queue} isEmpty={(rows) => rows.length === 0} empty={<p className="muted" style={{ margin: 0, padding: 12 }}>Nothing waits.</p>}>
              {(rows) => <DataTable label="Queue" rows={rows} columns={queueColumns} rowKey={(each) => each.source} />}
            </Loaded>
          </Panel>
          <Panel title="By the clock" padded={false}>
            <Loaded query={chores} isEmpty={(rows) => rows.length === 0} empty={<p className="muted" style={{ margin: 0, padding: 12 }}>No job has run yet.</p>}>
              {(rows) => <DataTable label="Periodic jobs" rows={rows} columns={choreColumns} rowKey={(each) => each.name} />}
            </Loaded>
          </Panel>
        </>
      ) : null}
    </>
  );
}
