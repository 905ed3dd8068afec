import { Button, Select } from '@mantine/core';
import { useState } from 'react';

import { Badge } from '@/shared/badges';
import { Count } from '@/shared/Count';
import { type Column, DataTable } from '@/shared/DataTable';
import { abbreviated, inFull, plural, words } from '@/shared/format';
import layout from '@/shared/layout.module.css';
import { Panel } from '@/shared/PageHeader';
import { useSourceNames } from '@/shared/scanning';
import { ErrorState } from '@/shared/states';

import { EffectiveTable } from './EffectiveTable';
import { type AssetPreview, type DryRun, type RuleSet, useDryRun } from './queries';

const columns: Column<AssetPreview>[] = [
  { key: 'path', title: 'Asset', width: 'minmax(180px, 2fr)', cell: (each) => <span className={each.in_scope ? undefined : 'faint'}>{each.path}</span>, sort: (each) => each.path },
  { key: 'kind', title: 'Kind', width: '110px', cell: (each) => <span className="muted">{words(each.kind)}</span> },
  { key: 'scope', title: 'Read', width: '200px', cell: (each) => (each.in_scope ? <Badge tone="ok">Yes</Badge> : <span className="muted">left out{each.excluded_by ? <> by <span className="mono">{each.excluded_by}</span></> : null}</span>), sort: (each) => Number(each.in_scope) },
  { key: 'rows', title: 'Rows', width: '90px', align: 'right', cell: (each) => <Count value={each.rows} />, sort: (each) => each.rows },
  { key: 'read', title: 'Rows read', width: '90px', align: 'right', cell: (each) => <Count value={each.rows_to_read} />, sort: (each) => each.rows_to_read },
  { key: 'partitions', title: 'Parts', width: '70px', align: 'right', wideOnly: true, cell: (each) => <Count value={each.partitions} /> },
  { key: 'checks', title: 'Checks asked for', width: 'minmax(120px, 1.5fr)', wideOnly: true, cell: (each) => (each.checks.length > 0 ? each.checks.join(', ') : <span className="faint">–</span>) },
];

/** What a scan of a source would do under these rules. No data is read. */
export function Preview({ set, body }: { set: RuleSet; body: Record<string, unknown> | undefined }) {
  const sources = useSourceNames();
  const dryRun = useDryRun();
  const [source, setSource] = useState<string | null>(null);
  const run = (name: string) => dryRun.mutate({ source: name, name: set.name, body: body ?? null, layer: set.layer, position: set.position, applies_to: set.applies_to });
  return (
    <Panel
      title="Dry run"
      padded={false}
      actions={(
        <div className={layout.row}>
          <Select aria-label="Source" placeholder="Choose a source" searchable w={180} data={(sources.data?.items ?? []).map((each) => each.name)} value={source} onChange={(next) => { setSource(next); if (next && body) run(next); }} />
          <Button variant="default" loading={dryRun.isPending} disabled={!source || !body} onClick={() => { if (source) run(source); }}>Try the rules</Button>
        </div>
      )}
    >
      {dryRun.error ? <ErrorState error={dryRun.error} /> : null}
      {dryRun.data && !dryRun.error ? <Result found={dryRun.data} /> : null}
      {dryRun.data || dryRun.error ? null : <p className="muted" style={{ margin: 0, padding: 12 }}>Which assets match, how much is read, which checks and classifiers run: by what the catalogue knows, without reading any data.</p>}
    </Panel>
  );
}

function Result({ found }: { found: DryRun }) {
  return (
    <>
      <div className={layout.row} style={{ padding: 12, gap: 16 }}>
        <span><strong>{plural(found.in_scope, 'asset')}</strong> read, {inFull(found.left_out)} left out</span>
        <span>about <strong title={inFull(found.rows_to_read)}>{abbreviated(found.rows_to_read)} rows</strong></span>
        <span><strong>{inFull(found.classifiers.length)}</strong> classifiers</span>
      </div>
      {found.idle_patterns.length > 0 ? <p className="muted" style={{ margin: '0 12px 12px' }}>Without effect here: {found.idle_patterns.map((each, index) => <span key={each}>{index > 0 ? ', ' : ''}<span className="mono">{each}</span></span>)} match{found.idle_patterns.length === 1 ? 'es' : ''} no known asset.</p> : null}
      {found.warnings.length > 0 ? <ul className={`${layout.warn} ${layout.plain}`} style={{ margin: '0 12px 12px', paddingLeft: 28 }}>{found.warnings.map((each) => <li key={each}>{each}</li>)}</ul> : null}
      <div style={{ maxHeight: 460, overflow: 'auto', borderTop: '1px solid var(--line)' }}>
        <DataTable label="Assets under these rules" rows={found.assets} columns={columns} rowKey={(each) => each.ref} height={420} />
      </div>
      <details style={{ borderTop: '1px solid var(--line)' }}>
        <summary style={{ padding: 12, cursor: 'pointer' }}>Each setting and where it comes from</summary>
        <EffectiveTable rules={found.rules} />
      </details>
    </>
  );
}
