import { Button, PasswordInput } from '@mantine/core';
import { useState } from 'react';

import layout from '@/shared/layout.module.css';
import { Panel } from '@/shared/PageHeader';
import { RelativeTime } from '@/shared/RelativeTime';
import { useMay } from '@/shared/session';
import { ErrorState } from '@/shared/states';

import type { Field } from './fields';
import { type Source, useSourceActs } from './queries';
import styles from './sources.module.css';

/** What is known of the stored secrets, and how to replace them. They are never shown. */
export function Credential({ source, fields }: { source: Source; fields: readonly Field[] }) {
  const { rotate } = useSourceActs(source);
  const mayWrite = useMay('sources.write');
  const [secrets, setSecrets] = useState<Record<string, string>>({});
  const filled = Object.values(secrets).some(Boolean);
  const stored = source.credential;
  return (
    <Panel title="Credential">
      <form className={layout.stack} onSubmit={(event) => { event.preventDefault(); rotate.mutate(secrets, { onSuccess: () => setSecrets({}) }); }}>
        <div className="muted">
          {stored ? <>Stored: {stored.fields.join(', ') || 'nothing'}, version {stored.version}, <RelativeTime at={stored.stored_at} />.</> : 'No secret is stored.'} Secrets are sealed and shown to nobody.
        </div>
        {mayWrite ? (
          <>
            <div className={styles.form}>
              {fields.map((field) => (
                <PasswordInput key={field.name} size="xs" label={`New ${field.title.toLowerCase()}`} autoComplete="new-password" value={secrets[field.name] ?? ''} onChange={(event) => setSecrets({ ...secrets, [field.name]: event.currentTarget.value })} />
              ))}
            </div>
            {rotate.error ? <ErrorState error={rotate.error} /> : null}
            <div><Button type="submit" disabled={!filled} loading={rotate.isPending}>Rotate the credential</Button></div>
          </>
        ) : null}
      </form>
    </Panel>
  );
}
