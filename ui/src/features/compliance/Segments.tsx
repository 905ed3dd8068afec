import { plural } from '@/shared/format';

import styles from './compliance.module.css';

interface Counts {
  met: number;
  failing: number;
  no_evidence: number;
  manual: number;
}

/** How the requirements of a framework stand, as one bar with its legend in words. */
export function Segments({ counts }: { counts: Counts }) {
  const parts = [
    ['met', counts.met, styles.met],
    ['failing', counts.failing, styles.failing],
    ['without evidence', counts.no_evidence, styles.none],
    ['for a person to tell', counts.manual, styles.manual],
  ] as const;
  const all = parts.reduce((sum, [, count]) => sum + count, 0);
  return (
    <div>
      <div className={styles.segments} role="img" aria-label={`Of ${plural(all, 'requirement')}: ${parts.map(([name, count]) => `${count} ${name}`).join(', ')}`}>
        {parts.map(([name, count, look]) => (count > 0 ? <span key={name} className={look} style={{ flexGrow: count }} title={`${count} ${name}`} /> : null))}
      </div>
      <div className={styles.legend} style={{ marginTop: 4 }}>{parts.map(([name, count]) => (count > 0 ? <span key={name}><strong>{count}</strong> {name}</span> : null))}</div>
    </div>
  );
}
