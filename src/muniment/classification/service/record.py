"""The memory of the group: what happened to labels, and what is kept of columns."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from muniment.classification.history import (
    Cause,
    Happened,
    HistoryFilter,
    Origin,
    Standing,
    drifts,
    says,
    share_of,
)
from muniment.classification.repository.history import HistoryRepository
from muniment.classification.repository.kept import KeptRepository
from muniment.classification.tables import LabelEventRow, LabelRow
from muniment.contracts.classification import LabelDriftAcknowledged
from muniment.kernel.clock import Clock
from muniment.kernel.errors import NotFound
from muniment.kernel.events import Outbox
from muniment.kernel.ids import new_id
from muniment.kernel.principal import Principal
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import JsonObject, LabelState
from muniment.platform.paging import Page, PageQuery
from muniment.platform.policy import Visibility

KEPT = timedelta(days=730)

SNAPSHOT = (
    "tier",
    "state",
    "confidence",
    "evidence",
    "classifier_version",
    "title",
    "category",
    "sensitivity",
    "personal",
    "special",
    "header",
    "signature",
    "look_alike",
    "weight",
    "note",
)
"""Of a label that nobody decided about: what brings it back as it was."""


@dataclass(frozen=True, slots=True)
class Line:
    """A label to which something happened, before it is told in words."""

    kind: Happened
    asset: str
    column: str
    label: str
    title: str
    version: int
    before: Standing | None = None
    after: Standing | None = None
    snapshot: Mapping[str, Any] | None = None
    quiet: bool = False
    """No alert, although it would be one elsewhere: the column is new."""


@dataclass(frozen=True, slots=True)
class Recorder:
    """Writes the history down, and shows it."""

    history: HistoryRepository
    kept: KeptRepository
    outbox: Outbox
    clock: Clock
    caller: Principal

    async def tell(self, lines: Sequence[Line], origin: Origin) -> None:
        """Add lines to the history."""
        if lines:
            await self.history.add([_event(line, origin) for line in lines])

    async def keep(self, asset: str, result: JsonObject, *, run_id: UUID) -> None:
        """Keep the marks of a scan; forget those of an earlier one when it tells none."""
        told = result.get("kept")
        if not isinstance(told, Mapping):
            await self.kept.forget(asset)
            return
        params = told["params"]
        columns = told["columns"]
        await self.kept.keep(
            {
                "asset": asset,
                "marked_with": params.get("made_by", "") if isinstance(params, Mapping) else "",
                "state": base64.b64decode(str(told["state"])),
                "params": params,
                "rows": result.get("rows", 0),
                "run_id": run_id,
                "kept_at": self.clock.now(),
            },
            [_column(asset, each) for each in columns if isinstance(each, Mapping)]
            if isinstance(columns, Sequence)
            else [],
        )

    async def page(
        self, seen: Visibility, wanted: HistoryFilter, query: PageQuery
    ) -> Page[LabelEventRow]:
        """What happened to labels that the caller may see, the latest first."""
        return await self.history.page(seen, wanted, query)

    async def waiting(self, seen: Visibility) -> int:
        """How many alerts nobody has looked at."""
        return await self.history.alerts(seen)

    async def acknowledge(self, ids: Sequence[UUID], seen: Visibility) -> Sequence[LabelEventRow]:
        """Mark alerts as seen. NotFound when none of them waits."""
        rows = await self.history.acknowledge(seen, ids, self.caller.name, self.clock.now())
        if not rows:
            raise NotFound("None of these alerts waits; somebody may have been faster.")
        await self.outbox.publish(
            *(
                LabelDriftAcknowledged(
                    asset=AssetRef.parse(row.asset),
                    column=row.column_name,
                    label=row.label,
                    kind=row.kind,
                    actor=self.caller.name,
                )
                for row in rows
            )
        )
        return rows

    async def forget_old(self) -> None:
        """What happened to labels is told for two years; decisions and the audit trail stay."""
        await self.history.forget(self.clock.now() - KEPT)

    def origin(self, cause: Cause, **more: Any) -> Origin:
        """What happens now, by the caller where a person acts."""
        actor = self.caller.name if cause in (Cause.PERSON, Cause.ROLLBACK) else None
        return Origin(cause, self.clock.now(), actor, **more)


def standing(row: LabelRow) -> Standing:
    return Standing(LabelState(row.state), row.confidence, share_of(row.evidence))


def snapshot(row: LabelRow) -> dict[str, Any] | None:
    """What brings a label back as it was; None where a person decided, whose word stays."""
    if row.decided_by is not None:
        return None
    return {name: getattr(row, name) for name in SNAPSHOT}


def _event(line: Line, origin: Origin) -> dict[str, Any]:
    before, after = line.before, line.after
    return {
        "id": new_id(),
        "asset": line.asset,
        "column_name": line.column,
        "label": line.label,
        "title": line.title,
        "kind": line.kind.value,
        "cause": origin.cause.value,
        "at": origin.at,
        "actor": origin.actor,
        "said": says(line.kind, line.title, before, after),
        "state_before": None if before is None else before.state.value,
        "state_after": None if after is None else after.state.value,
        "confidence_before": None if before is None else before.confidence,
        "confidence_after": None if after is None else after.confidence,
        "share_before": None if before is None else before.share,
        "share_after": None if after is None else after.share,
        "classifier_version": line.version,
        "run_id": origin.run_id,
        "revaluation_id": origin.revaluation_id,
        "before": None if line.snapshot is None else dict(line.snapshot),
        "alert": origin.alerts and not line.quiet and drifts(line.kind, before, after),
        "acknowledged_by": None,
        "acknowledged_at": None,
    }


def _column(asset: str, told: JsonObject) -> dict[str, Any]:
    return {
        "asset": asset,
        "column_name": told["column"],
        "kind": told["kind"],
        "rows": told["rows"],
        "distinct": told["distinct"],
        "shapes": told["shapes"],
        "marks": told["marks"],
    }
