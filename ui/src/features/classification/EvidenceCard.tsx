import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';

import { EvidenceView } from '@/shared/Evidence';
import { percent, plural } from '@/shared/format';
import layout from '@/shared/layout.module.css';
import { AssetLink, refWords } from '@/shared/links';
import { Panel } from '@/shared/PageHeader';
import { useMay } from '@/shared/session';
import { Loaded, SkeletonRows } from '@/shared/states';

import { type Group, useDecideOne, useLabels } from './queries';

/** Why a group was suggested: what matched, what speaks against it, and the columns it is about. */
export function EvidenceCard({ group, all, onAll }: { group: Group; all: boolean; onAll: () => void }) {
  const first = group.sample[0];
  return (
    <Panel title={<>Why {group.title.toLowerCase()}?</>} actions={<Link to="/classifiers" search={{ classifier: group.label } as never} className={`mono ${layout.link}`}>{group.label}</Link>}>
      <div className={layout.stack}>
        {first ? (
          <>
            <div><AssetLink asset={first.asset} search={{ tab: 'columns', column: first.column_name }} className={layout.link}>{refWords(first.asset)} · <strong>{first.column_name}</strong></AssetLink> <span className="muted">{percent(first.confidence)} sure</span></div>
            {first.note ? <div className={layout.warn}>{first.note}</div> : null}
            <EvidenceView evidence={first.evidence} />
          </>
        ) : null}
        {group.count > 1 ? (
          <div>
            <div className={layout.between}><strong>{plural(group.count, 'column')}</strong><Button variant="default" size="compact-xs" onClick={onAll}>{all ? 'Fewer' : 'All, one by one'}</Button></div>
            {all ? <AllColumns group={group} /> : <ul className={layout.list}>{group.sample.map((each) => <li key={each.id} className={layout.between}><AssetLink asset={each.asset} search={{ tab: 'columns', column: each.column_name }}>{refWords(each.asset)} · {each.column_name}</AssetLink><span className="muted">{percent(each.confidence)}</span></li>)}</ul>}
          </div>
        ) : null}
      </div>
    </Panel>
  );
}

function AllColumns({ group }: { group: Group }) {
  const labels = useLabels({ look_alike: group.look_alike, state: 'suggested', limit: 200 });
  const decide = useDecideOne();
  const mayDecide = useMay('classification.decide');
  return (
    <Loaded query={labels} skeleton={<SkeletonRows count={4} />}>
      {(rows) => (
        <ul className={layout.list} style={{ maxHeight: 320, overflow: 'auto' }}>
          {rows.map((each) => (
            <li key={each.id} className={layout.between}>
              <AssetLink asset={each.asset} search={{ tab: 'columns', column: each.column_name }}>{refWords(each.asset)} · {each.column_name}</AssetLink>
              <span className={layout.row}>
                <span className="muted">{percent(each.confidence)}</span>
                {mayDecide ? (
                  <>
                    <Button variant="default" size="compact-xs" onClick={() => decide.mutate({ id: each.id, action: 'reject' })}>No</Button>
                    <Button variant="default" size="compact-xs" onClick={() => decide.mutate({ id: each.id, action: 'confirm' })}>Yes</Button>
                  </>
                ) : null}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Loaded>
  );
}
