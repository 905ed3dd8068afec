import type { GraphPart } from './queries';

export type Side = 'upstream' | 'downstream';

export interface Place {
  x: number;
  y: number;
}

export type Node = GraphPart['nodes'][number] & Place & { columns: string[] };

export interface Picture {
  nodes: Map<string, Node>;
  flows: Map<string, GraphPart['flows'][number]>;
  columnEdges: Map<string, GraphPart['column_edges'][number]>;
  hidden: number;
}

const LAYER_WIDTH = 340;
const CARD_HEIGHT = 80;
const ROW_HEIGHT = 26;
const GAP = 24;

/** How tall a card is with the columns it lists. */
export const heightOf = (node: { columns: readonly string[] }): number => CARD_HEIGHT + ROW_HEIGHT * node.columns.length;

/**
 * The first part as the server laid it out, then each unfolded neighbourhood beside the card it
 * was asked of. What stands already never moves: a picture that jumps cannot be read.
 */
export function merged(first: GraphPart, unfolded: readonly { at: string; side: Side; part: GraphPart }[]): Picture {
  const picture: Picture = { nodes: new Map(), flows: new Map(), columnEdges: new Map(), hidden: first.hidden };
  const totals: Totals = new Map();
  for (const node of first.nodes) picture.nodes.set(node.ref, withColumns(node));
  take(picture, first);
  count(totals, first);
  for (const { at, side, part } of unfolded) {
    const anchor = picture.nodes.get(at);
    if (!anchor) continue;
    const fresh = part.nodes.map(withColumns).filter((node) => !picture.nodes.has(node.ref)).sort((a, b) => a.y - b.y);
    const x = anchor.x + (side === 'upstream' ? -LAYER_WIDTH : LAYER_WIDTH);
    const depth = anchor.depth + (side === 'upstream' ? -1 : 1);
    for (const node of fresh) picture.nodes.set(node.ref, { ...node, depth, x, y: freeRow(picture, x, anchor.y, heightOf(node)) });
    listColumns(picture, part);
    take(picture, part);
    count(totals, part);
    picture.hidden += part.hidden;
  }
  foldedCounts(picture, totals);
  return picture;
}

const withColumns = (node: GraphPart['nodes'][number]): Node => ({ ...node, columns: node.columns ?? [] });

function take(picture: Picture, part: GraphPart): void {
  for (const flow of part.flows) picture.flows.set(`${flow.from_ref}→${flow.to_ref}`, flow);
  for (const edge of part.column_edges) picture.columnEdges.set(edge.id, edge);
}

/** A card lists every column that some part draws an edge to. */
function listColumns(picture: Picture, part: GraphPart): void {
  for (const { ref, columns } of part.nodes) {
    const node = picture.nodes.get(ref);
    if (node) picture.nodes.set(ref, { ...node, columns: [...new Set([...node.columns, ...(columns ?? [])])].sort() });
  }
}

/** The place in a layer, as near to `y` as can be, where a card of this height covers no other. */
function freeRow(picture: Picture, x: number, y: number, height: number): number {
  const others = [...picture.nodes.values()].filter((node) => Math.abs(node.x - x) < LAYER_WIDTH / 2);
  const free = (row: number) => others.every((node) => row + height + GAP <= node.y || node.y + heightOf(node) + GAP <= row);
  const candidates = [y, ...others.flatMap((node) => [node.y + heightOf(node) + GAP, node.y - GAP - height])];
  return candidates.sort((a, b) => Math.abs(a - y) - Math.abs(b - y)).find(free) ?? y;
}

type Totals = Map<string, Record<Side, number>>;

/** How many neighbours each card has in all: those in the part and those the server left out. */
function count(totals: Totals, part: GraphPart): void {
  for (const node of part.nodes) {
    const before = totals.get(node.ref) ?? { upstream: 0, downstream: 0 };
    totals.set(node.ref, {
      upstream: Math.max(before.upstream, node.more_upstream + arrows(part.flows, 'upstream', node.ref)),
      downstream: Math.max(before.downstream, node.more_downstream + arrows(part.flows, 'downstream', node.ref)),
    });
  }
}

const arrows = (flows: Iterable<GraphPart['flows'][number]>, side: Side, ref: string): number =>
  [...flows].filter((flow) => (side === 'upstream' ? flow.to_ref : flow.from_ref) === ref).length;

/** What is still folded at each card: all its neighbours less those in the picture. */
function foldedCounts(picture: Picture, totals: Totals): void {
  const flows = [...picture.flows.values()];
  for (const [ref, node] of picture.nodes) {
    const total = totals.get(ref) ?? { upstream: 0, downstream: 0 };
    picture.nodes.set(ref, {
      ...node,
      more_upstream: Math.max(0, total.upstream - arrows(flows, 'upstream', ref)),
      more_downstream: Math.max(0, total.downstream - arrows(flows, 'downstream', ref)),
    });
  }
}

/** The columns that the given one is made from or goes into, within the picture, as `ref column`. */
export function traced(picture: Picture, ref: string, column: string): Set<string> {
  const key = (at: string, name: string | null | undefined) => `${at} ${name}`;
  const after = new Map<string, string[]>();
  const before = new Map<string, string[]>();
  for (const edge of picture.columnEdges.values()) {
    const [from, to] = [key(edge.from_ref, edge.from_column), key(edge.to_ref, edge.to_column)];
    after.set(from, [...(after.get(from) ?? []), to]);
    before.set(to, [...(before.get(to) ?? []), from]);
  }
  const found = new Set([key(ref, column)]);
  for (const neighbours of [after, before]) {
    const waiting = [key(ref, column)];
    const seen = new Set(waiting);
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      for (const next of neighbours.get(at) ?? []) {
        if (seen.has(next)) continue;
        seen.add(next);
        found.add(next);
        waiting.push(next);
      }
    }
  }
  return found;
}
