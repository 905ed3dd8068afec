"""Wakes everyone who waits for something to happen to a run."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

CHANNEL = "muniment_scans"


async def wake(session: AsyncSession) -> None:
    """Tell listeners at commit that a run, an approval or the backlog changed."""
    await session.execute(sa.text(f"notify {CHANNEL}"))
