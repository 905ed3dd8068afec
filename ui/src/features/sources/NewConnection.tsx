import { Button, Switch, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import { Problem } from '@/api/problem';
import layout from '@/shared/layout.module.css';
import { failed, told } from '@/shared/notices';
import { Panel } from '@/shared/PageHeader';
import { useRequestScan } from '@/shared/scanning';
import { useMay, useMe } from '@/shared/session';
import { ErrorState } from '@/shared/states';

import { fieldsOf, initialOf, isComplete, sentOf } from './fields';
import { FilterPreview, filterOf } from './FilterPreview';
import { type Connector, readsAll, usePreviewNew, useRegister, useTestNew } from './queries';
import { SchemaForm } from './SchemaForm';
import styles from './sources.module.css';
import { TestSteps } from './TestSteps';

const slug = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9._-]+/g, '-').replaceAll(/^[^a-z0-9]+|-+$/g, '').slice(0, 63);

/** What a source would be called, from what it is connected to. */
const suggested = (settings: Record<string, unknown>): string => slug(String(settings.database ?? settings.path ?? '').split('/').filter(Boolean).at(-1)?.replace(/\.\w+$/, '') ?? '');

export function NewConnection({ connector, schema }: { connector: Connector; schema: unknown }) {
  const fields = fieldsOf(schema, connector.secret_fields);
  const [values, setValues] = useState(() => initialOf(fields));
  const [tested, setTested] = useState(false);
  const test = useTestNew();
  const sent = sentOf(fields, values);
  const connection = { kind: connector.kind, ...sent };
  const change = (next: typeof values) => {
    setValues(next);
    setTested(false);
  };
  return (
    <>
      <Panel title={<><span className={styles.number}>2</span>Where is it?</>}>
        <form className={layout.stack} onSubmit={(event) => { event.preventDefault(); test.mutate(connection, { onSuccess: () => setTested(true) }); }}>
          <SchemaForm fields={fields} values={values} onChange={change} error={test.error} />
          <div className={layout.row}>
            <Button type="submit" loading={test.isPending} disabled={!isComplete(fields, values)}>Test the connection</Button>
            {test.isPending ? <span className="muted" role="status">Resolving, connecting, asking what the account may read…</span> : null}
          </div>
          {test.error ? <div role="alert" className={layout.bad}>{test.error.message}</div> : null}
          {test.steps.length > 0 && (test.isPending || tested || test.error) ? <TestSteps steps={test.steps} /> : null}
        </form>
      </Panel>
      {test.data && tested ? <Register key={suggested(sent.settings)} connection={connection} passed={test.data.passed} /> : null}
    </>
  );
}

interface Connection {
  kind: string;
  settings: Record<string, unknown>;
  secrets: Record<string, string>;
}

function Register({ connection, passed }: { connection: Connection; passed: boolean }) {
  const me = useMe();
  const [text, setText] = useState({ include: '*', exclude: '' });
  const [name, setName] = useState(suggested(connection.settings));
  const [title, setTitle] = useState('');
  const [owner, setOwner] = useState(me.data?.name ?? '');
  const [domain, setDomain] = useState('');
  const [sensitive, setSensitive] = useState(false);
  const preview = usePreviewNew();
  const register = useRegister();
  const scan = useRequestScan();
  const navigate = useNavigate();
  const mayScan = useMay('scans.run');
  const mayScope = useMay('rulesets.write');
  const filter = filterOf(text);
  const source = { ...connection, name, title, owner: owner || null, domain: domain || null, sensitive, max_concurrency: 2, statement_timeout_seconds: 120, idle_timeout_seconds: 60, governed: true, blackouts: [] };
  const go = (thenScan: boolean) =>
    register.mutate({ source, filter }, {
      onSuccess: async ({ unfiltered }) => {
        told(`${name} is registered.`);
        if (unfiltered) failed(unfiltered);
        if (thenScan && !unfiltered) scan.mutate({ source: name, priority: 'interactive' });
        else await navigate({ to: '/sources/$sourceId', params: { sourceId: name } as never });
      },
    });
  return (
    <>
      <Panel title={<><span className={styles.number}>3</span>What is read of it?</>}>
        <FilterPreview text={text} onChange={setText} preview={preview.data} pending={preview.isPending} error={preview.error} onPreview={() => preview.mutate({ ...connection, include: filter.include.length > 0 ? filter.include : ['*'], exclude: filter.exclude })} />
        {readsAll(filter) || mayScope ? null : <div className={layout.warn} style={{ marginTop: 8 }}>A filter is kept as a rule set, which you may not write. Ask an engineer, or read everything.</div>}
      </Panel>
      <Panel title={<><span className={styles.number}>4</span>Whose is it?</>}>
        <form className={layout.stack} onSubmit={(event) => { event.preventDefault(); go(mayScan && passed); }}>
          <div className={styles.form}>
            <TextInput label="Name" description="Begins the path of every asset; cannot be changed later." required value={name} onChange={(event) => setName(event.currentTarget.value)} error={name === '' || slug(name) === name ? undefined : 'Small letters, digits, dots, dashes and underscores only.'} />
            <TextInput label="Title" description="As people call it." value={title} onChange={(event) => setTitle(event.currentTarget.value)} />
            <TextInput label="Owner" description="Who answers for it." value={owner} onChange={(event) => setOwner(event.currentTarget.value)} />
            <TextInput label="Domain" description="Decides who sees it." value={domain} onChange={(event) => setDomain(event.currentTarget.value)} />
          </div>
          <Switch size="xs" label="Sensitive: every scan waits for somebody else's approval" checked={sensitive} onChange={(event) => setSensitive(event.currentTarget.checked)} />
          {register.error ? <Failed error={register.error} /> : null}
          <div className={layout.row}>
            <Button type="submit" loading={register.isPending || scan.isPending} disabled={!name || slug(name) !== name || (!readsAll(filter) && !mayScope)}>{mayScan && passed ? 'Register and scan' : 'Register'}</Button>
            {mayScan && passed ? <Button variant="default" disabled={!name} onClick={() => go(false)}>Register only</Button> : null}
            {passed ? null : <span className="muted">The test failed: register it now, and scan once it is mended.</span>}
          </div>
        </form>
      </Panel>
    </>
  );
}

function Failed({ error }: { error: Error }) {
  if (error instanceof Problem && error.status === 409) return <div role="alert" className={layout.bad}>{error.message}</div>;
  return <ErrorState error={error} />;
}
