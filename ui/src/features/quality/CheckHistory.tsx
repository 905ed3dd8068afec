import { StateBadge } from '@/shared/badges';
import { inFull, percent } from '@/shared/format';
import layout from '@/shared/layout.module.css';
import { RelativeTime } from '@/shared/RelativeTime';
import { Loaded, SkeletonRows } from '@/shared/states';

import { type Result, useHistoryOf } from './queries';

/** How one check came out lately; failing values as shapes, never as values. */
export function CheckHistory({ asset, check }: { asset: string; check: string }) {
  const history = useHistoryOf(asset, check);
  return (
    <section>
      <h3 style={{ margin: '0 0 4px' }}>How the check came out</h3>
      <Loaded query={history} skeleton={<SkeletonRows count={3} />} isEmpty={(page) => page.items.length === 0} empty={<span className="muted">It was not answered since.</span>}>
        {({ items }) => (
          <>
            {items[0] ? <Latest result={items[0]} /> : null}
            <ul className={layout.list}>
              {items.map((each) => (
                <li key={each.run_id} className={layout.between}>
                  <span className={layout.row}><StateBadge state={each.status} /><span>{each.message || each.observed}</span></span>
                  <span className="muted"><RelativeTime at={each.at} /></span>
                </li>
              ))}
            </ul>
          </>
        )}
      </Loaded>
    </section>
  );
}

function Latest({ result }: { result: Result }) {
  return (
    <p className="muted" style={{ margin: '0 0 4px' }}>
      Expected {result.expected}{result.observed ? `, observed ${result.observed}` : ''}. {inFull(result.failed)} of {inFull(result.evaluated)} rows fail{result.ratio === null ? '' : ` (${percent(1 - result.ratio, 1)})`}{result.exact ? '' : ', estimated'}.
      {result.examples.length > 0 ? <> Failing values look like <span className="mono">{result.examples.slice(0, 4).join('  ')}</span>.</> : null}
    </p>
  );
}
