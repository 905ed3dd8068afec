"""What people decide about labels: one by one, in bulk, for look-alikes, and undone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from muniment.classification.history import Cause, Happened
from muniment.classification.labelling import look_alike
from muniment.classification.model import Classifier, review_weight
from muniment.classification.repository.labels import LabelRepository, moment
from muniment.classification.service.classifiers import ClassifierService
from muniment.classification.service.labels import LabelService
from muniment.classification.service.record import Line, standing
from muniment.classification.tables import DecisionRow, LabelRow
from muniment.contracts.classification import LabelDecided
from muniment.kernel.clock import Clock
from muniment.kernel.errors import Conflict, NotFound
from muniment.kernel.events import Outbox
from muniment.kernel.ids import new_id
from muniment.kernel.principal import Principal
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import LabelState, Tier
from muniment.platform.policy import Visibility


class Action(StrEnum):
    """What a person may say of a label."""

    CONFIRM = "confirm"
    REJECT = "reject"

    @property
    def state(self) -> LabelState:
        return LabelState.CONFIRMED if self is Action.CONFIRM else LabelState.REJECTED


MANUAL, UNDO = "manual", "undo"


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of one item of a bulk decision."""

    label_id: UUID
    done: bool
    state: LabelState | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """A decision about several labels at once; its id undoes them together."""

    id: UUID
    results: tuple[Decided, ...]


