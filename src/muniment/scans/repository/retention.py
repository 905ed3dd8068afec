"""What is dropped in the end: chunks and log lines of old runs; the runs themselves stay."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.scans.tables import Chunk, LogLine, Run


async def drop_details(session: AsyncSession, before: datetime) -> None:
    """Two statements, whatever there is."""
    old = sa.select(Run.id).where(Run.ended_at < before).scalar_subquery()
    await session.execute(sa.delete(Chunk).where(Chunk.run_id.in_(old)))
    await session.execute(sa.delete(LogLine).where(LogLine.run_id.in_(old)))
