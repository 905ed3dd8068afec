import { Badge, SensitivityBadge } from '@/shared/badges';
import { Count } from '@/shared/Count';
import type { Column } from '@/shared/DataTable';
import { words } from '@/shared/format';
import { KindIcon } from '@/shared/icons';
import { useLabelTitles } from '@/shared/labels';
import { AssetLink, refHome } from '@/shared/links';
import { RelativeTime } from '@/shared/RelativeTime';
import { ScoreBar } from '@/shared/Score';

import type { Asset } from '../queries';
import styles from './list.module.css';

/** The first label by name, and how many more there are. */
function Labels({ labels }: { labels: readonly string[] }) {
  const titleOf = useLabelTitles();
  const [first, ...rest] = labels;
  if (first === undefined) return <span className="faint">none</span>;
  return <span className={styles.labels} title={labels.map(titleOf).join('\n')}><span className={styles.oneLine}>{titleOf(first)}</span>{rest.length ? <span className="faint">+{rest.length}</span> : null}</span>;
}

export const assetColumns: Column<Asset>[] = [
  {
    key: 'name',
    title: 'Asset',
    main: true,
    width: 'minmax(220px, 3fr)',
    cell: (asset) => (
      <span className={styles.name}>
        <span className="faint" title={words(asset.kind)}><KindIcon kind={asset.kind} /></span>
        <span className={styles.words} title={asset.ref}>
          <AssetLink asset={asset.ref} onClick={(event) => event.stopPropagation()}><strong>{asset.name}</strong></AssetLink> <span className="faint">{refHome(asset.ref)}</span>
        </span>
        {asset.certification === 'certified' ? <Badge tone="ok" mark="✓" title="Certified">Certified</Badge> : asset.certification === 'deprecated' ? <Badge tone="medium">Deprecated</Badge> : null}
        {asset.copy_of ? <Badge tone="medium" title={`Looks like an abandoned copy of ${asset.copy_of}`}>Copy</Badge> : null}
      </span>
    ),
    sort: (asset) => asset.ref,
  },
  { key: 'domain', title: 'Domain', width: '90px', cell: (asset) => asset.domain ?? <span className="faint">none</span>, sort: (asset) => asset.domain, wideOnly: true },
  { key: 'owner', title: 'Owner', hint: 'owner', width: '104px', cell: (asset) => asset.owner ?? <span className="faint">nobody</span>, sort: (asset) => asset.owner },
  { key: 'labels', title: 'Labels', width: 'minmax(130px, 1.6fr)', cell: (asset) => <Labels labels={asset.labels} />, wideOnly: true },
  { key: 'sensitivity', title: 'Sensitivity', width: '122px', cell: (asset) => (asset.sensitivity ? <SensitivityBadge level={asset.sensitivity} /> : <span className="faint" data-none>–</span>), sort: (asset) => ['public', 'internal', 'confidential', 'restricted'].indexOf(asset.sensitivity ?? '') },
  { key: 'quality', title: 'Quality', width: '96px', cell: (asset) => (asset.quality_score === null ? <span className="faint" data-none>–</span> : <ScoreBar score={asset.quality_score} width={40} />), sort: (asset) => asset.quality_score },
  { key: 'columns', title: 'Columns', width: '64px', align: 'right', cell: (asset) => <Count value={asset.columns || null} />, sort: (asset) => asset.columns, wideOnly: true },
  { key: 'rows', title: 'Rows', width: '64px', align: 'right', cell: (asset) => <Count value={asset.rows} />, sort: (asset) => asset.rows, wideOnly: true },
  { key: 'scanned', title: 'Scanned', width: '110px', cell: (asset) => <RelativeTime at={asset.last_scanned_at} />, sort: (asset) => asset.last_scanned_at, wideOnly: true },
];
