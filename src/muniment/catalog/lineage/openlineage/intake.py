"""Events come in: kept as sent, merged into runs, jobs and datasets, and told as edges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from muniment.catalog.lineage.model import Edge
from muniment.catalog.lineage.openlineage.edges import column_edges, flows, input_keys
from muniment.catalog.lineage.openlineage.events import EventDataset, Key, PipelineEvent
from muniment.catalog.lineage.openlineage.merging import DatasetState, JobState, RunState
from muniment.catalog.lineage.openlineage.naming import Naming, Place, choose
from muniment.catalog.lineage.openlineage.store import PipelineStore
from muniment.catalog.lineage.store import EdgeStore
from muniment.contracts.catalog import LineageChanged
from muniment.contracts.sources import SourceReader
from muniment.kernel.clock import Clock
from muniment.kernel.events import Outbox
from muniment.kernel.refs import AssetRef

KEPT = timedelta(days=90)
"""How long events as sent, and runs, are kept; what they told of lineage stays."""

SEEN_AGAIN = timedelta(minutes=1)
"""How old the moment must be at which an edge was last seen before it is written again."""

Sent = tuple[PipelineEvent, str]
"""An event and the name of who sent it."""


@dataclass(frozen=True, slots=True)
class PipelineIntake:
    stored: PipelineStore
    edges: EdgeStore
    sources: SourceReader
    outbox: Outbox
    clock: Clock

    async def take(self, sent: Sequence[Sent]) -> int:
        """Keep a batch of events and what follows from them; returns how many were new.

        A constant number of statements. Writers take turns, so that none merges into what
        another has just replaced.
        """
        await self.stored.lock()
        now = self.clock.now()
        fresh = await self.stored.keep(sent, now)
        events: list[PipelineEvent] = []
        for event, _ in sent:
            if event.id in fresh:
                fresh.discard(event.id)
                events.append(event)
        if not events:
            return 0
        runs = await self._runs(events)
        jobs = await self._jobs(events, runs)
        refs = await self._datasets(events, runs)
        await self.stored.put_runs(runs.values(), now)
        await self.stored.put_jobs(jobs.values(), now)
        await self._publish([edge for event in events for edge in _edges(event, runs, refs)])
        return len(events)

    async def forget_old(self) -> int:
        return await self.stored.forget(self.clock.now() - KEPT)

    async def _runs(self, events: Sequence[PipelineEvent]) -> dict[UUID, RunState]:
        runs = await self.stored.runs({e.run_id for e in events if e.run_id is not None})
        for event in events:
            if event.run_id is not None and event.job is not None:
                state = runs.setdefault(event.run_id, RunState(event.run_id, event.job, event.at))
                state.hear(event)
        return runs

    async def _jobs(
        self, events: Sequence[PipelineEvent], runs: Mapping[UUID, RunState]
    ) -> dict[Key, JobState]:
        jobs = await self.stored.jobs({event.job for event in events if event.job is not None})
        for event in events:
            if event.job is not None:
                state = jobs.setdefault(event.job, JobState(event.job, event.at))
                state.hear(event, None if event.run_id is None else runs[event.run_id])
        return jobs

    async def _datasets(
        self, events: Sequence[PipelineEvent], runs: Mapping[UUID, RunState]
    ) -> Mapping[Key, str]:
        """Every dataset that is named, with the asset it means; those told of are stored."""
        told = {dataset.key for event in events for dataset in event.datasets}
        named = told | {
            key for event in events for dataset in event.datasets for key in input_keys(dataset)
        }
        named |= {key for run in runs.values() for key in (*run.inputs, *run.outputs)}
        states = await self.stored.datasets(named)
        for event in events:
            for dataset in event.datasets:
                state = states.setdefault(dataset.key, DatasetState(dataset.key, event.at))
                state.hear(dataset, event.at)
        infos = await self.sources.sources()
        naming = Naming([Place(info.name, info.address, info.database) for info in infos])
        candidates = {
            key: naming.candidates(EventDataset(*key, states[key].facets if key in states else {}))
            for key in named
        }
        known = await self.stored.known_refs(ref for refs in candidates.values() for ref in refs)
        refs = {key: choose(found, known) for key, found in candidates.items()}
        for key in told:
            states[key].ref = refs[key]
        await self.stored.put_datasets([states[key] for key in sorted(told)], self.clock.now())
        return refs

    async def _publish(self, edges: Sequence[Edge]) -> None:
        by_source: dict[str, list[Edge]] = {}
        for edge in {edge.id: edge for edge in edges}.values():
            by_source.setdefault(AssetRef.parse(edge.to_ref).source, []).append(edge)
        now = self.clock.now()
        for source in sorted(by_source):
            added = await self.edges.put(source, by_source[source], now, rarely=SEEN_AGAIN)
            if added:
                await self.outbox.publish(
                    LineageChanged(source=source, edges_added=added, edges_removed=0)
                )


def _edges(
    event: PipelineEvent, runs: Mapping[UUID, RunState], refs: Mapping[Key, str]
) -> Sequence[Edge]:
    found: list[Edge] = []
    if event.job is not None:
        run = None if event.run_id is None else runs[event.run_id]
        read = [each.key for each in event.inputs] if run is None else run.inputs
        written = [each.key for each in event.outputs] if run is None else run.outputs
        found += flows(event.job, event, read, written, refs)
    for dataset in event.outputs:
        found += column_edges(event.job, dataset, refs)
    return found
