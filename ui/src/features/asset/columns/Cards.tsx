import { useUrlState } from '@/shared/hooks';

import type { AssetDetail } from '../queries';
import styles from './columns.module.css';
import { Described } from './Described';
import { KeyMarks } from './KeyMarks';
import { Labels } from './Labels';
import type { Row } from './rows';
import { Checks, Nulls, Shape } from './Table';

/** The columns on a narrow screen: one card each, nothing left out. */
export function Cards({ asset, rows }: { asset: AssetDetail; rows: readonly Row[] }) {
  const [, set] = useUrlState();
  return (
    <ul className={styles.cards}>
      {rows.map(({ column, profile, checks }) => (
        <li key={column.name} className={styles.one}>
          <div className={styles.top}>
            <button type="button" className={styles.title} onClick={() => set({ tab: 'profile', column: column.name })}>{column.name}</button>
            <KeyMarks column={column} />
            <span className="mono muted">{column.type}</span>
          </div>
          {column.labels.length ? <Labels asset={asset} column={column} /> : null}
          <div className={styles.figures}>
            <Shape spark={column.spark} name={column.name} distinct={profile?.distinct} />
            <span className="faint">Null <Nulls share={profile?.null_share} /></span>
            <span className="faint">Checks <Checks checks={checks} /></span>
          </div>
          <Described asset={asset} column={column} />
        </li>
      ))}
    </ul>
  );
}
