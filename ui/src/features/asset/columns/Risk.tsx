import { Link } from '@tanstack/react-router';

import { Badge } from '@/shared/badges';
import { inFull, percent, words } from '@/shared/format';
import layout from '@/shared/layout.module.css';
import { useMay } from '@/shared/session';

import type { AssetDetail } from '../queries';
import { useRisk } from './queries';
import styles from './columns.module.css';

const tones = { high: 'critical', medium: 'high', low: 'ok' } as const;

/** What others may know of a person, taken together: how many rows it tells apart. */
export function Risk({ asset }: { asset: AssetDetail }) {
  const risk = useRisk(asset.ref, useMay('classification.read')).data?.items[0];
  if (!risk) return null;
  const direct = Array.isArray(risk.detail.direct) ? risk.detail.direct.map(String).filter((column) => !risk.columns.includes(column)) : [];
  return (
    <aside aria-label="Re-identification" className={`${risk.level === 'low' ? layout.note : layout.warn} ${styles.risk}`}>
      <div className={layout.row}>
        <Badge tone={tones[risk.level]}>{words(risk.level)} re-identification risk</Badge>
        <span><span className="mono">{risk.columns.join(' + ')}</span> together tell {risk.detail.sampled === true ? 'at most ' : ''}{percent(risk.unique_share)} of the rows from all others; the smallest group has {inFull(risk.smallest)}.</span>
        <Link to="/review" search={{ tab: 'risk' } as never} className={layout.link}>All measured tables</Link>
      </div>
      {direct.length > 0 ? <div className="muted">Named outright by {direct.join(', ')}: masking those comes first.</div> : null}
    </aside>
  );
}
