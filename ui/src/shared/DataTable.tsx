import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';

import styles from './table.module.css';

export interface Column<T> {
  key: string;
  title: ReactNode;
  cell: (row: T) => ReactNode;
  width?: string;
  align?: 'left' | 'right';
  /** Hidden on narrow screens. */
  wideOnly?: boolean;
  /** Has a line of its own on narrow screens: what the row is called. */
  main?: boolean;
  /** Said before the value on narrow screens, where there is no head. */
  hint?: string;
  /** Gives the value to sort by on this page of rows. */
  sort?: (row: T) => string | number | null | undefined;
}

interface Props<T> {
  rows: readonly T[];
  columns: readonly Column<T>[];
  rowKey: (row: T) => string;
  label: string;
  onOpen?: (row: T) => void;
  selected?: ReadonlySet<string>;
  onSelect?: (keys: ReadonlySet<string>) => void;
  onKey?: (key: string, row: T) => void;
  height?: number | string;
  rowHeight?: number;
  footer?: ReactNode;
  /** Called when the last rows come into view, to fetch more. */
  onEnd?: () => void;
}

const VIRTUAL_FROM = 100;
const NEAR_END = 30;

function sorted<T>(rows: readonly T[], column: Column<T> | undefined, down: boolean): readonly T[] {
  const of = column?.sort;
  if (!of) return rows;
  const sign = down ? -1 : 1;
  return [...rows].sort((left, right) => {
    const a = of(left) ?? '';
    const b = of(right) ?? '';
    return (typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), 'en', { numeric: true })) * sign;
  });
}

/** Rows with a sticky head: j/k or arrows move, Enter opens, x selects; long lists are virtual. */
export function DataTable<T>({ rows, columns, rowKey, label, onOpen, selected, onSelect, onKey, height = 600, rowHeight = 36, footer, onEnd }: Props<T>) {
  const [order, setOrder] = useState<{ key: string; down: boolean } | null>(null);
  const [at, setAt] = useState(0);
  const frame = useRef<HTMLDivElement>(null);
  const shown = sorted(rows, columns.find((column) => column.key === order?.key), order?.down ?? false);
  const virtual = shown.length > VIRTUAL_FROM;
  const virtualizer = useVirtualizer({ count: shown.length, getScrollElement: () => frame.current, estimateSize: () => rowHeight, overscan: 12, enabled: virtual });
  const template = `${onSelect ? '32px ' : ''}${columns.map((column) => column.width ?? 'minmax(80px, 1fr)').join(' ')}`;
  const items = virtual ? virtualizer.getVirtualItems().map((item) => ({ index: item.index, start: item.start })) : shown.map((_, index) => ({ index, start: 0 }));

  const last = items.at(-1)?.index ?? 0;
  const nearEnd = virtual && last >= shown.length - NEAR_END;
  useEffect(() => {
    if (nearEnd) onEnd?.();
  }, [nearEnd, shown.length, onEnd]);

  const toggle = (row: T) => {
    if (!onSelect) return;
    const next = new Set(selected);
    const key = rowKey(row);
    if (!next.delete(key)) next.add(key);
    onSelect(next);
  };
  const move = (to: number) => {
    const next = Math.max(0, Math.min(shown.length - 1, to));
    setAt(next);
    if (virtual) virtualizer.scrollToIndex(next);
    else frame.current?.querySelector(`[data-row="${next}"]`)?.scrollIntoView({ block: 'nearest' });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLInputElement && event.target.type !== 'checkbox') return;
    const row = shown[at];
    if (event.key === 'j' || event.key === 'ArrowDown') move(at + 1);
    else if (event.key === 'k' || event.key === 'ArrowUp') move(at - 1);
    else if (event.key === 'Enter' && row && event.target === frame.current) onOpen?.(row);
    else if (event.key === 'x' && row) toggle(row);
    else {
      if (row && !event.ctrlKey && !event.metaKey) onKey?.(event.key, row);
      return;
    }
    event.preventDefault();
  };

  return (
    <div ref={frame} className={styles.frame} style={virtual ? { maxHeight: height } : undefined} tabIndex={0} role="table" aria-label={label} aria-rowcount={shown.length + 1} onKeyDown={onKeyDown} data-wide={onSelect ? 'select' : undefined}>
      <div className={styles.head} role="row" style={{ gridTemplateColumns: template }}>
        {onSelect ? (
          <span role="columnheader" className={styles.cell}>
            <input type="checkbox" aria-label="Select all" checked={shown.length > 0 && (selected?.size ?? 0) >= shown.length} onChange={(event) => onSelect(new Set(event.currentTarget.checked ? shown.map(rowKey) : []))} />
          </span>
        ) : null}
        {columns.map((column) => (
          <span key={column.key} role="columnheader" className={styles.cell} data-align={column.align} data-wide={column.wideOnly || undefined} aria-sort={order?.key === column.key ? (order.down ? 'descending' : 'ascending') : undefined}>
            {column.sort ? (
              <button type="button" className={styles.sort} onClick={() => setOrder({ key: column.key, down: order?.key === column.key ? !order.down : false })}>
                {column.title} <span aria-hidden>{order?.key === column.key ? (order.down ? '↓' : '↑') : ''}</span>
              </button>
            ) : column.title}
          </span>
        ))}
      </div>
      <div className={styles.body} role="rowgroup" style={virtual ? { height: virtualizer.getTotalSize(), position: 'relative' } : undefined}>
        {items.map(({ index, start }) => {
          const row = shown[index] as T;
          const key = rowKey(row);
          return (
            <div key={key} ref={virtual ? virtualizer.measureElement : undefined} data-index={index} role="row" aria-rowindex={index + 2} data-row={index} data-at={index === at || undefined} data-selected={selected?.has(key) || undefined} className={styles.row} style={{ gridTemplateColumns: template, minHeight: rowHeight, ...(virtual ? { position: 'absolute', top: start, left: 0, right: 0 } : {}) }} onClick={() => { setAt(index); onOpen?.(row); }} data-open={onOpen ? true : undefined}>
              {onSelect ? (
                <span role="cell" className={styles.cell} onClick={(event) => event.stopPropagation()}>
                  <input type="checkbox" aria-label="Select row" checked={selected?.has(key) ?? false} onChange={() => toggle(row)} />
                </span>
              ) : null}
              {columns.map((column) => (
                <span key={column.key} role="cell" className={styles.cell} data-align={column.align} data-wide={column.wideOnly || undefined} data-main={column.main} data-hint={column.hint} data-title={typeof column.title === 'string' ? column.title : undefined}>{column.cell(row)}</span>
              ))}
            </div>
          );
        })}
      </div>
      {footer}
    </div>
  );
}
