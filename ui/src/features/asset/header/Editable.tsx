import { ActionIcon, Button, Popover } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { type FormEvent, type ReactNode, useState } from 'react';

import styles from './header.module.css';

/** A value with a pencil beside it; the field opens in place and Enter saves. */
export function Editable<T>({ name, value, children, field, onSave, may, width = 320 }: {
  name: string;
  value: T;
  children: ReactNode;
  field: (draft: T, change: (next: T) => void) => ReactNode;
  onSave: (draft: T) => Promise<unknown>;
  may: boolean;
  width?: number;
}) {
  const [opened, setOpened] = useState(false);
  const [draft, setDraft] = useState(value);
  const [saving, setSaving] = useState(false);
  if (!may) return <>{children}</>;
  const open = () => {
    setDraft(value);
    setOpened(true);
  };
  const save = async (event: FormEvent) => {
    event.preventDefault();
    event.stopPropagation();
    setSaving(true);
    try {
      await onSave(draft);
      setOpened(false);
    } catch {
      // The mutation has told what happened; what was typed stays to be saved again.
    } finally {
      setSaving(false);
    }
  };
  return (
    <span className={styles.editable}>
      {children}
      <Popover opened={opened} onChange={setOpened} width={width} trapFocus position="bottom-start" shadow="md">
        <Popover.Target>
          <ActionIcon variant="subtle" color="gray" size={24} className={styles.pencil} aria-label={`Change the ${name}`} onClick={open}><IconPencil size={14} /></ActionIcon>
        </Popover.Target>
        <Popover.Dropdown onClick={(event) => event.stopPropagation()}>
          <form onSubmit={(event) => void save(event)} className={styles.form}>
            {field(draft, setDraft)}
            <div className={styles.buttons}>
              <Button variant="default" onClick={() => setOpened(false)}>Cancel</Button>
              <Button type="submit" loading={saving}>Save</Button>
            </div>
          </form>
        </Popover.Dropdown>
      </Popover>
    </span>
  );
}
