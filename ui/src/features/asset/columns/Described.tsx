import { Textarea } from '@mantine/core';

import { useMay } from '@/shared/session';

import { Editable } from '../header/Editable';
import { type AssetColumn, type AssetDetail, useDescribeColumn } from '../queries';
import styles from './columns.module.css';

/** What a column means, by people or else by its source; changed in place. */
export function Described({ asset, column }: { asset: AssetDetail; column: AssetColumn }) {
  const may = useMay('catalog.annotate');
  const describe = useDescribeColumn(asset.id);
  const said = column.description ?? column.comment;
  return (
    <span className={styles.described} onClick={(event) => event.stopPropagation()}>
      <Editable name={`description of ${column.name}`} may={may} value={column.description ?? ''} onSave={(text) => describe.mutateAsync({ column: column.name, description: text.trim() || null })} field={(draft, change) => <Textarea data-autofocus size="xs" label={`What ${column.name} means`} autosize minRows={2} maxRows={8} value={draft} onChange={(event) => change(event.currentTarget.value)} />}>
        <span className={said ? styles.said : `faint ${styles.said}`} title={said ?? undefined}>{said ?? 'not described'}</span>
      </Editable>
    </span>
  );
}
