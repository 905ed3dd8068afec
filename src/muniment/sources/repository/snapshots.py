"""Snapshots of schemas: what differs is found by one comparison of hashes in the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.kernel.ids import new_id
from muniment.platform.paging import Page, PageQuery, page_by
from muniment.platform.policy import Visibility
from muniment.sources.tables import SchemaChangeRecord, Snapshot, SnapshotItem, Source

TEXTS = ARRAY(sa.String)
BLOBS = ARRAY(sa.LargeBinary)
NEW = (
    sa.func.unnest(
        sa.bindparam("paths", type_=TEXTS),
        sa.bindparam("hashes", type_=BLOBS),
    )
    .table_valued(sa.column("path", sa.String), sa.column("hash", sa.LargeBinary), name="new")
    .render_derived()
)


@dataclass(frozen=True, slots=True)
class Difference:
    """Paths that are new or differ, with the body that was there before; and those that went."""

    differing: Mapping[str, bytes | None]
    gone: Sequence[str]


class SnapshotRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def lock(self, source_id: UUID) -> None:
        """Let one snapshot of a source be taken at a time, until the transaction ends."""
        await self._session.execute(
            sa.select(Source.id).where(Source.id == source_id).with_for_update()
        )

    async def of_run(self, source_id: UUID, run_id: UUID) -> Snapshot | None:
        found = await self._session.scalars(
            sa.select(Snapshot).where(Snapshot.source_id == source_id, Snapshot.run_id == run_id)
        )
        return found.one_or_none()

    async def last_number(self, source_id: UUID) -> int:
        """Number of the newest snapshot; 0 when there is none."""
        last = sa.select(sa.func.max(Snapshot.number)).where(Snapshot.source_id == source_id)
        return await self._session.scalar(last) or 0

    async def compare(self, source_id: UUID, hashes: Mapping[str, bytes]) -> Difference:
        """Compare what was found (path to hash) with what is current."""
        given = {"paths": list(hashes), "hashes": list(hashes.values())}
        current = self._current(source_id)
        differing = await self._session.execute(
            sa.select(NEW.c.path, current.c.body)
            .select_from(NEW.outerjoin(current, current.c.path == NEW.c.path))
            .where(current.c.hash.is_distinct_from(NEW.c.hash)),
            given,
        )
        there = sa.select(NEW.c.path).where(NEW.c.path == current.c.path)
        gone = await self._session.scalars(
            sa.select(current.c.path).where(~there.exists()).order_by(current.c.path),
            given,
        )
        return Difference({row[0]: row[1] for row in differing}, gone.all())

    async def add(self, values: Mapping[str, Any]) -> None:
        await self._session.execute(sa.insert(Snapshot).values(**values))

    async def end(self, source_id: UUID, paths: Sequence[str], number: int) -> None:
        """Schemas of these paths are not current any more from snapshot ``number`` on."""
        if paths:
            await self._session.execute(
                sa.update(SnapshotItem)
                .where(
                    SnapshotItem.source_id == source_id,
                    SnapshotItem.until.is_(None),
                    SnapshotItem.path == sa.any_(sa.literal(list(paths), TEXTS)),
                )
                .values(until=number)
                .execution_options(synchronize_session=False)
            )

    async def begin(
        self, source_id: UUID, items: Sequence[tuple[str, str, bytes, bytes]], number: int
    ) -> None:
        """Schemas (path, kind, hash, body) that are current from snapshot ``number`` on."""
        if not items:
            return
        paths, kinds, hashes, bodies = zip(*items, strict=True)
        rows = (
            sa.func.unnest(
                sa.literal([new_id() for _ in items], ARRAY(sa.Uuid)),
                sa.literal(list(paths), TEXTS),
                sa.literal(list(kinds), TEXTS),
                sa.literal(list(hashes), BLOBS),
                sa.literal(list(bodies), BLOBS),
            )
            .table_valued("id", "path", "kind", "hash", "body", name="given")
            .render_derived()
        )
        names = ["id", "path", "kind", "hash", "body", "source_id", "since"]
        chosen = sa.select(
            rows.c.id,
            rows.c.path,
            rows.c.kind,
            rows.c.hash,
            rows.c.body,
            sa.literal(source_id, sa.Uuid),
            sa.literal(number, sa.Integer),
        )
        await self._session.execute(sa.insert(SnapshotItem).from_select(names, chosen))

    async def add_changes(self, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            await self._session.execute(sa.insert(SchemaChangeRecord), list(rows))

    async def paths_since(self, source_id: UUID, number: int) -> Sequence[str]:
        """Paths whose present schema begins with this very snapshot."""
        found = await self._session.scalars(
            sa.select(SnapshotItem.path)
            .where(SnapshotItem.source_id == source_id, SnapshotItem.since == number)
            .order_by(SnapshotItem.path)
        )
        return found.all()

    async def changes_of(self, snapshot_id: UUID) -> Sequence[SchemaChangeRecord]:
        found = await self._session.scalars(
            sa.select(SchemaChangeRecord)
            .where(SchemaChangeRecord.snapshot_id == snapshot_id)
            .order_by(SchemaChangeRecord.asset)
        )
        return found.all()

    async def page(self, source_id: UUID, query: PageQuery) -> Page[Snapshot]:
        statement = sa.select(Snapshot).where(Snapshot.source_id == source_id)
        return await page_by(
            self._session, statement, Snapshot.number, query=query, descending=True
        )

    async def changes(
        self,
        seen: Visibility,
        query: PageQuery,
        *,
        source: str | None,
        asset: str | None,
        breaking: bool | None,
    ) -> Page[SchemaChangeRecord]:
        """Schema changes, the newest first."""
        statement = (
            sa.select(SchemaChangeRecord)
            .join(Source, Source.id == SchemaChangeRecord.source_id)
            .where(seen.clause(Source.domain))
        )
        if source is not None:
            statement = statement.where(Source.name == source)
        if asset is not None:
            same = sa.func.md5(SchemaChangeRecord.asset) == sa.func.md5(asset)
            statement = statement.where(same, SchemaChangeRecord.asset == asset)
        if breaking is not None:
            statement = statement.where(SchemaChangeRecord.breaking == breaking)
        return await page_by(
            self._session, statement, SchemaChangeRecord.id, query=query, descending=True
        )

    async def current_paths(self, source_id: UUID) -> Sequence[tuple[str, str]]:
        """Path and kind of every asset of the newest snapshot."""
        found = await self._session.execute(
            sa.select(SnapshotItem.path, SnapshotItem.kind)
            .where(SnapshotItem.source_id == source_id, SnapshotItem.until.is_(None))
            .order_by(SnapshotItem.path)
        )
        return [(path, kind) for path, kind in found]

    async def bodies_at(self, source_id: UUID, number: int) -> Mapping[str, bytes]:
        """Path to schema of everything that was current in one snapshot."""
        found = await self._session.execute(
            sa.select(SnapshotItem.path, SnapshotItem.body).where(
                SnapshotItem.source_id == source_id,
                SnapshotItem.since <= number,
                sa.or_(SnapshotItem.until.is_(None), SnapshotItem.until > number),
            )
        )
        return {row[0]: row[1] for row in found}

    def _current(self, source_id: UUID) -> sa.Subquery:
        return (
            sa.select(SnapshotItem.path, SnapshotItem.hash, SnapshotItem.body)
            .where(SnapshotItem.source_id == source_id, SnapshotItem.until.is_(None))
            .subquery("current")
        )
