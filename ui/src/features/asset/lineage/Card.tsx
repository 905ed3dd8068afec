import { Handle, type Node, type NodeProps, Position } from '@xyflow/react';
import { memo } from 'react';

import { Badge, SensitivityBadge } from '@/shared/badges';
import { words } from '@/shared/format';
import { AssetLink, refHome, refName } from '@/shared/links';

import type { Node as Shown, Side } from './graph';
import styles from './lineage.module.css';

export interface CardContent extends Record<string, unknown> {
  node: Shown;
  isFocus: boolean;
  isDim: boolean;
  traced: ReadonlySet<string> | null;
  onUnfold: (node: Shown, side: Side) => void;
  onTrace: (ref: string, column: string) => void;
}

export type CardNode = Node<CardContent, 'card'>;

/** One asset of the picture; its folded sides say how many more there are. */
export const Card = memo(function Card({ data }: NodeProps<CardNode>) {
  const { node, isFocus, isDim, traced, onUnfold, onTrace } = data;
  const name = refName(node.ref);
  return (
    <div className={styles.card} data-focus={isFocus || undefined} data-unknown={node.id ? undefined : true} data-dim={isDim || undefined}>
      <Handle type="target" position={Position.Left} id="in" isConnectable={false} className={styles.handle} style={{ top: 39 }} />
      <Handle type="source" position={Position.Right} id="out" isConnectable={false} className={styles.handle} style={{ top: 39 }} />
      <Fold node={node} side="upstream" count={node.more_upstream} onUnfold={onUnfold} />
      {node.id ? <AssetLink asset={node.ref} search={{ tab: 'lineage' }} className={`${styles.head} nodrag nopan`}><Words node={node} name={name} /></AssetLink> : <div className={styles.head}><Words node={node} name={name} /></div>}
      <Fold node={node} side="downstream" count={node.more_downstream} onUnfold={onUnfold} />
      {node.columns.length > 0 ? (
        <ul className={styles.columns}>
          {node.columns.map((column) => (
            <li key={column} className={styles.column} data-traced={traced?.has(`${node.ref} ${column}`) || undefined}>
              <Handle type="target" position={Position.Left} id={`in ${column}`} isConnectable={false} className={styles.handle} />
              <button type="button" className={`${styles.pick} nodrag nopan`} title={column} aria-label={`Trace ${column} of ${name}`} onClick={() => onTrace(node.ref, column)}>{column}</button>
              <Handle type="source" position={Position.Right} id={`out ${column}`} isConnectable={false} className={styles.handle} />
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
});

function Words({ node, name }: { node: Shown; name: string }) {
  return (
    <>
      <div className={styles.name} title={name}>{name}</div>
      <div className={styles.home} title={refHome(node.ref)}>{refHome(node.ref)}</div>
      <div className={styles.chips}>
        <Badge tone="outline">{node.kind ? words(node.kind) : 'Not in the catalogue'}</Badge>
        {node.sensitivity ? <SensitivityBadge level={node.sensitivity} /> : null}
        {node.owner ? <span className={styles.owner} title={`Owner: ${node.owner}`}>{node.owner}</span> : null}
      </div>
    </>
  );
}

function Fold({ node, side, count, onUnfold }: { node: Shown; side: Side; count: number; onUnfold: CardContent['onUnfold'] }) {
  if (count === 0 || !node.id) return null;
  return (
    <button type="button" className={`${styles.fold} nodrag nopan`} data-side={side} aria-label={`Show ${count} more ${side} of ${refName(node.ref)}`} title={`${count} more ${side}`} onClick={() => onUnfold(node, side)}>
      +{count}
    </button>
  );
}
