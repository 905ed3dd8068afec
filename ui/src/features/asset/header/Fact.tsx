import type { ReactNode } from 'react';

import styles from './header.module.css';

/** `more`: on a narrow screen it is behind a button. */
export function Fact({ name, more = false, children }: { name: string; more?: boolean; children: ReactNode }) {
  return (
    <div className={styles.fact} data-more={more || undefined}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
