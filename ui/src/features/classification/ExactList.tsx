import { Button, FileInput } from '@mantine/core';

import { plural } from '@/shared/format';
import layout from '@/shared/layout.module.css';

import { lines } from './draft';
import { type ClassifierEntry, useExactValues } from './queries';

interface Props {
  list: ClassifierEntry['exact_match'];
  onList: (list: ClassifierEntry['exact_match']) => void;
}

/** A list of values that are matched exactly: a file is sent once, and only its hashes are kept. */
export function ExactList({ list, onList }: Props) {
  const hash = useExactValues();
  const take = async (file: File | null) => {
    if (file) hash.mutate(lines(await file.text()), { onSuccess: onList });
  };
  if (list) {
    return (
      <div className={layout.between} role="status">
        <span>Matches {plural(list.count, 'value')} exactly, kept as salted hashes only.</span>
        <Button size="compact-xs" variant="default" onClick={() => onList(null)}>Take the list away</Button>
      </div>
    );
  }
  return <FileInput size="xs" label="List of exact values" placeholder="A text file, one value a line" description="Such as customer numbers. It is sent once and only salted hashes are kept; case and accents do not matter." accept=".txt,.csv,text/plain" disabled={hash.isPending} error={hash.error?.message} onChange={(file) => void take(file)} />;
}
