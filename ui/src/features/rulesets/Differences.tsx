import { shown } from './body';
import type { Difference } from './queries';
import styles from './rulesets.module.css';

/** What differs between two versions, setting by setting. */
export function Differences({ differences }: { differences: readonly Difference[] }) {
  if (differences.length === 0) return <span className="muted">Nothing differs.</span>;
  return (
    <table className={styles.table}>
      <thead><tr><th>Setting</th><th>Before</th><th>After</th></tr></thead>
      <tbody>
        {differences.map((each) => (
          <tr key={each.path}>
            <td className="mono">{each.path}</td>
            <td>{each.before === null || each.before === undefined ? <span className="faint">not set</span> : <span className={styles.before}>{shown(each.before)}</span>}</td>
            <td>{each.after === null || each.after === undefined ? <span className="faint">not set</span> : <span className={styles.after}>{shown(each.after)}</span>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
