import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';

/** Says what was done, and offers to take it back for a while. */
export function toldWithUndo(message: string, undo: () => void): void {
  const id = `undo-${message}-${Date.now()}`;
  const takeBack = () => {
    notifications.hide(id);
    undo();
  };
  notifications.show({
    id,
    color: 'moss',
    autoClose: 8000,
    message: (
      <span style={{ display: 'flex', alignItems: 'center', justifyContent: 'space-between', gap: 12 }}>
        <span>{message}</span>
        <Button variant="default" size="compact-xs" onClick={takeBack}>Undo</Button>
      </span>
    ),
  });
}
