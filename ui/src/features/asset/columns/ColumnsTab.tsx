import { Switch, TextInput } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';

import { plural } from '@/shared/format';
import { useUrlState } from '@/shared/hooks';
import { Panel } from '@/shared/PageHeader';
import { useMay } from '@/shared/session';
import { EmptyState, Loaded } from '@/shared/states';

import { type AssetDetail, useColumns } from '../queries';
import { useProfile, useResults } from '../queries-quality';
import { Cards } from './Cards';
import { Risk } from './Risk';
import { type Row, rowsOf } from './rows';
import { Table } from './Table';

/** What the asset is made of: types, labels with their evidence, the shape and health of values. */
export function ColumnsTab({ asset }: { asset: AssetDetail }) {
  const columns = useColumns(asset.id);
  const profile = useProfile(asset);
  const results = useResults(asset.ref, useMay('quality.read'));
  const narrow = useMediaQuery('(max-width: 700px)');
  const [{ find = '', labelled }, set] = useUrlState();
  return (
    <Loaded query={columns} isEmpty={(found) => found.length === 0} empty={<EmptyState title="No columns are known">Its source names none, or none that the scanning account may read.</EmptyState>}>
      {(found) => {
        const all = rowsOf(found, profile.data ?? null, results.data?.items ?? []);
        const rows = all.filter((row) => fits(row, find, labelled === '1'));
        return (
          <>
            <Risk asset={asset} />
            <Panel
              padded={false}
              title={rows.length === all.length ? plural(all.length, 'column') : `${rows.length} of ${plural(all.length, 'column')}`}
              actions={
                <div style={{ display: 'flex', gap: 12, alignItems: 'center', flexWrap: 'wrap' }}>
                  <Switch size="xs" label="Labelled only" checked={labelled === '1'} onChange={(event) => set({ labelled: event.currentTarget.checked ? '1' : undefined })} />
                  <TextInput aria-label="Filter columns" placeholder="Filter columns" value={find} onChange={(event) => set({ find: event.currentTarget.value || undefined })} w={160} />
                </div>
              }
            >
              {rows.length === 0 ? <EmptyState title="No column fits">Take the filter back to see all {all.length}.</EmptyState> : narrow ? <Cards asset={asset} rows={rows} /> : <Table asset={asset} rows={rows} />}
            </Panel>
          </>
        );
      }}
    </Loaded>
  );
}

function fits({ column }: Row, find: string, labelledOnly: boolean): boolean {
  if (labelledOnly && column.labels.length === 0) return false;
  const wanted = find.trim().toLowerCase();
  return !wanted || [column.name, column.type, column.description, column.comment, ...column.labels.flatMap((each) => [each.label, each.title])].some((text) => text?.toLowerCase().includes(wanted));
}
