import { Modal } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';

import type { Entry } from './palette-entry';
import { useFoundEntries } from './palette-found';
import { useLocalEntries } from './palette-local';
import styles from './palette.module.css';

const DEBOUNCE_MS = 80;

/** The one search: assets, columns, findings, pages and actions, from the keyboard alone. */
export function CommandPalette({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} withCloseButton={false} padding={0} size={640} yOffset="9vh" radius="md" transitionProps={{ duration: 80 }} aria-label="Search everything">
      {opened ? <Inside onClose={onClose} /> : null}
    </Modal>
  );
}

function Inside({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const [asked] = useDebouncedValue(text.trim(), DEBOUNCE_MS);
  const list = useRef<HTMLDivElement>(null);
  const navigate = useNavigate();
  const local = useLocalEntries(text.trim());
  const found = useFoundEntries(asked);
  const entries = [...local.first, ...found.entries, ...local.rest];
  const chosen = Math.min(at, Math.max(0, entries.length - 1));

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);

  const open = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    if (entry.run) entry.run();
    else if (entry.href) void navigate({ href: entry.href });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    const step = steps[event.key] ?? (event.ctrlKey && event.key === 'n' ? 1 : event.ctrlKey && event.key === 'p' ? -1 : 0);
    if (step) setAt(Math.max(0, Math.min(entries.length - 1, chosen + step)));
    else if (event.key === 'Enter') open(entries[chosen]);
    else return;
    event.preventDefault();
  };

  return (
    <div className={styles.box} onKeyDown={onKeyDown}>
      <div className={styles.ask}>
        <IconSearch size={17} aria-hidden />
        <input
          className={styles.input}
          data-autofocus
          autoFocus
          role="combobox"
          aria-expanded
          aria-controls="palette-list"
          aria-activedescendant={entries[chosen] ? `palette-${chosen}` : undefined}
          aria-label="Search everything"
          placeholder="Search assets, columns, findings, pages…"
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setAt(0);
          }}
        />
      </div>
      <div ref={list} className={styles.list} role="listbox" id="palette-list" aria-label="Results" aria-busy={found.isWaiting}>
        {entries.map((entry, index) => (
          <div key={entry.id} style={{ display: 'contents' }}>
            {entries[index - 1]?.group === entry.group ? null : <div className={styles.group} role="presentation">{entry.group}</div>}
            <div id={`palette-${index}`} role="option" aria-selected={index === chosen} className={styles.option} onMouseMove={() => setAt(index)} onClick={() => open(entry)}>
              <span className={styles.icon} aria-hidden>{entry.icon}</span>
              <span className={styles.title}>{entry.title}</span>
              <span className={styles.detail}>{entry.detail}</span>
              {entry.extra ? <span className={styles.extra}>{entry.extra}</span> : null}
            </div>
          </div>
        ))}
        {entries.length === 0 && !found.isWaiting ? (
          <div className={styles.none}>{found.problem ?? <>Nothing is called “{text.trim()}”. Try a part of the name, or a word of its description.</>}</div>
        ) : null}
      </div>
      <div className={styles.foot} aria-hidden>
        <span>↑ ↓ to choose</span>
        <span>Enter to open</span>
        <span>Esc to close</span>
      </div>
    </div>
  );
}
