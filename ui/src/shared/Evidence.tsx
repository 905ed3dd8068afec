import styles from './evidence.module.css';
import { Facts } from './Facts';
import { inFull, percent, words } from './format';

/** What a label keeps of how it was found; every part may be missing. */
export interface Evidence {
  mode?: string;
  matched?: number;
  tested?: number;
  matched_rows?: number;
  tested_rows?: number;
  share?: number;
  wilson_low?: number;
  header?: string[];
  against?: string[];
  because?: string[];
  allowed?: number;
  rests_on?: { column: string; label: string; confidence: number }[];
  odds?: Record<string, number>;
  examples?: string[];
  validator?: string;
  validator_pass?: number;
  ambiguous_with?: string[];
  model?: { version: string; share: number; precision?: number; others?: Record<string, number> };
  by?: string;
  says?: string;
}

const parts: Record<string, string> = {
  prior: 'Before looking',
  header: 'Column name',
  values: 'Values',
  inside_text: 'Inside text',
  distribution: 'Spread of values',
  context: 'Table around it',
  counter: 'Against it',
  ambiguity: 'Could be another',
  beside_personal_data: 'Beside personal data',
};

/** Labels that nobody looked at values for: what they follow. */
const followed: Record<string, (says: string | undefined) => string> = {
  foreign_key: (says) => `Its values are those of a key: it ${says ?? 'holds values of another column by a foreign key'}, and follows what is decided there.`,
  pseudonym: (says) => `Nobody reads a person out of it, and it still stands for one: it ${says ?? 'holds hashed, encrypted or masked values of another column'}, and follows what is decided there.`,
  lineage: (says) => `Nobody looked at its values: it ${says ?? 'inherits from another column by lineage'}, and follows what is decided there.`,
};

/** Why a column carries a label: what matched, how surely, and what speaks for and against. */
export function EvidenceView({ evidence: kept }: { evidence: Record<string, unknown> }) {
  const evidence = kept as Evidence;
  const { mode = '', by, says, examples } = evidence;
  if (mode === 'manual') return <p className={styles.text}>A person set this label{by ? `: ${by}` : ''}.</p>;
  const follows = followed[mode];
  if (follows) return <p className={styles.text}>{follows(says)}</p>;
  if (mode === 'composed') {
    return (
      <div className={styles.box}>
        <p className={styles.text}>It is made of other labels, and as sure as the least sure of them.</p>
        <Facts items={(evidence.rests_on ?? []).map(({ column, label, confidence }) => [column, `${label}, ${percent(confidence)} sure`])} />
      </div>
    );
  }
  if (mode === 'rare') {
    return (
      <div className={styles.box}>
        <p className={styles.text}>The column {says ?? 'holds a few such values'}: {inFull(evidence.matched_rows ?? 0)} of {inFull(evidence.tested_rows ?? 0)} rows.</p>
        <Facts items={[['Look like', <Examples key="examples" of={examples} />]]} />
      </div>
    );
  }
  return <Found evidence={evidence} />;
}

function Found({ evidence }: { evidence: Evidence }) {
  const { matched = 0, tested = 0, share = 0, wilson_low: low, matched_rows: rows, validator, validator_pass: passes, header = [], against = [], because = [], allowed, ambiguous_with: others = [], examples, model } = evidence;
  const instead = Object.entries(model?.others ?? {});
  return (
    <div className={styles.box}>
      <Facts
        items={[
          ['Values', tested > 0 ? `${inFull(matched)} of ${inFull(tested)} different values match (${percent(share)}${low === undefined ? '' : `, at least ${percent(low)} with 95 % certainty`})` : 'none were looked at'],
          ['Allowed', allowed ? `${inFull(allowed)} more are on its allow list` : null],
          ['Rows', rows ? `${inFull(rows)} hold one` : null],
          ['Check', passes === undefined ? null : `${percent(passes)} of those with the right form pass ${validator ? `“${words(validator)}”` : 'it'}`],
          ['Column name', header.length > 0 ? `says ${header.map((word) => `“${word}”`).join(', ')}` : 'says nothing'],
          ['Told', because.join(', ')],
          ['Model', model ? `${percent(model.share)} likely by version ${model.version}${model.precision === undefined ? '' : `, right in ${percent(model.precision)} of such columns when measured`}` : null],
          ['Against', against.length > 0 ? against.join('; ') : 'nothing'],
          ['Could also be', [...others, ...instead.map(([label, likely]) => `${label} (${percent(likely)})`)].join(', ')],
          ['Examples', <Examples key="examples" of={examples} />],
        ]}
      />
      <Odds odds={evidence.odds ?? {}} />
    </div>
  );
}

/** Masked examples, or that there are none. */
function Examples({ of = [] }: { of: string[] | undefined }) {
  if (of.length === 0) return <span className="faint">none kept</span>;
  return <span className={styles.examples}>{of.map((each, index) => <code key={index} className={styles.example}>{each}</code>)}</span>;
}

/** Each part of the evidence as log-odds: for on the right, against on the left. */
function Odds({ odds }: { odds: Record<string, number> }) {
  const told = Object.entries(odds).filter(([, weight]) => weight !== 0);
  if (told.length === 0) return null;
  const most = Math.max(...told.map(([, weight]) => Math.abs(weight)), 1);
  return (
    <table className={styles.odds}>
      <caption className="sr-only">Weight of each part, in log-odds</caption>
      <tbody>
        {told.map(([part, weight]) => (
          <tr key={part}>
            <th scope="row">{parts[part] ?? words(part)}</th>
            <td className={styles.scale}><span className={styles.weight} data-against={weight < 0 || undefined} style={{ width: `${(Math.abs(weight) / most) * 50}%` }} /></td>
            <td className={styles.number}>{weight > 0 ? '+' : '−'}{Math.abs(weight).toFixed(1)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
