import { SegmentedControl, Tooltip } from '@mantine/core';

import { StateBadge } from '@/shared/badges';
import { type Column, DataTable } from '@/shared/DataTable';
import { Facts } from '@/shared/Facts';
import { inFull, percent } from '@/shared/format';
import { useUrlState } from '@/shared/hooks';
import layout from '@/shared/layout.module.css';
import { Panel } from '@/shared/PageHeader';
import { RelativeTime } from '@/shared/RelativeTime';
import { EmptyState, Loaded, SkeletonBlock } from '@/shared/states';

import { type Probe, useHealth, useProbes } from './queries';
import styles from './sources.module.css';

const ms = (value: number | null): string | null => (value === null ? null : `${value < 10 ? value.toFixed(1) : inFull(Math.round(value))} ms`);

const columns: Column<Probe>[] = [
  { key: 'at', title: 'When', width: '140px', cell: (each) => <RelativeTime at={each.probed_at} /> },
  { key: 'health', title: 'Health', width: '110px', cell: (each) => <StateBadge state={each.health} /> },
  { key: 'ms', title: 'Answered in', width: '110px', align: 'right', cell: (each) => (each.error ? <span className="faint">–</span> : ms(each.milliseconds)) },
  { key: 'what', title: 'What was wrong', width: '3fr', cell: (each) => (each.message ? <span style={{ color: 'var(--sev-critical)' }}>{each.message}</span> : <span className="faint">nothing</span>) },
];

function Chart({ probes }: { probes: readonly Probe[] }) {
  const slowest = Math.max(...probes.map((each) => each.milliseconds), 1);
  return (
    <div className={styles.probes} role="img" aria-label={`Answer times of the last ${probes.length} probes; ${probes.filter((each) => each.error).length} failed`}>
      {[...probes].reverse().map((each) => (
        <Tooltip key={each.probed_at} label={`${new Date(each.probed_at).toLocaleString()}: ${each.error ? (each.message ?? each.error) : ms(each.milliseconds)}`}>
          <div className={styles.probe} data-bad={each.error ? true : undefined} style={{ height: each.error ? '100%' : `${Math.max(4, (each.milliseconds / slowest) * 100)}%` }} />
        </Tooltip>
      ))}
    </div>
  );
}

export function HealthTab({ name }: { name: string }) {
  const [{ hours = '24' }, set] = useUrlState();
  const health = useHealth(name, Number(hours));
  const probes = useProbes(name, 120);
  return (
    <>
      <div className={layout.main}>
        <Panel title="Answer times of the last probes">
          <Loaded query={probes} skeleton={<SkeletonBlock height={96} />} isEmpty={(page) => page.items.length === 0} empty={<span className="muted">It was not probed yet; the first probe comes within a minute.</span>}>
            {(page) => <Chart probes={page.items} />}
          </Loaded>
        </Panel>
        <Panel title="Availability" actions={<SegmentedControl size="xs" aria-label="Period" value={hours} onChange={(next) => set({ hours: next })} data={[{ value: '24', label: 'Day' }, { value: '168', label: 'Week' }, { value: '720', label: '30 days' }]} />}>
          <Loaded query={health} skeleton={<SkeletonBlock height={96} />}>
            {(known) => (
              <Facts
                items={[
                  ['Answered', known.availability === null ? 'not probed in this period' : percent(known.availability, known.availability < 1 ? 2 : 0)],
                  ['Probes', `${inFull(known.probes)}, ${inFull(known.failed)} failed`],
                  ['Median', ms(known.median_ms)],
                  ['Slowest', ms(known.slowest_ms)],
                  ['Last probe', <RelativeTime key="at" at={known.probed_at} />],
                ]}
              />
            )}
          </Loaded>
        </Panel>
      </div>
      <Panel title="Probes" padded={false}>
        <Loaded query={probes} isEmpty={(page) => page.items.length === 0} empty={<EmptyState title="No probes yet" />}>
          {(page) => <DataTable label="Probes" rows={page.items} columns={columns} rowKey={(each) => each.probed_at} height={420} />}
        </Loaded>
      </Panel>
    </>
  );
}
