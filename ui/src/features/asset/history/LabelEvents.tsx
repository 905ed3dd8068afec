import { Badge } from '@/shared/badges';
import { words } from '@/shared/format';
import layout from '@/shared/layout.module.css';
import { Panel } from '@/shared/PageHeader';
import { MoreRows } from '@/shared/paging';
import { RelativeTime } from '@/shared/RelativeTime';
import { EmptyState, Loaded } from '@/shared/states';

import { useLabelEvents } from '../queries';
import styles from './history.module.css';

/** What scans, people and new classifiers changed about the labels of an asset. */
export function LabelEvents({ asset }: { asset: string }) {
  const events = useLabelEvents(asset);
  return (
    <Panel title="What happened to its labels" padded={false}>
      <Loaded query={events} isEmpty={(rows) => rows.length === 0} empty={<EmptyState title="No label has changed">A scan, a decision or a new classifier that changes a label is told here.</EmptyState>}>
        {(rows) => (
          <>
            <ol className={styles.list}>
              {rows.map((each) => (
                <li key={each.id} className={styles.event}>
                  <span><strong>{each.column_name}</strong> <span className="mono faint">{each.label}</span> {each.alert && each.acknowledged_at === null ? <Badge tone="high">Look</Badge> : null}</span>
                  <span>{each.said}</span>
                  <span className={`faint ${layout.row}`}>{each.actor ?? words(each.cause)}, <RelativeTime at={each.at} /></span>
                </li>
              ))}
            </ol>
            <MoreRows list={events} />
          </>
        )}
      </Loaded>
    </Panel>
  );
}