@dataclass(frozen=True, slots=True)
class DecisionService:
    labels: LabelRepository
    publisher: LabelService
    classifiers: ClassifierService
    outbox: Outbox
    clock: Clock
    caller: Principal

    async def decide(
        self, label_id: UUID, action: Action, *, reason: str | None, seen: Visibility
    ) -> LabelRow:
        """Confirm or reject one label. NotFound when there is none to be seen."""
        rows = await self.labels.locked(seen, ids=[label_id])
        if not rows:
            raise NotFound("There is no such label.", label=str(label_id))
        await self._apply(rows, action, reason=reason, batch_id=None)
        return rows[0]

    async def decide_many(
        self, ids: Sequence[UUID], action: Action, *, reason: str | None, seen: Visibility
    ) -> Batch:
        """Decide about labels by id; each has its own result, unknown ones say so."""
        batch_id = new_id()
        rows = {row.id: row for row in await self.labels.locked(seen, ids=ids)}
        await self._apply(list(rows.values()), action, reason=reason, batch_id=batch_id)
        return Batch(
            batch_id,
            tuple(
                Decided(each, True, action.state)
                if each in rows
                else Decided(each, False, problem="There is no such label.")
                for each in dict.fromkeys(ids)
            ),
        )

    async def decide_look_alikes(
        self, key: str, action: Action, *, reason: str | None, seen: Visibility
    ) -> Batch:
        """Decide about every suggested label of a review group. NotFound when it is empty."""
        rows = await self.labels.locked(seen, look_alike=key, state=LabelState.SUGGESTED.value)
        if not rows:
            raise NotFound(
                "No label of this group waits for a decision; somebody may have been faster.",
                group=key,
            )
        batch_id = new_id()
        await self._apply(rows, action, reason=reason, batch_id=batch_id)
        return Batch(batch_id, tuple(Decided(row.id, True, action.state) for row in rows))

    async def set_manually(
        self,
        asset: AssetRef,
        column: str,
        label: str,
        *,
        reason: str | None,
        seen: Visibility,
    ) -> LabelRow:
        """Put a label on a column by hand; it is confirmed at once."""
        if await self.labels.asset(str(asset), seen) is None:
            raise NotFound(
                "The asset is not known to classification; scan it first.", asset=str(asset)
            )
        classifier = await self.classifiers.classifier(label)
        rows = await self.labels.labels_of(str(asset))
        row = next((r for r in rows if r.column_name == column and r.label == label), None)
        before = None if row is None else _before(row)
        if row is None:
            header = next((r.header for r in rows if r.column_name == column), column.lower())
            row = self._manual(asset, column, classifier, header)
            self.labels.add(row)
        row.present = True
        row.tier = Tier.MANUAL.value
        self._mark(row, LabelState.CONFIRMED, reason)
        await self.labels.session.flush()
        await self._keep([(row, before)], MANUAL, reason=reason, batch_id=None)
        return row

    def _manual(
        self, asset: AssetRef, column: str, classifier: Classifier, header: str
    ) -> LabelRow:
        now = self.clock.now()
        return LabelRow(
            id=new_id(),
            asset=str(asset),
            column_name=column,
            label=classifier.id,
            title=classifier.title,
            category=classifier.category,
            sensitivity=int(classifier.sensitivity),
            personal=classifier.personal,
            special=classifier.special,
            tier=Tier.MANUAL.value,
            state=LabelState.CONFIRMED.value,
            confidence=1.0,
            evidence={"mode": "manual", "by": self.caller.name},
            classifier_version=classifier.version,
            header=header,
            signature="",
            look_alike=look_alike(classifier.id, header, ""),
            weight=review_weight(1.0, classifier.sensitivity),
            present=True,
            created_at=now,
            updated_at=now,
            version=1,
        )

    async def undo(self, decision_id: UUID, *, seen: Visibility) -> Sequence[LabelRow]:
        """Take one decision back: the label is again what it was before."""
        return await self._undo(await self.labels.decisions(decision_id=decision_id), seen)

    async def undo_batch(self, batch_id: UUID, *, seen: Visibility) -> Sequence[LabelRow]:
        """Take a bulk decision back, for every label that was not decided anew since."""
        decisions = await self.labels.decisions(batch_id=batch_id)
        latest = await self.labels.latest([each.label_id for each in decisions])
        return await self._undo([d for d in decisions if latest.get(d.label_id) == d.id], seen)

    async def _undo(self, decisions: Sequence[DecisionRow], seen: Visibility) -> Sequence[LabelRow]:
        rows = {
            r.id: r for r in await self.labels.locked(seen, ids=[d.label_id for d in decisions])
        }
        if not rows:
            raise NotFound("There is no such decision, or it was undone or overruled.")
        latest = await self.labels.latest(list(rows))
        noted = []
        for decision in decisions:
            row = rows.get(decision.label_id)
            if row is None:
                continue
            if latest.get(row.id) != decision.id:
                raise Conflict("The decision was undone already, or the label was decided anew.")
            decision.undone = True
            noted.append((row, _before(row)))
            self._restore(row, decision.before)
        await self._keep(noted, UNDO, reason=None, batch_id=None, undone=True)
        return list(rows.values())

    def _restore(self, row: LabelRow, before: dict[str, Any] | None) -> None:
        if before is None:
            # a label that a person set is not deleted, so that its history stays
            self._mark(row, LabelState.REJECTED, "The manual label was taken back.")
            return
        self._mark(row, LabelState(before["state"]), before["reason"])
        row.tier, row.note = before["tier"], before["note"]
        if before["decided_at"] is None:
            row.decided_by = row.decided_at = row.decided_confidence = None

    async def _apply(
        self, rows: Sequence[LabelRow], action: Action, *, reason: str | None, batch_id: UUID | None
    ) -> None:
        noted = [(row, _before(row)) for row in rows]
        for row in rows:
            self._mark(row, action.state, reason)
        await self._keep(noted, action.value, reason=reason, batch_id=batch_id)

    def _mark(self, row: LabelRow, state: LabelState, reason: str | None) -> None:
        row.state = state.value
        row.reason, row.note = reason, None
        row.decided_by, row.decided_at = self.caller.name, self.clock.now()
        row.decided_confidence = row.confidence
        row.updated_at = self.clock.now()
        row.version = row.version + 1

    async def _keep(
        self,
        noted: Sequence[tuple[LabelRow, dict[str, Any] | None]],
        action: str,
        *,
        reason: str | None,
        batch_id: UUID | None,
        undone: bool = False,
    ) -> None:
        """Write the decisions down and tell them, with the labels that assets now have."""
        if not noted:
            return
        await self.labels.session.flush()
        await self.labels.add_decisions(
            [
                {
                    "id": new_id(),
                    "label_id": row.id,
                    "batch_id": batch_id,
                    "action": action,
                    "before": before,
                    "after": row.state,
                    "actor": self.caller.name,
                    "reason": reason,
                    "decided_at": self.clock.now(),
                    "undone": undone,
                }
                for row, before in noted
            ]
        )
        await self.outbox.publish(
            *(
                LabelDecided(
                    asset=AssetRef.parse(row.asset),
                    column=row.column_name,
                    label=row.label,
                    state=LabelState(row.state),
                    actor=self.caller.name,
                    reason=reason,
                )
                for row, _ in noted
            )
        )
        await self.publisher.record.tell(
            [_line(row, before, action) for row, before in noted],
            self.publisher.record.origin(Cause.PERSON),
        )
        await self.publisher.tell(row.asset for row, _ in noted)


def _line(row: LabelRow, before: dict[str, Any] | None, action: str) -> Line:
    """A decision as the history tells it."""
    now = standing(row)
    kind = {
        Action.CONFIRM.value: Happened.CONFIRMED,
        MANUAL: Happened.CONFIRMED,
        Action.REJECT.value: Happened.REJECTED,
    }.get(action, Happened.UNDONE)
    then = None if before is None else replace(now, state=LabelState(before["state"]))
    return Line(
        kind, row.asset, row.column_name, row.label, row.title, row.classifier_version, then, now
    )


def _before(row: LabelRow) -> dict[str, Any]:
    return {
        "state": row.state,
        "tier": row.tier,
        "note": row.note,
        "reason": row.reason,
        "decided_by": row.decided_by,
        "decided_at": moment(row.decided_at),
    }
