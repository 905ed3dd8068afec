import { Link } from '@tanstack/react-router';
import type { MouseEvent, ReactNode } from 'react';

/** Where an asset's page is; takes its id or its ref, `source/schema/table`. */
export const assetTarget = (asset: string) => ({ to: '/assets/$', params: { _splat: asset } }) as const;

/** Leads to an asset, given its id or its ref; shows the ref unless told otherwise. */
export function AssetLink({ asset, search, children, className, onClick }: {
  asset: string;
  search?: Record<string, string | undefined>;
  children?: ReactNode;
  className?: string;
  onClick?: (event: MouseEvent) => void;
}) {
  return (
    <Link {...assetTarget(asset)} search={(search ?? {}) as never} className={className} onClick={onClick}>
      {children ?? refWords(asset)}
    </Link>
  );
}

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

/** The parts of a ref as people call them. */
export const refParts = (ref: string): string[] => ref.split('/').map(decoded);
/** `sales/public/orders` as it is read: the parts with their escapes undone. */
export const refWords = (ref: string): string => refParts(ref).join(' / ');
/** The last part of a ref: what people call the asset. */
export const refName = (ref: string): string => refParts(ref).at(-1) ?? ref;
/** The ref of what holds an asset, as text for people. */
export const refHome = (ref: string): string => refParts(ref).slice(0, -1).join(' / ');
