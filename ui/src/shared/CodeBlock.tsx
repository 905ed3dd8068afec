import { Button, CopyButton } from '@mantine/core';

import styles from './layout.module.css';

/** Text to be copied and run elsewhere: a script, statements, a command. */
export function CodeBlock({ text, label }: { text: string; label: string }) {
  return (
    <div className={styles.code}>
      <pre tabIndex={0} aria-label={label}>{text}</pre>
      <div className={styles.copy}>
        <CopyButton value={text}>{({ copied, copy }) => <Button variant="default" size="compact-xs" onClick={copy}>{copied ? 'Copied' : 'Copy'}</Button>}</CopyButton>
      </div>
    </div>
  );
}
