import { Link } from '@tanstack/react-router';

import { words } from '@/shared/format';
import layout from '@/shared/layout.module.css';
import { Panel } from '@/shared/PageHeader';
import { RelativeTime } from '@/shared/RelativeTime';

import styles from './compliance.module.css';
import { type Finding, useCheck } from './queries';

function shown(value: unknown): string {
  if (value === null || value === undefined || value === '') return 'nothing';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : value.toFixed(2);
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(shown).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The facts as they were when the finding was judged, with the hash that an auditor can compare. */
export function Evidence({ finding }: { finding: Finding }) {
  const check = useCheck(finding.check);
  const facts = Object.entries(finding.evidence).flatMap(([variable, fields]) => Object.entries((fields ?? {}) as Record<string, unknown>).map(([field, value]) => ({ variable, field, value })));
  return (
    <Panel title="Evidence" actions={<span className="muted">judged <RelativeTime at={finding.evidence_at} /></span>}>
      <table className={styles.evidence}>
        <tbody>
          {facts.map(({ variable, field, value }) => (
            <tr key={`${variable}.${field}`}>
              <th scope="row">{words(variable)}: {field.replaceAll('_', ' ')}</th>
              <td>{shown(value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {check.data ? (
        <details style={{ marginTop: 10 }}>
          <summary className="muted" style={{ cursor: 'pointer' }}>How it is checked</summary>
          <table className={styles.evidence} style={{ marginTop: 6 }}>
            <tbody>
              <tr><th scope="row">Asked of</th><td className="mono">{check.data.scope}</td></tr>
              <tr><th scope="row">Must hold</th><td className="mono">{check.data.holds}</td></tr>
              <tr><th scope="row">Check</th><td><Link to="/findings" search={{ check: finding.check } as never} className={`mono ${layout.link}`}>{finding.check}</Link></td></tr>
              <tr><th scope="row">SHA-256</th><td className="mono faint">{finding.evidence_hash}</td></tr>
            </tbody>
          </table>
        </details>
      ) : null}
    </Panel>
  );
}
