import { Button } from '@mantine/core';

import { percent, plural } from '@/shared/format';
import layout from '@/shared/layout.module.css';
import { Panel } from '@/shared/PageHeader';

import { type Mined, useMined, useMinedActs } from './mined-queries';

/** What unlabelled columns have in common, with its precision, to be accepted or rejected. */
export function MinedList() {
  const mined = useMined(true);
  const acts = useMinedActs();
  const rows = mined.data ?? [];
  return (
    <Panel title="Found in your columns" actions={<Button variant="default" loading={acts.mine.isPending} onClick={() => acts.mine.mutate()}>Look again</Button>}>
      {rows.length === 0 ? <p className="muted" style={{ margin: 0 }}>Forms that unlabelled columns share are proposed here as classifiers. Only kept profiles are looked at; nothing takes part before you accept it.</p> : (
        <ul className={layout.list}>
          {rows.map((each) => <Line key={each.id} mined={each} acts={acts} />)}
        </ul>
      )}
    </Panel>
  );
}

function Line({ mined, acts }: { mined: Mined; acts: ReturnType<typeof useMinedActs> }) {
  const { title, patterns, validator } = mined.entry as { title: string; patterns: string[]; validator?: string | null };
  return (
    <li className={layout.between}>
      <div className={layout.tight}>
        <span><strong>{title}</strong> <code className="mono" style={{ overflowWrap: 'anywhere' }}>{patterns.join(', ')}</code>{validator ? ` with check digit (${validator})` : ''}</span>
        <span className="muted">
          {plural(mined.found_in, 'column')}, {mined.taken} of {mined.looked} have the form, {mined.wrong} of them are something else; precision at least {percent(mined.precision)}
        </span>
      </div>
      <div className={layout.row}>
        <Button size="compact-sm" loading={acts.accept.isPending} onClick={() => acts.accept.mutate(mined.id)}>Accept</Button>
        <Button size="compact-sm" variant="default" onClick={() => acts.reject.mutate(mined.id)}>Reject</Button>
      </div>
    </li>
  );
}
