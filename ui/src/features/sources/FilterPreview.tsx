import { Button, Textarea } from '@mantine/core';

import { ErrorState } from '@/shared/states';
import { inFull, words } from '@/shared/format';
import layout from '@/shared/layout.module.css';

import type { Filter, Preview } from './queries';
import styles from './sources.module.css';

const lines = (text: string): string[] => text.split('\n').map((line) => line.trim()).filter(Boolean);

export interface FilterText {
  include: string;
  exclude: string;
}

export const filterOf = (text: FilterText): Filter => ({ include: lines(text.include), exclude: lines(text.exclude) });

interface Props {
  text: FilterText;
  onChange: (text: FilterText) => void;
  onPreview: () => void;
  pending: boolean;
  error: unknown;
  preview: Preview | undefined;
}

/** Which assets a filter takes in and which it leaves out, before anything is read. */
export function FilterPreview({ text, onChange, onPreview, pending, error, preview }: Props) {
  return (
    <div className={layout.stack}>
      <div className={layout.halves}>
        <Textarea size="xs" label="Take in" description="Patterns over the dotted path, one a line: sales.*" autosize minRows={3} value={text.include} onChange={(event) => onChange({ ...text, include: event.currentTarget.value })} />
        <Textarea size="xs" label="Leave out" description="Wins over what is taken in: *.tmp_*" autosize minRows={3} value={text.exclude} onChange={(event) => onChange({ ...text, exclude: event.currentTarget.value })} />
      </div>
      <div><Button variant="default" loading={pending} onClick={onPreview}>Preview what matches</Button></div>
      {error ? <ErrorState error={error} retry={onPreview} /> : null}
      {preview ? (
        <div className={layout.halves}>
          <Side title="Taken in" count={preview.matched} items={preview.matches} />
          <Side title="Left out" count={preview.left_out} items={preview.leaves_out} />
        </div>
      ) : null}
    </div>
  );
}

function Side({ title, count, items }: { title: string; count: number; items: Preview['matches'] }) {
  return (
    <div>
      <h3 style={{ margin: '0 0 4px', fontSize: '0.875rem' }}>{title}: {inFull(count)}</h3>
      {items.length === 0 ? <span className="faint">none</span> : (
        <ul className={styles.matches} tabIndex={0} aria-label={title}>
          {items.map((each) => <li key={each.path}><span className="mono">{each.path}</span><span className="faint">{words(each.kind)}</span></li>)}
        </ul>
      )}
      {count > items.length ? <div className="faint">and {inFull(count - items.length)} more</div> : null}
    </div>
  );
}
