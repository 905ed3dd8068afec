import type { ReactNode } from 'react';
import { useEffect } from 'react';

import styles from './page.module.css';

/** The name of a page, what it is for in one line, and its actions. Also the window's title. */
export function PageHeader({ title, lead, actions, above }: { title: string; lead?: ReactNode; actions?: ReactNode; above?: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Muniment`;
  }, [title]);
  return (
    <header className={styles.header}>
      <div className={styles.words}>
        {above}
        <h1 className={styles.title}>{title}</h1>
        {lead ? <div className="muted">{lead}</div> : null}
      </div>
      {actions ? <div className={styles.actions}>{actions}</div> : null}
    </header>
  );
}

export function Panel({ title, actions, children, padded = true }: { title?: ReactNode; actions?: ReactNode; children: ReactNode; padded?: boolean }) {
  return (
    <section className={`panel ${styles.panel}`}>
      {title || actions ? (
        <div className={styles.panelHead}>
          <h2 className={styles.panelTitle}>{title}</h2>
          {actions}
        </div>
      ) : null}
      <div className={padded ? styles.padded : undefined}>{children}</div>
    </section>
  );
}
