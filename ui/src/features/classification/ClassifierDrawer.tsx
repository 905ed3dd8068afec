import { Button, Drawer } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { Badge, SensitivityBadge } from '@/shared/badges';
import { Facts } from '@/shared/Facts';
import { percent, plural, words } from '@/shared/format';
import layout from '@/shared/layout.module.css';
import { useMay } from '@/shared/session';
import { Loaded } from '@/shared/states';

import { ClassifierVersions } from './ClassifierVersions';
import { composition } from './draft';
import { type ClassifierDetail, useClassifier, useClassifierActs } from './queries';
import styles from './review.module.css';

export function ClassifierDrawer({ id, onClose, onEdit }: { id: string | undefined; onClose: () => void; onEdit: (detail: ClassifierDetail) => void }) {
  const classifier = useClassifier(id);
  return (
    <Drawer opened={id !== undefined} onClose={onClose} position="right" size="lg" title={classifier.data?.title ?? 'Classifier'}>
      {id === undefined ? null : <Loaded query={classifier}>{(known) => <Inside of={known} onEdit={onEdit} onClose={onClose} />}</Loaded>}
    </Drawer>
  );
}

function examples(of: readonly string[]): ReactNode {
  if (of.length === 0) return null;
  return <span className={styles.examples}>{of.map((each) => <span key={each} className={styles.example}>{each}</span>)}</span>;
}

function Inside({ of, onEdit, onClose }: { of: ClassifierDetail; onEdit: (detail: ClassifierDetail) => void; onClose: () => void }) {
  const acts = useClassifierActs(onClose);
  const mayManage = useMay('classification.manage');
  return (
    <div className={layout.stack}>
      <div className={layout.row}>
        <SensitivityBadge level={of.sensitivity} />
        {of.special ? <Badge tone="critical">Special category (article 9)</Badge> : of.personal ? <Badge tone="high">Personal data</Badge> : null}
        {of.custom ? <Badge tone="low">Yours, version {of.version}</Badge> : <Badge>Shipped</Badge>}
        <span className="mono faint">{of.id}</span>
      </div>
      {of.description ? <p style={{ margin: 0 }}>{of.description}</p> : null}
      <h3 style={{ margin: 0 }}>Examples that it must agree with</h3>
      <Facts
        items={[
          ['It is', examples(of.examples.hit)],
          ['It is not', examples(of.examples.miss)],
          ['Names that say it', examples(of.examples.headers)],
          ['Names that do not', examples(of.examples.not_headers)],
        ]}
      />
      <h3 style={{ margin: 0 }}>How it is recognised</h3>
      <Facts
        items={[
          ['Category', words(of.category)],
          ['Holds', of.kinds.map(words).join(', ')],
          ['Patterns', examples([...of.sure, ...of.patterns, ...of.plain])],
          ['Inside text', examples(of.contains)],
          ['Check digit', of.validator],
          ['Dictionary', of.dictionary],
          ['Words', of.words.length > 0 ? `${of.words.slice(0, 12).join(', ')}${of.words.length > 12 ? ` and ${of.words.length - 12} more` : ''}` : null],
          ['Exact values', of.entry.exact_match ? `${plural(of.entry.exact_match.count, 'value')}, kept as salted hashes only` : null],
          ['Name says it', of.header.strong.join(', ')],
          ['Name hints at it', of.header.weak.join(', ')],
          ['Name denies it', of.header.never.join(', ')],
          ['A match says', `${words(of.strength)}, from ${percent(of.min_share)} of the values${of.entry.min_count > 1 ? ` and ${of.entry.min_count} rows` : ''} on`],
          ['Made of', of.entry.compose ? composition(of.entry.compose) : null],
          ['Never', of.entry.allowed.length > 0 ? `${plural(of.entry.allowed.length, 'value')} on its allow list` : null],
          ['Single values', of.entry.rare ? 'are told too, as suggestions, where rows were read' : null],
        ]}
      />
      <h3 style={{ margin: 0 }}>Versions</h3>
      <ClassifierVersions of={of} />
      <div className={layout.row}>
        <Button variant="default" component={Link} to="/review" search={{ tab: 'labels', label: of.id } as never}>Where it was found</Button>
        {mayManage ? <Button variant="default" onClick={() => onEdit(of)}>Change</Button> : null}
        {mayManage && of.custom ? <Button variant="light" color="red" loading={acts.retire.isPending} onClick={() => acts.retire.mutate(of.id)}>Retire</Button> : null}
      </div>
    </div>
  );
}
