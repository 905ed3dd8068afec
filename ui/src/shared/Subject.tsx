import { Link } from '@tanstack/react-router';

import { words } from './format';
import layout from './layout.module.css';
import { AssetLink, refName, refWords } from './links';

interface Judged {
  entity: string;
  subject: string;
  asset: string | null;
  source: string | null;
}

/** What a check was asked of, by name, leading to where it can be seen. */
export function Subject({ of, short = false }: { of: Judged; short?: boolean }) {
  const { entity, subject, asset, source } = of;
  if (asset && (entity === 'column' || entity === 'label')) {
    const [ref = subject, label] = subject.split('#');
    const column = refName(ref);
    return (
      <span>
        <AssetLink asset={asset} search={{ tab: 'columns', column }} onClick={(event) => event.stopPropagation()}>
          {short ? refName(asset) : refWords(asset)} · <strong>{column}</strong>
        </AssetLink>
        {label ? <span className="muted"> as {label}</span> : null}
      </span>
    );
  }
  if (asset) return <AssetLink asset={asset} onClick={(event) => event.stopPropagation()}>{short ? refName(asset) : refWords(asset)}</AssetLink>;
  if (source) return <Link to="/sources/$sourceId" params={{ sourceId: source } as never} onClick={(event) => event.stopPropagation()}>Source <strong>{source}</strong></Link>;
  const [kind, name] = subject.split(':');
  return <span className={layout.grow}>{name ? <>{words(kind ?? '')} <strong>{name}</strong></> : words(subject.replaceAll('-', ' '))}</span>;
}
