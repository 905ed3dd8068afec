import { useNavigate } from '@tanstack/react-router';

import type { components } from '@/api/schema';
import { StateBadge } from '@/shared/badges';
import { Count } from '@/shared/Count';
import { type Column, DataTable } from '@/shared/DataTable';
import { words } from '@/shared/format';
import { Panel } from '@/shared/PageHeader';
import { MoreRows } from '@/shared/paging';
import { RelativeTime } from '@/shared/RelativeTime';
import { EmptyState, Loaded } from '@/shared/states';

import { useRunsOf } from './queries';

type Run = components['schemas']['RunOut'];

const columns: Column<Run>[] = [
  { key: 'state', title: 'Outcome', width: '150px', cell: (each) => <StateBadge state={each.state} /> },
  { key: 'asked', title: 'Asked', width: '140px', cell: (each) => <RelativeTime at={each.requested_at} /> },
  { key: 'by', title: 'By', width: '150px', cell: (each) => <span className="muted">{each.trigger === 'schedule' ? 'schedule' : each.requested_by}</span> },
  { key: 'assets', title: 'Assets', width: '90px', align: 'right', cell: (each) => <Count value={each.assets_done} /> },
  { key: 'failed', title: 'Failed', width: '80px', align: 'right', cell: (each) => <Count value={each.assets_failed} /> },
  { key: 'rows', title: 'Rows', width: '90px', align: 'right', cell: (each) => <Count value={each.rows_done} /> },
  { key: 'changes', title: 'What changed', width: '3fr', wideOnly: true, cell: (each) => each.problem?.sentence ?? each.changes?.[0] ?? <span className="faint">{each.ended_at ? 'nothing' : words(each.stage)}</span> },
];

export function RunsTab({ name }: { name: string }) {
  const runs = useRunsOf(name);
  const navigate = useNavigate();
  return (
    <Panel title="Scans" padded={false}>
      <Loaded query={runs} isEmpty={(rows) => rows.length === 0} empty={<EmptyState title="Not scanned yet">Scan it now with the button above.</EmptyState>}>
        {(rows) => <DataTable label={`Scans of ${name}`} rows={rows} columns={columns} rowKey={(each) => each.id} onOpen={(each) => void navigate({ to: '/scans/$runId', params: { runId: each.id } as never })} footer={<MoreRows list={runs} />} />}
      </Loaded>
    </Panel>
  );
}
