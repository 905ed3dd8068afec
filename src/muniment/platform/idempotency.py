"""The answers that keyed requests got, so that a repetition gets the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from muniment.kernel.errors import Conflict, Invalid
from muniment.platform.db import Database
from muniment.platform.tables import IdempotentAnswer


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class KeptAnswers:
    """What is kept under one key of one caller."""

    database: Database
    caller: UUID
    key: str

    async def claim(self, fingerprint: str) -> KeptAnswer | None:
        """None when the request is ours to carry out; else the answer it got before.

        Raises Invalid when the key was used for another request, and Conflict while the first
        one is still being carried out.
        """
        async with self.database.writing() as session:
            mine = await session.scalar(
                insert(IdempotentAnswer)
                .values(caller=self.caller, key=self.key, fingerprint=fingerprint)
                .on_conflict_do_nothing()
                .returning(IdempotentAnswer.key)
            )
            if mine is not None:
                return None
            before = await session.get(IdempotentAnswer, (self.caller, self.key))
        if before is None:
            raise Conflict("The first request with this Idempotency-Key failed. Send it again.")
        if before.fingerprint != fingerprint:
            raise Invalid("This Idempotency-Key was used for another request. Take a new one.")
        if before.status is None:
            raise Conflict("The first request with this key is still being carried out.")
        return KeptAnswer(before.status, before.headers or {}, before.body or b"")

    async def settle(self, status: int | None, headers: Mapping[str, str], body: bytes) -> None:
        """Keep the answer; a failure of the server is forgotten, so that it may be tried again."""
        mine: Any = sa.and_(
            IdempotentAnswer.caller == self.caller, IdempotentAnswer.key == self.key
        )
        failed = status is None or status >= 500
        statement: Any = (
            sa.delete(IdempotentAnswer).where(mine)
            if failed
            else sa.update(IdempotentAnswer)
            .where(mine)
            .values(status=status, headers=dict(headers), body=body)
        )
        async with self.database.writing() as session:
            await session.execute(statement)


async def forget_old_answers(database: Database, *, days: int = 2) -> None:
    """Delete what is older than any client still repeats."""
    async with database.writing() as session:
        await session.execute(
            sa.delete(IdempotentAnswer).where(
                IdempotentAnswer.created_at < sa.func.now() - sa.func.make_interval(0, 0, 0, days)
            )
        )
