"""The review queue and the coverage: what is worth deciding, and how far one has come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from muniment.classification.asking import REASKED_WITH, Agreement, Asking
from muniment.classification.model import LabelFilter
from muniment.classification.repository.labels import LabelRepository
from muniment.classification.repository.overview import OverviewRepository
from muniment.classification.service.asking import AskingService
from muniment.classification.service.labels import shown_evidence
from muniment.classification.tables import LabelRow
from muniment.kernel.errors import NotFound
from muniment.kernel.values import Sensitivity
from muniment.platform.paging import Page, PageQuery
from muniment.platform.policy import Visibility

ENOUGH = 5
"""Decisions in a row that confirm a label, after which the rest of the group is offered at once."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A label of a group with its evidence, as the caller may see it."""

    id: UUID
    asset: str
    column_name: str
    confidence: float
    note: str | None
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ReviewGroup:
    """Columns that look alike and wait for the same decision."""

    look_alike: str
    label: str
    title: str
    category: str
    sensitivity: Sensitivity
    header: str
    count: int
    sources: int
    lowest: float
    highest: float
    weight: float
    sample: tuple[Sample, ...]
    """The labels most worth a look."""
    confirmed_lately: int = 0
    """Of the last decisions about such columns, how many confirmed the label."""
    decided_lately: int = 0
    agreement: Agreement | None = None
    """Where people agreed with such labels so often that nothing is asked any more."""

    @property
    def asked(self) -> bool:
        """Whether somebody is asked; some groups are although people always agreed."""
        return self.agreement is None or self.look_alike.startswith(REASKED_WITH)

    @property
    def settled(self) -> bool:
        """Whether asking on is hardly worth it: the last decisions were all the same."""
        return self.decided_lately >= ENOUGH and self.confirmed_lately == self.decided_lately


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the estate is labelled and decided, by source and by label."""

    sources: Sequence[Mapping[str, Any]]
    domains: Sequence[Mapping[str, Any]]
    labels: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the queue asks about, what it has stopped asking about, and why."""

    asking: Asking
    agreements: Sequence[Agreement]
    resting_groups: int
    resting_labels: int


@dataclass(frozen=True, slots=True)
class ReviewService:
    overview: OverviewRepository
    labels: LabelRepository
    asking: AskingService

    async def queue(
        self,
        seen: Visibility,
        wanted: LabelFilter,
        query: PageQuery,
        *,
        asked: bool | None = True,
    ) -> Page[ReviewGroup]:
        """Groups of look-alikes, ordered by uncertainty times sensitivity and by how many.

        Those are left out with which people always agreed; ``asked=False`` tells only them, None
        all.
        """
        learned = await self.asking.learned()
        page = await self.overview.queue(seen, wanted, query, learned=learned, asked=asked)
        ids: list[UUID] = [each for row in page.items for each in row["sample"]]
        rows = await self.overview.labels(ids) if ids else []
        evidence = await shown_evidence(self.labels, rows, seen)
        samples = {row.id: _sample(row, evidence[row.id]) for row in rows}
        keys = [row["look_alike"] for row in page.items]
        streaks = await self.overview.streaks(keys, ENOUGH) if keys else {}
        return page.map(
            lambda row: _group(row, samples, streaks.get(row["look_alike"], (0, 0)), learned)
        )

    async def group(self, key: str, seen: Visibility) -> ReviewGroup:
        """One group. NotFound when nothing of it waits any more."""
        page = await self.queue(seen, LabelFilter(look_alike=key), PageQuery(limit=1), asked=None)
        if not page.items:
            raise NotFound("No label of this group waits for a decision.", group=key)
        return page.items[0]

    async def asked(self, seen: Visibility) -> Asked:
        """How often people agreed by kind of label, and how much is not asked about for it."""
        asking, agreements = await self.asking.current(), await self.asking.agreements()
        groups, labels = await self.overview.resting(seen, asking.learned(agreements))
        return Asked(asking, agreements, groups, labels)

    async def switch(self, *, enabled: bool, bar: float, seen: Visibility) -> Asked:
        """Let the queue stop asking from an agreement on, or not at all."""
        await self.asking.put(enabled=enabled, bar=bar)
        return await self.asked(seen)

    async def coverage(self, seen: Visibility) -> Coverage:
        """Coverage by source and domain, and how many columns carry each label."""
        sources = [dict(row._mapping) for row in await self.overview.coverage(seen)]
        labels = [dict(row._mapping) for row in await self.overview.by_label(seen)]
        by_domain = await self.overview.coverage(seen, by_domain=True)
        domains = [dict(row._mapping) for row in by_domain]
        return Coverage(sources, domains, labels)


def _sample(row: LabelRow, evidence: Mapping[str, Any]) -> Sample:
    return Sample(row.id, row.asset, row.column_name, row.confidence, row.note, evidence)


def _group(
    found: Mapping[str, Any],
    samples: Mapping[UUID, Sample],
    streak: tuple[int, int],
    learned: Sequence[Agreement],
) -> ReviewGroup:
    return ReviewGroup(
        look_alike=found["look_alike"],
        label=found["label"],
        title=found["title"],
        category=found["category"],
        sensitivity=Sensitivity(found["sensitivity"]),
        header=found["header"],
        count=found["members"],
        sources=found["sources"],
        lowest=found["lowest"],
        highest=found["highest"],
        weight=found["weight"],
        sample=tuple(samples[each] for each in found["sample"] if each in samples),
        confirmed_lately=streak[0],
        decided_lately=streak[1],
        agreement=next((a for a in learned if a.holds(found["label"], found["lowest"])), None),
    )
