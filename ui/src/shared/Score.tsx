import { Tooltip } from '@mantine/core';

import { score as scoreWords } from './format';

const tone = (score: number): string => (score >= 90 ? 'var(--ok)' : score >= 70 ? 'var(--sev-medium)' : 'var(--sev-critical)');

/** A score from 0 to 100 as a bar with its number; coverage is told beside it, never hidden. */
export function ScoreBar({ score, coverage, width = 64 }: { score: number | null | undefined; coverage?: string; width?: number }) {
  if (score === null || score === undefined) return <span className="faint">not measured</span>;
  const bar = (
    <span style={{ display: 'inline-flex', alignItems: 'center', gap: 6 }}>
      <span aria-hidden style={{ width, height: 6, borderRadius: 3, background: 'var(--surface-2)', overflow: 'hidden' }}>
        <span style={{ display: 'block', width: `${score}%`, height: '100%', background: tone(score) }} />
      </span>
      <span style={{ fontVariantNumeric: 'tabular-nums' }}>{scoreWords(score)}</span>
    </span>
  );
  return coverage ? <Tooltip label={coverage}>{bar}</Tooltip> : bar;
}

export function ScoreRing({ score, size = 64, label }: { score: number | null | undefined; size?: number; label: string }) {
  const radius = size / 2 - 4;
  const around = 2 * Math.PI * radius;
  const known = score !== null && score !== undefined;
  return (
    <svg width={size} height={size} role="img" aria-label={known ? `${label}: ${scoreWords(score)} of 100` : `${label}: not measured`}>
      <circle cx={size / 2} cy={size / 2} r={radius} fill="none" stroke="var(--surface-2)" strokeWidth={6} />
      {known ? (
        <circle cx={size / 2} cy={size / 2} r={radius} fill="none" stroke={tone(score)} strokeWidth={6} strokeLinecap="round" strokeDasharray={`${(around * score) / 100} ${around}`} transform={`rotate(-90 ${size / 2} ${size / 2})`} />
      ) : null}
      <text x="50%" y="50%" dominantBaseline="central" textAnchor="middle" fontSize={size / 3.8} fontWeight={600} fill="var(--ink)">{known ? scoreWords(score) : '–'}</text>
    </svg>
  );
}
