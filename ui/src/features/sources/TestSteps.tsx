import { IconAlertTriangle, IconCircleCheck, IconCircleDashed, IconCircleX } from '@tabler/icons-react';

import { CodeBlock } from '@/shared/CodeBlock';
import { duration } from '@/shared/format';
import layout from '@/shared/layout.module.css';

import type { Step } from './queries';
import styles from './sources.module.css';

const marks = {
  passed: <IconCircleCheck className={styles.mark} color="var(--ok)" aria-label="passed" />,
  warned: <IconAlertTriangle className={styles.mark} color="var(--sev-medium)" aria-label="warning" />,
  failed: <IconCircleX className={styles.mark} color="var(--sev-critical)" aria-label="failed" />,
  skipped: <IconCircleDashed className={styles.mark} color="var(--ink-3)" aria-label="not tried" />,
};

const isScript = (text: string): boolean => /;\s*$/.test(text) || text.startsWith('--');

/** The steps of a connection test; each that did not pass says what to do, with the script to copy. */
export function TestSteps({ steps }: { steps: readonly Step[] }) {
  return (
    <ol className={styles.steps} aria-label="Steps of the connection test">
      {steps.map((step) => (
        <li key={step.name} className={styles.step}>
          {marks[step.outcome]}
          <span><strong>{step.name}</strong> <span className={step.outcome === 'skipped' ? 'faint' : 'muted'}>{step.message}</span></span>
          <span className="faint">{step.outcome === 'skipped' ? '' : step.milliseconds < 1 ? '< 1 ms' : duration(step.milliseconds / 1000)}</span>
          {step.remedy ? (
            <div className={`${styles.remedy} ${layout.tight}`}>
              {isScript(step.remedy) ? <><span className="muted">Have this run by whoever owns the database:</span><CodeBlock label={`Remedy for ${step.name}`} text={step.remedy} /></> : <span className={step.outcome === 'failed' ? layout.bad : layout.warn}>{step.remedy}</span>}
            </div>
          ) : null}
        </li>
      ))}
    </ol>
  );
}
