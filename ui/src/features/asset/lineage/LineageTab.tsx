import { ActionIcon, Button, CopyButton, SegmentedControl } from '@mantine/core';
import { useFullscreenElement, useMediaQuery } from '@mantine/hooks';
import { IconLink, IconMaximize, IconMinimize } from '@tabler/icons-react';
import type { ReactNode } from 'react';

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
  const { ref, toggle, fullscreen } = useFullscreenElement<HTMLDivElement>();
  /** One line of controls: which view, then what the view can be told, then what is done with it. */
  const bar = (controls?: ReactNode) => (
    <div className={styles.bar}>
      <SegmentedControl size="xs" value={view} onChange={(next) => set({ view: next })} data={views} aria-label="View" />
      {controls}
      <span className={styles.grow} />
      <CopyButton value={window.location.href}>
        {({ copied, copy }) => <Button variant="default" leftSection={<IconLink size={14} />} onClick={copy}>{copied ? 'Copied' : 'Copy link to this view'}</Button>}
      </CopyButton>
      {view === 'graph' ? <ActionIcon variant="default" size={30} aria-label={fullscreen ? 'Leave the full screen' : 'Show on the full screen'} onClick={() => void toggle()}>{fullscreen ? <IconMinimize size={16} /> : <IconMaximize size={16} />}</ActionIcon> : null}
    </div>
  );
  return (
    <Panel padded={false}>
      <div ref={ref} className={fullscreen ? styles.full : undefined}>
        {view === 'impact' ? <ImpactView id={id} columns={columns} bar={bar} /> : <GraphView key={id} id={id} asset={asset} asTable={view === 'table'} bar={bar} />}
      </div>
    </Panel>
  );
}
