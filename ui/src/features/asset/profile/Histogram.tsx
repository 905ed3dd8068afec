import { inFull, percent } from '@/shared/format';

import { shown, type Shown } from './values';

/** Equal steps between two values, as bars; each bar says its count and where it lies. */
export function Histogram({ counts, low, high, name }: { counts: readonly number[]; low: Shown; high: Shown; name: string }) {
  const top = Math.max(...counts, 1);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const width = 100 / counts.length;
  const where = (index: number) => {
    if (typeof low !== 'number' || typeof high !== 'number') return `step ${index + 1} of ${counts.length}`;
    const step = (high - low) / counts.length;
    return `${shown(low + index * step)} to ${shown(low + (index + 1) * step)}`;
  };
  return (
    <figure style={{ margin: 0 }}>
      <svg viewBox="0 0 100 40" preserveAspectRatio="none" width="100%" height={140} role="img" aria-label={`Distribution of ${name} in ${counts.length} steps${low === null ? '' : ` from ${shown(low)} to ${shown(high)}`}`}>
        {counts.map((count, index) => {
          const height = count === 0 ? 0 : Math.max(0.6, (count / top) * 39);
          return (
            <g key={index}>
              <rect x={index * width} y={0} width={width} height={40} fill="transparent"><title>{`${where(index)}: ${inFull(count)} values, ${percent(total ? count / total : 0)}`}</title></rect>
              <rect x={index * width + width * 0.06} y={40 - height} width={width * 0.88} height={height} fill="var(--accent)" opacity={0.8} pointerEvents="none" />
            </g>
          );
        })}
      </svg>
      <figcaption className="faint" style={{ display: 'flex', justifyContent: 'space-between', fontSize: '0.75rem', borderTop: '1px solid var(--line)', paddingTop: 4 }}>
        {low === null && high === null ? <span>The values of a sensitive column are not shown, only how they spread.</span> : <><span>{shown(low)}</span><span>{shown(high)}</span></>}
      </figcaption>
    </figure>
  );
}
