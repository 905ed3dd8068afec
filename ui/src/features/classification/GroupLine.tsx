import { Button } from '@mantine/core';

import { SensitivityBadge } from '@/shared/badges';
import { percent, plural } from '@/shared/format';
import { refWords } from '@/shared/links';

import type { Action, Group } from './queries';
import styles from './review.module.css';

interface Props {
  group: Group;
  index: number;
  current: boolean;
  selected: boolean;
  mayDecide: boolean;
  onFocus: () => void;
  onSelect: () => void;
  onDecide: (action: Action) => void;
}

/** How sure, as a range over the columns of a group. */
function Sure({ group }: { group: Group }) {
  const one = percent(group.highest) === percent(group.lowest);
  return (
    <span className={styles.sure} title="How sure the classifier is">
      <span className={styles.range} aria-hidden><span style={{ left: one ? 0 : `${group.lowest * 100}%`, width: one ? `${group.highest * 100}%` : `${(group.highest - group.lowest) * 100}%` }} /></span>
      <span className="muted">{one ? percent(group.highest) : `${(group.lowest * 100).toFixed(0)}–${percent(group.highest)}`}</span>
    </span>
  );
}

export function GroupLine({ group, index, current, selected, mayDecide, onFocus, onSelect, onDecide }: Props) {
  const first = group.sample[0];
  const act = (action: Action) => (event: { stopPropagation: () => void }) => {
    event.stopPropagation();
    onDecide(action);
  };
  return (
    <div className={styles.group} data-group={index} data-at={current || undefined} aria-current={current || undefined} onClick={onFocus}>
      <input type="checkbox" disabled={!mayDecide} aria-label={`Select ${group.title}`} checked={selected} onChange={onSelect} onClick={(event) => event.stopPropagation()} />
      <div className={styles.name}>
        <strong>{group.title}</strong>
        <SensitivityBadge level={group.sensitivity} />
        <span className="mono">{group.header || first?.column_name}</span>
        <span className="muted">{group.count > 1 ? <>{plural(group.count, 'column looks', 'columns look')} like this one{group.sources > 1 ? `, in ${group.sources} sources` : ''}</> : '1 column'}</span>
        {group.settled ? <span className="muted" title="Confirming the rest at once is hardly a risk any more">the last {group.decided_lately} like this were all confirmed</span> : null}
      </div>
      <div className={styles.where}>{group.sample.slice(0, 3).map((each) => `${refWords(each.asset)} · ${each.column_name}`).join(', ')}</div>
      <div className={styles.act}>
        <Sure group={group} />
        {mayDecide ? (
          <>
            <Button variant="default" size="compact-xs" aria-label={`Reject ${group.title} on ${plural(group.count, 'column')}`} onClick={act('reject')}>No</Button>
            <Button size="compact-xs" aria-label={`Confirm ${group.title} on ${plural(group.count, 'column')}`} onClick={act('confirm')}>Yes</Button>
          </>
        ) : null}
      </div>
    </div>
  );
}
