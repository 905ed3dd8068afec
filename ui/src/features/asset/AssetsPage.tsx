import { Button } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';

import { inFull } from '@/shared/format';
import { useUrlState } from '@/shared/hooks';
import { assetTarget } from '@/shared/links';
import { PageHeader, Panel } from '@/shared/PageHeader';
import { DataTable } from '@/shared/DataTable';
import { useMay } from '@/shared/session';
import { EmptyState, ErrorState, SkeletonRows } from '@/shared/states';

import { BulkBar } from './list/BulkBar';
import { assetColumns } from './list/columns';
import { Filters, filterOf } from './list/Filters';
import { useAssets } from './queries';

/** Every asset, narrowed by what is known of it; the URL keeps the filters. */
export default function AssetsPage() {
  const [url, set] = useUrlState();
  const filter = useMemo(() => filterOf(url), [url]);
  const assets = useAssets(filter);
  const mayAnnotate = useMay('catalog.annotate');
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const navigate = useNavigate();
  const rows = useMemo(() => assets.data?.pages.flatMap((page) => page.items) ?? [], [assets.data]);
  const total = assets.data?.pages[0]?.total;
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = assets;
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage]);
  const narrowed = Object.keys(filter).length > 0;
  const chosen = rows.filter((row) => selected.has(row.id));

  return (
    <>
      <PageHeader title="Assets" lead={total === null || total === undefined ? 'Schemas, tables, views, files and routines.' : narrowed ? `${inFull(total)} that fit the filters.` : `${inFull(total)} schemas, tables, views, files and routines.`} />
      <Filters url={url} onChange={set} />
      <Panel padded={false}>
        {assets.isPending ? <SkeletonRows count={12} /> : assets.error && rows.length === 0 ? <ErrorState error={assets.error} retry={() => void assets.refetch()} /> : rows.length === 0 ? (
          <Nothing narrowed={narrowed} onClear={() => set(Object.fromEntries(Object.keys(url).map((key) => [key, undefined])))} />
        ) : (
          <DataTable
            label="Assets"
            rows={rows}
            columns={assetColumns}
            rowKey={(row) => row.id}
            onOpen={(row) => void navigate(assetTarget(row.ref))}
            {...(mayAnnotate ? { selected, onSelect: setSelected } : {})}
            height="calc(100vh - 250px)"
            onEnd={onEnd}
            footer={assets.hasNextPage && rows.length <= 100 ? <Button variant="default" m="xs" onClick={onEnd}>Show more</Button> : undefined}
          />
        )}
      </Panel>
      {chosen.length ? <BulkBar assets={chosen} onDone={() => setSelected(new Set())} /> : null}
    </>
  );
}

function Nothing({ narrowed, onClear }: { narrowed: boolean; onClear: () => void }) {
  if (narrowed) return <EmptyState title="No asset fits all filters" action={<Button variant="default" onClick={onClear}>Take the filters back</Button>} />;
  return <EmptyState title="Nothing is catalogued yet" action={<Button component="a" href="/sources/new">Connect a source</Button>}>Connect a source and scan it; its tables, views and files stand here.</EmptyState>;
}
