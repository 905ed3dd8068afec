import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import styles from './stat.module.css';

/** A number that is always a link to what it counts. */
export function StatCard({ label, value, detail, to, search }: { label: string; value: ReactNode; detail?: ReactNode; to: string; search?: Record<string, unknown> }) {
  return (
    <Link to={to} search={search as never} className={`panel ${styles.card}`}>
      <span className={styles.label}>{label}</span>
      <span className={styles.value}>{value}</span>
      {detail ? <span className={styles.detail}>{detail}</span> : null}
    </Link>
  );
}
