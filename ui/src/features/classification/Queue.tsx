import { Button, Select } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';

import { plural } from '@/shared/format';
import { useHotkeysOf, useUrlState } from '@/shared/hooks';
import layout from '@/shared/layout.module.css';
import { Panel } from '@/shared/PageHeader';
import { MoreRows } from '@/shared/paging';
import { useSourceNames } from '@/shared/scanning';
import { useMay } from '@/shared/session';
import { EmptyState, Loaded } from '@/shared/states';
import { toldWithUndo } from '@/shared/undo';

import { AskingNote } from './AskingNote';
import { EvidenceCard } from './EvidenceCard';
import { GroupLine } from './GroupLine';
import { type Action, type Group, useDecideGroups, useQueue, useTaxonomy, useUndoBatches } from './queries';
import styles from './review.module.css';

const NONE: readonly Group[] = [];
const keys = [['j k', 'move'], ['y', 'confirm'], ['n', 'reject'], ['e', 'all columns'], ['x', 'select'], ['u', 'undo']] as const;
const columnsOf = (groups: readonly Group[]): number => groups.reduce((sum, group) => sum + group.count, 0);

export function Queue() {
  const [{ source, category, label, resting }, set] = useUrlState();
  const asked = resting === undefined;
  const queue = useQueue({ source, category, label }, asked);
  const sources = useSourceNames();
  const taxonomy = useTaxonomy();
  const filtered = Boolean(source ?? category ?? label);
  return (
    <>
      <div className={layout.filters}>
        <Select aria-label="Source" placeholder="All sources" clearable searchable w={160} data={(sources.data?.items ?? []).map((each) => each.name)} value={source ?? null} onChange={(next) => set({ source: next ?? undefined })} />
        <Select aria-label="Category" placeholder="All categories" clearable searchable w={180} data={(taxonomy.data?.categories ?? []).map((each) => ({ value: each.id, label: each.title }))} value={category ?? null} onChange={(next) => set({ category: next ?? undefined })} />
        {label ? <Button variant="default" onClick={() => set({ label: undefined })}>{label} ✕</Button> : null}
      </div>
      <AskingNote asked={asked} onAsked={(next) => set({ resting: next ? undefined : 'yes' })} />
      <Loaded query={queue} isEmpty={(rows) => rows.length === 0} empty={<EmptyState title={filtered ? 'Nothing like this waits' : 'Nothing waits for you'}>{filtered ? 'Take a filter away to see more.' : 'Every suggested label was decided. New ones come with the next scan.'}</EmptyState>}>
        {(rows) => <Working key={`${source} ${category} ${label} ${resting}`} rows={rows} list={queue} />}
      </Loaded>
    </>
  );
}

/** The groups with a cursor; what was decided leaves at once and comes back on undo. */
function Working({ rows, list }: { rows: readonly Group[]; list: ReturnType<typeof useQueue> }) {
  const [at, setAt] = useState(0);
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set());
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [wide, setWide] = useState(false);
  const [undoable, setUndoable] = useState<readonly (() => void)[]>([]);
  const narrow = useMediaQuery('(max-width: 1000px)');
  const frame = useRef<HTMLDivElement>(null);
  const decide = useDecideGroups();
  const undo = useUndoBatches();
  const mayDecide = useMay('classification.decide');
  const shown = gone.size === 0 ? rows : rows.filter((group) => !gone.has(group.look_alike));
  const cursor = Math.min(at, Math.max(0, shown.length - 1));
  const current = shown[cursor];
  const chosen = selected.size > 0 ? shown.filter((group) => selected.has(group.look_alike)) : NONE;

  useEffect(() => {
    frame.current?.querySelector(`[data-group="${cursor}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [cursor]);
  useEffect(() => {
    if (shown.length < 12 && list.hasMore && !list.loadingMore) list.more();
  }, [shown.length, list]);

  const put = (groups: readonly Group[], away: boolean) =>
    setGone((before) => {
      const next = new Set(before);
      for (const { look_alike } of groups) {
        if (away) next.add(look_alike);
        else next.delete(look_alike);
      }
      return next;
    });
  const run = (groups: readonly Group[], action: Action) => {
    if (!mayDecide || groups.length === 0) return;
    put(groups, true);
    setSelected(new Set());
    decide.mutate({ groups, action }, {
      onError: () => put(groups, false),
      onSuccess: (batches) => {
        const first = groups[0];
        const takeBack = () => {
          setUndoable((before) => before.filter((each) => each !== takeBack));
          undo.mutate(batches, { onSuccess: () => put(groups, false) });
        };
        setUndoable((before) => [...before.slice(-20), takeBack]);
        const what = groups.length === 1 ? first?.title : plural(groups.length, 'group');
        toldWithUndo(`${what}: ${plural(columnsOf(groups), 'column')} ${action === 'confirm' ? 'confirmed' : 'rejected'}.`, takeBack);
      },
    });
  };
  const toggle = (group: Group | undefined) => {
    if (!group) return;
    const next = new Set(selected);
    if (!next.delete(group.look_alike)) next.add(group.look_alike);
    setSelected(next);
  };
  const target = chosen.length > 0 ? chosen : current ? [current] : NONE;
  useHotkeysOf({
    j: { label: 'Next group', run: () => setAt(Math.min(shown.length - 1, cursor + 1)) },
    k: { label: 'Group before', run: () => setAt(Math.max(0, cursor - 1)) },
    y: { label: 'Confirm the labels', run: () => run(target, 'confirm') },
    n: { label: 'Reject the labels', run: () => run(target, 'reject') },
    e: { label: 'Show all columns of the group', run: () => setWide(!wide) },
    x: { label: 'Select the group', run: () => toggle(current) },
    u: { label: 'Undo the last decision', run: () => undoable.at(-1)?.() },
  });

  if (!current) return <EmptyState title="Nothing waits for you">Every suggested label here was decided. New ones come with the next scan.</EmptyState>;
  const card = <EvidenceCard key={current.look_alike} group={current} all={wide} onAll={() => setWide(!wide)} />;
  return (
    <div className={styles.split}>
      <Panel title={<>{plural(list.total === null ? shown.length : list.total - gone.size, 'group')} to decide</>} actions={<span className={styles.keys}>{keys.map(([key, what]) => <span key={key}><kbd className={styles.key}>{key}</kbd> {what}</span>)}</span>} padded={false}>
        <div ref={frame} role="list" aria-label="Groups to decide">
          {shown.map((group, index) => (
            <div key={group.look_alike} role="listitem">
              <GroupLine group={group} index={index} current={index === cursor} selected={selected.has(group.look_alike)} mayDecide={mayDecide} onFocus={() => setAt(index)} onSelect={() => toggle(group)} onDecide={(action) => run([group], action)} />
              {narrow && index === cursor ? card : null}
            </div>
          ))}
        </div>
        <MoreRows list={list} />
        {chosen.length > 0 ? (
          <div className={layout.bar} role="region" aria-label="Selected groups">
            <strong>{plural(chosen.length, 'group')}, {plural(columnsOf(chosen), 'column')}</strong>
            <Button onClick={() => run(chosen, 'confirm')}>Confirm all</Button>
            <Button variant="default" onClick={() => run(chosen, 'reject')}>Reject all</Button>
            <Button variant="subtle" color="gray" onClick={() => setSelected(new Set())}>Clear</Button>
          </div>
        ) : null}
      </Panel>
      {narrow ? null : <div className={styles.card}>{card}</div>}
    </div>
  );
}
