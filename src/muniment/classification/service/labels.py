"""Labels: published by scans, asked for by other groups, shown to people."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from muniment.classification.history import Cause, Happened, Origin, Standing, moved, share_of
from muniment.classification.labelling import (
    Change,
    Kept,
    Outcome,
    read_columns,
    read_result,
    relabel,
)
from muniment.classification.model import LabelFilter, review_weight
from muniment.classification.repository.labels import LabelRepository
from muniment.classification.service.record import Line, Recorder, snapshot, standing
from muniment.classification.service.risks import RiskService
from muniment.classification.tables import DecisionRow, LabelRow
from muniment.contracts.classification import AssetLabelled, ColumnLabel
from muniment.contracts.sources import SourceReader
from muniment.kernel.clock import Clock
from muniment.kernel.errors import NotFound
from muniment.kernel.events import Outbox
from muniment.kernel.ids import new_id
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import JsonObject, LabelState, Sensitivity, Tier
from muniment.platform.paging import Page, PageQuery
from muniment.platform.policy import Visibility

HIDDEN_SOURCE = "inherits by lineage from a column that you may not see"


def shown(row: LabelRow) -> ColumnLabel:
    """A stored label as other groups see it."""
    return ColumnLabel(
        column=row.column_name,
        label=row.label,
        title=row.title,
        category=row.category,
        sensitivity=Sensitivity(row.sensitivity),
        confidence=row.confidence,
        state=LabelState(row.state),
        tier=Tier(row.tier),
        personal=row.personal,
        special=row.special,
    )


async def shown_evidence(
    labels: LabelRepository, rows: Sequence[LabelRow], seen: Visibility
) -> Mapping[UUID, Mapping[str, Any]]:
    """Evidence by label, without the names of assets that the caller may not see."""
    named = {row.evidence["from"][0] for row in rows if "from" in row.evidence}
    known = await labels.visible(sorted(named), seen) if named else frozenset()
    return {
        row.id: row.evidence
        if "from" not in row.evidence or row.evidence["from"][0] in known
        else {"mode": row.evidence["mode"], "says": HIDDEN_SOURCE}
        for row in rows
    }


@dataclass(frozen=True, slots=True)
class LabelService:
    """Implements ``contracts.classification.LabelReader`` and ``LabelPublisher``."""

    labels: LabelRepository
    sources: SourceReader
    outbox: Outbox
    clock: Clock
    record: Recorder
    risks: RiskService

    async def labels_of(
        self, assets: Sequence[AssetRef] | None
    ) -> Mapping[AssetRef, Sequence[ColumnLabel]]:
        """Present labels (not the rejected ones) by asset; None asks for the whole estate."""
        wanted = None if assets is None else [str(asset) for asset in assets]
        found: dict[AssetRef, list[ColumnLabel]] = defaultdict(list)
        for row in await self.labels.present(wanted):
            found[AssetRef.parse(row.asset)].append(shown(row))
        return found

    async def publish_labels(self, asset: AssetRef, result: JsonObject, *, run_id: UUID) -> int:
        """Store what the ``classify`` analyzer found; decisions of people stay. Safe to repeat.

        Returns the number of labels now present.
        """
        ref, now = str(asset), self.clock.now()
        origin = await self._origin(ref, result, run_id)
        await self.labels.note_asset(
            {
                "asset": ref,
                "source": asset.source,
                "domain": (await self.sources.source(asset.source)).domain,
                "columns": int(str(result.get("total_columns", 0))),
                "rows": int(str(result.get("rows", 0))),
                "present": True,
                "run_id": run_id,
                "classified_at": now,
            }
        )
        present = await self._settle(asset, result, origin, run_id)
        await self.record.keep(ref, result, run_id=run_id)
        if isinstance(risk := result.get("risk"), Mapping):
            await self.risks.measured(asset, risk, present, run_id=run_id)
        return len(present)

    async def revise(
        self,
        asset: AssetRef,
        result: JsonObject,
        origin: Origin,
        frozen: frozenset[str] = frozenset(),
    ) -> None:
        """Take up what kept values say of some columns; ``frozen`` labels stay as they are."""
        await self._settle(asset, result, origin, None, frozen)

    async def _origin(self, asset: str, result: JsonObject, run_id: UUID) -> Origin:
        """Why labels may change now: what comes first, and what other classifiers see, is no
        change of the data."""
        known = await self.labels.classified_at(asset)
        made_by = _made_by(result)
        marked = await self.record.kept.marked_with(asset)
        same = marked is None or made_by is None or marked == made_by
        cause = Cause.SCAN if same else Cause.CLASSIFIERS
        alerts = known is not None and same
        return Origin(cause, self.clock.now(), run_id=run_id, alerts=alerts)

    async def _settle(
        self,
        asset: AssetRef,
        result: JsonObject,
        origin: Origin,
        run_id: UUID | None,
        frozen: frozenset[str] = frozenset(),
    ) -> Sequence[ColumnLabel]:
        """Store what was found, tell it where it differs, and write down what happened."""
        ref, columns = str(asset), read_columns(result)
        known = {row.column_name for row in await self.record.kept.columns_of([ref])}
        back = await self.labels.set_present(ref, True, columns)
        before = {(row.column_name, row.label): row for row in await self.labels.labels_of(ref)}
        touched = [
            row
            for row in before.values()
            if row.label not in frozen and (run_id is not None or row.column_name in columns)
        ]
        outcome = relabel([_kept(row) for row in touched], read_result(result))
        lines = _lines(ref, outcome, before, origin, known)
        missing = _missing(outcome, before, set(columns)) if _has_rows(result) else []
        lines += [_line(Happened.MISSING, row, standing(row), standing(row)) for row in missing]
        lost = [row.id for row in missing]
        if outcome.changes:
            await self.labels.write(
                [self._row(ref, c, before.get(c.seen.key), run_id) for c in outcome.changes]
            )
        await self.labels.remove(ref, outcome.withdrawn)
        await self.labels.set_missing(lost, self.clock.now())
        await self.record.tell(lines, origin)
        present = (await self.labels_of([asset])).get(asset, [])
        if outcome.differs or back:
            await self.outbox.publish(
                AssetLabelled(asset=asset, labels=tuple(present), run_id=run_id)
            )
        return present

    def _row(
        self, asset: str, change: Change, before: LabelRow | None, run_id: UUID | None
    ) -> dict[str, Any]:
        found, now = change.seen.found, self.clock.now()
        open_again = change.reopened or before is None
        return {
            "id": new_id() if before is None else before.id,
            "asset": asset,
            "column_name": found.column,
            "label": found.label,
            "title": found.title,
            "category": found.category,
            "sensitivity": int(found.sensitivity),
            "personal": found.personal,
            "special": found.special,
            "tier": change.tier.value,
            "state": change.state.value,
            "confidence": found.confidence,
            "evidence": dict(found.evidence),
            "classifier_version": found.version,
            "header": change.seen.header,
            "signature": change.seen.signature,
            "look_alike": change.seen.look_alike,
            "weight": review_weight(found.confidence, found.sensitivity),
            "present": True,
            "note": change.note,
            "reason": None if open_again or before is None else before.reason,
            "decided_by": None if open_again or before is None else before.decided_by,
            "decided_at": None if open_again or before is None else before.decided_at,
            "decided_confidence": None if before is None else before.decided_confidence,
            "run_id": run_id,
            "created_at": now if before is None else before.created_at,
            "updated_at": now,
            "version": 1,
            "missing_since": None,
        }

    async def page(self, seen: Visibility, wanted: LabelFilter, query: PageQuery) -> Page[LabelRow]:
        """A page of labels the caller may see."""
        return await self.labels.page(seen, wanted, query)

    async def label(
        self, label_id: UUID, seen: Visibility
    ) -> tuple[LabelRow, Sequence[DecisionRow]]:
        """One label with its history of decisions. NotFound when there is none to be seen."""
        row = await self.labels.get(label_id, seen)
        if row is None:
            raise NotFound("There is no such label.", label=str(label_id))
        return row, await self.labels.history(label_id)

    async def evidence_of(
        self, rows: Sequence[LabelRow], seen: Visibility
    ) -> Mapping[UUID, Mapping[str, Any]]:
        """Evidence by label; where one was inherited from is told to who may see it only."""
        return await shown_evidence(self.labels, rows, seen)

    async def forget(self, asset: AssetRef, columns: Sequence[str] | None = None) -> None:
        """Take the labels of vanished columns, or of a vanished asset, out of what is present."""
        if columns is None:
            await self.labels.set_asset_gone(str(asset))
        if await self.labels.set_present(str(asset), False, columns):
            await self.tell([str(asset)])

    async def tell(self, assets: Iterable[str], *, run_id: UUID | None = None) -> None:
        """Tell the whole present set of labels of assets whose labels changed."""
        refs = [AssetRef.parse(asset) for asset in sorted(set(assets))]
        present = await self.labels_of(refs)
        await self.outbox.publish(
            *(
                AssetLabelled(asset=ref, labels=tuple(present.get(ref, ())), run_id=run_id)
                for ref in refs
            )
        )


def _kept(row: LabelRow) -> Kept:
    return Kept(
        column=row.column_name,
        label=row.label,
        state=LabelState(row.state),
        tier=Tier(row.tier),
        confidence=row.confidence,
        decided_confidence=row.decided_confidence,
        present=row.present,
        note=row.note,
        follows=row.tier == Tier.LINEAGE and row.decided_by is None,
    )


def _lines(
    asset: str,
    outcome: Outcome,
    before: Mapping[tuple[str, str], LabelRow],
    origin: Origin,
    known: set[str],
) -> list[Line]:
    """What a verdict does to the labels of an asset."""
    lines = []
    for change in outcome.changes:
        row, found = before.get(change.seen.key), change.seen.found
        after = Standing(change.state, found.confidence, share_of(found.evidence))
        kind = _happened(row, change, after)
        if kind is None:
            continue
        lines.append(
            Line(
                kind,
                asset,
                found.column,
                found.label,
                found.title,
                found.version,
                None if row is None else standing(row),
                after,
                None if row is None or origin.cause is Cause.SCAN else snapshot(row),
                quiet=bool(known) and found.column not in known,
            )
        )
    lines += [_line(Happened.GONE, before[key], standing(before[key])) for key in outcome.withdrawn]
    return lines


def _happened(row: LabelRow | None, change: Change, after: Standing) -> Happened | None:
    if row is None or (row.tier == Tier.LINEAGE and row.decided_by is None):
        return Happened.APPEARED
    if change.reopened:
        return Happened.ASKED_AGAIN
    if row.missing_since is not None:
        return Happened.FOUND_AGAIN
    return Happened.MOVED if moved(standing(row), after) else None


def _line(
    kind: Happened, row: LabelRow, before: Standing | None, after: Standing | None = None
) -> Line:
    return Line(
        kind,
        row.asset,
        row.column_name,
        row.label,
        row.title,
        row.classifier_version,
        before,
        after,
        snapshot(row) if kind is Happened.GONE else None,
    )


def _missing(
    outcome: Outcome, before: Mapping[tuple[str, str], LabelRow], columns: set[str]
) -> list[LabelRow]:
    """Labels that a person confirmed and values spoke for, and that are not found this time."""
    now = {change.seen.key for change in outcome.changes}
    return [
        row
        for key, row in before.items()
        if key not in now
        and row.column_name in columns
        and row.state == LabelState.CONFIRMED
        and row.tier in (Tier.RULE, Tier.MODEL)
        and row.missing_since is None
    ]


def _has_rows(result: JsonObject) -> bool:
    return int(str(result.get("rows", 0))) > 0


def _made_by(result: JsonObject) -> str | None:
    kept = result.get("kept")
    params = kept.get("params") if isinstance(kept, Mapping) else None
    return str(params["made_by"]) if isinstance(params, Mapping) and "made_by" in params else None
