import { Select } from '@mantine/core';

import { Badge, SensitivityBadge } from '@/shared/badges';
import { type Column, DataTable } from '@/shared/DataTable';
import { plural, words } from '@/shared/format';
import { useUrlState } from '@/shared/hooks';
import { useLabelTitles } from '@/shared/labels';
import { AssetLink, refHome, refName } from '@/shared/links';
import { EmptyState, Loaded } from '@/shared/states';

import type { Bar } from './GraphView';
import styles from './lineage.module.css';
import { type Impact, type Reached, useImpact } from './queries';

const hows: Record<string, string> = { identity: 'as it is', transform: 'transformed', aggregate: 'aggregated', influence: 'to filter or join' };

const columns: Column<Reached>[] = [
  { key: 'depth', title: 'Hops', hint: 'hops', width: '56px', cell: (row) => row.depth, sort: (row) => row.depth },
  { key: 'name', title: 'Asset', main: true, width: 'minmax(160px, 1.5fr)', cell: (row) => <><AssetLink asset={row.ref}><strong>{refName(row.ref)}</strong></AssetLink> <span className="faint">{refHome(row.ref)}</span></>, sort: (row) => row.ref },
  { key: 'kind', title: 'Kind', width: '130px', cell: (row) => (row.kind ? words(row.kind) : <span className="faint">not catalogued</span>), wideOnly: true, sort: (row) => row.kind },
  { key: 'owner', title: 'Owner', hint: 'owner', width: '130px', cell: (row) => row.owner ?? <span className="faint">nobody</span>, sort: (row) => row.owner },
  { key: 'how', title: 'How it is used', cell: (row) => (row.how ?? []).map((each) => hows[each] ?? words(each)).join(', ') || <span className="faint">further down</span> },
  { key: 'columns', title: 'Columns reached', hint: 'columns', width: 'minmax(120px, 1.5fr)', cell: (row) => <span className="mono" title={row.columns?.join(', ')}>{row.columns?.join(', ')}</span> },
  { key: 'sensitivity', title: 'Sensitivity', width: '130px', cell: (row) => (row.sensitivity ? <SensitivityBadge level={row.sensitivity} /> : null), wideOnly: true },
];

/** How a column is used can be told of one column only. */
const whole = columns.filter((each) => each.key !== 'how' && each.key !== 'columns');

/** May I drop this? Everything that would be reached, who owns it, and the labels it carries. */
export function ImpactView({ id, columns: names, bar }: { id: string; columns: readonly string[]; bar: Bar }) {
  const [{ column }, set] = useUrlState();
  const impact = useImpact(id, column);
  return (
    <>
      {bar(<>
        <Select aria-label="What would change" placeholder="The whole asset" searchable clearable data={[...names]} value={column ?? null} onChange={(next) => set({ column: next ?? undefined })} w={240} />
        <span className="muted">if {column ? <>the column <strong>{column}</strong></> : 'the whole asset'} went or changed</span>
      </>)}
      <Loaded query={impact} isEmpty={(found) => found.assets.length === 0 && found.hidden === 0} empty={<EmptyState title="Nothing known depends on it">No view or routine that Muniment could read uses {column ? 'this column' : 'this asset'}. Programs outside the sources are not seen.</EmptyState>}>
        {(found) => <Reach found={found} byColumn={column !== undefined} />}
      </Loaded>
    </>
  );
}

function Reach({ found, byColumn }: { found: Impact; byColumn: boolean }) {
  const titleOf = useLabelTitles();
  return (
    <>
      <div className={styles.note} style={{ borderTop: 0 }}>
        <strong>{plural(found.assets.length, 'asset')} would be reached</strong>
        {found.owners.length ? <span>Ask {found.owners.join(', ')}.</span> : <span>None of them has an owner.</span>}
        {found.labels.slice(0, 8).map((label) => <Badge key={label} tone="outline" title={label}>{titleOf(label)}</Badge>)}
        {found.hidden ? <span>{plural(found.hidden, 'more')} that you may not see.</span> : null}
      </div>
      <DataTable label="Impact" rows={found.assets} columns={byColumn ? columns : whole} rowKey={(row) => row.ref} />
    </>
  );
}
