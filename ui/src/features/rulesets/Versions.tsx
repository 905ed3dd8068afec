import { Button, Select } from '@mantine/core';

import { Badge } from '@/shared/badges';
import { type Column, DataTable } from '@/shared/DataTable';
import { useUrlState } from '@/shared/hooks';
import layout from '@/shared/layout.module.css';
import { failed } from '@/shared/notices';
import { Panel } from '@/shared/PageHeader';
import { MoreRows } from '@/shared/paging';
import { RelativeTime } from '@/shared/RelativeTime';
import { EmptyState, Loaded, SkeletonRows } from '@/shared/states';

import { Differences } from './Differences';
import { type RuleSet, useDiff, useRuleSetActs, useVersions, type Version } from './queries';

/** All versions, any two compared, and an older one put in force again. */
export function Versions({ set, readOnly }: { set: RuleSet; readOnly: boolean }) {
  const versions = useVersions(set.name);
  const acts = useRuleSetActs(set);
  const restore = (number: number) => acts.restore.mutate(number, { onError: failed });
  const columns: Column<Version>[] = [
    { key: 'number', title: 'Version', width: '90px', cell: (each) => <strong>v{each.number}</strong> },
    { key: 'state', title: 'State', width: '110px', cell: (each) => (each.number === set.published && !set.retired ? <Badge tone="ok">In force</Badge> : each.state === 'draft' ? <Badge tone="medium">Draft</Badge> : <Badge>Earlier</Badge>) },
    { key: 'when', title: 'Published', width: '140px', cell: (each) => <RelativeTime at={each.published_at ?? each.created_at} none="shipped" /> },
    { key: 'author', title: 'By', width: '160px', cell: (each) => each.author },
    { key: 'note', title: 'Note', width: '2fr', cell: (each) => each.note || <span className="faint">none</span> },
    { key: 'digest', title: 'Content', width: '110px', wideOnly: true, cell: (each) => <span className="mono faint" title={each.digest}>{each.digest.slice(0, 10)}</span> },
    { key: 'act', title: '', width: '140px', align: 'right', cell: (each) => (!readOnly && each.state === 'published' && each.number !== set.published ? <Button variant="default" size="compact-xs" loading={acts.restore.isPending} onClick={() => restore(each.number)}>Put in force again</Button> : null) },
  ];
  return (
    <>
      <Panel title="Versions" padded={false}>
        <Loaded query={versions} isEmpty={(rows) => rows.length === 0} empty={<EmptyState title="No versions yet" />}>
          {(rows) => <DataTable label="Versions" rows={rows} columns={columns} rowKey={(each) => String(each.number)} footer={<MoreRows list={versions} />} />}
        </Loaded>
      </Panel>
      {(versions.data?.length ?? 0) > 1 ? <Compare set={set} versions={versions.data ?? []} /> : null}
    </>
  );
}

function Compare({ set, versions }: { set: RuleSet; versions: readonly Version[] }) {
  const [url, change] = useUrlState();
  const before = Number(url.before ?? versions[1]?.number);
  const after = Number(url.after ?? versions[0]?.number);
  const diff = useDiff(set.name, before, after);
  const data = versions.map((each) => ({ value: String(each.number), label: `v${each.number}${each.state === 'draft' ? ' (draft)' : ''}` }));
  return (
    <Panel
      title="What changed"
      padded={false}
      actions={(
        <div className={layout.row}>
          <Select aria-label="From version" w={120} allowDeselect={false} data={data} value={String(before)} onChange={(next) => change({ before: next ?? undefined })} />
          <span className="muted">to</span>
          <Select aria-label="To version" w={120} allowDeselect={false} data={data} value={String(after)} onChange={(next) => change({ after: next ?? undefined })} />
        </div>
      )}
    >
      <div style={{ padding: before === after ? 12 : 0 }}>
        {before === after ? <span className="muted">Choose two different versions.</span> : <Loaded query={diff} skeleton={<SkeletonRows count={3} />} isEmpty={(list) => list.length === 0} empty={<p className="muted" style={{ padding: 12, margin: 0 }}>Nothing differs.</p>}>{(list) => <Differences differences={list} />}</Loaded>}
      </div>
    </Panel>
  );
}
