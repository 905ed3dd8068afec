import type { ReactNode } from 'react';

import { Badge } from '@/shared/badges';
import { abbreviated, inFull, percent } from '@/shared/format';

import type { ColumnProfile } from '../queries-quality';
import { Histogram } from './Histogram';
import styles from './profile.module.css';
import { shown } from './values';

/** Everything that one pass over a column learned. */
export function ColumnDetail({ column }: { column: ColumnProfile }) {
  // Kept as JSON, whose keys come back in no useful order.
  const quantiles = Object.entries(column.quantiles).sort(([a], [b]) => Number(a) - Number(b));
  const castable = Object.entries(column.castable).filter(([, share]) => share > 0);
  return (
    <section className={styles.detail} aria-label={`Profile of ${column.name}`}>
      <header style={{ display: 'flex', gap: 8, alignItems: 'baseline', flexWrap: 'wrap' }}>
        <h3 style={{ margin: 0, fontSize: '1rem' }}>{column.name}</h3>
        <span className="mono faint">{column.type}</span>
        {column.sensitive ? <Badge tone="high" title="Only shapes are shown">Values hidden</Badge> : null}
        {column.unique ? <Badge tone="ok">Unique</Badge> : null}
        {column.constant ? <Badge tone="medium">One value only</Badge> : null}
        {column.order ? <Badge>Sorted {column.order}</Badge> : null}
      </header>
      <Facts column={column} />
      {column.histogram && column.histogram.counts.length > 1 ? (
        <div>
          <h4 className={styles.heading}>Distribution</h4>
          <Histogram counts={column.histogram.counts} low={column.histogram.low} high={column.histogram.high} name={column.name} />
        </div>
      ) : null}
      <div className={styles.two}>
        {column.top.length > 0 && column.unique !== true ? (
          <Bars title={`Most frequent values${column.top_exact ? '' : ' (estimated)'}`} rows={column.top.map((each) => ({ label: <span className={each.masked ? 'mono faint' : 'mono'} title={each.masked ? 'Masked: only the shape is shown' : undefined}>{shown(each.value)}</span>, share: each.share, count: each.count }))} />
        ) : null}
        {column.shapes.length > 0 ? (
          <Bars title="What values look like" rows={column.shapes.map((each) => ({ label: <span className="mono">{each.shape}</span>, share: each.share, count: each.count }))} />
        ) : null}
        {quantiles.length > 0 ? (
          <div>
            <h4 className={styles.heading}>Quantiles{column.quantile_error > 0 ? <span className="faint"> within {percent(column.quantile_error, 1)} of rank</span> : null}</h4>
            <dl className={styles.bars}>
              {quantiles.map(([at, value]) => (
                <div key={at} style={{ display: 'contents' }}>
                  <dt className="faint">{at === '0.5' ? 'Median' : `${Number(at) * 100} % are at most`}</dt>
                  <dd className={styles.count} style={{ color: 'var(--ink)', margin: 0 }}>{shown(value)}</dd>
                </div>
              ))}
            </dl>
          </div>
        ) : null}
        {castable.length > 0 ? (
          <Bars title={`Text that could be read as (of ${inFull(column.examined)} looked at)`} rows={castable.map(([type, share]) => ({ label: type, share, count: null }))} />
        ) : null}
      </div>
    </section>
  );
}

function Facts({ column }: { column: ColumnProfile }) {
  const facts: [string, ReactNode][] = [
    ['Filled', <Both key="f" count={column.rows - column.nulls} share={column.rows ? 1 - column.null_share : 0} />],
    ['Null', <Both key="n" count={column.nulls} share={column.null_share} />],
    ['Distinct', <span key="d" title={inFull(column.distinct)}>{column.distinct_exact ? '' : '≈ '}{abbreviated(column.distinct)}{column.distinct_exact ? null : <span className="faint"> ± {percent(column.distinct_error, 1)}</span>}</span>],
  ];
  if (column.min !== null) facts.push(['Least', shown(column.min)], ['Greatest', shown(column.max)]);
  if (column.mean !== null) facts.push(['Mean', shown(column.mean)]);
  if (column.std !== null) facts.push(['Standard deviation', shown(column.std)]);
  if (column.skewness !== null) facts.push(['Skewness', <span key="s" title="Above 0: a long end of large values. Below: of small ones.">{column.skewness.toFixed(2)}</span>]);
  if (column.kurtosis !== null) facts.push(['Kurtosis', <span key="k" title="Beyond a normal distribution: above 0 its ends are heavier.">{column.kurtosis.toFixed(2)}</span>]);
  if (column.granularity) facts.push(['Told to the', column.granularity]);
  if (column.gaps && column.gaps.missing > 0) facts.push([GAPS[column.gaps.unit] ?? 'Missing', <span key="g" title={`The longest run of them is ${inFull(column.gaps.longest)}`}>{abbreviated(column.gaps.missing)} <span className="faint">longest {abbreviated(column.gaps.longest)}</span></span>]);
  if (column.lengths) facts.push(['Length', `${column.lengths.min} to ${column.lengths.max}, mean ${column.lengths.mean.toFixed(1)}`]);
  if (column.blanks) facts.push(['Blank', abbreviated(column.blanks)]);
  if (column.placeholders) facts.push(['Placeholders', abbreviated(column.placeholders)]);
  if (column.zeros) facts.push(['Zeros', abbreviated(column.zeros)]);
  if (column.negatives) facts.push(['Negative', abbreviated(column.negatives)]);
  if (column.nan) facts.push(['Not a number', abbreviated(column.nan)]);
  if (column.infinite) facts.push(['Infinite', abbreviated(column.infinite)]);
  if (column.rounded) facts.push(['Long numbers', <span key="r" title="Numbers of nine digits and more may name people: between the parts of a table they are kept with four digits">told with four digits</span>]);
  if (column.beyond_64_bits) facts.push(['Beyond 64 bits', <span key="b" title="Too large to be read exactly: rounded">{abbreviated(column.beyond_64_bits)}</span>]);
  for (const [kind, count] of Object.entries(column.mixed)) facts.push([`Held as ${kind}`, abbreviated(count)]);
  return (
    <dl className={styles.facts}>
      {facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
    </dl>
  );
}

const GAPS: Record<string, string> = { day: 'Days without', month: 'Months without', year: 'Years without', number: 'Numbers left out' };

const Both = ({ count, share }: { count: number; share: number }) => (
  <span title={inFull(count)}>{percent(share)} <span className="faint">{abbreviated(count)}</span></span>
);

function Bars({ title, rows }: { title: string; rows: { label: ReactNode; share: number; count: number | null }[] }) {
  return (
    <div>
      <h4 className={styles.heading}>{title}</h4>
      <ol className={styles.bars} style={{ listStyle: 'none', padding: 0 }}>
        {rows.map((row, index) => (
          <li key={index} style={{ display: 'contents' }}>
            <span className={styles.bar}><span className={styles.fill} style={{ width: `${Math.min(100, row.share * 100)}%` }} />{row.label}</span>
            <span className={styles.count} title={row.count === null ? undefined : inFull(row.count)}>{row.count === null ? '' : `${abbreviated(row.count)} · `}{percent(row.share)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
