"""Mining: classifiers proposed from unlabelled columns, accepted or rejected by people."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from muniment.classification.engine.mining import MinedColumn, Proposal, entry_of, mine
from muniment.classification.entries import ClassifierEntry
from muniment.classification.mined.tables import MinedRow
from muniment.classification.model import Classifier, Kind
from muniment.classification.repository.mined import PROPOSED, MinedRepository
from muniment.classification.service.classifiers import ClassifierService
from muniment.contracts.catalog import ProfileReader
from muniment.contracts.classification import ProposalDecided
from muniment.kernel.clock import Clock
from muniment.kernel.errors import Conflict, Invalid, NotFound
from muniment.kernel.events import Outbox
from muniment.kernel.ids import new_id
from muniment.kernel.principal import Principal
from muniment.kernel.values import JsonObject, JsonValue
from muniment.platform.policy import EVERYTHING, Visibility

MOST_ASSETS = 2_000
_KINDS = {"text": Kind.TEXT, "integer": Kind.INTEGER}


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal with those of its columns that the caller may see."""

    row: MinedRow
    columns: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class MiningService:
    stored: MinedRepository
    classifiers: ClassifierService
    profiles: ProfileReader
    outbox: Outbox
    clock: Clock
    caller: Principal

    async def mine(self, seen: Visibility = EVERYTHING) -> Sequence[Proposed]:
        """Look at the kept profiles of at most 2,000 assets again and keep what could be.

        Nothing is read from a source. What people decided before stays decided.
        """
        assets = await self.stored.assets(MOST_ASSETS)
        labels = await self.stored.labels(assets)
        estate: list[MinedColumn] = []
        for asset in assets:
            profile = await self.profiles.profile_of(asset)
            estate += [] if profile is None else _columns(asset, profile, labels)
        found = await asyncio.to_thread(mine, estate)
        taken = set(await self.classifiers.known_ids())
        await self.stored.replace([row for each in found if (row := self._row(each, taken))])
        return await self.proposals(PROPOSED, seen)

    async def proposals(
        self, state: str | None = PROPOSED, seen: Visibility = EVERYTHING
    ) -> Sequence[Proposed]:
        """The surest first; of forms that are only where the caller may not look, nothing."""
        return await self._shown(await self.stored.all(state), seen)

    async def accept(
        self, mined: UUID, changes: Mapping[str, Any], seen: Visibility = EVERYTHING
    ) -> Classifier:
        """Make it a classifier of the organisation, with what the person changed in it."""
        row = await self._open(mined, seen)
        try:
            entry = ClassifierEntry.model_validate({**row.entry, **changes})
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise Invalid(f"{where}: {first['msg']}.") from None
        note = f"Mined from {row.found_in} columns, precision {row.precision:.2f} at least."
        made = await self.classifiers.create(entry, note=note)
        await self._decide(row, "accepted", made.id)
        return made

    async def reject(self, mined: UUID, seen: Visibility = EVERYTHING) -> None:
        """Never propose this form again."""
        await self._decide(await self._open(mined, seen), "rejected", None)

    async def _shown(self, rows: Sequence[MinedRow], seen: Visibility) -> Sequence[Proposed]:
        if seen.everything:
            return [Proposed(row, row.columns) for row in rows]
        assets = {asset for row in rows for asset, _ in row.columns}
        visible = await self.stored.visible(assets, seen)
        found = [Proposed(row, [c for c in row.columns if c[0] in visible]) for row in rows]
        return [each for each in found if each.columns]

    async def _open(self, mined: UUID, seen: Visibility) -> MinedRow:
        row = await self.stored.locked(mined)
        if row is None or not await self._shown([row], seen):
            raise NotFound("There is no such proposal.", proposal=str(mined))
        if row.state != PROPOSED:
            raise Conflict(f"This proposal was {row.state} already.")
        return row

    async def _decide(self, row: MinedRow, state: str, classifier: str | None) -> None:
        row.state, row.classifier = state, classifier
        row.decided_by, row.decided_at = self.caller.name, self.clock.now()
        await self.outbox.publish(
            ProposalDecided(
                proposal=row.id,
                form=row.form.partition("\n")[0],
                accepted=classifier is not None,
                classifier=classifier,
                actor=self.caller.name,
            )
        )

    def _row(self, found: Proposal, taken: set[str]) -> dict[str, Any] | None:
        if not found.examples:
            return None  # its check is never met: nothing could prove it
        entry = {**entry_of(found), "id": _free(found.name, taken)}
        measured = found.measured
        return {
            "id": new_id(),
            "form": f"{found.form.pattern}\n{found.form.validator or ''}",
            "entry": entry,
            "columns": [list(member) for member in found.members[:50]],
            "found_in": len(found.members),
            "taken": measured.taken,
            "wrong": measured.wrong,
            "looked": measured.columns,
            "precision": measured.precision,
            "other_labels": list(measured.other_labels),
            "state": PROPOSED,
            "mined_at": self.clock.now(),
        }


def _free(name: str, taken: set[str]) -> str:
    """The name, or the next one that no classifier has."""
    free, number = name, 2
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    taken.add(free)
    return free


def _columns(
    asset: str, profile: JsonObject, labels: Mapping[tuple[str, str], tuple[str, ...]]
) -> list[MinedColumn]:
    found: list[MinedColumn] = []
    for column in _objects(profile.get("columns")):
        kind = _KINDS.get(str(column.get("kind")))
        if kind is None:
            continue
        name = str(column.get("name"))
        clear = [one for one in _objects(column.get("top")) if not one.get("masked")]
        values = [str(one["value"]) for one in clear if one.get("value") is not None]
        found.append(
            MinedColumn(
                asset=asset,
                name=name,
                kind=kind,
                values=() if column.get("sensitive") else tuple(values),
                shapes=tuple(
                    (str(one.get("shape")), _share(one)) for one in _objects(column.get("shapes"))
                ),
                labels=labels.get((asset, name), ()),
            )
        )
    return found


def _share(shape: JsonObject) -> float:
    share = shape.get("share")
    return float(share) if isinstance(share, int | float) else 0.0


def _objects(value: JsonValue) -> Sequence[JsonObject]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        return ()
    return [each for each in value if isinstance(each, Mapping)]
