import { Badge } from '@/shared/badges';
import { AssetLink, refWords } from '@/shared/links';

import type { AssetColumn } from '../queries';

/** What keys say of a column; a foreign key leads to what it points to. */
export function KeyMarks({ column }: { column: AssetColumn }) {
  const parent = column.references?.split('/').slice(0, -1).join('/');
  return (
    <>
      {column.is_primary ? <Badge tone="outline" title="Part of the primary key">PK</Badge> : column.is_unique ? <Badge tone="outline" title="Unique">UQ</Badge> : null}
      {column.references && parent ? <AssetLink asset={parent} onClick={(event) => event.stopPropagation()}><Badge tone="outline" title={`Points to ${refWords(column.references)}`}>FK →</Badge></AssetLink> : null}
    </>
  );
}
