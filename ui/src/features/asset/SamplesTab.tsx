import { Badge, SensitivityBadge } from '@/shared/badges';
import { type Column, DataTable } from '@/shared/DataTable';
import { abbreviated, inFull } from '@/shared/format';
import { Panel } from '@/shared/PageHeader';
import { Loaded } from '@/shared/states';

import { NotProfiled } from './profile/ProfileTab';
import { shown } from './profile/values';
import { type ColumnSample, useSample } from './queries';

const columns: Column<ColumnSample>[] = [
  { key: 'column', title: 'Column', main: true, width: 'minmax(120px, 220px)', cell: (sample) => <strong title={sample.column}>{sample.column}</strong>, sort: (sample) => sample.column },
  { key: 'sensitivity', title: 'Sensitivity', width: '132px', cell: (sample) => (sample.sensitivity ? <SensitivityBadge level={sample.sensitivity} /> : <span className="faint">not labelled</span>) },
  { key: 'values', title: 'Frequent values', width: 'minmax(200px, 3fr)', cell: (sample) => <Values sample={sample} /> },
  { key: 'why', title: 'Why masked', width: 'minmax(140px, 1.4fr)', cell: (sample) => <span className="muted" title={sample.why ?? undefined}>{sample.why ?? ''}</span> },
];

function Values({ sample }: { sample: ColumnSample }) {
  if (sample.values.length === 0) return <span className="faint">none kept</span>;
  return (
    <span style={{ display: 'flex', flexWrap: 'wrap', gap: 4 }}>
      {sample.values.slice(0, 6).map((each, index) => (
        <Badge key={index} tone={each.masked ? 'dashed' : 'outline'} title={`${each.masked ? 'Masked: only the shape is shown. ' : ''}Seen ${inFull(each.count)} times`}>
          <span className="mono" style={{ fontSize: '0.75rem' }}>{shown(each.value)}</span> <span className="faint">× {abbreviated(each.count)}</span>
        </Badge>
      ))}
    </span>
  );
}

/** What is in the columns, masked where classification or the reader's roles demand it. */
export function SamplesTab({ id }: { id: string }) {
  const sample = useSample(id);
  return (
    <Loaded query={sample} isEmpty={(rows) => rows.length === 0} empty={<NotProfiled />}>
      {(rows) => (
        <Panel title="Frequent values by column" padded={false}>
          <DataTable label="Samples" rows={rows} columns={columns} rowKey={(row) => row.column} height={640} />
        </Panel>
      )}
    </Loaded>
  );
}
