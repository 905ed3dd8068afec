import { Select, TagsInput, Textarea, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Fragment, useEffect, useState } from 'react';

import { Badge, SensitivityBadge } from '@/shared/badges';
import { plural, words } from '@/shared/format';
import { AssetLink, refParts, refWords } from '@/shared/links';
import { RelativeTime } from '@/shared/RelativeTime';
import { useMay } from '@/shared/session';

import { type AssetDetail, type Change, useAnnotate } from '../queries';
import { Editable } from './Editable';
import { Fact } from './Fact';
import { Facts } from './Facts';
import styles from './header.module.css';

const certifications = [
  { value: 'none', label: 'Not certified' },
  { value: 'certified', label: 'Certified: fit for use' },
  { value: 'deprecated', label: 'Deprecated: use something else' },
];

/** What the asset is, in one sentence, and how it stands; what people say of it is changed here. */
export function AssetHeader({ asset }: { asset: AssetDetail }) {
  const may = useMay('catalog.annotate');
  const annotate = useAnnotate(asset);
  const [all, setAll] = useState(false);
  const save = (change: Change) => annotate.mutateAsync(change);
  useEffect(() => {
    document.title = `${asset.name} · Muniment`;
  }, [asset.name]);
  const said = asset.description ?? asset.comment;
  return (
    <header>
      <Crumbs asset={asset} />
      <div className={styles.title}>
        <h1 className={styles.name}>{asset.name}</h1>
        <Badge tone="outline">{words(asset.kind)}</Badge>
        <Editable name="certification" may={may} value={asset.certification} onSave={(certification) => save({ certification })} field={(draft, change) => <Select data-autofocus label="Certification" data={certifications} value={draft} allowDeselect={false} comboboxProps={{ withinPortal: false }} onChange={(next) => change((next ?? 'none') as typeof draft)} />}>
          {asset.certification === 'certified' ? <Badge tone="ok" mark="✓">Certified</Badge> : asset.certification === 'deprecated' ? <Badge tone="medium" mark="!">Deprecated</Badge> : <Badge>Not certified</Badge>}
        </Editable>
        {asset.sensitivity ? <SensitivityBadge level={asset.sensitivity} /> : null}
      </div>
      <div className={styles.what}>
        <Editable name="description" may={may} width={480} value={asset.description ?? ''} onSave={(text) => save({ description: text.trim() || null })} field={(draft, change) => <Textarea data-autofocus size="xs" label="What it is, in a sentence" autosize minRows={3} maxRows={10} value={draft} onChange={(event) => change(event.currentTarget.value)} />}>
          {said ? <span>{said}{asset.description ? null : <span className="faint"> (says its source)</span>}</span> : <span className="faint">Nobody has said yet what this is.</span>}
        </Editable>
      </div>
      <dl className={styles.facts} data-all={all || undefined}>
        <Fact name="Owner">
          <Editable name="owner" may={may} value={asset.owner ?? ''} onSave={(owner) => save({ owner: owner.trim() || null })} field={(draft, change) => <TextInput data-autofocus label="Who answers for it" placeholder="A person or a team" value={draft} onChange={(event) => change(event.currentTarget.value)} />}>
            {asset.owner ?? <span className="faint">nobody</span>}
          </Editable>
        </Fact>
        <Fact name="Domain" more>
          <Editable name="domain" may={may} value={asset.domain ?? ''} onSave={(domain) => save({ domain: domain.trim() || null })} field={(draft, change) => <TextInput data-autofocus label="Domain" description="Decides who may see it." value={draft} onChange={(event) => change(event.currentTarget.value)} />}>
            {asset.domain ?? <span className="faint">none</span>}
          </Editable>
        </Fact>
        <Fact name="Tags" more>
          <Editable name="tags" may={may} value={asset.tags} onSave={(tags) => save({ tags })} field={(draft, change) => <TagsInput data-autofocus size="xs" label="Tags" description="Enter adds one." value={draft} onChange={change} comboboxProps={{ withinPortal: false }} />}>
            {asset.tags.length ? asset.tags.map((tag) => <Badge key={tag}>{tag}</Badge>) : <span className="faint">none</span>}
          </Editable>
        </Fact>
        <Facts asset={asset} />
        <Fact name="Purpose" more>
          <Editable name="purpose" may={may} width={420} value={asset.purpose ?? ''} onSave={(purpose) => save({ purpose: purpose.trim() || null })} field={(draft, change) => <Textarea data-autofocus size="xs" label="What the data is used for" description="In the words of your record of processing." autosize minRows={2} value={draft} onChange={(event) => change(event.currentTarget.value)} />}>
            {asset.purpose ?? <span className="faint">not recorded</span>}
          </Editable>
        </Fact>
        <Fact name="Kept for" more>
          <Editable name="retention" may={may} value={asset.retention_days} onSave={(days) => save({ retention_days: days })} field={(draft, change) => <TextInput data-autofocus type="number" min={0} max={36500} label="Days after which rows are deleted" description="Empty: no period is set." value={draft ?? ''} onChange={(event) => change(event.currentTarget.value === '' ? null : Number(event.currentTarget.value))} />}>
            {asset.retention_days === null ? <span className="faint">no period</span> : plural(asset.retention_days, 'day')}
          </Editable>
        </Fact>
      </dl>
      <button type="button" className={styles.more} aria-expanded={all} onClick={() => setAll(!all)}>{all ? 'Less about it' : 'Domain, tags, purpose and size'}</button>
      <Banners asset={asset} />
    </header>
  );
}

function Crumbs({ asset }: { asset: AssetDetail }) {
  const homes = refParts(asset.parent_ref);
  const refs = asset.parent_ref.split('/');
  return (
    <nav aria-label="Where it is" className={styles.crumbs}>
      <Link to="/assets">Assets</Link>
      {homes.map((part, index) => (
        <Fragment key={index}>
          <span aria-hidden>/</span>
          <Link to="/assets" search={(index === 0 ? { source: asset.source } : { source: asset.source, parent: refs.slice(0, index + 1).join('/') }) as never}>{part}</Link>
        </Fragment>
      ))}
    </nav>
  );
}

function Banners({ asset }: { asset: AssetDetail }) {
  return (
    <>
      {asset.vanished_at ? <div className={styles.banner} data-tone="critical" role="status"><span>Its source does not list it any more; it was gone <RelativeTime at={asset.vanished_at} />. What is shown here is how it was last.</span></div> : null}
      {asset.copy_of ? <div className={styles.banner} role="status"><span>It looks like an abandoned copy of <AssetLink asset={asset.copy_of}>{refWords(asset.copy_of)}</AssetLink>.</span></div> : null}
      {asset.public_grants.length ? <div className={styles.banner} role="status"><span>At its source everybody may {asset.public_grants.join(', ').toLowerCase()} here.</span></div> : null}
    </>
  );
}
