import { Tabs } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';

import { Badge } from '@/shared/badges';
import { words } from '@/shared/format';
import { useUrlState } from '@/shared/hooks';
import layout from '@/shared/layout.module.css';
import { PageHeader } from '@/shared/PageHeader';
import { useMay } from '@/shared/session';
import { EmptyState, Loaded } from '@/shared/states';
import { TabsList } from '@/shared/TabsList';

import { About } from './About';
import { Editor } from './Editor';
import { type RuleSet, useRuleSet, useVersion } from './queries';
import { appliesWords, InForce } from './RuleSetsPage';
import { Versions } from './Versions';

/** One rule set: its rules, what they would do, and how they came to be. */
export default function RuleSetPage() {
  const { name = '' } = useParams({ strict: false }) as { name?: string };
  const set = useRuleSet(name);
  return <Loaded query={set}>{(known) => <Known set={known} />}</Loaded>;
}

function Known({ set }: { set: RuleSet }) {
  const [{ tab = 'rules' }, change] = useUrlState();
  const mayWrite = useMay('rulesets.write');
  const readOnly = !mayWrite || set.managed_by !== null || set.retired || set.layer === 'default';
  const worked = useVersion(set.name, set.draft ?? set.published);
  return (
    <>
      <PageHeader
        title={set.title}
        above={<Link to="/rule-sets" className="muted">Rule sets</Link>}
        lead={<span className={layout.row}><Badge>{words(set.layer)}</Badge><InForce set={set} /><span>for {appliesWords(set.applies_to)}</span><span className="mono faint">{set.name}</span></span>}
      />
      {set.description ? <p style={{ marginTop: 0 }}>{set.description}</p> : null}
      {set.layer === 'default' ? <div className={layout.note} style={{ marginBottom: 12 }}>Shipped with Muniment. Lay a base or an overlay over it to change what it says.</div> : null}
      {set.managed_by && set.layer !== 'default' ? <div className={layout.note} style={{ marginBottom: 12 }}>Kept by {set.managed_by}: it changes when the framework is put in or out of force. Lay an overlay over it to say more.</div> : null}
      <Tabs value={tab} onChange={(next) => change({ tab: next === 'rules' ? undefined : (next ?? undefined) })} keepMounted={false}>
        <TabsList chosen={tab}>
          <Tabs.Tab value="rules">Rules</Tabs.Tab>
          <Tabs.Tab value="versions">Versions</Tabs.Tab>
          <Tabs.Tab value="about">Name, order and reach</Tabs.Tab>
        </TabsList>
        <Tabs.Panel value="rules">
          {set.draft === null && set.published === null ? <EmptyState title="It has no rules">It was retired before anything was published.</EmptyState> : (
            <Loaded query={worked}>{(version) => <Editor key={`${version.number} ${version.digest}`} set={set} version={version} readOnly={readOnly} />}</Loaded>
          )}
        </Tabs.Panel>
        <Tabs.Panel value="versions"><Versions set={set} readOnly={readOnly} /></Tabs.Panel>
        <Tabs.Panel value="about"><About key={set.version} set={set} readOnly={readOnly} /></Tabs.Panel>
      </Tabs>
    </>
  );
}
