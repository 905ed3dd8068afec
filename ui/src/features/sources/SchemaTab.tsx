import { Switch } from '@mantine/core';

import { Badge, type Tone } from '@/shared/badges';
import { type Column, DataTable } from '@/shared/DataTable';
import { inFull, words } from '@/shared/format';
import { useUrlState } from '@/shared/hooks';
import { AssetLink, refWords } from '@/shared/links';
import { Panel } from '@/shared/PageHeader';
import { MoreRows } from '@/shared/paging';
import { RelativeTime } from '@/shared/RelativeTime';
import { EmptyState, Loaded } from '@/shared/states';

import { type SchemaChange, type Snapshot, useSchemaChanges, useSnapshots } from './queries';

const tones: Record<string, Tone> = { added: 'ok', changed: 'medium', removed: 'critical' };

/** `email: text → varchar not null`, one for each column. */
function Columns({ change }: { change: SchemaChange }) {
  if (change.columns.length === 0) return <span className="muted">{change.aspects.join(', ') || '–'}</span>;
  const shown = change.columns.slice(0, 6);
  return (
    <span>
      {shown.map((each, index) => (
        <span key={each.column} style={each.breaking ? { color: 'var(--sev-critical)' } : undefined}>
          {index > 0 ? ', ' : ''}<span className="mono">{each.column}</span> {each.kind === 'changed' ? `${each.before} → ${each.after}` : each.kind}
        </span>
      ))}
      {change.columns.length > shown.length ? <span className="faint"> and {change.columns.length - shown.length} more</span> : null}
    </span>
  );
}

const changeColumns: Column<SchemaChange>[] = [
  { key: 'when', title: 'Found', width: '130px', cell: (each) => <RelativeTime at={each.found_at} /> },
  { key: 'asset', title: 'Asset', width: 'minmax(180px, 1.4fr)', cell: (each) => (each.kind === 'removed' ? <span>{refWords(each.asset)}</span> : <AssetLink asset={each.asset} />) },
  { key: 'kind', title: 'Change', width: '170px', cell: (each) => <><Badge tone={tones[each.kind]}>{words(each.kind)}</Badge>{each.breaking ? <> <Badge tone="critical" title="Readers fail: a column was removed or its type changed">Breaking</Badge></> : null}</> },
  { key: 'what', title: 'What', width: 'minmax(200px, 3fr)', cell: (each) => <Columns change={each} /> },
];

const snapshotColumns: Column<Snapshot>[] = [
  { key: 'number', title: 'Snapshot', width: '100px', cell: (each) => <strong>{each.number}</strong> },
  { key: 'taken', title: 'Taken', width: '150px', cell: (each) => <RelativeTime at={each.taken_at} /> },
  { key: 'assets', title: 'Assets', width: '90px', align: 'right', cell: (each) => inFull(each.assets) },
  { key: 'added', title: 'Added', width: '90px', align: 'right', cell: (each) => (each.first ? <span className="faint">first</span> : inFull(each.added)) },
  { key: 'changed', title: 'Changed', width: '90px', align: 'right', cell: (each) => inFull(each.changed) },
  { key: 'removed', title: 'Removed', width: '90px', align: 'right', cell: (each) => inFull(each.removed) },
  { key: 'scope', title: 'Looked at', width: '1fr', cell: (each) => <span className="muted">{each.complete ? 'everything' : 'a part'}</span> },
];

export function SchemaTab({ name }: { name: string }) {
  const [{ breaking }, set] = useUrlState();
  const changes = useSchemaChanges(name, breaking === 'yes' ? true : undefined);
  const snapshots = useSnapshots(name);
  return (
    <>
      <Panel title="Changes" padded={false} actions={<Switch size="xs" label="Breaking only" checked={breaking === 'yes'} onChange={(event) => set({ breaking: event.currentTarget.checked ? 'yes' : undefined })} />}>
        <Loaded query={changes} isEmpty={(rows) => rows.length === 0} empty={<EmptyState title={breaking ? 'Nothing broke' : 'Nothing has changed yet'}>The first scan sets the mark; from the second on, what differs is told here.</EmptyState>}>
          {(rows) => <DataTable label="Schema changes" rows={rows} columns={changeColumns} rowKey={(each) => each.id} footer={<MoreRows list={changes} />} />}
        </Loaded>
      </Panel>
      <Panel title="Snapshots" padded={false}>
        <Loaded query={snapshots} isEmpty={(rows) => rows.length === 0} empty={<EmptyState title="No snapshot yet">Each scan takes one.</EmptyState>}>
          {(rows) => <DataTable label="Snapshots" rows={rows} columns={snapshotColumns} rowKey={(each) => each.id} footer={<MoreRows list={snapshots} />} />}
        </Loaded>
      </Panel>
    </>
  );
}
