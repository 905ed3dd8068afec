import { Link } from '@tanstack/react-router';

import { useUrlState } from '@/shared/hooks';
import { PageHeader, Panel } from '@/shared/PageHeader';
import { useMay } from '@/shared/session';
import { EmptyState, Loaded } from '@/shared/states';

import { NewConnection } from './NewConnection';
import { useConnectors, useConnectorSchema } from './queries';
import styles from './sources.module.css';

/** Connect a source: choose its kind, fill in, test, preview, register, scan. */
export default function NewSourcePage() {
  const [{ kind }, set] = useUrlState();
  const connectors = useConnectors();
  const schema = useConnectorSchema(kind);
  const mayWrite = useMay('sources.write');
  const chosen = connectors.data?.find((each) => each.kind === kind);
  return (
    <>
      <PageHeader title="New source" above={<Link to="/sources" className="muted">Sources</Link>} lead="Nothing is written to a source, ever: it is read with the account you name." />
      {mayWrite ? (
        <>
          <Panel title={<><span className={styles.number}>1</span>What is it?</>}>
            <Loaded query={connectors} isEmpty={(list) => list.length === 0} empty={<EmptyState title="No connector is installed" />}>
              {(list) => (
                <div className={styles.kinds} role="radiogroup" aria-label="Kind of source">
                  {list.map((each) => (
                    <button key={each.kind} type="button" role="radio" aria-checked={each.kind === kind} className={styles.kind} onClick={() => set({ kind: each.kind })}>
                      <strong>{each.title}</strong>
                      <span className="muted">{each.description}</span>
                    </button>
                  ))}
                </div>
              )}
            </Loaded>
          </Panel>
          {chosen ? <Loaded query={schema}>{(known) => <NewConnection key={chosen.kind} connector={chosen} schema={known} />}</Loaded> : null}
        </>
      ) : <EmptyState title="You may not register sources">Roles that may: engineer, administrator. Ask one of them.</EmptyState>}
    </>
  );
}
