import { Button, CopyButton } from '@mantine/core';

import { Panel } from '@/shared/PageHeader';

import type { AssetDetail } from './queries';

/** The SQL of a view or the code of a routine, as its source keeps it. */
export function Definition({ asset }: { asset: AssetDetail }) {
  const code = asset.definition ?? '';
  return (
    <Panel title="As its source keeps it" actions={<CopyButton value={code}>{({ copied, copy }) => <Button variant="default" onClick={copy}>{copied ? 'Copied' : 'Copy'}</Button>}</CopyButton>} padded={false}>
      <pre className="mono" tabIndex={0} aria-label="Definition" style={{ margin: 0, padding: 14, overflow: 'auto', maxHeight: 640, lineHeight: 1.55 }}>{code}</pre>
    </Panel>
  );
}
