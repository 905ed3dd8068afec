"""The model learns from decisions: versions are made, promoted by their gate, and taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from muniment.classification.engine.model import network
from muniment.classification.engine.model.learning import FEWEST_COLUMNS, MOST_COLUMNS
from muniment.classification.lessons import Decided, asset_line, first_line
from muniment.classification.repository.models import DecidedLabel, ModelRepository
from muniment.classification.service.classifiers import ClassifierService
from muniment.classification.service.revaluation import RevaluationService
from muniment.classification.tables import ModelVersionRow
from muniment.contracts.classification import ModelPromoted, ModelTrained
from muniment.kernel.clock import Clock
from muniment.kernel.errors import Conflict, Invalid, NotFound
from muniment.kernel.events import Outbox
from muniment.kernel.principal import Principal
from muniment.kernel.values import JsonObject
from muniment.platform.paging import Page, PageQuery

LEASE: Final = timedelta(minutes=15)
FRESH: Final = 25
"""Newly decided columns from which on the model learns by itself."""
SHIPPED: Final = 0
"""The version number of the model as it was shipped."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A version to be learned: what is asked, and the decisions by asset."""

    version: int
    params: JsonObject
    assets: Mapping[str, Decided]

    @property
    def first_line(self) -> bytes:
        return first_line(self.version, self.params)


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A version learned here; ``outdated`` when the shipped model is another one by now."""

    row: ModelVersionRow
    outdated: bool


@dataclass(frozen=True, slots=True)
class ModelNow:
    """Which model is in force, and what there is to learn."""

    shipped: str
    """Version of the model that came with Muniment."""
    labels: int
    version: int
    """0 where it is the shipped model."""
    outdated: bool
    """Whether what was learned belongs to an earlier shipped model, and is not used."""
    learning: bool
    """Whether a version waits for a worker, or is being learned."""
    decided: int
    """Columns with decisions that can be learned from."""
    fresh: int
    """Those of them decided since the last version was learned."""
    fewest: int
    learns_from: int
    """New ones from which on it learns by itself."""


@dataclass(frozen=True, slots=True)
class ModelService:
    stored: ModelRepository
    classifiers: ClassifierService
    revaluations: RevaluationService
    outbox: Outbox
    clock: Clock
    caller: Principal

    async def now(self) -> ModelNow:
        """Which model is in force, and what there is to learn."""
        shipped, active, last = (
            network.shipped(),
            await self.stored.active(),
            await self.stored.last(),
        )
        every, fresh = await self.stored.counts(None if last is None else last.decided_until)
        return ModelNow(
            shipped.version,
            len(shipped.labels) - 1,
            SHIPPED if active is None else active.version,
            active is not None and _is_outdated(active),
            last is not None and last.state == "queued",
            every,
            fresh,
            FEWEST_COLUMNS,
            FRESH,
        )

    async def page(self, query: PageQuery) -> Page[ModelVersion]:
        """The versions learned here, the latest first."""
        return (await self.stored.page(query)).map(_shown)

    async def get(self, version: int) -> ModelVersion:
        """One version. NotFound when there is none."""
        return _shown(await self._get(version))

    async def _get(self, version: int) -> ModelVersionRow:
        row = await self.stored.get(version)
        if row is None:
            raise NotFound("The model has no such version.", version=version)
        return row

    async def train(self, *, note: str) -> ModelVersion:
        """Let a worker learn the next version.

        Conflict while one waits to be learned; Invalid while there is too little to learn from.
        """
        await self.stored.lock()
        last = await self.stored.last()
        if last is not None and last.state == "queued":
            raise Conflict("A version is being learned already.", version=last.version)
        every, _ = await self.stored.counts(None)
        if every < FEWEST_COLUMNS:
            raise Invalid(
                f"People have decided about {every} columns whose values a scan has kept; the model"
                f" learns from {FEWEST_COLUMNS} on. Decide more in the review queue.",
                decided=every,
            )
        row = ModelVersionRow(
            version=1 if last is None else last.version + 1,
            state="queued",
            active=False,
            note=note,
            requested_by=self.caller.name,
            requested_at=self.clock.now(),
        )
        self.stored.add(row)
        await self.stored.session.flush()
        return _shown(row)

    async def train_if_worth_it(self) -> bool:
        """Learn when enough was decided since the last time; whether it will."""
        last = await self.stored.last()
        every, fresh = await self.stored.counts(None if last is None else last.decided_until)
        waits = last is not None and last.state == "queued"
        if waits or fresh < FRESH or every < FEWEST_COLUMNS:
            return False
        await self.train(note=f"{fresh} columns were decided about since the last time.")
        return True

    async def take(self) -> Lesson | None:
        """The version that waits to be learned, with the decisions to learn from."""
        row = await self.stored.next(self.clock.now(), LEASE)
        if row is None:
            return None
        labels, row.decided_until = await self.stored.decided(MOST_COLUMNS)
        params = await self.classifiers.params(["*"], 0.5)
        return Lesson(row.version, params, _by_asset(labels))

    async def lines(self, lesson: Lesson, assets: Sequence[str]) -> Sequence[bytes]:
        """The lines of some assets of a lesson."""
        states = await self.stored.states(assets)
        return [
            asset_line(
                asset,
                row.state,
                headers=row.params.get("headers") is not False,
                decided=lesson.assets[asset],
            )
            for asset, row in states.items()
        ]

    async def note(self, version: int, result: JsonObject | None, problem: str | None) -> None:
        """Keep what was learned, or why nothing was."""
        row = await self.stored.get(version, lock=True)
        if row is None or row.state != "queued":
            return
        row.taken_until, row.ended_at = None, self.clock.now()
        if result is None:
            row.state, row.problem = "failed", problem
            return
        head, report = result["head"], result["report"]
        if not isinstance(report, Mapping):
            raise TypeError("a lesson ends with a report")
        row.state = "ready"
        row.head, row.report = None if head is None else str(head), dict(report)
        await self.outbox.publish(
            ModelTrained(
                version=version,
                columns=int(str(report["columns"])),
                passes=bool(report["passes"]),
                actor=row.requested_by,
            )
        )

    async def promote(self, version: int) -> ModelVersion:
        """Put a version in force and judge by it what is kept.

        Conflict where its gate is shut, or it was learned on top of another shipped model.
        """
        await self.stored.lock()
        row = await self._get(version)
        report = row.report or {}
        if row.state != "ready" or not report.get("passes"):
            reasons = report.get("reasons", ())
            raise Conflict(
                "The gate is shut: " + (" ".join(reasons) or "it has not been learned."),
                reasons=list(reasons),
            )
        await self._put(row, f"Version {version} of the model.", back=False)
        row.promoted_by, row.promoted_at = self.caller.name, self.clock.now()
        return _shown(row)

    async def roll_back(self, version: int) -> None:
        """Put a version in force again that was so before; 0 is the model as it was shipped.

        Conflict where it was never in force, or is in force now. What people decided stays.
        """
        await self.stored.lock()
        row = None if version == SHIPPED else await self._get(version)
        if row is not None and row.promoted_at is None:
            raise Conflict("This version was never in force; promote it instead.", version=version)
        what = "The model as it was shipped" if row is None else f"Version {version} of the model"
        await self._put(row, f"{what} again.", back=True)

    async def _put(self, row: ModelVersionRow | None, note: str, *, back: bool) -> None:
        active = await self.stored.active()
        if active is row:
            raise Conflict("This version of the model is in force already.")
        if row is not None and _is_outdated(row):
            raise Conflict(
                "It was learned on top of another shipped model, which this version of Muniment"
                " has no more. Train again.",
                version=row.version,
            )
        if active is not None:
            active.active = False
            await self.stored.session.flush()
        if row is not None:
            row.active = True
        await self.revaluations.request(note=note)
        await self.outbox.publish(
            ModelPromoted(
                before=SHIPPED if active is None else active.version,
                version=SHIPPED if row is None else row.version,
                back=back,
                actor=self.caller.name,
            )
        )


def _shown(row: ModelVersionRow) -> ModelVersion:
    return ModelVersion(row, _is_outdated(row))


def _is_outdated(row: ModelVersionRow) -> bool:
    """Whether a version was learned on top of another model than the shipped one."""
    return bool(row.report) and (row.report or {}).get("base") != network.shipped().fingerprint


def _by_asset(labels: Sequence[DecidedLabel]) -> Mapping[str, Decided]:
    found: dict[str, dict[str, dict[str, list[str]]]] = {}
    for each in labels:
        columns = found.setdefault(each.asset, {})
        said = columns.setdefault(each.column, {"confirmed": [], "rejected": []})
        said["confirmed" if each.confirmed else "rejected"].append(each.label)
    return found
