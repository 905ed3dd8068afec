import { isOver } from './queries';
import styles from './scans.module.css';

const road = [
  ['queued', 'Queued'],
  ['planning', 'Planning'],
  ['approval', 'Approval'],
  ['discovering', 'Discovering'],
  ['reading', 'Reading'],
  ['deriving', 'Deriving'],
  ['judging', 'Judging'],
  ['finished', 'Finished'],
] as const;

/** Where on its road a run is. */
export function Stages({ stage, state, approval }: { stage: string; state: string; approval: boolean }) {
  const steps = road.filter(([name]) => name !== 'approval' || approval || stage === 'approval');
  const at = steps.findIndex(([name]) => name === stage);
  const stateOf = (index: number): string => {
    if (isOver(state)) return index <= at && (state === 'succeeded' || state === 'partial' || index < at) ? 'done' : 'ahead';
    return index < at ? 'done' : index === at ? 'now' : 'ahead';
  };
  return (
    <ol className={styles.stages} aria-label="Stages">
      {steps.map(([name, title], index) => (
        <li key={name} className={styles.stage} data-state={stateOf(index)} aria-current={index === at ? 'step' : undefined}><span className={styles.dot} aria-hidden />{title}</li>
      ))}
    </ol>
  );
}
