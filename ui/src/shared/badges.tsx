import type { ReactNode } from 'react';

import styles from './badges.module.css';
import { percent, words } from './format';

export type Tone = 'critical' | 'high' | 'medium' | 'low' | 'ok' | 'neutral' | 'outline' | 'dashed';

export function Badge({ tone = 'neutral', mark, title, children }: { tone?: Tone; mark?: string; title?: string; children: ReactNode }) {
  return (
    <span className={`${styles.badge} ${styles[tone]}`} title={title}>
      {mark ? <span aria-hidden className={styles.mark}>{mark}</span> : null}
      {children}
    </span>
  );
}

const severities: Record<string, [Tone, string]> = {
  critical: ['critical', '▲▲'],
  high: ['high', '▲'],
  medium: ['medium', '◆'],
  low: ['low', '▽'],
};

/** Severity by colour, by shape and in words. */
export function SeverityBadge({ severity }: { severity: string }) {
  const [tone, mark] = severities[severity] ?? ['neutral', '·'];
  return <Badge tone={tone} mark={mark}>{words(severity)}</Badge>;
}

const sensitivities: Record<string, [Tone, string]> = {
  restricted: ['critical', '●●●'],
  confidential: ['high', '●●○'],
  internal: ['low', '●○○'],
  public: ['neutral', '○○○'],
};
const sensitivityWords = ['public', 'internal', 'confidential', 'restricted'];

/** Takes the word or the level (0 to 3). */
export function SensitivityBadge({ level }: { level: string | number }) {
  const word = typeof level === 'number' ? (sensitivityWords[level] ?? 'public') : level;
  const [tone, mark] = sensitivities[word] ?? ['neutral', '○○○'];
  return <Badge tone={tone} mark={mark} title={`Sensitivity: ${word}`}>{words(word)}</Badge>;
}

const states: Record<string, Tone> = {
  succeeded: 'ok', healthy: 'ok', passed: 'ok', resolved: 'ok', confirmed: 'ok', active: 'ok', alive: 'ok', certified: 'ok', published: 'ok',
  running: 'low', queued: 'neutral', cancelling: 'medium', awaiting_approval: 'medium', acknowledged: 'low', in_progress: 'low', suggested: 'dashed', new: 'high', open: 'high',
  partial: 'medium', degraded: 'medium', warned: 'medium', waived: 'neutral', skipped: 'neutral', unknown: 'neutral',
  failed: 'critical', down: 'critical', rejected: 'critical', cancelled: 'neutral', retired: 'neutral',
};

/** The state of a run, a source, a finding, a step ... */
export function StateBadge({ state }: { state: string }) {
  return <Badge tone={states[state] ?? 'neutral'}>{words(state)}</Badge>;
}

export interface LabelLook {
  label: string;
  title?: string;
  sensitivity?: string | number;
  confidence?: number;
  state?: string;
  tier?: string;
  /** Where in the documents of the column it was found. */
  path?: string | null;
}

/** A classification label: dashed while only suggested; confidence and tier on hover. */
export function LabelChip({ label, onOpen }: { label: LabelLook; onOpen?: () => void }) {
  const word = typeof label.sensitivity === 'number' ? sensitivityWords[label.sensitivity] : label.sensitivity;
  const [tone] = sensitivities[word ?? 'internal'] ?? ['neutral'];
  const sure = label.confidence === undefined ? '' : ` · ${percent(label.confidence)} sure`;
  const title = `${label.label}${label.state ? ` · ${label.state}` : ''}${sure}${label.tier ? ` · by ${label.tier}` : ''}`;
  const mark = label.state === 'confirmed' ? '✓' : label.state === 'rejected' ? '✕' : '?';
  const look = `${styles.badge} ${styles[tone]} ${label.state === 'rejected' ? styles.struck : ''}`;
  const inside = (
    <>
      <span aria-hidden className={styles.mark}>{mark}</span>
      {label.title ?? label.label}
      {label.path ? <span className={`mono ${styles.mark}`}>{label.path}</span> : null}
      {label.confidence !== undefined && label.state !== 'confirmed' ? <span className={styles.mark}>{percent(label.confidence)}</span> : null}
    </>
  );
  if (!onOpen) return <span className={look} title={title}>{inside}</span>;
  return (
    <button type="button" className={`${look} ${styles.button}`} title={title} onClick={onOpen} aria-haspopup="dialog">
      {inside}
    </button>
  );
}
