import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';

import { Problem } from '@/api/problem';

import styles from './states.module.css';

/** What to do next where there is nothing yet. */
export function EmptyState({ title, heading: Heading = 'h2', children, action }: { title: string; heading?: 'h1' | 'h2'; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className={styles.box}>
      <Heading className={styles.title}>{title}</Heading>
      {children ? <div className="muted">{children}</div> : null}
      {action}
    </div>
  );
}

/** An address, or a thing, that does not exist: how to get on from here. */
export function NothingHere({ title = 'There is nothing at this address', children = 'The link may be old, or what it led to was renamed.' }: { title?: string; children?: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Muniment`;
  }, [title]);
  return <EmptyState heading="h1" title={title} action={<div style={{ display: 'flex', gap: 8 }}><Button component={Link} to="/search">Search the catalogue</Button><Button variant="default" component={Link} to="/">Go home</Button></div>}>{children}</EmptyState>;
}

/** What happened, what to try, and the trace id for whoever looks after the server. */
export function ErrorState({ error, retry }: { error: unknown; retry?: () => void }) {
  const problem = error instanceof Problem ? error : new Problem({ detail: error instanceof Error ? error.message : undefined });
  if (problem.status === 403) return <NoPermission problem={problem} />;
  if (problem.status === 404) return <NothingHere title={problem.message.replace(/\.$/, '')} />;
  return (
    <div className={styles.box} role="alert">
      <h2 className={styles.title}>{problem.title}</h2>
      <div>{problem.message}</div>
      {problem.errors.length > 0 ? (
        <ul className="muted">{problem.errors.map((each) => <li key={each.field}><span className="mono">{each.field}</span>: {each.message}</li>)}</ul>
      ) : null}
      {problem.traceId ? <div className="faint mono">Trace {problem.traceId}</div> : null}
      {retry ? <Button variant="default" onClick={retry}>Try again</Button> : null}
    </div>
  );
}

function NoPermission({ problem }: { problem: Problem }) {
  const roles = problem.context.roles_that_have_it;
  return (
    <div className={styles.box} role="alert">
      <h2 className={styles.title}>You may not see this</h2>
      <div>{problem.message}</div>
      {Array.isArray(roles) ? <div className="muted">Roles that may: {roles.map(String).join(', ').replaceAll('_', ' ')}.</div> : null}
    </div>
  );
}

export function SkeletonRows({ count = 8 }: { count?: number }) {
  return (
    <div className={styles.rows} aria-busy="true" aria-label="Loading">
      {Array.from({ length: count }, (_, index) => (
        <div key={index} className={styles.row}><div className={styles.bar} style={{ width: `${30 + ((index * 37) % 55)}%` }} /></div>
      ))}
    </div>
  );
}

export function SkeletonBlock({ height = 120 }: { height?: number }) {
  return <div className={styles.bar} style={{ height }} aria-busy="true" aria-label="Loading" />;
}

interface Asked<T> {
  data: T | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => unknown;
}

/** Shows a query's loading, failed, empty and full state, all four designed. */
export function Loaded<T>({ query, children, empty, isEmpty, skeleton = <SkeletonRows /> }: {
  query: Asked<T>;
  children: (data: T) => ReactNode;
  empty?: ReactNode;
  isEmpty?: (data: T) => boolean;
  skeleton?: ReactNode;
}) {
  if (query.isPending) return skeleton;
  if (query.error && query.data === undefined) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  const data = query.data as T;
  if (empty && isEmpty?.(data)) return empty;
  return children(data);
}
