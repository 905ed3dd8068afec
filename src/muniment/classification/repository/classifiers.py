"""Custom classifiers and their versions in the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.classification.tables import ClassifierRow, ClassifierVersionRow, DetectorSetRow


@dataclass(frozen=True, slots=True)
class ClassifierRepository:
    session: AsyncSession

    async def current(self, *, retired: bool = False) -> Sequence[ClassifierVersionRow]:
        """The present version of every classifier in use, retired ones on request."""
        query = (
            sa.select(ClassifierVersionRow)
            .join(
                ClassifierRow,
                sa.and_(
                    ClassifierRow.id == ClassifierVersionRow.classifier,
                    ClassifierRow.current == ClassifierVersionRow.version,
                ),
            )
            .order_by(ClassifierRow.id)
        )
        if not retired:
            query = query.where(sa.not_(ClassifierRow.retired))
        return (await self.session.scalars(query)).all()

    async def locked(self, name: str) -> ClassifierRow | None:
        query = sa.select(ClassifierRow).where(ClassifierRow.id == name).with_for_update()
        return await self.session.scalar(query)

    async def get(self, name: str) -> ClassifierRow | None:
        return await self.session.get(ClassifierRow, name)

    async def versions(self, name: str) -> Sequence[ClassifierVersionRow]:
        """All versions of one classifier, the latest first."""
        query = sa.select(ClassifierVersionRow).where(ClassifierVersionRow.classifier == name)
        order = ClassifierVersionRow.version.desc()
        return (await self.session.scalars(query.order_by(order))).all()

    async def add_once(self, row: Mapping[str, Any]) -> bool:
        """Add a classifier unless the id is taken; the key decides."""
        statement = insert(ClassifierRow).values(dict(row)).on_conflict_do_nothing()
        return await self.session.scalar(statement.returning(ClassifierRow.id)) is not None

    def add_version(self, row: ClassifierVersionRow) -> None:
        self.session.add(row)

    async def note_set(self, name: str, asked: Mapping[str, str], now: datetime) -> None:
        """Note what a set of classifiers asks of values, once."""
        row = {"fingerprint": name, "digests": dict(asked), "made_at": now}
        await self.session.execute(insert(DetectorSetRow).values(row).on_conflict_do_nothing())
