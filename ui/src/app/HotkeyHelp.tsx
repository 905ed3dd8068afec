import { Modal } from '@mantine/core';

import { type Hotkey, hotkeys } from '@/shared/hooks';

import styles from './hotkeys.module.css';
import { navigation } from './navigation';

const everywhere: Hotkey[] = [
  { key: 'Ctrl K', label: 'Search everything' },
  { key: '/', label: 'The same, from anywhere on a page' },
  { key: '?', label: 'This help' },
  { key: 'Esc', label: 'Close what is open' },
];

const tables: Hotkey[] = [
  { key: 'j k', label: 'Down and up' },
  { key: 'Enter', label: 'Open the row' },
  { key: 'x', label: 'Select the row' },
];

/** Every key that does something, those of the present page first. */
export function HotkeyHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const here = opened ? hotkeys.get() : [];
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard" size="lg">
      <div className={styles.groups}>
        {here.length ? <Group title="On this page" keys={here} /> : null}
        <Group title="Everywhere" keys={everywhere} />
        <Group title="In a table" keys={tables} />
        <Group title="Go to" keys={navigation.map(({ key, title }) => ({ key: `g ${key}`, label: title }))} />
      </div>
    </Modal>
  );
}

function Group({ title, keys }: { title: string; keys: readonly Hotkey[] }) {
  return (
    <section className={styles.group}>
      <h3 className={styles.title}>{title}</h3>
      <dl className={styles.keys}>
        {keys.map(({ key, label }) => (
          <div key={key} className={styles.line}>
            <dt>{key.split(' ').map((each) => <kbd key={each} className={styles.key}>{each}</kbd>)}</dt>
            <dd>{label}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
