import { Badge, StateBadge, type Tone } from '@/shared/badges';
import { Count } from '@/shared/Count';
import { type Column, DataTable } from '@/shared/DataTable';
import { duration, words } from '@/shared/format';
import { refWords } from '@/shared/links';
import { Panel } from '@/shared/PageHeader';
import { MoreRows } from '@/shared/paging';
import { EmptyState, Loaded } from '@/shared/states';

import { type Chunk, useRunChunks } from './queries';

const tones: Record<string, Tone> = { done: 'ok', ready: 'neutral' };
const took = (chunk: Chunk): number | null =>
  chunk.started_at && chunk.finished_at ? (new Date(chunk.finished_at).getTime() - new Date(chunk.started_at).getTime()) / 1000 : null;

const columns: Column<Chunk>[] = [
  { key: 'id', title: 'Chunk', width: '90px', cell: (each) => <span className="mono">{each.id.slice(-6)}</span> },
  { key: 'state', title: 'State', width: '100px', cell: (each) => (tones[each.state] ? <Badge tone={tones[each.state]}>{words(each.state)}</Badge> : <StateBadge state={each.state} />), sort: (each) => each.state },
  { key: 'rows', title: 'Rows', width: '90px', align: 'right', cell: (each) => <Count value={each.rows_read} />, sort: (each) => each.rows_read },
  { key: 'took', title: 'Took', width: '90px', align: 'right', cell: (each) => { const seconds = took(each); return seconds === null ? <span className="faint">–</span> : duration(seconds); }, sort: took },
  { key: 'attempt', title: 'Attempt', width: '80px', align: 'right', cell: (each) => each.attempt, sort: (each) => each.attempt },
  { key: 'worker', title: 'Worker', width: '120px', wideOnly: true, cell: (each) => (each.worker_id ? <span className="mono faint">{each.worker_id.slice(-8)}</span> : <span className="faint">–</span>) },
  { key: 'current', title: 'Reading', width: 'minmax(140px, 1fr)', cell: (each) => (each.current ? refWords(each.current) : null) },
  { key: 'failure', title: 'Failure', width: 'minmax(160px, 2fr)', wideOnly: true, cell: (each) => (each.failure ? <span style={{ color: 'var(--sev-critical)' }}>{each.failure.sentence}</span> : null) },
];

/** The chunks the run was cut into: none is ever read twice after it was done. */
export function RunChunks({ id, live }: { id: string; live: boolean }) {
  const chunks = useRunChunks(id, live);
  return (
    <Panel title="Chunks" padded={false}>
      <Loaded query={chunks} isEmpty={(rows) => rows.length === 0} empty={<EmptyState title="No chunks yet">The work is cut into chunks once the source has been discovered.</EmptyState>}>
        {(rows) => <DataTable label="Chunks" rows={rows} columns={columns} rowKey={(each) => each.id} footer={<MoreRows list={chunks} />} />}
      </Loaded>
    </Panel>
  );
}
