"""SQL of the keys of a run, kept until both sides of every reference are known."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.catalog.analysis.results import Refers
from muniment.catalog.quality.references import Values
from muniment.catalog.quality.tables import KeyValues
from muniment.kernel.refs import AssetRef


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a reference: the referring one names the check and the other side."""

    asset: str
    columns: tuple[str, ...]
    values: Values
    check: str = ""
    refers: Refers | None = None

    @property
    def other(self) -> str | None:
        """The asset that is referred to, as text."""
        if self.refers is None:
            return None
        return str(AssetRef(AssetRef.parse(self.asset).source, self.refers.path))


@dataclass(frozen=True, slots=True)
class KeyRepository:
    session: AsyncSession

    async def lock(self, run_id: UUID) -> None:
        """Let assets of one run meet one after the other, or neither would see the other."""
        key = sa.func.hashtextextended(str(run_id), 0)
        await self.session.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))

    async def add_once(self, run_id: UUID, sides: Sequence[Side]) -> None:
        if sides:
            statement = insert(KeyValues).values([_row(run_id, side) for side in sides])
            await self.session.execute(statement.on_conflict_do_nothing())

    async def keys_of(self, run_id: UUID, assets: Sequence[str]) -> Sequence[Side]:
        """The keys of these assets that others refer to."""
        return await self._sides(
            KeyValues.run_id == run_id, KeyValues.asset.in_(assets), KeyValues.check == ""
        )

    async def referring_to(self, run_id: UUID, asset: str) -> Sequence[Side]:
        """What other assets of the run refer to this one with."""
        return await self._sides(
            KeyValues.run_id == run_id, KeyValues.other == asset, KeyValues.asset != asset
        )

    async def forget(self, run_id: UUID) -> None:
        await self.session.execute(sa.delete(KeyValues).where(KeyValues.run_id == run_id))

    async def _sides(self, *clauses: sa.ColumnElement[bool]) -> Sequence[Side]:
        # Rows, not entities: a list is no part of an identity that Python could hash.
        found = await self.session.execute(
            sa.select(*KeyValues.__table__.columns)
            .where(*clauses)
            .order_by(KeyValues.asset, KeyValues.check)
        )
        return [
            Side(
                row.asset,
                tuple(row.columns),
                Values(row.kinds, int(row.bound), row.rows, row.hashes, row.counts),
                row.check,
                _refers(row),
            )
            for row in found
        ]


def _refers(row: Any) -> Refers | None:
    if row.other is None or row.min_ratio is None or row.assumed is None:
        return None
    path = AssetRef.parse(row.other).path
    return Refers(path, tuple(row.other_columns), row.min_ratio, row.assumed)


def _row(run_id: UUID, side: Side) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "asset": side.asset,
        "columns": list(side.columns),
        "check": side.check,
        "other": side.other,
        "other_columns": [] if side.refers is None else list(side.refers.keys),
        "min_ratio": None if side.refers is None else side.refers.min_ratio,
        "assumed": None if side.refers is None else side.refers.assumed,
        "kinds": side.values.kinds,
        "bound": str(side.values.bound),
        "rows": side.values.rows,
        "hashes": side.values.hashes,
        "counts": side.values.counts,
    }
