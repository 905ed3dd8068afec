import { Modal } from '@mantine/core';

import { hotkeys } from '@/shared/hooks';

const everywhere = [
  { key: 'Ctrl K', label: 'Search everything' },
  { key: '?', label: 'This help' },
  { key: 'j / k', label: 'Down and up in a table' },
  { key: 'Enter', label: 'Open the row' },
  { key: 'x', label: 'Select the row' },
];

export function HotkeyHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard" size="sm">
      <dl style={{ display: 'grid', gridTemplateColumns: '80px 1fr', gap: 8, margin: 0 }}>
        {[...everywhere, ...(opened ? hotkeys.get() : [])].map(({ key, label }) => (
          <div key={key} style={{ display: 'contents' }}>
            <dt className="mono">{key}</dt>
            <dd style={{ margin: 0 }}>{label}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
