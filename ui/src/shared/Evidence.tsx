import { inFull, percent, words } from './format';
import styles from './evidence.module.css';

/** What a label keeps of how it was found; every part may be missing. */
interface Evidence {
  mode?: string;
  matched?: number;
  tested?: number;
  matched_rows?: number;
  tested_rows?: number;
  share?: number;
  wilson_low?: number;
  header?: string[];
  against?: string[];
  odds?: Record<string, number>;
  examples?: string[];
  validator?: string;
  validator_pass?: number;
  ambiguous_with?: string[];
  by?: string;
  says?: string;
}

const parts: Record<string, string> = {
  prior: 'before looking',
  header: 'its name',
  context: 'its neighbours',
  counter: 'what speaks against it',
  beside_personal_data: 'personal data beside it',
  ambiguity: 'others fit as well',
  values: 'its values',
  distribution: 'how its values spread',
  inside_text: 'values inside its text',
};

/** Why a column carries a label: what matched, how surely, and what speaks for and against. */
export function EvidenceView({ evidence: kept }: { evidence: Record<string, unknown> }) {
  const evidence = kept as Evidence;
  const odds = Object.entries(evidence.odds ?? {}).filter(([, weight]) => weight !== 0);
  const most = Math.max(...odds.map(([, weight]) => Math.abs(weight)), 1);
  if (evidence.mode === 'manual') return <p className={styles.text}>A person set this label{evidence.by ? `: ${evidence.by}` : ''}.</p>;
  if (evidence.mode === 'foreign_key') return <p className={styles.text}>Its values are those of a key: it {evidence.says ?? 'holds values of another column by a foreign key'}, and follows what is decided there.</p>;
  if (evidence.mode === 'pseudonym') return <p className={styles.text}>Nobody reads a person out of it, and it still stands for one: it {evidence.says ?? 'holds hashed, encrypted or masked values of another column'}, and follows what is decided there.</p>;
  if (evidence.mode === 'lineage') return <p className={styles.text}>Nobody looked at its values: it {evidence.says ?? 'inherits from another column by lineage'}, and follows what is decided there.</p>;
  if (evidence.mode === 'rare') return <p className={styles.text}>The column {evidence.says ?? 'holds a few such values'}: {inFull(evidence.matched_rows ?? 0)} of {inFull(evidence.tested_rows ?? 0)} rows{evidence.examples?.length ? `, which look like ${evidence.examples.join(', ')}` : ''}.</p>;
  return (
    <div className={styles.box}>
      {evidence.tested ? (
        <p className={styles.text}>
          <strong>{inFull(evidence.matched ?? 0)}</strong> of {inFull(evidence.tested)} distinct values match ({percent(evidence.share ?? 0)}
          {evidence.wilson_low === undefined ? '' : `; at least ${percent(evidence.wilson_low)} with 95 % certainty`}).
          {evidence.validator && evidence.validator_pass !== undefined ? ` Of those with the right form, ${percent(evidence.validator_pass)} pass the check “${words(evidence.validator)}”.` : ''}
        </p>
      ) : null}
      {evidence.header?.length ? <p className={styles.text}>Its name says: {evidence.header.join(', ')}.</p> : null}
      {evidence.against?.length ? <p className={styles.text}>Against it: {evidence.against.join('; ')}.</p> : null}
      {evidence.ambiguous_with?.length ? <p className={styles.text}>Fits nearly as well: {evidence.ambiguous_with.join(', ')}.</p> : null}
      {evidence.examples?.length ? (
        <p className={styles.text}>Values look like {evidence.examples.slice(0, 4).map((each) => <code key={each} className={styles.example}>{each}</code>)}</p>
      ) : null}
      {odds.length ? (
        <table className={styles.odds}>
          <caption className="sr-only">Weight of each part, in log-odds</caption>
          <tbody>
            {odds.map(([part, weight]) => (
              <tr key={part}>
                <th scope="row">{parts[part] ?? words(part).toLowerCase()}</th>
                <td className={styles.scale}><span className={styles.weight} data-against={weight < 0 || undefined} style={{ width: `${(Math.abs(weight) / most) * 50}%` }} /></td>
                <td className={styles.number}>{weight > 0 ? '+' : '−'}{Math.abs(weight).toFixed(1)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
    </div>
  );
}
