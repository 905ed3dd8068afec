import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useEffect, useRef, useState } from 'react';

import { api, dataOf } from '@/api/client';
import { Problem } from '@/api/problem';
import { useUrlState } from '@/shared/hooks';

import styles from './sign-in.module.css';

const within = (next: string | undefined): string => (next?.startsWith('/') && !next.startsWith('//') ? next : '/');

/** Sign in with a name and a password, or with the one-time link that brought one here. */
export default function SignInPage() {
  const [{ code, next }] = useUrlState();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const queries = useQueryClient();
  const navigate = useNavigate();
  const entered = async () => {
    await queries.invalidateQueries({ queryKey: ['me'] });
    await navigate({ to: within(next), replace: true });
  };
  const byPassword = useMutation({ mutationFn: () => dataOf(api.POST('/api/v1/auth/sign-in', { body: { name, password } })), onSuccess: entered });
  const byLink = useMutation({ mutationFn: (used: string) => dataOf(api.POST('/api/v1/auth/sign-in-by-link', { body: { code: used } })), onSuccess: entered });
  const tried = useRef<string | null>(null);
  const { mutate } = byLink;
  useEffect(() => {
    document.title = 'Sign in · Muniment';
    // The link works once, so it must not be used twice by a second rendering.
    if (code && tried.current !== code) {
      tried.current = code;
      mutate(code);
    }
  }, [code, mutate]);

  const error = byPassword.error ?? byLink.error;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    byPassword.mutate();
  };
  return (
    <main className={styles.page}>
      <form className={`panel ${styles.card}`} onSubmit={submit}>
        <div className={styles.brand}><img src="/favicon.svg" alt="" width={28} height={28} /> Muniment</div>
        {byLink.isPending ? <p className="muted" aria-live="polite">Signing you in…</p> : null}
        {error instanceof Problem ? <p role="alert" className={styles.error}>{error.message}</p> : null}
        <TextInput label="Name" autoComplete="username" required value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <PasswordInput size="xs" label="Password" autoComplete="current-password" required value={password} onChange={(event) => setPassword(event.currentTarget.value)} />
        <Button type="submit" loading={byPassword.isPending} fullWidth>Sign in</Button>
        <p className="faint">No password yet? On the machine that runs Muniment, <span className="mono">muniment sign-in-link</span> makes a link that signs you in once.</p>
      </form>
    </main>
  );
}
