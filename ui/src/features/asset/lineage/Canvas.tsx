import '@xyflow/react/dist/style.css';

import { useComputedColorScheme } from '@mantine/core';
import { Background, Controls, type Edge, MarkerType, ReactFlow, ReactFlowProvider, useReactFlow } from '@xyflow/react';
import { type KeyboardEvent, useEffect, useMemo, useRef } from 'react';

import { Card, type CardContent, type CardNode } from './Card';
import { heightOf, type Picture } from './graph';
import styles from './lineage.module.css';

/** How a flow is drawn that only one kind of origin tells; what code says is a whole line. */
const DASHES: Record<string, string | undefined> = { manual: '2 4', event: '12 3' };

const kinds = { card: Card };

interface Props {
  picture: Picture;
  focus: string;
  find: string;
  traced: ReadonlySet<string> | null;
  onUnfold: CardContent['onUnfold'];
  onTrace: CardContent['onTrace'];
}

/** The picture: pan and zoom, arrow keys from card to card, Enter opens one. */
export function Canvas(props: Props) {
  return <ReactFlowProvider><Inside {...props} /></ReactFlowProvider>;
}

function Inside({ picture, focus, find, traced, onUnfold, onTrace }: Props) {
  const flow = useReactFlow();
  const frame = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme('light');
  const nodes = useMemo(() => {
    const wanted = find.trim().toLowerCase();
    return [...picture.nodes.values()].map((node): CardNode => ({
      id: node.ref,
      type: 'card',
      position: { x: node.x, y: node.y },
      initialWidth: CARD.width,
      initialHeight: heightOf(node),
      data: { node, isFocus: node.ref === focus, isDim: wanted !== '' && !`${node.ref} ${node.columns.join(' ')}`.toLowerCase().includes(wanted), traced, onUnfold, onTrace },
    }));
  }, [picture, focus, find, traced, onUnfold, onTrace]);
  const edges = useMemo(() => [...flowEdges(picture, traced !== null), ...columnEdges(picture, traced)], [picture, traced]);

  useShownWhenUnfolded(picture, flow);

  const go = (ref: string) => {
    const node = picture.nodes.get(ref);
    if (!node) return;
    void flow.setCenter(node.x + CARD.width / 2, node.y + CARD.middle, { zoom: Math.max(0.75, flow.getZoom()), duration: 150 });
    frame.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(ref)}"] a`)?.focus({ preventScroll: true });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = steps[event.key];
    const at = (event.target as HTMLElement).closest('[data-id]')?.getAttribute('data-id') ?? focus;
    if (!step || (event.target as HTMLElement).tagName === 'INPUT') return;
    event.preventDefault();
    const next = nearest(picture, at, step);
    if (next) go(next);
  };

  return (
    <div ref={frame} className={styles.canvas} onKeyDown={onKeyDown} role="group" aria-label="Lineage graph; arrow keys move from card to card">
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={kinds}
        colorMode={scheme}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        onlyRenderVisibleElements={picture.nodes.size > 120}
        minZoom={0.1}
        maxZoom={1.5}
        onInit={() => void show(picture, focus, flow)}
        zoomOnScroll={false}
        panOnScroll={false}
        preventScrolling={false}
      >
        <Background gap={24} color="var(--line)" />
        <Controls showInteractive={false} />
      </ReactFlow>
    </div>
  );
}

const CARD = { width: 264, middle: 40 };
/** Below this the names on the cards cannot be read. */
const READABLE = 0.7;

/** The whole picture where it can be read, else its middle card at a readable size. */
async function show(picture: Picture, focus: string, flow: ReturnType<typeof useReactFlow>) {
  await flow.fitView({ maxZoom: 1, padding: 0.06 });
  const middle = picture.nodes.get(focus);
  if (flow.getZoom() >= READABLE || !middle) return;
  await flow.setCenter(middle.x + CARD.width / 2, middle.y + heightOf(middle) / 2, { zoom: 0.85 });
}

/** Brings into view what was just unfolded, with the card it was unfolded from. */
function useShownWhenUnfolded(picture: Picture, flow: ReturnType<typeof useReactFlow>) {
  const before = useRef<ReadonlySet<string>>(new Set());
  useEffect(() => {
    const now = new Set(picture.nodes.keys());
    const fresh = [...now].filter((ref) => !before.current.has(ref));
    const isFirst = before.current.size === 0;
    before.current = now;
    if (isFirst || fresh.length === 0) return;
    const near = [...picture.flows.values()].filter((each) => fresh.includes(each.from_ref) !== fresh.includes(each.to_ref)).flatMap((each) => [each.from_ref, each.to_ref]);
    const ids = [...new Set([...fresh, ...near])].map((id) => ({ id }));
    void flow.fitView({ nodes: ids, maxZoom: flow.getZoom(), minZoom: 0.4, padding: 0.15, duration: 200 });
  }, [picture, flow]);
}

const steps: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The card that one would call the next one in a direction. */
function nearest(picture: Picture, at: string, [dx, dy]: [number, number]): string | undefined {
  const here = picture.nodes.get(at);
  if (!here) return picture.nodes.keys().next().value;
  const ahead = [...picture.nodes.values()].flatMap((node) => {
    const [x, y] = [node.x - here.x, node.y - here.y];
    const along = x * dx + y * dy;
    const across = Math.abs(x * dy) + Math.abs(y * dx);
    return along > 40 && (dx === 0 ? across < 170 : true) ? [{ ref: node.ref, cost: along + across * 0.5 }] : [];
  });
  return ahead.sort((a, b) => a.cost - b.cost)[0]?.ref;
}

const arrow = (color: string) => ({ type: MarkerType.ArrowClosed, color, width: 14, height: 14 });

function flowEdges(picture: Picture, dim: boolean): Edge[] {
  return [...picture.flows.values()].map((flow) => {
    const color = flow.broken ? 'var(--sev-critical)' : 'var(--ink-3)';
    const dash = flow.broken ? '6 4' : flow.origins.length === 1 ? DASHES[flow.origins[0] ?? ''] : undefined;
    return {
      id: `${flow.from_ref}→${flow.to_ref}`,
      source: flow.from_ref,
      target: flow.to_ref,
      sourceHandle: 'out',
      targetHandle: 'in',
      markerEnd: arrow(color),
      style: { stroke: color, strokeWidth: 1.4, strokeDasharray: dash, opacity: dim ? 0.25 : 0.9 },
    };
  });
}

function columnEdges(picture: Picture, traced: ReadonlySet<string> | null): Edge[] {
  return [...picture.columnEdges.values()].flatMap((edge) => {
    if (!edge.from_column || !edge.to_column) return [];
    const lit = traced === null ? null : traced.has(`${edge.from_ref} ${edge.from_column}`) && traced.has(`${edge.to_ref} ${edge.to_column}`);
    return [{
      id: edge.id,
      source: edge.from_ref,
      target: edge.to_ref,
      sourceHandle: `out ${edge.from_column}`,
      targetHandle: `in ${edge.to_column}`,
      style: { stroke: lit === false ? 'var(--line)' : 'var(--accent)', strokeWidth: lit ? 2 : 1, opacity: lit === false ? 0.5 : lit ? 1 : 0.6, strokeDasharray: edge.kind === 'aggregate' ? '5 3' : undefined },
    }];
  });
}
