import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';

import { Badge } from '@/shared/badges';
import { plural, words } from '@/shared/format';
import { useUrlState } from '@/shared/hooks';
import layout from '@/shared/layout.module.css';
import { Panel } from '@/shared/PageHeader';
import { RelativeTime } from '@/shared/RelativeTime';
import { useMay } from '@/shared/session';
import { Loaded } from '@/shared/states';

import { type AssetDetail, useVersions, type Version } from '../queries';
import { Diff } from './Diff';
import { LabelEvents } from './LabelEvents';
import styles from './history.module.css';

/** How the asset came to be what it is: its versions, and what happened to its labels. */
export function HistoryTab({ asset }: { asset: AssetDetail }) {
  const mayLabels = useMay('classification.read');
  return (
    <div className={layout.stack}>
      <Versions asset={asset} />
      {mayLabels ? <LabelEvents asset={asset.ref} /> : null}
    </div>
  );
}

/** Every version, and what differs between two. */
function Versions({ asset }: { asset: AssetDetail }) {
  const versions = useVersions(asset.id);
  const [{ from, to }, set] = useUrlState();
  const after = Number(to ?? asset.version);
  const before = Number(from ?? after - 1);
  return (
    <Loaded query={versions}>
      {(found) => {
        const all = found.pages.flatMap((page) => page.items);
        return (
          <div className={styles.layout}>
            <Panel title={plural(asset.version, 'version')} actions={<span className="muted">first seen <RelativeTime at={asset.first_seen_at} /></span>} padded={false}>
              <ol className={styles.list}>
                {all.map((version) => <One key={version.version} version={version} chosen={version.version === after} onChoose={() => set({ to: String(version.version), from: undefined })} />)}
              </ol>
              {versions.hasNextPage ? <div style={{ padding: 10 }}><Button variant="default" loading={versions.isFetchingNextPage} onClick={() => void versions.fetchNextPage()}>Earlier versions</Button></div> : null}
            </Panel>
            <Diff asset={asset.id} before={before} after={after} onBefore={(next) => set({ from: next })} versions={all.map((version) => version.version)} />
          </div>
        );
      }}
    </Loaded>
  );
}

const fields = (changed: readonly string[]) => (changed.includes('created') ? ['first seen'] : changed.map(words));

function One({ version, chosen, onChoose }: { version: Version; chosen: boolean; onChoose: () => void }) {
  return (
    <li className={styles.version} data-chosen={chosen || undefined}>
      <button type="button" className={styles.pick} aria-current={chosen} onClick={onChoose}>
        <span className={styles.number}>{version.version}</span>
        <span className={styles.what}>
          <span className={styles.changed}>{fields(version.changed).map((each) => <Badge key={each} tone="outline">{each}</Badge>)}</span>
          <span className="faint"><RelativeTime at={version.at} /> by {version.actor}</span>
        </span>
      </button>
      {version.run_id ? <Link to="/scans/$runId" params={{ runId: version.run_id } as never} className={styles.run}>See the scan</Link> : null}
    </li>
  );
}
