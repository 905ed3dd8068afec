import { SensitivityBadge } from '@/shared/badges';
import { type Column, DataTable } from '@/shared/DataTable';
import { words } from '@/shared/format';
import { AssetLink, refHome, refName, refWords } from '@/shared/links';
import { ScoreBar } from '@/shared/Score';

import type { Node, Picture } from './graph';

interface Row {
  ref: string;
  node: Node;
  from: string[];
  to: string[];
}

const hops = (depth: number): string => (depth === 0 ? 'this asset' : `${Math.abs(depth)} ${depth < 0 ? 'up' : 'down'}`);
const names = (refs: readonly string[]) => (refs.length ? <span title={refs.map(refWords).join('\n')}>{refs.map(refName).join(', ')}</span> : <span className="faint">–</span>);

const columns: Column<Row>[] = [
  { key: 'depth', title: 'Where', width: '84px', cell: (row) => hops(row.node.depth), sort: (row) => row.node.depth },
  { key: 'name', title: 'Asset', main: true, width: 'minmax(160px, 1.4fr)', cell: (row) => <><AssetLink asset={row.ref} search={{ tab: 'lineage', view: 'table' }}><strong>{refName(row.ref)}</strong></AssetLink> <span className="faint">{refHome(row.ref)}</span></>, sort: (row) => row.ref },
  { key: 'kind', title: 'Kind', width: '120px', cell: (row) => (row.node.kind ? words(row.node.kind) : <span className="faint">not catalogued</span>), sort: (row) => row.node.kind, wideOnly: true },
  { key: 'from', title: 'Made from', hint: 'made from', cell: (row) => names(row.from) },
  { key: 'to', title: 'Goes into', hint: 'goes into', cell: (row) => names(row.to) },
  { key: 'owner', title: 'Owner', hint: 'owner', width: '120px', cell: (row) => row.node.owner ?? <span className="faint">nobody</span>, sort: (row) => row.node.owner },
  { key: 'sensitivity', title: 'Sensitivity', width: '130px', cell: (row) => (row.node.sensitivity ? <SensitivityBadge level={row.node.sensitivity} /> : null), wideOnly: true },
  { key: 'quality', title: 'Quality', width: '110px', cell: (row) => <ScoreBar score={row.node.quality_score} width={40} />, sort: (row) => row.node.quality_score, wideOnly: true },
];

/** The same picture for those who read rather than look. */
export function TableTwin({ picture, focus, find }: { picture: Picture; focus: string; find: string }) {
  const flows = [...picture.flows.values()];
  const wanted = find.trim().toLowerCase();
  const rows = [...picture.nodes.values()]
    .filter((node) => !wanted || node.ref.toLowerCase().includes(wanted))
    .sort((a, b) => a.depth - b.depth || Number(b.ref === focus) - Number(a.ref === focus) || a.ref.localeCompare(b.ref))
    .map((node): Row => ({
      ref: node.ref,
      node,
      from: flows.filter((flow) => flow.to_ref === node.ref).map((flow) => flow.from_ref),
      to: flows.filter((flow) => flow.from_ref === node.ref).map((flow) => flow.to_ref),
    }));
  return <DataTable label="Lineage" rows={rows} columns={columns} rowKey={(row) => row.ref} />;
}
