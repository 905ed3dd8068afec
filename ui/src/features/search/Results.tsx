import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useRef, useState } from 'react';

import { Badge, SensitivityBadge } from '@/shared/badges';
import { plural, words } from '@/shared/format';
import { KindIcon } from '@/shared/icons';
import { useLabelTitles } from '@/shared/labels';
import { AssetLink, assetTarget, refHome } from '@/shared/links';
import { RelativeTime } from '@/shared/RelativeTime';
import { ScoreBar } from '@/shared/Score';

import type { Hit } from './queries';
import styles from './search.module.css';

/** The results, best first: j and k move, Enter opens. */
export function Results({ hits }: { hits: readonly Hit[] }) {
  const [at, setAt] = useState(0);
  const list = useRef<HTMLOListElement>(null);
  const navigate = useNavigate();
  const chosen = Math.min(at, hits.length - 1);
  const move = (to: number) => {
    const next = Math.max(0, Math.min(hits.length - 1, to));
    setAt(next);
    list.current?.children[next]?.scrollIntoView({ block: 'nearest' });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const hit = hits[chosen];
    if (event.key === 'j' || event.key === 'ArrowDown') move(chosen + 1);
    else if (event.key === 'k' || event.key === 'ArrowUp') move(chosen - 1);
    else if (event.key === 'Enter' && hit && event.target === list.current) void navigate(assetTarget(hit.asset.ref));
    else return;
    event.preventDefault();
  };
  return (
    <ol ref={list} className={`panel ${styles.results}`} tabIndex={0} data-results onKeyDown={onKeyDown} aria-label="Results; j and k move, Enter opens">
      {hits.map((hit, index) => <One key={hit.asset.id} hit={hit} isAt={index === chosen} onPoint={() => setAt(index)} />)}
    </ol>
  );
}

const LABELS = 4;

function One({ hit: { asset, why, missing }, isAt, onPoint }: { hit: Hit; isAt: boolean; onPoint: () => void }) {
  const said = asset.description ?? asset.comment;
  const titleOf = useLabelTitles();
  return (
    <li className={styles.hit} data-at={isAt || undefined} onClick={onPoint}>
      <div className={styles.main}>
        <div className={styles.line}>
          <span className="faint" title={words(asset.kind)}><KindIcon kind={asset.kind} /></span>
          <AssetLink asset={asset.ref} className={styles.name}>{asset.name}</AssetLink>
          <span className={styles.home}>{refHome(asset.ref)}</span>
          {asset.certification === 'certified' ? <Badge tone="ok" mark="✓">Certified</Badge> : asset.certification === 'deprecated' ? <Badge tone="medium" mark="!">Deprecated</Badge> : null}
          {asset.copy_of ? <Badge tone="medium" title="It looks like an abandoned copy of another asset">Copy</Badge> : null}
        </div>
        {said ? <div className={styles.said}>{said}</div> : null}
        <div className={styles.why}>
          <Why why={why} missing={missing} />
          {asset.labels.slice(0, LABELS).map((label) => <Badge key={label} tone="outline" title={label}>{titleOf(label)}</Badge>)}
          {asset.labels.length > LABELS ? <span className="faint" title={asset.labels.slice(LABELS).map(titleOf).join(', ')}>{plural(asset.labels.length - LABELS, 'more label')}</span> : null}
        </div>
      </div>
      <div className={styles.side}>
        <div className={styles.line}>
          {asset.sensitivity ? <SensitivityBadge level={asset.sensitivity} /> : <span className="faint">not labelled</span>}
          {asset.quality_score === null ? null : <span title="Data quality"><ScoreBar score={asset.quality_score} width={40} /></span>}
        </div>
        <div className={styles.line}>
          <span className={asset.owner ? 'muted' : 'faint'}>{asset.owner ?? 'no owner'}</span>
          {asset.last_scanned_at ? <span className="faint">scanned <RelativeTime at={asset.last_scanned_at} /></span> : null}
        </div>
      </div>
    </li>
  );
}

const hows: Record<string, string> = { exact: 'is', word: 'has', prefix: 'begins with', synonym: 'means', typo: 'is nearly' };

function Why({ why, missing }: { why: Hit['why']; missing: Hit['missing'] }) {
  if (why.length + missing.length === 0) return null;
  return (
    <span className={styles.reasons}>
      {why.map((each) => (
        <span key={`${each.field} ${each.term}`} title={`The ${each.field} ${hows[each.how] ?? 'has'} what you typed`}>
          {each.field} <mark className={styles.term}>{each.term}</mark>{each.how === 'typo' ? <span className="faint"> (typing error forgiven)</span> : null}
        </span>
      ))}
      {missing.length ? <span className="faint">without <s>{missing.join(', ')}</s></span> : null}
    </span>
  );
}
