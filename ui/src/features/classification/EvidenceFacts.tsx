import { Facts } from '@/shared/Facts';
import { inFull, percent, words } from '@/shared/format';

import type { Evidence } from './queries';
import styles from './review.module.css';

const partNames: Record<string, string> = { prior: 'Before looking', header: 'Column name', values: 'Values', inside_text: 'Inside text', context: 'Table around it', counter: 'Against it', ambiguity: 'Could be another', beside_personal_data: 'Beside personal data' };

/** Each part of the evidence as log-odds, for on the right and against on the left. */
function Odds({ odds }: { odds: Record<string, number> }) {
  const most = Math.max(...Object.values(odds).map(Math.abs), 1);
  return (
    <div className={styles.odds} role="img" aria-label={Object.entries(odds).map(([part, value]) => `${partNames[part] ?? part} ${value}`).join(', ')}>
      {Object.entries(odds).map(([part, value]) => (
        <div key={part} style={{ display: 'contents' }}>
          <span className="muted">{partNames[part] ?? words(part)}</span>
          <span className={styles.odd}><span className={value >= 0 ? styles.for : styles.contra} style={{ width: `${(Math.abs(value) / most) * 50}%` }} /></span>
          <span style={{ textAlign: 'right', fontVariantNumeric: 'tabular-nums' }}>{value > 0 ? '+' : '−'}{Math.abs(value).toFixed(1)}</span>
        </div>
      ))}
    </div>
  );
}

/** What the classifier saw, in figures; examples are masked. */
export function EvidenceFacts({ evidence }: { evidence: Evidence }) {
  const { matched, tested, share, wilson_low: low, header, against, examples, validator, validator_pass: passes, odds, ambiguous_with: others, matched_rows: rows } = evidence;
  if (evidence.mode === 'foreign_key') return <Facts items={[['Foreign key', `It ${evidence.says ?? 'holds values of another column by a foreign key'}. It follows what is decided there.`]]} />;
  if (evidence.mode === 'pseudonym') return <Facts items={[['Pseudonym', `It ${evidence.says ?? 'holds hashed, encrypted or masked values of another column'}. It follows what is decided there.`]]} />;
  if (evidence.mode === 'lineage') return <Facts items={[['Lineage', `It ${evidence.says ?? 'inherits from another column by lineage'}. It follows what is decided there.`]]} />;
  if (evidence.mode === 'rare') return <Facts items={[['Single values', `The column ${evidence.says ?? 'holds a few such values'}: ${inFull(rows ?? 0)} of ${inFull(evidence.tested_rows ?? 0)} rows.`], ...(examples?.length ? [['Look like', examples.join(', ')] as [string, string]] : [])]} />;
  const isShare = share !== undefined && tested !== undefined && tested > 0;
  return (
    <>
      <Facts
        items={[
          ['Values', isShare ? <span key="share">{inFull(matched ?? 0)} of {inFull(tested)} different values match ({percent(share)}{low === undefined ? '' : `, at least ${percent(low)} with 95 % certainty`})</span> : 'none were looked at'],
          ['Rows', rows ? `${inFull(rows)} hold one` : null],
          ['Check digit', passes === undefined ? null : `${percent(passes)} pass ${validator ?? ''}`],
          ['Column name', header && header.length > 0 ? `says ${header.map((word) => `“${word}”`).join(', ')}` : 'says nothing'],
          ['Against', against && against.length > 0 ? against.join('; ') : 'nothing'],
          ['Could also be', others && others.length > 0 ? others.join(', ') : null],
          ['Examples', examples && examples.length > 0 ? <span key="examples" className={styles.examples}>{examples.map((each, index) => <span key={index} className={styles.example}>{each}</span>)}</span> : null],
        ]}
      />
      {odds ? <Odds odds={odds} /> : null}
    </>
  );
}
