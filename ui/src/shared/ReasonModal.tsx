import { Button, Modal, Textarea } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';

import layout from './layout.module.css';

interface Props {
  opened: boolean;
  title: string;
  lead?: ReactNode;
  confirm: string;
  danger?: boolean;
  /** Shown above the reason: what else is to be said. */
  children?: ReactNode;
  /** Without it nothing has to be said. */
  reasonLabel?: string;
  atLeast?: number;
  ready?: boolean;
  pending?: boolean;
  error?: unknown;
  onConfirm: (reason: string) => void;
  onClose: () => void;
}

/** Asks once more, and why, before something that others will see. */
export function ReasonModal(props: Props) {
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={props.title} size="md">
      {props.opened ? <Inside {...props} /> : null}
    </Modal>
  );
}

function Inside({ lead, confirm, danger, children, reasonLabel, atLeast = 3, ready = true, pending, error, onConfirm, onClose }: Props) {
  const [reason, setReason] = useState('');
  const enough = !reasonLabel || reason.trim().length >= atLeast;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (enough && ready) onConfirm(reason.trim());
  };
  return (
    <form onSubmit={submit} className={layout.stack}>
      {lead ? <div>{lead}</div> : null}
      {children}
      {reasonLabel ? <Textarea size="xs" label={reasonLabel} required autosize minRows={3} data-autofocus value={reason} onChange={(event) => setReason(event.currentTarget.value)} /> : null}
      {error ? <div role="alert" className={layout.bad}>{error instanceof Error ? error.message : String(error)}</div> : null}
      <div className={layout.row} style={{ justifyContent: 'flex-end' }}>
        <Button variant="default" onClick={onClose}>Cancel</Button>
        <Button type="submit" color={danger ? 'red' : undefined} loading={pending} disabled={!enough || !ready}>{confirm}</Button>
      </div>
    </form>
  );
}
