import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';

import { plural } from '@/shared/format';
import { PageHeader } from '@/shared/PageHeader';
import { RelativeTime } from '@/shared/RelativeTime';
import { EmptyState, ErrorState, SkeletonBlock } from '@/shared/states';

import { AtRisk } from './AtRisk';
import { Changed } from './Changed';
import styles from './home.module.css';
import { NeedsMe } from './NeedsMe';
import { useOverview, useRuns, useSources } from './queries';
import { WhatWeHave } from './WhatWeHave';

/** Four questions at a glance: what do we have, what is at risk, what changed, what needs me. */
export default function HomePage() {
  const overview = useOverview();
  const sources = useSources();
  if (overview.isPending) return <><PageHeader title="Home" /><SkeletonBlock height={96} /></>;
  if (overview.error && !overview.data) return <ErrorState error={overview.error} retry={() => void overview.refetch()} />;
  const nothing = overview.data?.totals.assets === 0 && (sources.data?.items.length ?? 0) === 0;
  if (nothing) {
    return (
      <>
        <PageHeader title="Home" />
        <EmptyState title="Begin with a source" action={<Button component={Link} to="/sources/new">Connect a source</Button>}>
          Connect a database, a folder or a file. Muniment reads what is in it, labels what is sensitive, checks how good it is and whether it complies.
        </EmptyState>
      </>
    );
  }
  return (
    <>
      <PageHeader title="Home" lead={<Lead sources={sources.data?.items.length} assets={overview.data?.totals.assets} />} />
      {overview.data ? <WhatWeHave overview={overview.data} sources={sources.data?.items} /> : null}
      <div className={styles.columns}>
        <div>
          {overview.data ? <AtRisk overview={overview.data} /> : null}
        </div>
        <div>
          {overview.data ? <NeedsMe overview={overview.data} /> : null}
          {overview.data ? <Changed overview={overview.data} /> : null}
        </div>
      </div>
    </>
  );
}

/** The estate in one sentence, and how fresh what is told of it is. */
function Lead({ sources, assets }: { sources: number | undefined; assets: number | undefined }) {
  const runs = useRuns();
  const active = runs.data?.items.filter((run) => run.state === 'running').length ?? 0;
  const ended = runs.data?.items.find((run) => run.ended_at)?.ended_at;
  if (sources === undefined || assets === undefined) return null;
  return <>Your estate at a glance: {plural(assets, 'asset')} in {plural(sources, 'source')}{active ? `, ${plural(active, 'scan')} going on now` : ended ? <>, last read <RelativeTime at={ended} /></> : null}.</>;
}
