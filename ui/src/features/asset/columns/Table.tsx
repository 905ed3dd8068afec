import { type Column, DataTable } from '@/shared/DataTable';
import { percent } from '@/shared/format';
import { useUrlState } from '@/shared/hooks';
import { Sparkline } from '@/shared/Sparkline';

import type { AssetDetail } from '../queries';
import styles from './columns.module.css';
import { Described } from './Described';
import { KeyMarks } from './KeyMarks';
import { Labels } from './Labels';
import { type Row, tally } from './rows';

export function Table({ asset, rows }: { asset: AssetDetail; rows: readonly Row[] }) {
  const [, set] = useUrlState();
  const open = (row: Row) => set(row.profile ? { tab: 'profile', column: row.column.name, find: undefined, labelled: undefined } : { tab: 'lineage', view: 'impact', column: row.column.name, find: undefined, labelled: undefined });
  const columns: Column<Row>[] = [
    { key: 'name', title: 'Column', width: 'minmax(130px, 1.3fr)', sort: ({ column }) => column.name, cell: ({ column }) => <span className={styles.name}><strong title={column.name}>{column.name}</strong><KeyMarks column={column} /></span> },
    { key: 'type', title: 'Type', width: 'minmax(80px, 0.8fr)', sort: ({ column }) => column.type, cell: ({ column }) => <span className="mono muted" title={`${column.type}${column.nullable ? '' : ', never null'}`}>{column.type}</span> },
    { key: 'labels', title: 'Labels', width: 'minmax(150px, 1.6fr)', sort: ({ column }) => column.labels[0]?.title, cell: ({ column }) => <Labels asset={asset} column={column} /> },
    { key: 'shape', title: 'Values', width: '88px', cell: ({ column, profile }) => <Shape spark={column.spark} name={column.name} distinct={profile?.distinct} /> },
    { key: 'nulls', title: 'Null', width: '60px', sort: ({ profile }) => profile?.null_share, cell: ({ profile }) => <Nulls share={profile?.null_share} /> },
    { key: 'checks', title: 'Checks', width: '88px', sort: ({ checks }) => tally(checks).failed, cell: ({ checks }) => <Checks checks={checks} /> },
    { key: 'description', title: 'Description', width: 'minmax(140px, 2fr)', cell: ({ column }) => <Described asset={asset} column={column} /> },
  ];
  return <DataTable label="Columns" rows={rows} columns={columns} rowKey={(row) => row.column.name} onOpen={open} height={720} />;
}

export function Shape({ spark, name, distinct }: { spark: readonly number[] | null | undefined; name: string; distinct: number | undefined }) {
  if (spark?.length) return <Sparkline values={spark} width={72} height={18} label={`Distribution of ${name}`} />;
  return <span className="faint">{distinct === undefined ? '–' : `${distinct.toLocaleString('en')} distinct`}</span>;
}

export function Nulls({ share }: { share: number | undefined }) {
  if (share === undefined) return <span className="faint">–</span>;
  return <span className={share === 0 ? 'faint' : undefined}>{percent(share)}</span>;
}

export function Checks({ checks }: { checks: Row['checks'] }) {
  const { passed, failed } = tally(checks);
  if (passed + failed === 0) return <span className="faint">none</span>;
  if (failed === 0) return <span style={{ color: 'var(--ok)' }} title={`${passed} passed`}>✓ {passed}</span>;
  return <span style={{ color: 'var(--sev-critical)' }} title={`${failed} failed, ${passed} passed`}>✕ {failed} of {passed + failed}</span>;
}
