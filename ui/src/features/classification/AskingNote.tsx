import { Button, Switch } from '@mantine/core';

import { percent, plural } from '@/shared/format';
import { useMay } from '@/shared/session';

import { useAsking, useSwitchAsking } from './queries';
import styles from './review.module.css';

interface Props {
  asked: boolean;
  onAsked: (asked: boolean) => void;
}

/** What the queue has stopped asking about, why, and the switch; nothing until something was learned. */
export function AskingNote({ asked, onAsked }: Props) {
  const asking = useAsking();
  const change = useSwitchAsking();
  const mayManage = useMay('classification.manage');
  const now = asking.data;
  if (asking.isError) return <p className="muted" role="status">What the queue has stopped asking about cannot be told at the moment. <Button variant="subtle" size="compact-xs" onClick={() => void asking.refetch()}>Try again</Button></p>;
  if (!now) return null;
  const learned = now.learned.filter((each) => each.at_least >= now.bar);
  if (learned.length === 0 && now.enabled && asked) return null;
  const titles = [...new Set(learned.map((each) => each.title))];
  return (
    <div className={styles.asking} role="note">
      <span title={learned.map((each) => `${each.title}, at least ${percent(each.low)} sure: ${each.confirmed} of ${each.decided} confirmed, so at least ${percent(each.at_least)}`).join('\n')}>
        {now.enabled
          ? learned.length > 0
            ? <>Nobody is asked about {plural(now.resting_labels, 'label')} in {plural(now.resting_groups, 'group')}: people agree with at least {percent(now.bar)} of {titles.slice(0, 3).join(', ')}{titles.length > 3 ? ` and ${titles.length - 3} more` : ''}. One group in {now.reasked} is asked about all the same.</>
            : <>Every suggested label is asked about: people have not yet agreed often enough with any kind.</>
          : <>Every suggested label is asked about{now.updated_by ? `, as ${now.updated_by} wished` : ''}.</>}
      </span>
      {now.resting_groups > 0 || !asked ? <Button variant="subtle" size="compact-xs" onClick={() => onAsked(!asked)}>{asked ? 'Show them' : 'Back to the queue'}</Button> : null}
      {mayManage ? <Switch size="xs" label="Stop asking where people agree" checked={now.enabled} disabled={change.isPending} onChange={(event) => change.mutate({ enabled: event.currentTarget.checked, bar: now.bar })} /> : null}
    </div>
  );
}
