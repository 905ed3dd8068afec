import { Badge, SensitivityBadge } from '@/shared/badges';
import { Count } from '@/shared/Count';
import type { Column } from '@/shared/DataTable';
import { words } from '@/shared/format';
import { KindIcon } from '@/shared/icons';
import { AssetLink, refHome } from '@/shared/links';
import { RelativeTime } from '@/shared/RelativeTime';
import { ScoreBar } from '@/shared/Score';

import type { Asset } from '../queries';
import styles from './list.module.css';

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
  { key: 'domain', title: 'Domain', width: '84px', cell: (asset) => asset.domain ?? <span className="faint">none</span>, sort: (asset) => asset.domain, wideOnly: true },
  { key: 'owner', title: 'Owner', hint: 'owner', width: '104px', cell: (asset) => asset.owner ?? <span className="faint">nobody</span>, sort: (asset) => asset.owner },
  { key: 'labels', title: 'Labels', width: 'minmax(90px, 1.2fr)', cell: (asset) => (asset.labels.length ? <span className={styles.oneLine} title={asset.labels.join('\n')}>{asset.labels.slice(0, 2).join(', ')}{asset.labels.length > 2 ? <span className="faint"> +{asset.labels.length - 2}</span> : null}</span> : <span className="faint">none</span>), wideOnly: true },
  { key: 'sensitivity', title: 'Sensitivity', width: '122px', cell: (asset) => (asset.sensitivity ? <SensitivityBadge level={asset.sensitivity} /> : <span className="faint">–</span>), sort: (asset) => ['public', 'internal', 'confidential', 'restricted'].indexOf(asset.sensitivity ?? '') },
  { key: 'quality', title: 'Quality', width: '96px', cell: (asset) => (asset.quality_score === null ? <span className="faint">–</span> : <ScoreBar score={asset.quality_score} width={40} />), sort: (asset) => asset.quality_score },
  { key: 'columns', title: 'Columns', width: '64px', align: 'right', cell: (asset) => <Count value={asset.columns} />, sort: (asset) => asset.columns, wideOnly: true },
  { key: 'rows', title: 'Rows', width: '64px', align: 'right', cell: (asset) => <Count value={asset.rows} />, sort: (asset) => asset.rows, wideOnly: true },
  { key: 'scanned', title: 'Scanned', width: '110px', cell: (asset) => <RelativeTime at={asset.last_scanned_at} />, sort: (asset) => asset.last_scanned_at, wideOnly: true },
];
