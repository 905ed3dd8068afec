"""What people agreed with, counted in the database, and the switch of learning from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.classification.asking import BANDS, RECENT, Agreement
from muniment.classification.repository.labels import CONFIRMED
from muniment.classification.tables import AskingRow, DecisionRow, LabelRow

THE_ONE: Final = 1


@dataclass(frozen=True, slots=True)
class AskingRepository:
    session: AsyncSession

    async def the_one(self) -> AskingRow | None:
        return await self.session.scalar(sa.select(AskingRow).where(AskingRow.id == THE_ONE))

    async def keep(self, row: Mapping[str, Any]) -> None:
        """Insert the switch, or bring it up to date."""
        statement = insert(AskingRow).values({"id": THE_ONE, **row})
        fresh = {name: statement.excluded[name] for name in row}
        await self.session.execute(
            statement.on_conflict_do_update(index_elements=["id"], set_=fresh)
        )
        self.session.expire_all()

    async def agreements(self) -> Sequence[Agreement]:
        """By label and band of confidence: of the latest judgements, how many confirmed.

        What was decided in one go is one judgement, which confirms when it confirmed them all.
        """
        sure = LabelRow.decided_confidence
        band = sa.case(
            *((sa.and_(sure >= low, sure < high), at) for at, (low, high) in enumerate(BANDS))
        ).label("band")
        click = sa.func.coalesce(DecisionRow.batch_id, DecisionRow.id)
        judged = (
            sa.select(
                LabelRow.label,
                sa.func.min(LabelRow.title).label("title"),
                band,
                sa.func.bool_and(DecisionRow.after == CONFIRMED).label("agrees"),
                sa.func.max(DecisionRow.decided_at).label("at"),
            )
            .join(LabelRow, LabelRow.id == DecisionRow.label_id)
            .where(
                DecisionRow.action.in_(("confirm", "reject")),
                ~DecisionRow.undone,
                LabelRow.tier.in_(("rule", "model")),
                sure >= BANDS[0][0],
            )
            .group_by(LabelRow.label, band, click)
            .subquery("judged")
        )
        place = sa.func.row_number().over(
            partition_by=(judged.c.label, judged.c.band), order_by=judged.c.at.desc()
        )
        ranked = sa.select(judged, place.label("place")).subquery("ranked")
        query = (
            sa.select(
                ranked.c.label,
                sa.func.min(ranked.c.title),
                ranked.c.band,
                sa.func.count().filter(ranked.c.agrees),
                sa.func.count(),
            )
            .where(ranked.c.place <= RECENT)
            .group_by(ranked.c.label, ranked.c.band)
            .order_by(ranked.c.label, ranked.c.band)
        )
        return [
            Agreement(label, title, *BANDS[at], yes, of)
            for label, title, at, yes, of in await self.session.execute(query)
        ]
