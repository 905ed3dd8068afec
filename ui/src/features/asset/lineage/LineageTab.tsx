import { Button, CopyButton, SegmentedControl } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';

import { useUrlState } from '@/shared/hooks';
import { Panel } from '@/shared/PageHeader';

import { GraphView } from './GraphView';
import { ImpactView } from './ImpactView';
import styles from './lineage.module.css';

const views = [
  { value: 'graph', label: 'Graph' },
  { value: 'table', label: 'Table' },
  { value: 'impact', label: 'Impact of a change' },
];

/** Where the asset comes from, where it goes, and what a change would reach. */
export default function LineageTab({ id, asset, columns }: { id: string; asset: string; columns: readonly string[] }) {
  const narrow = useMediaQuery('(max-width: 700px)', undefined, { getInitialValueInEffect: false });
  // A picture needs room; on a telephone the same is read as a table first.
  const [{ view = narrow ? 'table' : 'graph' }, set] = useUrlState();
  return (
    <Panel padded={false}>
      <div className={styles.bar}>
        <SegmentedControl size="xs" value={view} onChange={(next) => set({ view: next })} data={views} aria-label="View" />
        <span className={styles.grow} />
        <CopyButton value={window.location.href}>
          {({ copied, copy }) => <Button variant="default" onClick={copy}>{copied ? 'Copied' : 'Copy link to this view'}</Button>}
        </CopyButton>
      </div>
      {view === 'impact' ? <ImpactView id={id} columns={columns} /> : <GraphView key={id} id={id} asset={asset} asTable={view === 'table'} />}
    </Panel>
  );
}
