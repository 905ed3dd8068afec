import type { GraphPart } from './queries';

export type Side = 'upstream' | 'downstream';

export interface Place {
  x: number;
  y: number;
}

type Node = GraphPart['nodes'][number];

export interface Picture {
  nodes: Map<string, Node & Place>;
  flows: Map<string, GraphPart['flows'][number]>;
  columnEdges: Map<string, GraphPart['column_edges'][number]>;
  hidden: number;
}

const LAYER_WIDTH = 340;
const CARD_HEIGHT = 92;
const GAP = 36;

/**
 * The first part as the server laid it out, then each unfolded neighbourhood beside the card it
 * was asked of. What stands already never moves: a picture that jumps cannot be read.
 */
export function merged(first: GraphPart, unfolded: readonly { at: string; side: Side; part: GraphPart }[]): Picture {
  const picture: Picture = { nodes: new Map(), flows: new Map(), columnEdges: new Map(), hidden: first.hidden };
  const totals: Totals = new Map();
  for (const node of first.nodes) picture.nodes.set(node.ref, { ...node });
  take(picture, first);
  count(totals, first);
  for (const { at, side, part } of unfolded) {
    const anchor = picture.nodes.get(at);
    if (!anchor) continue;
    const fresh = part.nodes.filter((node) => !picture.nodes.has(node.ref)).sort((a, b) => a.y - b.y);
    const x = anchor.x + (side === 'upstream' ? -LAYER_WIDTH : LAYER_WIDTH);
    const places = freeRows(picture, x, anchor.y, fresh.length);
    fresh.forEach((node, index) => picture.nodes.set(node.ref, { ...node, x, y: places[index] ?? anchor.y }));
    take(picture, part);
    count(totals, part);
    picture.hidden += part.hidden;
  }
  foldedCounts(picture, totals);
  return picture;
}

function take(picture: Picture, part: GraphPart): void {
  for (const flow of part.flows) picture.flows.set(`${flow.from_ref}→${flow.to_ref}`, flow);
  for (const edge of part.column_edges) picture.columnEdges.set(edge.id, edge);
}

/** Rows of a layer that no card stands on, as near to `y` as can be, from top to bottom. */
function freeRows(picture: Picture, x: number, y: number, count: number): number[] {
  const step = CARD_HEIGHT + GAP;
  const taken = [...picture.nodes.values()].filter((node) => Math.abs(node.x - x) < LAYER_WIDTH / 2).map((node) => node.y);
  const rows: number[] = [];
  for (let distance = 0; rows.length < count; distance += 1) {
    for (const row of distance === 0 ? [y] : [y - distance * (step / 2), y + distance * (step / 2)]) {
      if (rows.length < count && taken.every((each) => Math.abs(each - row) >= step)) {
        rows.push(row);
        taken.push(row);
      }
    }
  }
  return rows.sort((a, b) => a - b);
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
