import { Switch } from '@mantine/core';

import { Badge } from '@/shared/badges';
import { type Column, DataTable } from '@/shared/DataTable';
import { percent } from '@/shared/format';
import { useUrlState } from '@/shared/hooks';
import { AssetLink, refHome, refName } from '@/shared/links';
import { Panel } from '@/shared/PageHeader';
import { EmptyState, Loaded } from '@/shared/states';

import { type Join, type Related, type Twins, useRelated } from './queries';

/** Which tables this one joins with, by values and names, and which hold much of the same. */
export function JoinsTab({ asset }: { asset: string }) {
  const related = useRelated(asset);
  return (
    <Loaded query={related} isEmpty={(found) => found.joins.length + found.joined_by.length + found.twins.length === 0} empty={<EmptyState title="Nothing joins with it, as far as is known">A scan compares its columns with the keys of every other table by their values and names. Views are not compared: their lineage tells more.</EmptyState>}>
      {(found) => <Inside asset={asset} found={found} />}
    </Loaded>
  );
}

function Inside({ asset, found }: { asset: string; found: Related }) {
  const [{ all }, set] = useUrlState();
  const chosen = (joins: readonly Join[]) => joins.filter((each) => all || each.likely);
  const unlikely = [...found.joins, ...found.joined_by].filter((each) => !each.likely).length;
  return (
    <>
      {unlikely ? <Switch label={`Also what is possible but not likely (${unlikely})`} checked={Boolean(all)} onChange={(event) => set({ all: event.currentTarget.checked ? 'yes' : undefined })} mb="md" /> : null}
      <Joins title="Joins with" joins={chosen(found.joins)} mine={(each) => each.column} there={(each) => [each.other, each.key]} none="None of its columns is likely to refer to another table." />
      <Joins title="Is joined by" joins={chosen(found.joined_by)} mine={(each) => each.key} there={(each) => [each.asset, each.column]} none="No column of another table is likely to refer to it." />
      {found.twins.length ? <Alike asset={asset} twins={found.twins} /> : null}
    </>
  );
}

interface Sides {
  mine: (join: Join) => string;
  there: (join: Join) => [string, string];
}

function Joins({ title, joins, none, mine, there }: { title: string; joins: readonly Join[]; none: string } & Sides) {
  return (
    <Panel title={title} padded={joins.length === 0}>
      {joins.length ? <DataTable label={title} rows={joins} columns={columnsOf({ mine, there })} rowKey={(row) => `${row.asset}/${row.column}/${row.other}/${row.key}`} /> : <span className="faint">{none}</span>}
    </Panel>
  );
}

const columnsOf = ({ mine, there }: Sides): Column<Join>[] => [
  { key: 'mine', title: 'Column', width: 'minmax(110px, 0.8fr)', cell: (row) => <span className="mono">{mine(row)}</span>, sort: mine },
  { key: 'there', title: 'With', main: true, width: 'minmax(180px, 1.5fr)', cell: (row) => <There asset={there(row)[0]} column={there(row)[1]} />, sort: (row) => there(row)[0] },
  { key: 'in', title: 'Values in the key', hint: 'values in the key', width: '150px', cell: (row) => <Contained join={row} />, sort: (row) => row.containment },
  { key: 'of', title: 'Of the key used', hint: 'of the key used', width: '120px', cell: (row) => percent(row.coverage), sort: (row) => row.coverage, wideOnly: true },
  { key: 'names', title: 'Names fit', hint: 'names fit', width: '90px', cell: (row) => percent(row.name), sort: (row) => row.name, wideOnly: true },
  { key: 'sure', title: 'How sure', width: '110px', cell: (row) => <Sure join={row} />, sort: (row) => row.confidence },
  { key: 'why', title: 'Why', hint: 'because', cell: (row) => <span className="faint" title={row.reasons.join('\n')}>{row.reasons.join(', ')}</span>, wideOnly: true },
];

const There = ({ asset, column }: { asset: string; column: string }) => (
  <span>
    <AssetLink asset={asset} search={{ tab: 'columns', column }}><strong>{refName(asset)}</strong>.<span className="mono">{column}</span></AssetLink> <span className="faint">{refHome(asset)}</span>
  </span>
);

const Contained = ({ join }: { join: Join }) => (
  <span title={join.containment_error ? 'Told from a choice of values, with a 95 % interval' : 'All values were compared'}>
    {percent(join.containment)}
    {join.containment_error ? <span className="faint"> ± {percent(join.containment_error, 1)}</span> : null}
  </span>
);

const Sure = ({ join }: { join: Join }) =>
  join.declared ? <Badge tone="ok" title="A foreign key of the source says so">Declared</Badge> : <Badge tone={join.likely ? 'neutral' : 'outline'}>{percent(join.confidence)}</Badge>;

function Alike({ asset, twins }: { asset: string; twins: readonly Twins[] }) {
  return (
    <Panel title="Holds much of the same" padded={false}>
      <DataTable
        label="Near-duplicates"
        rows={twins}
        rowKey={(row) => `${row.left}/${row.right}`}
        columns={[
          { key: 'other', title: 'Table', main: true, width: 'minmax(180px, 1.5fr)', cell: (row) => { const other = row.left === asset ? row.right : row.left; return <><AssetLink asset={other}><strong>{refName(other)}</strong></AssetLink> <span className="faint">{refHome(other)}</span></>; } },
          { key: 'similarity', title: 'Alike', hint: 'alike', width: '110px', cell: (row) => percent(row.similarity), sort: (row) => row.similarity },
          { key: 'columns', title: 'Columns', hint: 'columns in common', width: '110px', cell: (row) => row.columns, sort: (row) => row.columns },
          { key: 'in', title: 'Of this in it', hint: 'of this in it', width: '120px', cell: (row) => percent(row.left === asset ? row.left_in_right : row.right_in_left) },
          { key: 'out', title: 'Of it in this', hint: 'of it in this', width: '120px', cell: (row) => percent(row.left === asset ? row.right_in_left : row.left_in_right) },
        ]}
      />
    </Panel>
  );
}
