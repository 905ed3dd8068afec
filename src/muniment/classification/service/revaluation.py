"""Kept values judged anew: what a draft would change, and changing it; workers do the judging."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from muniment.classification.asked import digests, is_wanted, reads_anew
from muniment.classification.entries import ClassifierEntry
from muniment.classification.gate import judge_draft
from muniment.classification.history import Cause
from muniment.classification.model import Classifier
from muniment.classification.repository.kept import KeptRepository
from muniment.classification.repository.revaluation import RevaluationRepository
from muniment.classification.service.classifiers import ClassifierService
from muniment.classification.service.labels import LabelService
from muniment.classification.shapes import differences, example_shapes, why_read
from muniment.classification.tables import KeptColumnRow, RevaluationColumnRow, RevaluationRow
from muniment.contracts.classification import DraftDecided, LabelsRevalued
from muniment.kernel.clock import Clock
from muniment.kernel.errors import Conflict, NotFound
from muniment.kernel.events import Outbox
from muniment.kernel.ids import new_id
from muniment.kernel.principal import Principal
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import JsonObject
from muniment.platform.paging import Page, PageQuery
from muniment.platform.policy import Visibility

AT_ONCE = 25
"""Assets of one portion."""
LEASE = timedelta(minutes=5)
NOTED_FROM = 0.03
"""A change of confidence below it is not shown."""

Confidences = dict[tuple[str, str], float]


@dataclass(frozen=True, slots=True)
class Task:
    """An asset to be judged: its kept state, and what the analyzer is asked now and then."""

    asset: AssetRef
    columns: tuple[str, ...]
    state: bytes
    params: JsonObject
    base: JsonObject | None
    """The classifiers in force, where a draft is compared with them."""
    frozen: frozenset[str] = frozenset()
    """Classifiers whose questions to values changed: their labels stay as they are."""


@dataclass(frozen=True, slots=True)
class Portion:
    """Some assets of one revaluation."""

    id: UUID
    tasks: tuple[Task, ...]
    last: str | None


@dataclass(frozen=True, slots=True)
class Judged:
    """What the analyzer says of a task; None where it failed."""

    task: Task
    result: JsonObject | None
    base: JsonObject | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A revaluation with its counts."""

    row: RevaluationRow
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class RevaluationService:
    stored: RevaluationRepository
    kept: KeptRepository
    labels: LabelService
    classifiers: ClassifierService
    outbox: Outbox
    clock: Clock
    caller: Principal

    async def propose(self, entry: ClassifierEntry, *, note: str) -> Shown:
        """Ask what a draft of a classifier would change; nothing is changed by asking."""
        entry = await self.classifiers.whole(entry)
        await self.classifiers.check(entry)
        before = (await self.classifiers.in_force()).get(entry.id)
        draft = entry.build(version=(before.version if before else 0) + 1, custom=True)
        row = await self._queue(note=note, classifier=entry.id)
        row.draft = entry.model_dump(mode="json", exclude_defaults=True)
        row.version = None if before is None else before.version
        row.reads = reads_anew(before, draft)
        await self.stored.session.flush()
        return Shown(row, {})

    async def request(self, *, note: str) -> Shown:
        """Judge everything that is kept by the classifiers in force, and take up what they say."""
        row = await self._queue(note=note, classifier=None)
        row.applies = True
        await self.stored.session.flush()
        return Shown(row, {})

    async def publish(
        self, revaluation_id: UUID, *, despite: str | None
    ) -> tuple[Classifier, Shown]:
        """Make a draft the next version and apply it. Conflict when the gate is shut.

        ``despite`` is the reason to publish all the same. StaleVersion when the classifier was
        changed since the draft was judged.
        """
        row = await self._get(revaluation_id, lock=True)
        if row.draft is None or row.state != "ready":
            raise Conflict("Only a draft that was judged to the end can be published.")
        gate = row.gate or {}
        if not gate.get("passes") and despite is None:
            raise Conflict(
                "The gate is shut: " + " ".join(gate.get("reasons", ())) + " Say why to publish "
                "all the same.",
                reasons=gate.get("reasons", []),
            )
        entry = ClassifierEntry.model_validate(row.draft)
        note = row.note if despite is None else f"{row.note} (published despite: {despite})"
        made = await self.classifiers.put(entry, note=note, expected=row.version)
        row.state, row.ended_at = "published", self.clock.now()
        applied = await self._queue(note=note, classifier=made.id)
        applied.version, applied.applies, applied.reads = made.version, True, row.reads
        await self.stored.session.flush()
        await self._tell(row, published=True, despite=None if gate.get("passes") else despite)
        return made, Shown(applied, {})

    async def discard(self, revaluation_id: UUID) -> None:
        """Give up a draft, or stop a revaluation that runs; what it changed stays."""
        row = await self._get(revaluation_id, lock=True)
        if row.state not in ("queued", "running", "ready"):
            raise Conflict("It has ended already.")
        row.state, row.ended_at = "discarded", self.clock.now()
        await self._tell(row, published=False, despite=None)

    async def _tell(self, row: RevaluationRow, *, published: bool, despite: str | None) -> None:
        await self.outbox.publish(
            DraftDecided(
                revaluation_id=row.id,
                classifier=row.classifier,
                published=published,
                despite=despite,
                actor=self.caller.name,
            )
        )

    async def page(self, query: PageQuery) -> Page[Shown]:
        """The latest first."""
        page = await self.stored.page(query)
        counts = await self.stored.counts([row.id for row in page.items])
        return page.map(lambda row: Shown(row, counts.get(row.id, {})))

    async def get(self, revaluation_id: UUID) -> Shown:
        """One of them. NotFound when there is none."""
        row = await self._get(revaluation_id)
        return Shown(row, (await self.stored.counts([row.id])).get(row.id, {}))

    async def columns(
        self, revaluation_id: UUID, seen: Visibility, query: PageQuery, change: str | None
    ) -> Page[RevaluationColumnRow]:
        """The columns it changes, or would have to read."""
        await self._get(revaluation_id)
        return await self.stored.columns(revaluation_id, seen, query, change)

    async def to_read(self, revaluation_id: UUID, seen: Visibility) -> Mapping[str, Sequence[str]]:
        """By source, the assets to be scanned again to know all."""
        await self._get(revaluation_id)
        found: dict[str, list[str]] = {}
        for source, asset, _ in await self.stored.to_read(revaluation_id, seen):
            found.setdefault(source, []).append(asset)
        return found

    async def take(self) -> Portion | None:
        """The next assets to be judged; what needs no judging is noted at once."""
        row = await self.stored.next(self.clock.now(), LEASE)
        if row is None:
            return None
        if row.state == "queued":
            row.state, row.started_at = "running", self.clock.now()
            row.assets_total = await self.kept.count()
        assets = await self.kept.after(row.reached, AT_ONCE)
        if not assets:
            await self._close(row)
            return Portion(row.id, (), None)
        columns = await self.kept.columns_of([each.asset for each in assets])
        by_asset: dict[str, list[KeptColumnRow]] = {}
        for column in columns:
            by_asset.setdefault(column.asset, []).append(column)
        known = await self.classifiers.in_force()
        last = assets[-1].asset
        if row.reads:
            await self._note_to_read(row, known, columns)
            return Portion(row.id, (), last)
        sets = await self.kept.digests_of(list({each.marked_with for each in assets}))
        now = digests(known)
        params = await self.classifiers.params(["*"], 0.5)
        tasks = []
        for each in assets:
            asked = sets.get(each.marked_with, {})
            frozen = frozenset(
                name
                for name in now
                if known[name].by_content
                and asked.get(name) != now[name]
                and is_wanted(name, each.params.get("classifiers", ("*",)))
            )
            await self._note_frozen(row, known, by_asset.get(each.asset, []), frozen)
            wanted = {**params, **each.params}
            wanted["classifiers"] = [*wanted["classifiers"], *(f"!{n}" for n in sorted(frozen))]
            names = tuple(column.column_name for column in by_asset.get(each.asset, []))
            draft, base = self._asked(row, wanted)
            tasks.append(Task(AssetRef.parse(each.asset), names, each.state, draft, base, frozen))
        return Portion(row.id, tuple(tasks), last)

    def _asked(
        self, row: RevaluationRow, params: dict[str, Any]
    ) -> tuple[JsonObject, JsonObject | None]:
        """What is asked of the analyzer: with the draft, and for comparison without it."""
        if row.draft is None:
            return params, None
        own = [each for each in params["custom"] if each["entry"]["id"] != row.classifier]
        drafted = {"entry": row.draft, "version": (row.version or 0) + 1}
        return {**params, "custom": [*own, drafted]}, params

    async def note(self, portion: Portion, judged: Sequence[Judged]) -> None:
        """Take up what was judged, and go on behind it."""
        row = await self._get(portion.id, lock=True)
        if row.state != "running":
            return
        for each in judged:
            if each.result is None:
                row.assets_failed += 1
            else:
                await self._compare(row, each, each.result)
        row.assets_done += len(judged) or (AT_ONCE if portion.last else 0)
        row.assets_done = min(row.assets_done, row.assets_total)
        row.reached, row.taken_until = portion.last or row.reached, None

    async def _compare(self, row: RevaluationRow, judged: Judged, result: JsonObject) -> None:
        asset = str(judged.task.asset)
        rows = {(r.column_name, r.label): r for r in await self.stored.labels_of([asset])}
        if judged.base is not None:
            before = _confidences(judged.base)
        else:
            before = {
                key: r.confidence
                for key, r in rows.items()
                if r.present and r.tier in ("rule", "model") and r.label not in judged.task.frozen
            }
        found = differences(before, _confidences(result), NOTED_FROM)
        await self.stored.put_columns(
            [
                {
                    "revaluation_id": row.id,
                    "asset": asset,
                    "column_name": column,
                    "label": label,
                    "change": change,
                    "confidence_before": then,
                    "confidence_after": now,
                    "state": rows[column, label].state if (column, label) in rows else None,
                    "why": None,
                }
                for (column, label), (change, then, now) in found.items()
            ]
        )
        if row.applies and found:
            origin = self.labels.record.origin(Cause.REVALUATION, revaluation_id=row.id)
            touched = {column for column, _ in found}
            await self.labels.revise(
                judged.task.asset, _only(result, touched), origin, judged.task.frozen
            )

    async def _note_to_read(
        self, row: RevaluationRow, known: Mapping[str, Classifier], columns: Sequence[KeptColumnRow]
    ) -> None:
        """The columns that a changed pattern could concern; nothing can be said of them yet."""
        if row.draft is not None:
            draft = ClassifierEntry.model_validate(row.draft).build(version=1, custom=True)
        else:
            draft = known[row.classifier or ""]
        await self._put_to_read(row, columns, [draft])

    async def _note_frozen(
        self,
        row: RevaluationRow,
        known: Mapping[str, Classifier],
        columns: Sequence[KeptColumnRow],
        frozen: frozenset[str],
    ) -> None:
        """Of classifiers that changed or are new since the scan: the columns to be read."""
        if row.draft is not None or not frozen:
            return
        await self._put_to_read(row, columns, [known[name] for name in sorted(frozen)])

    async def _put_to_read(
        self,
        row: RevaluationRow,
        columns: Sequence[KeptColumnRow],
        classifiers: Sequence[Classifier],
    ) -> None:
        rows = []
        for classifier in classifiers:
            shapes = example_shapes(classifier)
            for column in columns:
                why = why_read(
                    classifier,
                    shapes,
                    name=column.column_name,
                    kind=column.kind,
                    seen=column.shapes,
                    marks=column.marks,
                )
                if why is not None:
                    rows.append(_to_read(row.id, column, classifier.id, why))
        await self.stored.put_columns(rows)

    async def _close(self, row: RevaluationRow) -> None:
        row.ended_at, row.taken_until = self.clock.now(), None
        if row.draft is not None:
            entry = ClassifierEntry.model_validate(row.draft)
            row.gate = judge_draft(
                await self.stored.decided(entry.id),
                await self.stored.changes_of(row.id, entry.id),
                hits=len(entry.examples.hit),
                misses=len(entry.examples.miss),
                failed_assets=row.assets_failed,
            )
            row.state, row.ended_at = "ready", None
            return
        row.state = "done"
        counts = (await self.stored.counts([row.id])).get(row.id, {})
        changed = sum(count for change, count in counts.items() if change != "to_read")
        await self.outbox.publish(
            LabelsRevalued(
                classifier=row.classifier,
                version=row.version,
                assets=row.assets_done,
                changed=changed,
                undone=False,
                actor=row.requested_by,
            )
        )

    async def _queue(self, *, note: str, classifier: str | None) -> RevaluationRow:
        row = RevaluationRow(
            id=new_id(),
            state="queued",
            applies=False,
            classifier=classifier,
            reads=False,
            note=note,
            requested_by=self.caller.name,
            requested_at=self.clock.now(),
            assets_total=0,
            assets_done=0,
            assets_failed=0,
        )
        self.stored.add(row)
        return row

    async def _get(self, revaluation_id: UUID, *, lock: bool = False) -> RevaluationRow:
        row = await self.stored.get(revaluation_id, lock=lock)
        if row is None:
            raise NotFound("There is no such revaluation.", revaluation=str(revaluation_id))
        return row


def _confidences(result: JsonObject) -> Confidences:
    columns: Any = result.get("columns", ())
    return {
        (str(column["column"]), str(label["label"])): float(label["confidence"])
        for column in columns
        for label in column["labels"]
    }


def _only(result: JsonObject, columns: set[str]) -> JsonObject:
    told: Any = result.get("columns", ())
    return {**result, "columns": [each for each in told if each["column"] in columns]}


def _to_read(revaluation_id: UUID, column: KeptColumnRow, label: str, why: str) -> dict[str, Any]:
    return {
        "revaluation_id": revaluation_id,
        "asset": column.asset,
        "column_name": column.column_name,
        "label": label,
        "change": "to_read",
        "confidence_before": None,
        "confidence_after": None,
        "state": None,
        "why": why,
    }
