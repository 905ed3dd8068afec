"""The SQL that keeps edges and statement outcomes: whole sets at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.catalog.assets.recordset import fields_of, recordset, texts
from muniment.catalog.lineage.model import (
    ROUTINES,
    VIEWS,
    Edge,
    EdgeKind,
    EdgeOrigin,
    NamedAsset,
    StatementFact,
)
from muniment.catalog.tables import ASSET, COLUMN, EDGE, STATEMENT
from muniment.kernel.refs import AssetRef

_EDGE = (
    "id",
    "source",
    "from_ref",
    "from_column",
    "to_ref",
    "to_column",
    "kind",
    "expression",
    "origin",
    "job_ref",
    "note",
    "actor",
    "run_id",
    "first_seen_at",
    "last_seen_at",
)
_STATEMENT = ("job_ref", "position", "source", "line", "kind", "outcome", "reason", "at")
BATCH = 20_000
KEEP_UNTOLD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Definition:
    """Code to be read for lineage."""

    ref: str
    path: tuple[str, ...]
    kind: str
    sql: str
    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EdgeStore:
    session: AsyncSession

    async def definitions(self, source: str) -> Sequence[Definition]:
        rows = await self.session.execute(
            sa.select(
                ASSET.c.ref, ASSET.c.path, ASSET.c.kind, ASSET.c.definition, ASSET.c.properties
            )
            .where(
                ASSET.c.source == source,
                ASSET.c.vanished_at.is_(None),
                ASSET.c.kind.in_((*VIEWS, *ROUTINES)),
                ASSET.c.definition.is_not(None),
            )
            .order_by(ASSET.c.ref)
        )
        return [
            Definition(ref, tuple(path), kind, sql, props) for ref, path, kind, sql, props in rows
        ]

    async def named_assets(self, source: str) -> Sequence[NamedAsset]:
        """Everything of a source that code may name."""
        rows = await self.session.execute(
            sa.select(ASSET.c.ref, ASSET.c.path, ASSET.c.kind, ASSET.c.properties["routine"].astext)
            .where(ASSET.c.source == source, ASSET.c.vanished_at.is_(None))
            .order_by(ASSET.c.ref)
        )
        return [NamedAsset(ref, tuple(path), kind, routine) for ref, path, kind, routine in rows]

    async def columns_of(self, source: str) -> Mapping[str, Sequence[str]]:
        """Column names in order, by ref."""
        names = sa.func.array_agg(
            sa.dialects.postgresql.aggregate_order_by(COLUMN.c.name, COLUMN.c.position)
        )
        rows = await self.session.execute(
            sa.select(ASSET.c.ref, names)
            .join(COLUMN, COLUMN.c.asset_id == ASSET.c.id)
            .where(ASSET.c.source == source, ASSET.c.vanished_at.is_(None))
            .group_by(ASSET.c.ref)
        )
        return {ref: columns for ref, columns in rows}  # noqa: C416  # a row is no pair to mypy

    async def put(
        self,
        source: str,
        edges: Sequence[Edge],
        now: datetime,
        *,
        run_id: UUID | None = None,
        note: str | None = None,
        actor: str | None = None,
        rarely: timedelta | None = None,
    ) -> int:
        """Insert edges or see them again; returns how many are new.

        ``rarely`` leaves alone those that were seen less than so long ago.
        """
        unique = {edge.id: edge for edge in edges}
        rows = [
            {
                "id": str(id_),
                "source": source,
                "from_ref": edge.from_ref,
                "from_column": edge.from_column,
                "to_ref": edge.to_ref,
                "to_column": edge.to_column,
                "kind": edge.kind.value,
                "expression": edge.expression,
                "origin": edge.origin.value,
                "job_ref": edge.job_ref,
                "note": note,
                "actor": actor,
                "run_id": None if run_id is None else str(run_id),
                "first_seen_at": now.isoformat(),
                "last_seen_at": now.isoformat(),
            }
            for id_, edge in sorted(unique.items())  # in one order: no two writers wait in a ring
        ]
        new = 0
        for start in range(0, len(rows), BATCH):
            given = recordset(rows[start : start + BATCH], "given", fields_of(EDGE, *_EDGE))
            statement = insert(EDGE).from_select(list(_EDGE), sa.select(*given.c))
            said = statement.excluded
            returned = await self.session.scalars(
                statement.on_conflict_do_update(
                    index_elements=[EDGE.c.id],
                    set_={
                        name: said[name]
                        for name in ("expression", "note", "actor", "run_id", "last_seen_at")
                    },
                    where=None if rarely is None else EDGE.c.last_seen_at < now - rarely,
                ).returning(sa.literal_column("(xmax = 0)", sa.Boolean()))
            )
            new += sum(returned)
        return new

    async def drop_stale(
        self, source: str, jobs: Sequence[str], run_id: UUID, now: datetime
    ) -> int:
        """Delete what the code of a source no longer says; returns how many edges went.

        ``jobs`` are those that were read, or are no longer there. An edge out of a column that is
        gone stays until somebody was told that lineage is broken.
        """
        gone = ~_column_exists()
        waits = gone & EDGE.c.broken_at.is_(None) & (EDGE.c.last_seen_at > now - KEEP_UNTOLD)
        result = await self.session.execute(
            sa.delete(EDGE).where(
                EDGE.c.source == source,
                EDGE.c.origin == EdgeOrigin.CODE.value,
                EDGE.c.run_id.is_distinct_from(run_id),
                EDGE.c.job_ref.in_(texts(jobs)),
                sa.or_(EDGE.c.from_column.is_(None), ~waits),
            )
        )
        return int(getattr(result, "rowcount", 0))

    async def jobs(self, source: str) -> Sequence[str]:
        """The jobs that edges of a source name."""
        found = await self.session.scalars(
            sa.select(EDGE.c.job_ref)
            .where(EDGE.c.source == source, EDGE.c.origin == EdgeOrigin.CODE.value)
            .distinct()
        )
        return [job for job in found if job is not None]

    async def mend(self, source: str) -> None:
        """Edges whose column is back are whole again."""
        await self.session.execute(
            sa.update(EDGE)
            .where(EDGE.c.source == source, EDGE.c.broken_at.is_not(None), _column_exists())
            .values(broken_at=None)
        )

    async def count(self, source: str) -> int:
        statement = (
            sa.select(sa.func.count())
            .select_from(EDGE)
            .where(EDGE.c.source == source, EDGE.c.origin == EdgeOrigin.CODE.value)
        )
        return await self.session.scalar(statement) or 0

    async def replace_statements(
        self, source: str, facts: Sequence[StatementFact], now: datetime
    ) -> None:
        """The outcomes of a source's statements become exactly these."""
        await self.session.execute(sa.delete(STATEMENT).where(STATEMENT.c.source == source))
        rows = [
            {
                "job_ref": fact.job_ref,
                "position": fact.position,
                "source": source,
                "line": fact.line,
                "kind": fact.kind,
                "outcome": fact.outcome,
                "reason": fact.reason,
                "at": now.isoformat(),
            }
            for fact in facts
        ]
        if rows:
            given = recordset(rows, "given", fields_of(STATEMENT, *_STATEMENT))
            statement = insert(STATEMENT).from_select(list(_STATEMENT), sa.select(*given.c))
            await self.session.execute(statement.on_conflict_do_nothing())

    async def break_edges(self, ref: str, column: str | None, now: datetime) -> Sequence[str]:
        """Mark edges out of a vanished column (None: out of the asset); returns what they fed.

        Only edges that were whole count, so that a repeated call returns nothing.
        """
        lost = [EDGE.c.from_ref == ref, EDGE.c.broken_at.is_(None)]
        if column is not None:
            lost.append(EDGE.c.from_column == column)
        rows = await self.session.execute(
            sa.update(EDGE)
            .where(*lost)
            .values(broken_at=now)
            .returning(EDGE.c.to_ref, EDGE.c.job_ref)
        )
        fed: dict[str, None] = {}
        for to_ref, job_ref in rows:
            fed[to_ref] = None
            if job_ref is not None:
                fed[job_ref] = None
        fed.pop(ref, None)
        return sorted(fed)

    async def break_source(self, source: str, now: datetime) -> Mapping[str, Sequence[str]]:
        """Mark edges out of a source into others; by asset of the source, what it fed there."""
        rows = await self.session.execute(
            sa.update(EDGE)
            .where(
                _out_of(source),
                EDGE.c.broken_at.is_(None),
                sa.func.split_part(EDGE.c.to_ref, "/", 1) != str(AssetRef(source)),
            )
            .values(broken_at=now)
            .returning(EDGE.c.from_ref, EDGE.c.to_ref)
        )
        fed: dict[str, dict[str, None]] = {}
        for from_ref, to_ref in sorted((start, end) for start, end in rows):
            fed.setdefault(from_ref, {})[to_ref] = None
        return {ref: list(found) for ref, found in fed.items()}

    async def drop_source(self, source: str) -> int:
        """Delete what the code of a source said; returns how many edges went."""
        await self.session.execute(sa.delete(STATEMENT).where(STATEMENT.c.source == source))
        result = await self.session.execute(
            sa.delete(EDGE).where(EDGE.c.source == source, EDGE.c.origin == EdgeOrigin.CODE.value)
        )
        return int(getattr(result, "rowcount", 0))

    async def remove_manual(self, edge_id: UUID) -> dict[str, Any] | None:
        """Delete a manual edge; None when there is none with this id."""
        row = (
            await self.session.execute(
                sa.delete(EDGE)
                .where(EDGE.c.id == edge_id, EDGE.c.origin == EdgeOrigin.MANUAL.value)
                .returning(EDGE)
            )
        ).one_or_none()
        return None if row is None else dict(row._mapping)


def _out_of(source: str) -> sa.ColumnElement[bool]:
    return sa.func.split_part(EDGE.c.from_ref, "/", 1) == str(AssetRef(source))


def _column_exists() -> sa.ColumnElement[bool]:
    """Whether the column that an edge comes from is there, or cannot be missing.

    Unknown tables have no recorded columns and stars name none, so nothing of them is missing.
    """
    known = sa.select(ASSET.c.id).where(ASSET.c.ref == EDGE.c.from_ref).correlate(EDGE)
    there = (
        sa.select(COLUMN.c.name)
        .join(ASSET, ASSET.c.id == COLUMN.c.asset_id)
        .where(
            ASSET.c.ref == EDGE.c.from_ref,
            ASSET.c.vanished_at.is_(None),
            COLUMN.c.name == EDGE.c.from_column,
        )
        .correlate(EDGE)
    )
    return sa.or_(
        EDGE.c.kind == EdgeKind.FLOW.value,
        EDGE.c.from_column == "*",
        ~known.exists(),
        there.exists(),
    )
