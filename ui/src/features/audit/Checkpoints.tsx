import { type Column, DataTable } from '@/shared/DataTable';
import { inFull } from '@/shared/format';
import { Panel } from '@/shared/PageHeader';
import { MoreRows } from '@/shared/paging';
import { RelativeTime } from '@/shared/RelativeTime';
import { EmptyState, Loaded } from '@/shared/states';

import { type Checkpoint, useCheckpoints } from './queries';

const columns: Column<Checkpoint>[] = [
  { key: 'number', title: 'Number', width: '80px', cell: (each) => <strong>{each.number}</strong> },
  { key: 'sealed', title: 'Sealed', width: '140px', cell: (each) => <RelativeTime at={each.sealed_at} /> },
  { key: 'size', title: 'Events', width: '80px', align: 'right', cell: (each) => inFull(each.size) },
  { key: 'total', title: 'In all', width: '90px', align: 'right', cell: (each) => inFull(each.total) },
  { key: 'root', title: 'Root', width: '1fr', cell: (each) => <span className="mono" title={each.root}>{each.root.slice(0, 20)}…</span> },
  { key: 'hash', title: 'Hash', width: '1fr', wideOnly: true, cell: (each) => <span className="mono" title={each.hash}>{each.hash.slice(0, 20)}…</span> },
  { key: 'previous', title: 'Follows', width: '1fr', wideOnly: true, cell: (each) => <span className="mono faint" title={each.previous}>{each.previous.slice(0, 20)}…</span> },
  { key: 'key', title: 'Key', width: '150px', wideOnly: true, cell: (each) => <span className="mono faint">{each.key_id}</span> },
];

/** Each names the one before: what is taken out or changed breaks the chain. */
export function Checkpoints() {
  const checkpoints = useCheckpoints();
  return (
    <Panel title="Signed checkpoints, each naming the one before" padded={false}>
      <Loaded query={checkpoints} isEmpty={(rows) => rows.length === 0} empty={<EmptyState title="Nothing is sealed yet">The first checkpoint comes within a minute or two.</EmptyState>}>
        {(rows) => <DataTable label="Checkpoints" rows={rows} columns={columns} rowKey={(each) => String(each.number)} footer={<MoreRows list={checkpoints} />} />}
      </Loaded>
    </Panel>
  );
}
