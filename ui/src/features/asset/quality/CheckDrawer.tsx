import { Drawer } from '@mantine/core';

import { SeverityBadge, StateBadge } from '@/shared/badges';
import { inFull, percent, words } from '@/shared/format';
import { RelativeTime } from '@/shared/RelativeTime';
import { Sparkline } from '@/shared/Sparkline';
import { Loaded, SkeletonRows } from '@/shared/states';

import { type CheckResult, useResultHistory } from '../queries-quality';
import styles from './quality.module.css';

const origins: Record<string, string> = {
  declared: 'a person declared it',
  rule: 'the rule set of the scan asks for it',
  metadata: 'the source promises it (a key, a type or a constraint)',
  default: 'the name of the column promises it',
  suggested: 'the data has held it so far',
};

/** The evidence of one check: what was expected, what was seen, how it came out before. */
export function CheckDrawer({ asset, result, onClose }: { asset: string; result: CheckResult | undefined; onClose: () => void }) {
  return (
    <Drawer opened={result !== undefined} onClose={onClose} position="right" size="md" title={result?.title}>
      {result ? <Inside asset={asset} result={result} /> : null}
    </Drawer>
  );
}

function Inside({ asset, result }: { asset: string; result: CheckResult }) {
  const history = useResultHistory(asset, result.key);
  return (
    <div style={{ display: 'flex', flexDirection: 'column', gap: 16 }}>
      <div style={{ display: 'flex', gap: 6 }}><StateBadge state={result.status} /><SeverityBadge severity={result.severity} /></div>
      {result.message ? <p style={{ margin: 0 }}>{result.message}</p> : null}
      <dl className={styles.evidence}>
        <dt>Columns</dt><dd className="mono">{result.columns.join(', ') || 'the whole asset'}</dd>
        <dt>Expected</dt><dd>{result.expected || '–'}</dd>
        <dt>Observed</dt><dd>{result.observed ?? '–'}</dd>
        <dt>Holds for</dt><dd>{result.ratio === null ? 'no answer' : `${percent(result.ratio, 1)}: ${inFull(result.evaluated - result.failed)} of ${inFull(result.evaluated)}`}{result.exact ? '' : ` (estimated, within ${percent(result.error, 1)})`}</dd>
        <dt>Dimension</dt><dd>{words(result.dimension)}</dd>
        <dt>Asked because</dt><dd>{origins[result.origin] ?? words(result.origin)}</dd>
        <dt>Answered</dt><dd><RelativeTime at={result.at} /></dd>
      </dl>
      {result.examples.length > 0 ? (
        <section>
          <h3 className={styles.heading}>Shapes of values that fail</h3>
          <ul className={styles.shapes}>{result.examples.map((each) => <li key={each} className="mono">{each}</li>)}</ul>
          <p className="faint">Letters stand as x, digits as 9; values themselves are not kept.</p>
        </section>
      ) : null}
      <Loaded query={history} skeleton={<SkeletonRows count={2} />}>
        {(page) => {
          const past = page.items.flatMap((each) => (each.ratio === null ? [] : [each.ratio])).reverse();
          return past.length > 1 ? (
            <section>
              <h3 className={styles.heading}>Over the last {past.length} scans</h3>
              <Sparkline kind="line" values={past} width={320} height={40} label="Share that holds, scan by scan" />
            </section>
          ) : <p className="faint" style={{ margin: 0 }}>Answered once so far; the next scan begins its history.</p>;
        }}
      </Loaded>
    </div>
  );
}
