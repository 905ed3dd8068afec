import { ActionIcon, Button, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';

import { type HighWaterEntry, wrongAt } from './body';
import type { RuleProblem } from './queries';
import styles from './rulesets.module.css';

/** Columns by which new rows are told: only those above the last value are read. */
export function HighWater({ marks, problems, onChange, readOnly }: { marks: readonly HighWaterEntry[]; problems: readonly RuleProblem[]; onChange: (marks: HighWaterEntry[]) => void; readOnly: boolean }) {
  const at = (index: number, field: string) => wrongAt(problems, `high_water.${index}.${field}`);
  const change = (index: number, part: Partial<HighWaterEntry>) => onChange(marks.map((each, at) => (at === index ? { ...each, ...part } : each)));
  return (
    <fieldset className={styles.group}>
      <legend>High-water columns</legend>
      <span className="faint">Of these assets only rows with a higher value than at the last scan are read. The others are counted, and read again where their number changed; a change that leaves the column as it was is not seen.</span>
      {marks.map((mark, index) => (
        <div key={index} className={styles.mark}>
          <TextInput aria-label="Assets" placeholder="Assets, as sales.*" error={at(index, 'assets')} readOnly={readOnly} value={mark.assets} onChange={(event) => change(index, { assets: event.currentTarget.value })} />
          <TextInput aria-label="High-water column" placeholder="Column, as updated_at" error={at(index, 'column')} readOnly={readOnly} value={mark.column} onChange={(event) => change(index, { column: event.currentTarget.value })} />
          {readOnly ? <span /> : <ActionIcon variant="subtle" color="gray" aria-label="Remove the high-water column" onClick={() => onChange(marks.filter((_, at) => at !== index))}><IconX size={15} /></ActionIcon>}
        </div>
      ))}
      {readOnly ? null : <div><Button variant="default" onClick={() => onChange([...marks, { assets: '', column: '' }])}>Add a high-water column</Button></div>}
    </fieldset>
  );
}
