"""Labels follow lineage: a column that holds another one's values carries its labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from muniment.classification.engine.transforms import Effect, effect_of
from muniment.classification.history import Cause, Happened, Standing
from muniment.classification.inheritance import (
    Copy,
    Derived,
    Held,
    Inherited,
    Meaning,
    Way,
    inherit,
)
from muniment.classification.model import review_weight
from muniment.classification.repository.inherited import InheritedRepository
from muniment.classification.service.labels import LabelService
from muniment.classification.service.record import Line
from muniment.classification.tables import LabelRow
from muniment.contracts.catalog import AssetReader, ColumnCopy, CopyReader
from muniment.kernel.clock import Clock
from muniment.kernel.ids import new_id
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import LabelState, Sensitivity, Tier

MODE, BY_KEY, HIDDEN = "lineage", "foreign_key", "pseudonym"
_WAYS = {
    Way.SAME: (MODE, "inherits from {} by lineage"),
    Way.CHANGED: (MODE, "is made of the values of {} by an expression, by lineage"),
    Way.KEY: (BY_KEY, "holds values of {} by a foreign key"),
    Way.HIDDEN: (HIDDEN, "holds values of {}, hashed, encrypted or masked, by lineage"),
}
"""How values come from one column to another: the mode of the evidence, and its words."""


@dataclass(frozen=True, slots=True)
class InheritanceService:
    """Implements ``contracts.classification.LabelInheritor``: a constant number of statements."""

    stored: InheritedRepository
    publisher: LabelService
    lineage: CopyReader
    assets: AssetReader
    clock: Clock

    async def inherit(self, source: str, *, run_id: UUID) -> int:
        """Bring what columns inherit in step, in a source and in all that is copied from it."""
        copies = await self.lineage.column_copies(source, [])
        return await self._settle(copies, source, (), run_id)

    async def follow(self, assets: Sequence[AssetRef]) -> None:
        """The same for named assets and all that is copied from them."""
        copies = await self.lineage.column_copies(None, assets)
        await self._settle(copies, None, [str(asset) for asset in assets], None)

    async def follow_source(self, source: str) -> None:
        """The same for a source whose lineage changed outside a scan."""
        copies = await self.lineage.column_copies(source, [])
        await self._settle(copies, source, (), None)

    async def _settle(
        self,
        copies: Sequence[ColumnCopy],
        source: str | None,
        assets: Sequence[str],
        run_id: UUID | None,
    ) -> int:
        plain = [plain for copy in copies if (plain := _plain(copy)) is not None]
        affected = {*assets, *(str(copy.to_asset) for copy in copies)}
        refs = sorted(affected | {copy.source[0] for copy in plain})
        held = [_held(row) for row in await self.stored.around(refs, source)]
        if source is not None:
            inside = str(AssetRef(source)) + "/"
            affected |= {each.place[0] for each in held if each.place[0].startswith(inside)}
        return await self._keep(inherit(plain, held, affected), run_id)

    async def _keep(self, found: Inherited, run_id: UUID | None) -> int:
        if not found.write and not found.gone:
            return found.standing
        targets = sorted({each.place[0] for each in found.write})
        facts = await self.assets.asset_facts([AssetRef.parse(ref) for ref in targets])
        there = {str(fact.asset) for fact in facts}
        await self.stored.lock([*(e.id for e in found.write if e.id), *(e.id for e in found.gone)])
        await self.stored.bring_assets(
            [
                {
                    "asset": str(fact.asset),
                    "source": fact.asset.source,
                    "domain": fact.domain,
                    "columns": fact.columns,
                    "rows": fact.rows or 0,
                    "present": True,
                }
                for fact in facts
            ]
        )
        written = [each for each in found.write if each.place[0] in there]
        await self.stored.write([self._row(each, run_id) for each in written])
        await self.stored.remove([each.id for each in found.gone])
        changed = {e.place[0] for e in written} | {e.place[0] for e in found.gone}
        record = self.publisher.record
        await record.tell(
            [*(_came(each) for each in written if each.id is None), *map(_went, found.gone)],
            record.origin(Cause.LINEAGE, run_id=run_id),
        )
        await self.publisher.tell(changed, run_id=run_id)
        return found.standing - (len(found.write) - len(written))

    def _row(self, derived: Derived, run_id: UUID | None) -> Mapping[str, Any]:
        meaning, now = derived.meaning, self.clock.now()
        return {
            "id": derived.id or new_id(),
            "asset": derived.place[0],
            "column_name": derived.place[1],
            "label": derived.label,
            "title": meaning.title,
            "category": meaning.category,
            "sensitivity": int(meaning.sensitivity),
            "personal": meaning.personal,
            "special": meaning.special,
            "tier": Tier.LINEAGE.value,
            "state": derived.state.value,
            "confidence": derived.confidence,
            "evidence": {
                "mode": _WAYS[derived.way][0],
                "from": list(derived.source),
                "says": _says(derived),
            },
            "classifier_version": meaning.version,
            "header": meaning.header,
            "signature": meaning.signature,
            "look_alike": meaning.look_alike,
            "weight": review_weight(derived.confidence, meaning.sensitivity),
            "present": True,
            "run_id": run_id,
            "created_at": now,
            "updated_at": now,
            "version": 1,
        }


def _came(derived: Derived) -> Line:
    after = Standing(derived.state, derived.confidence)
    title, version = derived.meaning.title, derived.meaning.version
    return Line(Happened.APPEARED, *derived.place, derived.label, title, version, None, after)


def _went(held: Held) -> Line:
    before = Standing(held.state, held.confidence)
    title, version = held.meaning.title, held.meaning.version
    return Line(Happened.GONE, *held.place, held.label, title, version, before)


def _says(derived: Derived) -> str:
    asset = AssetRef.parse(derived.source[0])
    column = ".".join((*asset.path, derived.source[1]))
    return _WAYS[derived.way][1].format(f"{asset.source}: {column}")


def _plain(copy: ColumnCopy) -> Copy | None:
    """The copy as inheritance knows it; None where an expression ends what the column meant."""
    way = Way.KEY if copy.by_key else Way.SAME
    if copy.expression is not None:
        effect = effect_of(copy.expression, copy.from_column)
        if effect is Effect.ENDS:
            return None
        way = Way.HIDDEN if effect is Effect.HIDES else Way.CHANGED
    source = (str(copy.from_asset), copy.from_column)
    return Copy(source, (str(copy.to_asset), copy.to_column), way)


def _held(row: LabelRow) -> Held:
    source = row.evidence.get("from") if row.tier == Tier.LINEAGE else None
    return Held(
        id=row.id,
        place=(row.asset, row.column_name),
        label=row.label,
        state=LabelState(row.state),
        tier=Tier(row.tier),
        confidence=row.confidence,
        decided=row.decided_by is not None,
        present=row.present,
        meaning=Meaning(
            title=row.title,
            category=row.category,
            sensitivity=Sensitivity(row.sensitivity),
            personal=row.personal,
            special=row.special,
            version=row.classifier_version,
            header=row.header,
            signature=row.signature,
            look_alike=row.look_alike,
        ),
        source=(source[0], source[1]) if source else None,
    )
