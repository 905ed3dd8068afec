import { refWords } from '@/shared/links';
import { Panel } from '@/shared/PageHeader';
import { MoreRows } from '@/shared/paging';
import { EmptyState, Loaded } from '@/shared/states';

import { type LogLine, useRunLog } from './queries';
import styles from './scans.module.css';

/** What the run did, line by line; what comes meanwhile is added at the end. */
export function RunLog({ id, fresh }: { id: string; fresh: readonly LogLine[] }) {
  const log = useRunLog(id);
  return (
    <Panel title="Log" padded={false}>
      <Loaded query={log} isEmpty={(rows) => rows.length + fresh.length === 0} empty={<EmptyState title="Nothing was logged yet" />}>
        {(rows) => {
          const last = rows.at(-1)?.id ?? 0;
          const lines = log.hasMore ? rows : [...rows, ...fresh.filter((line) => line.id > last)];
          return (
            <>
              <div className={styles.log} role="log" aria-label="Log of the scan" tabIndex={0}>
                {lines.map((line) => (
                  <div key={line.id} className={styles.line} data-level={line.level}>
                    <time dateTime={line.at} title={new Date(line.at).toLocaleString()} className="faint">{new Date(line.at).toLocaleTimeString('en-GB')}</time>
                    <span className="faint">{line.level}</span>
                    <span>{line.message}{line.asset ? <span className="faint"> · {refWords(line.asset)}</span> : null}</span>
                  </div>
                ))}
              </div>
              <MoreRows list={log} />
            </>
          );
        }}
      </Loaded>
    </Panel>
  );
}
