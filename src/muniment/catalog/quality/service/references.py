"""What becomes of references between tables as both sides of them get to be known."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from muniment.catalog.analysis.results import CheckOutcome, KeySketch, Refers
from muniment.catalog.quality.model import CheckStatus
from muniment.catalog.quality.references import FOREIGN, Compared, compared, values_of
from muniment.catalog.quality.repository.keys import KeyRepository, Side
from muniment.kernel.refs import AssetRef

OTHER_KINDS = "The columns and the key hold nothing that can be compared."


@dataclass(frozen=True, slots=True)
class Late:
    """How a reference of another asset came out, now that this one is known."""

    check: str
    refers: Refers
    found: Compared | None


@dataclass(frozen=True, slots=True)
class ReferenceService:
    keys: KeyRepository

    async def settle(
        self,
        asset: AssetRef,
        outcomes: Sequence[CheckOutcome],
        sketches: Sequence[KeySketch],
        run_id: UUID,
    ) -> Sequence[CheckOutcome]:
        """The outcomes of an asset with its references judged, where the other side is known.

        Keeps the asset's keys for those that come later in the run.
        """
        if not sketches:
            return outcomes
        await self.keys.lock(run_id)
        sides = list(_sides(asset, outcomes, sketches))
        await self.keys.add_once(run_id, sides)
        wanted = sorted({other for side in sides if (other := side.other) is not None})
        keys = await self.keys.keys_of(run_id, wanted) if wanted else []
        known = {(key.asset, key.columns): key.values for key in keys}
        judged: dict[str, CheckOutcome] = {}
        by_key = {one.key: one for one in outcomes}
        for side in sides:
            if side.refers is not None and (side.other or "", side.refers.keys) in known:
                found = compared(side.values, known[side.other or "", side.refers.keys])
                judged[side.check] = outcome_of(by_key[side.check], side.refers, found)
        return [judged.get(one.key, one) for one in outcomes]

    async def waiting_for(
        self, asset: AssetRef, sketches: Sequence[KeySketch], run_id: UUID
    ) -> Mapping[AssetRef, Sequence[Late]]:
        """By asset: how its references came out that waited for this one."""
        if not sketches:
            return {}
        values = {sketch.columns: values_of(sketch) for sketch in sketches}
        found: dict[AssetRef, list[Late]] = {}
        for side in await self.keys.referring_to(run_id, str(asset)):
            if side.refers is not None and side.refers.keys in values:
                late = Late(
                    side.check, side.refers, compared(side.values, values[side.refers.keys])
                )
                found.setdefault(AssetRef.parse(side.asset), []).append(late)
        return found

    async def forget(self, run_id: UUID) -> None:
        """Drop the keys of a run that is over."""
        await self.keys.forget(run_id)


def _sides(
    asset: AssetRef, outcomes: Sequence[CheckOutcome], sketches: Sequence[KeySketch]
) -> Iterator[Side]:
    """Each key as others may refer to it, and once more for each check that it refers with."""
    by_columns = {sketch.columns: values_of(sketch) for sketch in sketches}
    for columns, values in by_columns.items():
        yield Side(str(asset), columns, values)
    for one in outcomes:
        if one.type == FOREIGN and one.refers is not None and one.columns in by_columns:
            yield Side(str(asset), one.columns, by_columns[one.columns], one.key, one.refers)


def outcome_of(one: CheckOutcome, refers: Refers, found: Compared | None) -> CheckOutcome:
    """The outcome of a reference once its two sides were compared."""
    where = ".".join(refers.path)
    if found is None:
        return replace(one, message=OTHER_KINDS)
    if found.ratio < refers.assumed:
        return replace(
            one,
            message=f"Only {found.ratio:.0%} of the values are in {where}, so the column seems to "
            "mean something else.",
        )
    good = found.ratio >= refers.min_ratio
    lost = f"{found.failed / found.evaluated:.4%} lead nowhere"
    return replace(
        one,
        status=(CheckStatus.PASSED if good else CheckStatus.FAILED).value,
        message="",
        ratio=found.ratio,
        evaluated=found.evaluated,
        failed=found.failed,
        observed=lost if found.failed else "all lead somewhere",
        expected=f"a row of {where} for every value",
        exact=found.exact,
        error=round(found.error, 6),
    )
