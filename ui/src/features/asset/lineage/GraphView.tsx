import { Button, SegmentedControl, Switch, TextInput } from '@mantine/core';
import { useQueries, useQuery } from '@tanstack/react-query';
import { type ReactNode, useCallback, useMemo } from 'react';

import { plural } from '@/shared/format';
import { useUrlState } from '@/shared/hooks';
import { EmptyState, Loaded, SkeletonBlock } from '@/shared/states';

import { Canvas } from './Canvas';
import type { CardContent } from './Card';
import { merged, type Picture, type Side, traced } from './graph';
import styles from './lineage.module.css';
import { type Direction, graphQuery } from './queries';
import { TableTwin } from './TableTwin';

interface Unfolded {
  id: string;
  ref: string;
  side: Side;
}

/** `id~u,id~d`: the neighbourhoods that were unfolded, in their order, as the URL keeps them. */
const written = (open: readonly { id: string; side: Side }[]): string => open.map(({ id, side }) => `${id}~${side === 'upstream' ? 'u' : 'd'}`).join(',');
const read = (text: string | undefined): { id: string; side: Side }[] =>
  (text ?? '').split(',').flatMap((part) => {
    const [id, side] = part.split('~');
    return id && side ? [{ id, side: side === 'u' ? 'upstream' : 'downstream' }] : [];
  });

/** Puts the controls of a view into the one line above it. */
export type Bar = (controls?: ReactNode) => ReactNode;

export function GraphView({ id, asset, asTable, bar }: { id: string; asset: string; asTable: boolean; bar: Bar }) {
  const [{ way = 'both', fields, open, find = '', trace }, set] = useUrlState();
  const columns = fields === '1';
  const asked = useMemo(() => read(open), [open]);
  const first = useQuery(graphQuery(id, way as Direction, columns));
  const parts = useQueries({ queries: asked.map((each) => graphQuery(each.id, each.side, columns)) });
  const loaded = parts.map((part) => part.data);
  const stamp = parts.map((part) => part.dataUpdatedAt).join();
  const picture = useMemo(() => {
    if (!first.data) return null;
    const unfolded = asked.flatMap((each, index): (Unfolded & { at: string; part: NonNullable<(typeof loaded)[number]> })[] => {
      const part = loaded[index];
      return part ? [{ ...each, ref: part.focus, at: part.focus, part }] : [];
    });
    return merged(first.data, unfolded);
    // `loaded` is a new array at every rendering; the stamp says when its content differs.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [first.data, asked, stamp]);
  const path = useMemo(() => tracedIn(picture, trace), [picture, trace]);

  const onUnfold = useCallback<CardContent['onUnfold']>((node, side) => {
    if (node.id) set({ open: written([...read(open), { id: node.id, side }]) });
  }, [open, set]);
  const onTrace = useCallback<CardContent['onTrace']>((ref, column) => {
    const next = `${ref} ${column}`;
    set({ trace: next === trace ? undefined : next });
  }, [set, trace]);

  return (
    <Loaded query={first} skeleton={<>{bar()}<div style={{ padding: 12 }}><SkeletonBlock height={420} /></div></>}>
      {(part) => part.nodes.length <= 1 && part.hidden === 0 && way === 'both' ? (
        <>{bar()}<EmptyState title="No lineage is known">Nothing was found that feeds this asset or is made from it: no view or routine that Muniment could read names it, and nobody drew an edge.</EmptyState></>
      ) : (
        <>
          {bar(<>
            <SegmentedControl size="xs" value={way} onChange={(next) => set({ way: next === 'both' ? undefined : next, open: undefined })} data={[{ value: 'upstream', label: 'Upstream' }, { value: 'both', label: 'Both' }, { value: 'downstream', label: 'Downstream' }]} aria-label="Direction" />
            <Switch size="xs" label="Columns" checked={columns} onChange={(event) => set({ fields: event.currentTarget.checked ? '1' : undefined, trace: undefined })} />
            <TextInput aria-label="Filter by name or column" placeholder="Filter by name or column" value={find} onChange={(event) => set({ find: event.currentTarget.value || undefined })} w={180} />
            {asked.length ? <Button variant="default" onClick={() => set({ open: undefined })}>Fold again</Button> : null}
            {trace ? <Button variant="default" onClick={() => set({ trace: undefined })}>Stop tracing</Button> : null}
          </>)}
          {picture === null ? null : asTable ? <TableTwin picture={picture} focus={asset} find={find} /> : <Canvas picture={picture} focus={asset} find={find} traced={path} onUnfold={onUnfold} onTrace={onTrace} />}
          {picture ? <Note picture={picture} truncated={part.truncated} columns={columns} /> : null}
        </>
      )}
    </Loaded>
  );
}

function tracedIn(picture: Picture | null, trace: string | undefined): ReadonlySet<string> | null {
  const at = trace?.indexOf(' ') ?? -1;
  return picture && trace && at > 0 ? traced(picture, trace.slice(0, at), trace.slice(at + 1)) : null;
}

function Note({ picture, truncated, columns }: { picture: Picture; truncated: boolean; columns: boolean }) {
  const flows = [...picture.flows.values()];
  return (
    <div className={styles.note}>
      <span>{plural(picture.nodes.size, 'asset')}, {plural(flows.length, 'flow')}</span>
      {flows.some((flow) => flow.origins.includes('code')) ? <span className={styles.key}><span aria-hidden className={styles.line} /> read from code</span> : null}
      {flows.some((flow) => flow.origins.includes('manual')) ? <span className={styles.key}><span aria-hidden className={styles.line} data-kind="manual" /> drawn by hand</span> : null}
      {flows.some((flow) => flow.origins.includes('event')) ? <span className={styles.key}><span aria-hidden className={styles.line} data-kind="event" /> told by a pipeline</span> : null}
      {flows.some((flow) => flow.broken) ? <span className={styles.key}><span aria-hidden className={styles.line} data-kind="broken" /> broken: a column it relied on is gone</span> : null}
      {columns ? <span>Press a column to trace it.</span> : null}
      {picture.hidden ? <span>{plural(picture.hidden, 'asset')} on the way that you may not see.</span> : null}
      {truncated ? <span>There is more than can be drawn; go on from a card.</span> : null}
    </div>
  );
}
