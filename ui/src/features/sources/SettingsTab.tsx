import { Button, Switch, Textarea, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import { CodeBlock } from '@/shared/CodeBlock';
import layout from '@/shared/layout.module.css';
import { told } from '@/shared/notices';
import { Panel } from '@/shared/PageHeader';
import { ReasonModal } from '@/shared/ReasonModal';
import { useMay } from '@/shared/session';
import { ErrorState, Loaded } from '@/shared/states';

import { Credential } from './Credential';
import { type Field, fieldsOf, sentOf } from './fields';
import { LimitsPanel } from './LimitsPanel';
import { type Connector, type Source, useConnectors, useConnectorSchema, useGrantScript, useSourceActs, useTest } from './queries';
import { SchemaForm } from './SchemaForm';
import styles from './sources.module.css';
import { TestSteps } from './TestSteps';

export function SettingsTab({ source }: { source: Source }) {
  const connectors = useConnectors();
  const schema = useConnectorSchema(source.kind);
  const connector = connectors.data?.find((each) => each.kind === source.kind);
  return <Loaded query={schema}>{(known) => (connector ? <Inside key={source.version} source={source} connector={connector} fields={fieldsOf(known, connector.secret_fields)} /> : null)}</Loaded>;
}

function Inside({ source, connector, fields }: { source: Source; connector: Connector; fields: Field[] }) {
  const mayWrite = useMay('sources.write');
  return (
    <>
      <Particulars source={source} readOnly={!mayWrite} />
      <LimitsPanel source={source} readOnly={!mayWrite} />
      <Connection source={source} fields={fields.filter((field) => field.kind !== 'secret')} readOnly={!mayWrite} />
      {connector.secret_fields.length > 0 ? <Credential source={source} fields={fields.filter((field) => field.kind === 'secret')} /> : null}
      {mayWrite ? <><Grants source={source} /><Remove source={source} /></> : null}
    </>
  );
}

function Particulars({ source, readOnly }: { source: Source; readOnly: boolean }) {
  const { change } = useSourceActs(source);
  const [values, setValues] = useState({ title: source.title, description: source.description ?? '', owner: source.owner ?? '', domain: source.domain ?? '', sensitive: source.sensitive });
  const save = () => change.mutate({ ...values, title: values.title || source.name, description: values.description || null, owner: values.owner || null, domain: values.domain || null });
  return (
    <Panel title="Whose it is">
      <fieldset disabled={readOnly} className={`${layout.readable} ${layout.stack}`}>
        <div className={styles.form}>
          <TextInput label="Title" value={values.title} onChange={(event) => setValues({ ...values, title: event.currentTarget.value })} />
          <TextInput label="Owner" value={values.owner} onChange={(event) => setValues({ ...values, owner: event.currentTarget.value })} />
          <TextInput label="Domain" value={values.domain} onChange={(event) => setValues({ ...values, domain: event.currentTarget.value })} />
        </div>
        <Textarea size="xs" label="Description" autosize minRows={2} value={values.description} onChange={(event) => setValues({ ...values, description: event.currentTarget.value })} />
        <Switch size="xs" label="Sensitive: every scan waits for somebody else's approval" checked={values.sensitive} onChange={(event) => setValues({ ...values, sensitive: event.currentTarget.checked })} />
        {change.error ? <ErrorState error={change.error} /> : null}
        {readOnly ? null : <div><Button loading={change.isPending} onClick={save}>Save</Button></div>}
      </fieldset>
    </Panel>
  );
}

function Connection({ source, fields, readOnly }: { source: Source; fields: Field[]; readOnly: boolean }) {
  const { change } = useSourceActs(source);
  const test = useTest(source.name);
  const [values, setValues] = useState(() => Object.fromEntries(fields.map((field) => [field.name, source.settings[field.name] == null ? field.initial : String(source.settings[field.name])])));
  return (
    <Panel title="Connection">
      <fieldset disabled={readOnly} className={`${layout.readable} ${layout.stack}`}>
        <SchemaForm fields={fields} values={values} onChange={setValues} error={change.error} />
        {change.error ? <div role="alert" className={layout.bad}>{change.error.message}</div> : null}
        {readOnly ? null : (
          <div className={layout.row}>
            <Button loading={change.isPending} onClick={() => change.mutate({ settings: sentOf(fields, values).settings })}>Save</Button>
            <Button variant="default" loading={test.isPending} onClick={() => test.mutate(undefined)}>Test as saved</Button>
            {test.isPending ? <span className="muted" role="status">Resolving, connecting, asking what the account may read…</span> : null}
          </div>
        )}
        {test.error ? <ErrorState error={test.error} /> : null}
        {test.steps.length > 0 ? <TestSteps steps={test.steps} /> : null}
      </fieldset>
    </Panel>
  );
}

function Grants({ source }: { source: Source }) {
  const script = useGrantScript(source.name);
  return (
    <Panel title="Grant script" actions={<Button variant="default" loading={script.isPending} onClick={() => script.mutate()}>Make the script</Button>}>
      {script.data ? (script.data.script ? <CodeBlock label="Grant script" text={script.data.script} /> : <span className="muted">This kind of source needs no grants.</span>) : null}
      {script.error ? <ErrorState error={script.error} /> : null}
      {script.data || script.error ? null : <span className="muted">What the account needs for a scan, and nothing more; the source is asked for its schemas.</span>}
    </Panel>
  );
}

function Remove({ source }: { source: Source }) {
  const { remove } = useSourceActs(source);
  const [asking, setAsking] = useState(false);
  const [typed, setTyped] = useState('');
  const navigate = useNavigate();
  return (
    <Panel title="Remove">
      <div className={layout.between}>
        <span className="muted">Forgets the source, its credential, its schedule and the rule sets that are only for it. The data itself is not touched.</span>
        <Button color="red" variant="light" onClick={() => setAsking(true)}>Remove the source</Button>
      </div>
      <ReasonModal
        opened={asking}
        title={`Remove ${source.name}`}
        lead="Its assets and labels leave the catalogue, its findings and incidents are closed. Past runs and the audit trail stay. This cannot be undone."
        confirm="Remove"
        danger
        ready={typed === source.name}
        pending={remove.isPending}
        error={remove.error}
        onClose={() => setAsking(false)}
        onConfirm={() => remove.mutate(undefined, { onSuccess: async () => { told(`${source.name} was removed.`); await navigate({ to: '/sources' }); } })}
      >
        <TextInput label={`Type ${source.name} to go on`} data-autofocus value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
      </ReasonModal>
    </Panel>
  );
}
