import { Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';

import { Problem } from '@/api/problem';
import { useUrlState } from '@/shared/hooks';
import { useMay } from '@/shared/session';
import { Loaded, NothingHere, SkeletonBlock, SkeletonRows } from '@/shared/states';
import { TabsList } from '@/shared/TabsList';

import { ColumnsTab } from './columns/ColumnsTab';
import { ComplianceTab } from './compliance/ComplianceTab';
import { Definition } from './Definition';
import { AssetHeader } from './header/AssetHeader';
import { HistoryTab } from './history/HistoryTab';
import { JoinsTab } from './joins/JoinsTab';
import { ProfileTab } from './profile/ProfileTab';
import { QualityTab } from './quality/QualityTab';
import { type AssetDetail, assetQuery, useColumns } from './queries';
import { SamplesTab } from './SamplesTab';

// The canvas is the heaviest part of the product: who reads columns need not wait for it.
const LineageTab = lazy(() => import('./lineage/LineageTab'));

/** One asset: what it is, how it stands, and everything that is known of it. */
export default function AssetPage() {
  const { _splat: named = '' } = useParams({ strict: false }) as { _splat?: string };
  const asset = useQuery(assetQuery(named));
  if (asset.error instanceof Problem && asset.error.status === 404) {
    return <NothingHere title="There is no such asset">It may have been renamed, or it is in a domain that you may not see.</NothingHere>;
  }
  return (
    <Loaded query={asset} skeleton={<><SkeletonBlock height={150} /><SkeletonRows /></>}>
      {(found) => <Inside key={found.id} asset={found} />}
    </Loaded>
  );
}

const ROUTINES = ['function', 'procedure'];

function Inside({ asset }: { asset: AssetDetail }) {
  const isRoutine = ROUTINES.includes(asset.kind);
  const [{ tab = isRoutine ? 'definition' : 'columns' }, set] = useUrlState();
  const columns = useColumns(asset.id);
  const mayCompliance = useMay('compliance.read');
  const mayQuality = useMay('quality.read');
  const names = (columns.data ?? []).map((each) => each.name);
  // A tab keeps its own part of the URL; another tab begins without it.
  const turn = (next: string | null) => set({ tab: next ?? undefined, view: undefined, open: undefined, trace: undefined, way: undefined, fields: undefined, find: undefined, check: undefined, status: undefined, from: undefined, to: undefined, column: undefined, all: undefined });
  return (
    <>
      <AssetHeader asset={asset} />
      <Tabs value={tab} onChange={turn} keepMounted={false}>
        <TabsList chosen={tab}>
          {isRoutine ? null : <Tabs.Tab value="columns">Columns <span className="faint">{asset.columns}</span></Tabs.Tab>}
          {asset.definition ? <Tabs.Tab value="definition">Definition</Tabs.Tab> : null}
          {isRoutine ? null : <Tabs.Tab value="profile">Profile</Tabs.Tab>}
          {isRoutine ? null : <Tabs.Tab value="joins">Joins</Tabs.Tab>}
          <Tabs.Tab value="lineage">Lineage</Tabs.Tab>
          {mayQuality && !isRoutine ? <Tabs.Tab value="quality">Quality</Tabs.Tab> : null}
          {mayCompliance ? <Tabs.Tab value="compliance">Compliance</Tabs.Tab> : null}
          {isRoutine ? null : <Tabs.Tab value="samples">Samples</Tabs.Tab>}
          <Tabs.Tab value="history">History</Tabs.Tab>
        </TabsList>
        <Tabs.Panel value="columns"><ColumnsTab asset={asset} /></Tabs.Panel>
        <Tabs.Panel value="definition"><Definition asset={asset} /></Tabs.Panel>
        <Tabs.Panel value="profile"><ProfileTab asset={asset} /></Tabs.Panel>
        <Tabs.Panel value="joins"><JoinsTab asset={asset.ref} /></Tabs.Panel>
        <Tabs.Panel value="lineage"><Suspense fallback={<SkeletonBlock height={480} />}><LineageTab id={asset.id} asset={asset.ref} columns={names} /></Suspense></Tabs.Panel>
        <Tabs.Panel value="quality"><QualityTab asset={asset.ref} /></Tabs.Panel>
        <Tabs.Panel value="compliance"><ComplianceTab asset={asset.ref} /></Tabs.Panel>
        <Tabs.Panel value="samples"><SamplesTab id={asset.id} /></Tabs.Panel>
        <Tabs.Panel value="history"><HistoryTab asset={asset} /></Tabs.Panel>
      </Tabs>
    </>
  );
}
