import { Button, Popover } from '@mantine/core';
import { useState } from 'react';

import { Badge, LabelChip, SensitivityBadge, StateBadge } from '@/shared/badges';
import { EvidenceView } from '@/shared/Evidence';
import { percent } from '@/shared/format';
import { RelativeTime } from '@/shared/RelativeTime';
import { useMay } from '@/shared/session';
import { Loaded, SkeletonRows } from '@/shared/states';

import type { AssetColumn, AssetDetail, Label } from '../queries';
import styles from './columns.module.css';
import { useDecide, useEvidence, useLabels } from './queries';

const said: Record<string, string> = { manual: 'a person', lineage: 'lineage' };

/** The labels of a column; a press opens why it carries one. */
export function Labels({ asset, column }: { asset: AssetDetail; column: AssetColumn }) {
  if (column.labels.length === 0) return <span className="faint">none</span>;
  return (
    <span className={styles.labels} onClick={(event) => event.stopPropagation()}>
      {column.labels.map((label) => <One key={`${label.path ?? ''} ${label.label}`} asset={asset} column={label.path ? `${column.name}.${label.path}` : column.name} label={label} />)}
    </span>
  );
}

function One({ asset, column, label }: { asset: AssetDetail; column: string; label: Label }) {
  const [opened, setOpened] = useState(false);
  return (
    <Popover opened={opened} onChange={setOpened} width={380} position="bottom-start" shadow="md" trapFocus returnFocus withRoles={false}>
      <Popover.Target><span><LabelChip label={label} onOpen={() => setOpened((now) => !now)} /></span></Popover.Target>
      <Popover.Dropdown role="dialog" aria-label={`Why ${column} is labelled ${label.title}`}>
        {opened ? <Card asset={asset} column={column} label={label} /> : null}
      </Popover.Dropdown>
    </Popover>
  );
}

function Card({ asset, column, label }: { asset: AssetDetail; column: string; label: Label }) {
  const mayRead = useMay('classification.read');
  const mayDecide = useMay('classification.decide');
  const labels = useLabels(asset.ref, mayRead);
  const found = labels.data?.items.find((each) => each.column_name === column && each.label === label.label);
  const evidence = useEvidence(found?.id);
  const decide = useDecide(asset.ref, asset.id);
  return (
    <div className={styles.card}>
      <div className={styles.cardHead}>
        <strong>{label.title}</strong>
        <SensitivityBadge level={label.sensitivity} />
        <StateBadge state={label.state} />
        {label.special ? <Badge tone="critical" title="GDPR article 9">Special category</Badge> : label.personal ? <Badge tone="outline" title="GDPR article 4(1)">Personal data</Badge> : null}
      </div>
      <div className="muted"><span className="mono">{label.label}</span> on {column}, {percent(label.confidence)} sure, by {said[label.tier] ?? `a ${label.tier}`}</div>
      {mayRead && labels.isSuccess && !found ? <p className="muted" style={{ margin: 0 }}>Its evidence is not kept any more.</p> : null}
      {mayRead && (labels.isPending || found) ? (
        <Loaded query={evidence} skeleton={<SkeletonRows count={3} />}>
          {(card) => (
            <>
              <EvidenceView evidence={card.evidence} />
              {(card.history ?? []).map((each) => <div key={each.id} className="faint">{each.actor}: {each.after}{each.reason ? `, “${each.reason}”` : ''}, <RelativeTime at={each.decided_at} />{each.undone ? ' (taken back)' : ''}</div>)}
            </>
          )}
        </Loaded>
      ) : null}
      {mayDecide && found ? (
        <div className={styles.decide}>
          {found.state === 'confirmed' ? null : <Button loading={decide.isPending} onClick={() => decide.mutate({ label: found.id, action: 'confirm' })}>Confirm</Button>}
          {found.state === 'rejected' ? null : <Button variant="default" loading={decide.isPending} onClick={() => decide.mutate({ label: found.id, action: 'reject' })}>Reject</Button>}
        </div>
      ) : null}
    </div>
  );
}
