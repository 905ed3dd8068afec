import { Button, Switch } from '@mantine/core';
import { useState } from 'react';

import { Badge } from '@/shared/badges';
import { type Column, DataTable } from '@/shared/DataTable';
import { ago, words } from '@/shared/format';
import layout from '@/shared/layout.module.css';
import { AssetLink, refWords } from '@/shared/links';
import { Panel } from '@/shared/PageHeader';
import { MoreRows } from '@/shared/paging';
import { useMay } from '@/shared/session';
import { EmptyState, Loaded } from '@/shared/states';

import { type LabelEvent, useAcknowledge, useLabelHistory } from './queries';

const columns: Column<LabelEvent>[] = [
  { key: 'column', title: 'Column', main: true, width: 'minmax(220px, 2fr)', cell: (each) => <AssetLink asset={each.asset} search={{ tab: 'columns', column: each.column_name }}>{refWords(each.asset)} · <strong>{each.column_name}</strong></AssetLink> },
  { key: 'said', title: 'What happened', width: 'minmax(240px, 3fr)', cell: (each) => each.said },
  { key: 'alert', title: 'Look', width: '90px', cell: (each) => (each.alert && each.acknowledged_at === null ? <Badge tone="high">New</Badge> : <span className="faint">{each.acknowledged_by ?? ''}</span>) },
  { key: 'by', title: 'By', width: '120px', cell: (each) => <span className="muted">{each.actor ?? words(each.cause)}</span> },
  { key: 'at', title: 'When', width: '110px', align: 'right', cell: (each) => ago(each.at) },
];

/** What happened to labels, and what somebody should look at. */
export function ChangesTab() {
  const [alerts, setAlerts] = useState(false);
  const history = useLabelHistory(alerts);
  const acknowledge = useAcknowledge();
  const mayDecide = useMay('classification.decide');
  return (
    <>
      <div className={layout.filters}>
        <Switch size="xs" label="Only what deserves a look" checked={alerts} onChange={(event) => setAlerts(event.currentTarget.checked)} />
      </div>
      <Panel padded={false}>
        <Loaded query={history} isEmpty={(rows) => rows.length === 0} empty={<EmptyState title={alerts ? 'Nothing to look at' : 'No label has changed yet'}>A scan that finds something else in a column than the one before tells it here.</EmptyState>}>
          {(rows) => {
            const waiting = rows.filter((each) => each.alert && each.acknowledged_at === null).map((each) => each.id);
            return (
              <>
                {mayDecide && waiting.length > 0 ? <div className={layout.filters}><Button size="compact-xs" variant="default" loading={acknowledge.isPending} onClick={() => acknowledge.mutate(waiting)}>Mark {waiting.length} as seen</Button></div> : null}
                <DataTable label="Changes of labels" rows={rows} columns={columns} rowKey={(each) => each.id} height={720} footer={<MoreRows list={history} />} />
              </>
            );
          }}
        </Loaded>
      </Panel>
    </>
  );
}
