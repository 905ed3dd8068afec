import { Badge } from '@/shared/badges';

import type { RuleProblem } from './queries';
import styles from './rulesets.module.css';

/** What is wrong with the rules: where, what, and what to write instead. */
export function Problems({ problems, asked }: { problems: readonly RuleProblem[]; asked: boolean }) {
  if (problems.length === 0) return asked ? <p className="muted" style={{ margin: '10px 0 0' }} role="status">The rules fit.</p> : null;
  return (
    <div style={{ marginTop: 10 }} role="status" aria-label="Problems of the rules">
      {problems.map((each) => (
        <div key={`${each.path} ${each.message}`} className={styles.problem}>
          <Badge tone={each.weight === 'error' ? 'critical' : 'medium'}>{each.weight === 'error' ? 'Error' : 'Warning'}</Badge>
          <span><span className="mono">{each.path}</span>: {each.message}{each.suggestion ? <span className="muted"> {each.suggestion}</span> : null}</span>
        </div>
      ))}
    </div>
  );
}
