import { Link } from '@tanstack/react-router';

import { inFull } from '@/shared/format';
import layout from '@/shared/layout.module.css';

import { shown } from './body';
import type { Effective } from './queries';
import styles from './rulesets.module.css';

const titles: [keyof Effective, string, string][] = [
  ['include', 'Takes in', 'scope.include'],
  ['sample_rows', 'Rows read of an asset', 'sampling.rows'],
  ['rows_per_partition', 'Rows in a partition', 'sampling.rows_per_partition'],
  ['metadata_only', 'Reads no row, only metadata', 'sampling.metadata_only'],
  ['classifiers', 'Classifiers', 'classifiers'],
  ['min_confidence', 'Suggests labels from', 'min_confidence'],
  ['suggest_quality', 'Suggests quality checks', 'suggest_quality'],
  ['lineage', 'Derives lineage', 'lineage'],
  ['max_concurrency', 'Chunks read at once', 'limits.max_concurrency'],
  ['statement_timeout_seconds', 'Statement time-out, s', 'limits.statement_timeout_seconds'],
  ['max_run_minutes', 'Longest run, min', 'limits.max_run_minutes'],
];

const value = (rules: Effective, key: keyof Effective): string => {
  if (key === 'sample_rows') return rules.sample_rows === null ? 'all' : inFull(rules.sample_rows);
  if (key === 'min_confidence') return `${Math.round(rules.min_confidence * 100)} % sure`;
  if (key === 'max_run_minutes' && rules.max_run_minutes === null) return 'no limit';
  const plain = rules[key];
  return typeof plain === 'number' ? inFull(plain) : shown(plain);
};

function Origin({ text }: { text: string | undefined }) {
  if (!text || text === 'built-in') return <span className="faint">built in</span>;
  return (
    <>
      {text.split(' + ').map((each, index) => (
        <span key={each}>{index > 0 ? ' + ' : ''}<Link to="/rule-sets/$name" params={{ name: each.split(' ')[0] } as never} className={layout.link}>{each}</Link></span>
      ))}
    </>
  );
}

/** Every setting of a scan with the rule set and version it comes from. */
export function EffectiveTable({ rules }: { rules: Effective }) {
  return (
    <table className={styles.table}>
      <thead><tr><th>Setting</th><th>Value</th><th>From</th></tr></thead>
      <tbody>
        {titles.map(([key, title, origin]) => (
          <tr key={key}>
            <td>{title}</td>
            <td className={key === 'include' || key === 'classifiers' ? 'mono' : undefined}>{value(rules, key)}</td>
            <td><Origin text={rules.origins[origin]} /></td>
          </tr>
        ))}
        {rules.exclude.map((pattern, index) => (
          <tr key={pattern}>
            <td>Leaves out</td>
            <td className="mono">{pattern}</td>
            <td><Origin text={rules.origins[`scope.exclude.${index}`]} /></td>
          </tr>
        ))}
        {rules.high_water.map((mark, index) => (
          <tr key={mark.assets}>
            <td>High-water column</td>
            <td><span className="mono">{mark.column}</span> of <span className="mono">{mark.assets}</span></td>
            <td><Origin text={rules.origins[`high_water.${index}`]} /></td>
          </tr>
        ))}
        {rules.quality_rules.map((rule, index) => (
          <tr key={index}>
            <td>Quality check</td>
            <td><span className="mono">{rule.check}</span> on {rule.label ? <>columns labelled <span className="mono">{rule.label}</span></> : <span className="mono">{rule.columns ?? 'the table'}</span>} of <span className="mono">{rule.assets}</span>{Object.keys(rule.params).length > 0 ? <span className="faint"> {JSON.stringify(rule.params)}</span> : null}</td>
            <td><Origin text={rules.origins[`quality_rules.${index}`]} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
