import { Button } from '@mantine/core';
import { useState } from 'react';

import { Badge } from '@/shared/badges';
import { ago } from '@/shared/format';
import layout from '@/shared/layout.module.css';
import { useMay } from '@/shared/session';
import { Loaded } from '@/shared/states';

import type { ClassifierDetail } from './queries';
import { type ClassifierVersion, useVersionActs, useVersions } from './versions-queries';

/** Every version that was saved, and the way back to it. */
export function ClassifierVersions({ of }: { of: ClassifierDetail }) {
  const versions = useVersions(of.id);
  return (
    <Loaded query={versions} isEmpty={(rows) => rows.length === 0} empty={<p className="muted">It is as it was shipped.</p>}>
      {(rows) => <ul className={layout.list}>{rows.map((each) => <Version key={each.version} of={of} version={each} />)}</ul>}
    </Loaded>
  );
}

function Version({ of, version }: { of: ClassifierDetail; version: ClassifierVersion }) {
  const acts = useVersionActs();
  const mayManage = useMay('classification.manage');
  const [sure, setSure] = useState(false);
  const isNow = version.version === of.version;
  const back = () => acts.rollBack.mutate({ id: of.id, version: version.version, now: of.version }, { onSettled: () => setSure(false) });
  return (
    <li className={layout.stack}>
      <div className={layout.between}>
        <span className={layout.row}>
          <strong>Version {version.version}</strong>
          {isNow ? <Badge tone="ok">In force</Badge> : null}
          <span className="muted">{version.author}, {ago(version.created_at)}</span>
        </span>
        {mayManage && !isNow && !sure ? <Button size="compact-xs" variant="default" onClick={() => setSure(true)}>Roll back to it</Button> : null}
      </div>
      {version.note ? <span>{version.note}</span> : null}
      {sure ? (
        <div className={layout.warn}>
          <p style={{ marginTop: 0 }}>Version {version.version} comes into force again, and what later versions did to labels is undone. What people decided stays.</p>
          <div className={layout.row}>
            <Button size="compact-xs" color="red" loading={acts.rollBack.isPending} onClick={back}>Roll back</Button>
            <Button size="compact-xs" variant="default" onClick={() => setSure(false)}>Keep version {of.version}</Button>
          </div>
        </div>
      ) : null}
    </li>
  );
}
