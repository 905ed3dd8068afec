"""What of an asset goes into the index, and how changed assets are found in the database."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.catalog.assets.service import sensitivity_word
from muniment.catalog.model import quality_band
from muniment.catalog.tables import ASSET, COLUMN
from muniment.platform.tables import Xid8

BATCH = 500


@dataclass(frozen=True, slots=True)
class SearchDocument:
    """One asset as the index knows it. ``xid`` is the transaction that last changed it."""

    id: UUID
    ref: str
    name: str
    path: tuple[str, ...]
    text: str
    columns: tuple[str, ...]
    column_text: str
    labels: tuple[str, ...]
    label_text: str
    source: str
    kind: str
    domain: str | None
    owner: str | None
    sensitivity: str
    certification: str
    quality: str
    is_copy: bool
    vanished: bool
    xid: int


@dataclass(frozen=True, slots=True)
class DocumentSource:
    """Reads documents in batches, so that an estate of any size streams."""

    session: AsyncSession

    async def horizon(self) -> int:
        """Everything before this transaction is visible now; read on from here next time."""
        statement = sa.select(sa.func.pg_snapshot_xmin(sa.func.pg_current_snapshot(), type_=Xid8()))
        return await self.session.scalar(statement) or 0

    async def all(self) -> AsyncIterator[Sequence[SearchDocument]]:
        """Every present asset."""
        async for batch in self._batches(ASSET.c.vanished_at.is_(None)):
            yield batch

    async def since(self, xid: int) -> AsyncIterator[Sequence[SearchDocument]]:
        """What changed in a transaction from ``xid`` on, vanished assets included.

        Transactions that have not begun yet are the mark of a restored database; those assets
        were indexed when the index was built.
        """
        ahead = sa.func.pg_snapshot_xmax(sa.func.pg_current_snapshot())
        changed = (ASSET.c.changed_xid >= sa.literal(xid, Xid8)) & (ASSET.c.changed_xid < ahead)
        async for batch in self._batches(changed):
            yield batch

    async def _batches(
        self, condition: sa.ColumnElement[bool]
    ) -> AsyncIterator[Sequence[SearchDocument]]:
        last: UUID | None = None
        while True:
            page = sa.select(ASSET).where(condition).order_by(ASSET.c.id).limit(BATCH)
            if last is not None:
                page = page.where(ASSET.c.id > last)
            rows = (await self.session.execute(_with_columns(page))).all()
            if rows:
                yield [_document(row) for row in rows]
            if len(rows) < BATCH:
                return
            last = rows[-1].id


def _with_columns(page: sa.Select[Any]) -> sa.Select[Any]:
    """The assets with their columns folded into one row each."""
    asset = page.subquery("asset")
    folded = (
        sa.select(
            sa.func.array_agg(aggregate_order_by(COLUMN.c.name, COLUMN.c.position)).label("names"),
            sa.func.string_agg(
                sa.func.concat_ws(" ", COLUMN.c.description, COLUMN.c.comment), " "
            ).label("said"),
            sa.func.jsonb_path_query_array(
                sa.func.jsonb_agg(COLUMN.c.labels), sa.text("'$[*][*].title'")
            ).label("titles"),
        )
        .where(COLUMN.c.asset_id == asset.c.id)
        .lateral("folded")
    )
    return (
        sa.select(asset, folded.c.names, folded.c.said, folded.c.titles)
        .select_from(asset.join(folded, sa.true()))
        .order_by(asset.c.id)
    )


def _document(row: Any) -> SearchDocument:
    said = (row.description, row.comment, row.purpose, " ".join(row.tags))
    return SearchDocument(
        id=row.id,
        ref=row.ref,
        name=row.name,
        path=tuple(row.path),
        text=" ".join(part for part in said if part),
        columns=tuple(row.names or ()),
        column_text=row.said or "",
        labels=tuple(row.labels),
        label_text=" ".join(dict.fromkeys(row.titles or ())),
        source=row.source,
        kind=row.kind,
        domain=row.domain,
        owner=row.owner,
        sensitivity=sensitivity_word(row.sensitivity),
        certification=row.certification,
        quality=quality_band(row.quality_score),
        is_copy=row.copy_of is not None,
        vanished=row.vanished_at is not None,
        xid=row.changed_xid,
    )
