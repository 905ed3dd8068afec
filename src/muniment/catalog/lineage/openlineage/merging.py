"""What events told so far and what one more tells, whatever their order. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from muniment.catalog.lineage.openlineage.events import (
    EventDataset,
    EventType,
    Facets,
    Key,
    PipelineEvent,
)

NEW = "NEW"
RUNNING = "RUNNING"
ENDS: Mapping[EventType | None, str] = {
    EventType.COMPLETE: "COMPLETED",
    EventType.FAIL: "FAILED",
    EventType.ABORT: "ABORTED",
}


@dataclass(slots=True)
class DatasetState:
    key: Key
    told_at: datetime
    facets: Facets = field(default_factory=dict)
    ref: str = ""

    def hear(self, dataset: EventDataset, at: datetime) -> None:
        self.facets = _merged(self.facets, dataset.facets, newer=at >= self.told_at)
        self.told_at = max(self.told_at, at)


@dataclass(slots=True)
class RunState:
    """A run; it has ended once any event says so, however late its beginning is told."""

    id: UUID
    job: Key
    told_at: datetime
    state: str = NEW
    started_at: datetime | None = None
    ended_at: datetime | None = None
    facets: Facets = field(default_factory=dict)
    inputs: list[Key] = field(default_factory=list)
    outputs: list[Key] = field(default_factory=list)

    def hear(self, event: PipelineEvent) -> None:
        if event.type is EventType.START:
            self.started_at = min(self.started_at or event.at, event.at)
        end = ENDS.get(event.type)
        if end is not None and (self.ended_at is None or event.at >= self.ended_at):
            self.state, self.ended_at = end, event.at
        elif self.ended_at is None and event.type in (EventType.START, EventType.RUNNING):
            self.state = RUNNING
        self.facets = _merged(self.facets, event.run_facets, newer=event.at >= self.told_at)
        self.inputs = _joined(self.inputs, event.inputs)
        self.outputs = _joined(self.outputs, event.outputs)
        self.told_at = max(self.told_at, event.at)


@dataclass(slots=True)
class JobState:
    key: Key
    told_at: datetime
    facets: Facets = field(default_factory=dict)
    inputs: list[Key] = field(default_factory=list)
    outputs: list[Key] = field(default_factory=list)
    latest_run_id: UUID | None = None

    def hear(self, event: PipelineEvent, run: RunState | None) -> None:
        """What a job reads and writes is what its latest run, or a later event of it, says."""
        newer = event.at >= self.told_at
        self.facets = _merged(self.facets, event.job_facets, newer=newer)
        self.told_at = max(self.told_at, event.at)
        if run is not None and (newer or run.id == self.latest_run_id):
            self.latest_run_id = run.id
            self.inputs, self.outputs = list(run.inputs), list(run.outputs)
        elif run is None and newer and event.datasets:
            self.inputs, self.outputs = _joined([], event.inputs), _joined([], event.outputs)


def _merged(known: Facets, told: Facets, *, newer: bool) -> dict[str, Any]:
    """The facets of both; of one name the newer. A facet marked as deleted is gone."""
    both = {**known, **told} if newer else {**told, **known}
    return {name: facet for name, facet in both.items() if not _deleted(facet)}


def _deleted(facet: object) -> bool:
    return facet is None or (isinstance(facet, Mapping) and facet.get("_deleted") is True)


def _joined(known: Sequence[Key], told: Iterable[EventDataset]) -> list[Key]:
    return list(dict.fromkeys([*known, *(dataset.key for dataset in told)]))
