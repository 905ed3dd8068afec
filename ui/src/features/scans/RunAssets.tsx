import { Select } from '@mantine/core';

import { Badge, StateBadge, type Tone } from '@/shared/badges';
import { Count } from '@/shared/Count';
import { type Column, DataTable } from '@/shared/DataTable';
import { duration, words } from '@/shared/format';
import { useUrlState } from '@/shared/hooks';
import { AssetLink } from '@/shared/links';
import { Panel } from '@/shared/PageHeader';
import { MoreRows } from '@/shared/paging';
import { EmptyState, Loaded } from '@/shared/states';

import { type AssetState, type Run, type RunAsset, useRunAssets } from './queries';

const states: AssetState[] = ['failed', 'published', 'unchanged', 'listed', 'pending', 'read', 'skipped'];
const tones: Record<string, Tone> = { published: 'ok', unchanged: 'ok', listed: 'neutral', pending: 'dashed', read: 'low' };

const columns: Column<RunAsset>[] = [
  { key: 'asset', title: 'Asset', width: 'minmax(200px, 2fr)', cell: (each) => <AssetLink asset={each.asset} />, sort: (each) => each.asset },
  { key: 'kind', title: 'Kind', width: '120px', wideOnly: true, cell: (each) => <span className="muted">{words(each.kind)}</span>, sort: (each) => each.kind },
  { key: 'state', title: 'Outcome', width: '110px', cell: (each) => (tones[each.state] ? <Badge tone={tones[each.state]}>{words(each.state)}</Badge> : <StateBadge state={each.state} />), sort: (each) => each.state },
  { key: 'rows', title: 'Rows', width: '80px', align: 'right', cell: (each) => <Count value={each.rows} />, sort: (each) => each.rows },
  { key: 'labels', title: 'Labels', width: '70px', align: 'right', cell: (each) => <Count value={each.labels} />, sort: (each) => each.labels },
  { key: 'seconds', title: 'Time', width: '80px', align: 'right', cell: (each) => (each.seconds > 0 ? duration(each.seconds) : <span className="faint">–</span>), sort: (each) => each.seconds },
  { key: 'change', title: 'Schema', width: '100px', wideOnly: true, cell: (each) => (each.change ? words(each.change) : <span className="faint">–</span>) },
  { key: 'reason', title: 'Why it was read, or not', width: 'minmax(180px, 2fr)', wideOnly: true, cell: (each) => (each.reason ? <span className="muted">{each.reason}</span> : <span className="faint">–</span>) },
  {
    key: 'failure',
    title: 'Why it failed, and what to do',
    width: 'minmax(200px, 3fr)',
    cell: (each) => (each.failure ? <span><span style={{ color: 'var(--sev-critical)' }}>{each.failure.sentence}</span>{each.failure.remedy ? <span className="muted"> {each.failure.remedy}</span> : null}</span> : null),
  },
];

/** What the run did to each asset; those that failed with the reason and the remedy. */
export function RunAssets({ run, live }: { run: Run; live: boolean }) {
  const [{ asset_state: state }, set] = useUrlState();
  const assets = useRunAssets(run.id, state as AssetState | undefined, live);
  const failed = (assets.data ?? []).some((each) => each.failure);
  const explained = !failed && (assets.data ?? []).some((each) => each.reason);
  const shown = columns.filter((column) => (column.key !== 'failure' || failed) && (column.key !== 'reason' || explained));
  return (
    <Panel
      title="Assets"
      padded={false}
      actions={<Select aria-label="Outcome" placeholder="Any outcome" clearable w={150} data={states.map((each) => ({ value: each, label: words(each) }))} value={state ?? null} onChange={(next) => set({ asset_state: next ?? undefined })} />}
    >
      <Loaded query={assets} isEmpty={(rows) => rows.length === 0} empty={<EmptyState title={state ? 'No asset like this' : 'No assets yet'}>{state ? 'Take the filter away to see all.' : 'They appear once the source has been discovered.'}</EmptyState>}>
        {(rows) => <DataTable label="Assets of the scan" rows={rows} columns={shown} rowKey={(each) => each.asset} height={640} rowHeight={failed ? 52 : 36} footer={<MoreRows list={assets} />} />}
      </Loaded>
    </Panel>
  );
}
