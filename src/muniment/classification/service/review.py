"""The review queue and the coverage: what is worth deciding, and how far one has come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from muniment.classification.model import LabelFilter
from muniment.classification.repository.overview import OverviewRepository
from muniment.classification.tables import LabelRow
from muniment.kernel.errors import NotFound
from muniment.kernel.values import Sensitivity
from muniment.platform.paging import Page, PageQuery
from muniment.platform.policy import Visibility


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
    sample: tuple[LabelRow, ...]
    """The labels most worth a look, with their evidence."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the estate is labelled and decided, by source and by label."""

    sources: Sequence[Mapping[str, Any]]
    labels: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class ReviewService:
    overview: OverviewRepository

    async def queue(
        self, seen: Visibility, wanted: LabelFilter, query: PageQuery
    ) -> Page[ReviewGroup]:
        """Groups of look-alikes, ordered by uncertainty times sensitivity and by how many."""
        page = await self.overview.queue(seen, wanted, query)
        ids: list[UUID] = [each for row in page.items for each in row["sample"]]
        rows = {row.id: row for row in await self.overview.labels(ids)} if ids else {}
        return page.map(lambda row: _group(row, rows))

    async def group(self, key: str, seen: Visibility) -> ReviewGroup:
        """One group. NotFound when nothing of it waits any more."""
        page = await self.queue(seen, LabelFilter(look_alike=key), PageQuery(limit=1))
        if not page.items:
            raise NotFound("No label of this group waits for a decision.", group=key)
        return page.items[0]

    async def coverage(self, seen: Visibility) -> Coverage:
        """Coverage by source, and how many columns carry each label."""
        sources = [dict(row._mapping) for row in await self.overview.coverage(seen)]
        labels = [dict(row._mapping) for row in await self.overview.by_label(seen)]
        return Coverage(sources, labels)


def _group(found: Mapping[str, Any], rows: Mapping[UUID, LabelRow]) -> ReviewGroup:
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
        sample=tuple(rows[each] for each in found["sample"] if each in rows),
    )
