"""Re-identification: how far the rows of assets can be told apart, shown and told to others."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from muniment.classification.repository.kept import KeptRepository
from muniment.classification.risk import Combination, RiskLevel, about_people, measured, rank
from muniment.classification.tables import RiskRow
from muniment.contracts.classification import (
    ColumnLabel,
    ReidentificationChanged,
    ReidentificationFact,
)
from muniment.kernel.clock import Clock
from muniment.kernel.errors import NotFound
from muniment.kernel.events import Outbox
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import JsonObject
from muniment.platform.paging import Page, PageQuery
from muniment.platform.policy import Visibility

SHOWN = 15


@dataclass(frozen=True, slots=True)
class RiskService:
    """Implements ``contracts.classification.RiskReader``."""

    stored: KeptRepository
    outbox: Outbox
    clock: Clock

    async def measured(
        self, asset: AssetRef, told: JsonObject, labels: Sequence[ColumnLabel], *, run_id: UUID
    ) -> None:
        """Store what a scan counted, as far as the columns are what their names say."""
        before = next(iter(await self.stored.all_risks([str(asset)])), None)
        found = measured(told, labels) if about_people(labels) else []
        sets = [each for each in found if len(each.columns) > 1]
        if not sets:
            await self.stored.forget_risk(str(asset))
            if before is not None:
                await self._tell(asset, None, 0.0, (), run_id)
            return
        widest = sets[0]
        rows, of = told.get("rows"), told.get("of")
        sampled = isinstance(of, int) and isinstance(rows, int) and rows < 0.98 * of
        await self.stored.put_risk(
            {
                "asset": str(asset),
                "level": widest.level.value,
                "smallest": widest.smallest,
                "unique_share": widest.unique,
                "columns": list(widest.columns),
                "detail": {
                    "rows": rows,
                    "of": of,
                    "sampled": sampled,
                    "sets": [_json(each) for each in found[:SHOWN]],
                    "direct": _direct(labels),
                    "labels": {
                        each.column: each.label
                        for each in labels
                        if each.column in widest.columns and rank(each.label) is not None
                    },
                },
                "run_id": run_id,
                "measured_at": self.clock.now(),
            }
        )
        if before is None or before.level != widest.level:
            await self._tell(asset, widest.level, widest.unique, widest.columns, run_id)

    async def _tell(
        self,
        asset: AssetRef,
        level: RiskLevel | None,
        unique: float,
        columns: tuple[str, ...],
        run_id: UUID,
    ) -> None:
        await self.outbox.publish(
            ReidentificationChanged(
                asset=asset,
                level=None if level is None else level.value,
                unique_share=unique,
                columns=columns,
                run_id=run_id,
            )
        )

    async def page(
        self,
        seen: Visibility,
        query: PageQuery,
        *,
        level: str | None = None,
        source: str | None = None,
        asset: str | None = None,
    ) -> Page[RiskRow]:
        """Measured assets the caller may see, those whose rows stand out most first."""
        return await self.stored.risks(seen, query, level=level, source=source, asset=asset)

    async def of(self, asset: AssetRef, seen: Visibility) -> RiskRow:
        """The risk of one asset. NotFound where nothing was measured."""
        page = await self.stored.risks(seen, PageQuery(limit=1), asset=str(asset))
        if not page.items:
            raise NotFound(
                "No combination of columns of this asset was measured: fewer than two of them "
                "tell what others may know of a person.",
                asset=str(asset),
            )
        return page.items[0]

    async def risks_of(
        self, assets: Sequence[AssetRef] | None
    ) -> Mapping[AssetRef, ReidentificationFact]:
        """What compliance judges by."""
        wanted = None if assets is None else [str(asset) for asset in assets]
        return {
            AssetRef.parse(row.asset): ReidentificationFact(
                row.level, row.unique_share, row.smallest, tuple(row.columns)
            )
            for row in await self.stored.all_risks(wanted)
        }


def _json(found: Combination) -> dict[str, Any]:
    return {**asdict(found), "columns": list(found.columns), "level": found.level.value}


def _direct(labels: Sequence[ColumnLabel]) -> list[str]:
    """Columns that name a person by themselves: beside them the combination matters less."""
    return sorted(
        {
            label.column
            for label in labels
            if label.personal
            and (
                label.category in ("contact", "government_id")
                or label.label in ("person.full_name", "person.last_name", "person.username")
            )
        }
    )
