"""An earlier version of a classifier again, and what later ones did to labels taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from muniment.classification.content import builtin
from muniment.classification.history import Cause, Happened, Standing, share_of
from muniment.classification.model import Classifier
from muniment.classification.repository.history import HistoryRepository
from muniment.classification.repository.labels import LabelRepository
from muniment.classification.repository.revaluation import RevaluationRepository
from muniment.classification.service.classifiers import ClassifierService
from muniment.classification.service.labels import LabelService
from muniment.classification.service.record import Line, standing
from muniment.classification.tables import LabelEventRow, LabelRow
from muniment.contracts.classification import LabelsRevalued
from muniment.kernel.clock import Clock
from muniment.kernel.errors import Conflict
from muniment.kernel.events import Outbox
from muniment.kernel.ids import new_id
from muniment.kernel.principal import Principal
from muniment.kernel.values import LabelState

Place = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class RollbackService:
    stored: RevaluationRepository
    history: HistoryRepository
    labels: LabelRepository
    publisher: LabelService
    classifiers: ClassifierService
    outbox: Outbox
    clock: Clock
    caller: Principal

    async def roll_back(
        self, name: str, version: int, *, note: str, expected: int | None
    ) -> tuple[Classifier, int]:
        """Save an earlier version again and undo what later ones applied.

        What people decided stays. Returns the classifier and how many labels are again what they
        were. Conflict when the version is in force already.
        """
        now = await self.classifiers.classifier(name)
        if now.version == version:
            raise Conflict("This version is in force already.", classifier=name, version=version)
        entry = await self.classifiers.body(name, version)
        shipped = builtin().classifiers.get(name)
        applied = await self.stored.applied(name, version)
        undone = await self._take_back(
            await self.history.since(name, version, [row.id for row in applied])
        )
        for row in applied:
            row.undone_by, row.undone_at = self.caller.name, self.clock.now()
        if shipped is not None and shipped.version == version:
            await self.classifiers.retire(name)
            made = shipped
        else:
            made = await self.classifiers.change(
                name, entry, note=note or f"Version {version} again.", expected=expected
            )
        await self.outbox.publish(
            LabelsRevalued(
                classifier=name,
                version=made.version,
                assets=len({place[0] for place in undone}),
                changed=len(undone),
                undone=True,
                actor=self.caller.name,
            )
        )
        return made, len(undone)

    async def _take_back(self, events: Sequence[LabelEventRow]) -> set[Place]:
        """Undo what happened, the latest first, where nobody has decided since."""
        assets = sorted({event.asset for event in events})
        rows = {_place(row): row for row in await self.stored.labels_of(assets)} if assets else {}
        wanted: dict[Place, Mapping[str, Any] | None] = {}
        for event in events:
            place = (event.asset, event.column_name, event.label)
            row = rows.get(place)
            if row is not None and row.decided_by is not None:
                continue
            if event.kind == Happened.APPEARED and event.state_before is None:
                wanted[place] = None
            elif event.before is not None:
                wanted[place] = event.before
        lines = []
        gone, back = [], []
        for place, before in wanted.items():
            row = rows.get(place)
            if before is None and row is not None:
                gone.append(row)
            elif before is not None:
                back.append(self._row(place, row, before))
            else:
                continue
            lines.append(_line(place, row, before))
        for row in gone:
            await self.labels.remove(row.asset, [(row.column_name, row.label)])
        if back:
            await self.labels.write(back)
        await self.publisher.record.tell(lines, self.publisher.record.origin(Cause.ROLLBACK))
        changed = {(line.asset, line.column, line.label) for line in lines}
        await self.publisher.tell({asset for asset, _, _ in changed})
        return changed

    def _row(self, place: Place, row: LabelRow | None, before: Mapping[str, Any]) -> dict[str, Any]:
        now = self.clock.now()
        asset, column, label = place
        return {
            "id": new_id() if row is None else row.id,
            "asset": asset,
            "column_name": column,
            "label": label,
            **before,
            "present": True,
            "reason": None,
            "decided_by": None,
            "decided_at": None,
            "decided_confidence": None,
            "run_id": None if row is None else row.run_id,
            "created_at": now if row is None else row.created_at,
            "updated_at": now,
            "version": 1,
            "missing_since": None,
        }


def _place(row: LabelRow) -> Place:
    return row.asset, row.column_name, row.label


def _line(place: Place, row: LabelRow | None, before: Mapping[str, Any] | None) -> Line:
    after = None
    if before is not None:
        state, evidence = LabelState(before["state"]), before["evidence"]
        after = Standing(state, before["confidence"], share_of(evidence))
    title = str(before["title"]) if before is not None else (row.title if row else place[2])
    version = int(before["classifier_version"]) if before is not None else 0
    then = None if row is None else standing(row)
    return Line(Happened.TAKEN_BACK, *place, title, version, then, after)
