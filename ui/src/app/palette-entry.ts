import type { ReactNode } from 'react';

/** A line of the palette: it leads somewhere, or does something. */
export interface Entry {
  id: string;
  group: string;
  title: string;
  detail?: ReactNode;
  extra?: ReactNode;
  icon: ReactNode;
  href?: string;
  run?: () => void;
}
