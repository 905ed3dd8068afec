import { Link } from '@tanstack/react-router';

import { SensitivityBadge } from '@/shared/badges';
import { type Column, DataTable } from '@/shared/DataTable';
import { inFull, percent } from '@/shared/format';
import { Panel } from '@/shared/PageHeader';
import { EmptyState, Loaded } from '@/shared/states';

import { type Coverage, useCoverage } from './queries';
import styles from './review.module.css';

type Source = Coverage['sources'][number];
type Domain = Coverage['domains'][number];
type LabelCount = Coverage['labels'][number];

function Bar({ source }: { source: Source }) {
  const of = Math.max(1, source.labelled);
  return (
    <span className={styles.bar} role="img" aria-label={`${source.decided} of ${source.labelled} labelled columns decided`}>
      <span className={styles.decided} style={{ width: `${(source.decided / of) * 100}%` }} />
      <span className={styles.waiting} style={{ width: `${((source.labelled - source.decided) / of) * 100}%` }} />
    </span>
  );
}

const sourceColumns: Column<Source>[] = [
  { key: 'source', title: 'Source', cell: (each) => <Link to="/review" search={{ source: each.source } as never}><strong>{each.source}</strong></Link>, sort: (each) => each.source },
  { key: 'bar', title: 'Decided of labelled columns', width: 'minmax(140px, 2fr)', cell: (each) => <Bar source={each} /> },
  { key: 'decided', title: 'Decided', width: '110px', align: 'right', cell: (each) => `${inFull(each.decided)} of ${inFull(each.labelled)}`, sort: (each) => each.decided },
  { key: 'waiting', title: 'Labels waiting', width: '110px', align: 'right', cell: (each) => inFull(each.suggested), sort: (each) => each.suggested },
  { key: 'columns', title: 'Columns', width: '90px', align: 'right', cell: (each) => inFull(each.columns), sort: (each) => each.columns },
  { key: 'labelled', title: 'Labelled', width: '90px', align: 'right', cell: (each) => percent(each.columns > 0 ? each.labelled / each.columns : 0), sort: (each) => each.labelled / Math.max(1, each.columns) },
  { key: 'sensitive', title: 'Sensitive', width: '90px', align: 'right', cell: (each) => inFull(each.sensitive), sort: (each) => each.sensitive },
];

const domainColumns: Column<Domain>[] = [
  { key: 'domain', title: 'Domain', cell: (each) => <strong>{each.domain ?? 'None'}</strong>, sort: (each) => each.domain ?? '' },
  { key: 'columns', title: 'Columns', width: '90px', align: 'right', cell: (each) => inFull(each.columns), sort: (each) => each.columns },
  { key: 'read', title: 'Read', width: '90px', align: 'right', cell: (each) => percent(each.columns > 0 ? each.read / each.columns : 0), sort: (each) => each.read / Math.max(1, each.columns) },
  { key: 'labelled', title: 'Labelled', width: '90px', align: 'right', cell: (each) => inFull(each.labelled), sort: (each) => each.labelled },
  { key: 'decided', title: 'Decided', width: '90px', align: 'right', cell: (each) => inFull(each.decided), sort: (each) => each.decided },
  { key: 'sensitive', title: 'Sensitive', width: '90px', align: 'right', cell: (each) => inFull(each.sensitive), sort: (each) => each.sensitive },
];

const labelColumns: Column<LabelCount>[] = [
  { key: 'title', title: 'Label', width: 'minmax(160px, 2fr)', cell: (each) => <Link to="/review" search={{ tab: 'labels', label: each.label } as never}><strong style={{ fontWeight: 500 }}>{each.title}</strong></Link>, sort: (each) => each.title },
  { key: 'category', title: 'Category', width: '150px', cell: (each) => <span className="muted">{each.category.replaceAll('_', ' ')}</span>, sort: (each) => each.category },
  { key: 'sensitivity', title: 'Sensitivity', width: '140px', cell: (each) => <SensitivityBadge level={each.sensitivity} /> },
  { key: 'columns', title: 'Columns', width: '90px', align: 'right', cell: (each) => inFull(each.columns), sort: (each) => each.columns },
  { key: 'confirmed', title: 'Confirmed', width: '100px', align: 'right', cell: (each) => inFull(each.confirmed), sort: (each) => each.confirmed },
];

export function CoverageTab() {
  const coverage = useCoverage();
  return (
    <Loaded query={coverage} isEmpty={(all) => all.sources.length === 0} empty={<EmptyState title="Nothing was classified yet">A scan looks at every column in the scope of its rule set.</EmptyState>}>
      {(all) => (
        <>
          <Panel title="By source" padded={false}><DataTable label="Coverage by source" rows={all.sources} columns={sourceColumns} rowKey={(each) => each.source} /></Panel>
          <Panel title="By domain" padded={false}><DataTable label="Coverage by domain" rows={all.domains} columns={domainColumns} rowKey={(each) => each.domain ?? ''} /></Panel>
          <Panel title="Labels in effect" padded={false}><DataTable label="Labels in effect" rows={all.labels} columns={labelColumns} rowKey={(each) => each.label} /></Panel>
        </>
      )}
    </Loaded>
  );
}
