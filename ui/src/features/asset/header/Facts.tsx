import type { ReactNode } from 'react';

import { Count } from '@/shared/Count';
import { bytes, plural } from '@/shared/format';
import { useUrlState } from '@/shared/hooks';
import { RelativeTime } from '@/shared/RelativeTime';
import { ScoreBar } from '@/shared/Score';
import { useMay } from '@/shared/session';

import { useFindings } from '../compliance/queries';
import type { AssetDetail } from '../queries';
import { Fact } from './Fact';
import styles from './header.module.css';

/** Figures of the asset; each opens what it is made of. */
export function Facts({ asset }: { asset: AssetDetail }) {
  return (
    <>
      <Fact name="Quality"><To tab="quality" name="quality"><ScoreBar score={asset.quality_score} /></To>{asset.open_incidents ? <To tab="quality" name="incidents"><span style={{ color: 'var(--sev-critical)' }}>{plural(asset.open_incidents, 'incident')}</span></To> : null}</Fact>
      <Compliance asset={asset.ref} />
      <Fact name="Last scanned"><RelativeTime at={asset.last_scanned_at} /></Fact>
      {asset.rows !== null ? <Fact name="Rows" more><To tab="profile" name="profile"><Count value={asset.rows} /></To></Fact> : null}
      {asset.size_bytes !== null ? <Fact name="Size" more><span title={`${asset.size_bytes.toLocaleString('en')} bytes`}>{bytes(asset.size_bytes)}</span></Fact> : null}
    </>
  );
}

function Compliance({ asset }: { asset: string }) {
  const may = useMay('compliance.read');
  if (!may) return null;
  return <Fact name="Compliance"><State asset={asset} /></Fact>;
}

function State({ asset }: { asset: string }) {
  const findings = useFindings(asset);
  if (!findings.data) return <span className="faint">…</span>;
  const open = findings.data.items.filter((each) => !['resolved', 'waived'].includes(each.state));
  const grave = open.filter((each) => each.severity === 'critical' || each.severity === 'high').length;
  const tone = grave ? 'var(--sev-critical)' : open.length ? 'var(--sev-medium)' : 'var(--ok)';
  return <To tab="compliance" name="findings"><span style={{ color: tone }}>{open.length ? plural(open.length, 'open finding') : 'nothing open'}</span></To>;
}

function To({ tab, name, children }: { tab: string; name: string; children: ReactNode }) {
  const [, set] = useUrlState();
  return <button type="button" className={styles.link} title={`Open ${name}`} onClick={() => set({ tab })}>{children}</button>;
}
