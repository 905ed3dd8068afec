"""The SQL that walks the graph: level by level, so that cycles and size cannot hurt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.catalog.assets.recordset import texts
from muniment.catalog.lineage.model import VALUE_KINDS, EdgeKind
from muniment.catalog.tables import (
    ASSET,
    COLUMN,
    EDGE,
    KEY_TARGET,
    STATEMENT,
    LineageEdge,
    LineageStatement,
)
from muniment.kernel.refs import AssetRef
from muniment.platform.paging import Page, PageQuery, page_by
from muniment.platform.policy import Visibility

MAX_DEPTH = 50
MAX_NODES = 100_000


class Direction(StrEnum):
    UPSTREAM = "upstream"
    DOWNSTREAM = "downstream"
    BOTH = "both"


_SAME = EDGE.c.kind == EdgeKind.IDENTITY.value
_MADE = EDGE.c.kind.in_((EdgeKind.TRANSFORM.value, EdgeKind.AGGREGATE.value))
_COPIES = (_SAME | (_MADE & (EDGE.c.expression != ""))) & EDGE.c.broken_at.is_(None)


def _copies(name: str) -> sa.Subquery:
    """Value edges and foreign keys; a key tells its ``from_column`` as a whole ref."""
    made = sa.case((_SAME, sa.null()), else_=EDGE.c.expression)
    edges = sa.select(
        EDGE.c.from_ref, EDGE.c.from_column, EDGE.c.to_ref, EDGE.c.to_column,
        sa.false().label("by_key"), made.label("expression"),
    ).where(_COPIES)  # fmt: skip
    keys = (
        sa.select(KEY_TARGET, COLUMN.c.references, ASSET.c.ref, COLUMN.c.name, sa.true(), sa.null())
        .join(ASSET, ASSET.c.id == COLUMN.c.asset_id)
        .where(COLUMN.c.references.is_not(None))
    )
    return edges.union_all(keys).subquery(name)


@dataclass(frozen=True, slots=True)
class ColumnStep:
    """A column reached on a walk, over the edge that leads there first."""

    ref: str
    column: str
    depth: int
    kind: str
    via_ref: str
    via_column: str
    job_ref: str | None


@dataclass(frozen=True, slots=True)
class Flow:
    """An asset feeding an asset, by whatever says so."""

    from_ref: str
    to_ref: str
    broken: bool
    origins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownStatement:
    """What became of a statement, and the asset in whose code it stands."""

    statement: LineageStatement
    asset_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class LineageGraph:
    session: AsyncSession

    async def closure(
        self,
        refs: Sequence[str],
        direction: Direction,
        *,
        depth: int = MAX_DEPTH,
        limit: int = MAX_NODES,
    ) -> Mapping[str, int]:
        """Every asset that flow leads to, with its distance; the given ones are not among them.

        One statement a level, however many assets it holds.
        """
        start, end = _ends(direction)
        found: dict[str, int] = {}
        seen = set(refs)
        frontier = list(seen)
        for level in range(1, depth + 1):
            if not frontier or len(found) >= limit:
                break
            rows = await self.session.scalars(
                sa.select(end)
                .where(EDGE.c.kind == EdgeKind.FLOW.value, start.in_(texts(frontier)))
                .distinct()
            )
            frontier = sorted(ref for ref in rows if ref not in seen)[: limit - len(found)]
            seen.update(frontier)
            found.update(dict.fromkeys(frontier, level))
        return found

    async def column_closure(
        self,
        ref: str,
        column: str,
        direction: Direction,
        *,
        depth: int = MAX_DEPTH,
        limit: int = MAX_NODES,
    ) -> Sequence[ColumnStep]:
        """Every column whose value comes from (or reaches) the given one, nearest first."""
        down = direction is Direction.DOWNSTREAM
        steps: dict[tuple[str, str], ColumnStep] = {}
        seen = {(ref, column)}
        frontier = [(ref, column)]
        for level in range(1, depth + 1):
            if not frontier or len(steps) >= limit:
                break
            reached: list[tuple[str, str]] = []
            for row in await self._column_edges(frontier, down=down):
                here, there = (row.from_ref, row.from_column), (row.to_ref, row.to_column)
                came, went = (here, there) if down else (there, here)
                if went in seen or len(steps) >= limit:
                    continue
                seen.add(went)
                reached.append(went)
                steps[went] = ColumnStep(*went, level, row.kind, *came, row.job_ref)
            frontier = reached
        return list(steps.values())

    async def _column_edges(
        self, columns: Sequence[tuple[str, str]], *, down: bool
    ) -> Sequence[Any]:
        refs = sa.literal([ref for ref, _ in columns], sa.ARRAY(sa.Text()))
        names = sa.literal([name for _, name in columns], sa.ARRAY(sa.Text()))
        wanted = sa.select(
            sa.func.unnest(refs).label("ref"), sa.func.unnest(names).label("name")
        ).subquery("wanted")
        side = (EDGE.c.from_ref, EDGE.c.from_column) if down else (EDGE.c.to_ref, EDGE.c.to_column)
        statement = (
            sa.select(
                EDGE.c.from_ref,
                EDGE.c.from_column,
                EDGE.c.to_ref,
                EDGE.c.to_column,
                EDGE.c.kind,
                EDGE.c.job_ref,
            )
            .join(wanted, (side[0] == wanted.c.ref) & (side[1] == wanted.c.name))
            .where(EDGE.c.kind.in_(VALUE_KINDS))
            .order_by(EDGE.c.from_ref, EDGE.c.from_column, EDGE.c.to_ref, EDGE.c.to_column)
        )
        return (await self.session.execute(statement)).all()

    async def copies_into(self, source: str | None, refs: Sequence[str]) -> Sequence[Any]:
        """Whole value edges into a source, into the refs, and into all they reach.

        A foreign key counts as one: it holds values of the column that it leads to.
        """
        given = sa.func.unnest(sa.literal(list(refs), sa.ARRAY(sa.Text())))
        named = sa.select(sa.collate(given, "C").label("ref"))
        ends = () if source is None else (EDGE.c.from_ref, EDGE.c.to_ref)
        inside = [sa.select(end).where(_COPIES, _inside(end, str(source))) for end in ends]
        if source is not None:
            keyed = COLUMN.c.asset_id == ASSET.c.id
            keyed &= COLUMN.c.references.is_not(None) & _inside(ASSET.c.ref, source)
            inside.append(sa.select(ASSET.c.ref).where(keyed))
        begun = named.union(*inside).subquery("begun")
        reached = sa.select(begun.c.ref).cte("reached", recursive=True)
        further, copies = _copies("further"), _copies("copies")
        reached = reached.union(
            sa.select(further.c.to_ref).join(reached, further.c.from_ref == reached.c.ref)
        )
        statement = sa.select(copies).join(reached, copies.c.to_ref == reached.c.ref).distinct()
        return (await self.session.execute(statement)).all()

    async def users_of(self, ref: str, column: str) -> Mapping[str, Sequence[str]]:
        """Assets that read a column directly, with how: value kinds, or influence."""
        rows = await self.session.execute(
            sa.select(EDGE.c.to_ref, EDGE.c.job_ref, EDGE.c.kind)
            .where(
                EDGE.c.from_ref == ref,
                EDGE.c.from_column == column,
                EDGE.c.kind != EdgeKind.FLOW.value,
            )
            .distinct()
        )
        found: dict[str, set[str]] = {}
        for to_ref, job_ref, kind in rows:
            found.setdefault(to_ref, set()).add(kind)
            if job_ref is not None:
                found.setdefault(job_ref, set()).add(kind)
        found.pop(ref, None)
        return {user: sorted(kinds) for user, kinds in sorted(found.items())}

    async def flows_among(self, refs: Sequence[str]) -> Sequence[Flow]:
        """The flow edges between the given assets; broken where a column they rely on is gone."""
        origins = sa.func.array_agg(aggregate_order_by(EDGE.c.origin.distinct(), EDGE.c.origin))
        statement = (
            sa.select(EDGE.c.from_ref, EDGE.c.to_ref, origins)
            .where(
                EDGE.c.kind == EdgeKind.FLOW.value,
                EDGE.c.from_ref.in_(texts(refs)),
                EDGE.c.to_ref.in_(texts(refs)),
            )
            .group_by(EDGE.c.from_ref, EDGE.c.to_ref)
            .order_by(EDGE.c.from_ref, EDGE.c.to_ref)
        )
        broken = await self._broken(refs)
        return [
            Flow(start, end, (start, end) in broken, tuple(found))
            for start, end, found in await self.session.execute(statement)
        ]

    async def _broken(self, refs: Sequence[str]) -> set[tuple[str, str]]:
        """Pairs of an asset that lost a column, and what it fed or whose code read it."""
        statement = (
            sa.select(EDGE.c.from_ref, EDGE.c.to_ref, EDGE.c.job_ref)
            .where(EDGE.c.broken_at.is_not(None), EDGE.c.from_ref.in_(texts(refs)))
            .distinct()
        )
        rows = (await self.session.execute(statement)).all()
        return {(row.from_ref, end) for row in rows for end in (row.to_ref, row.job_ref) if end}

    async def columns_among(self, refs: Sequence[str], limit: int) -> Sequence[Any]:
        """The column edges between the given assets."""
        statement = (
            sa.select(EDGE)
            .where(
                EDGE.c.kind.in_(VALUE_KINDS),
                EDGE.c.from_ref.in_(texts(refs)),
                EDGE.c.to_ref.in_(texts(refs)),
            )
            .order_by(EDGE.c.from_ref, EDGE.c.from_column, EDGE.c.to_ref, EDGE.c.to_column)
            .limit(limit)
        )
        return (await self.session.execute(statement)).all()

    async def degrees(self, refs: Sequence[str] | None, direction: Direction) -> Mapping[str, int]:
        """Number of direct neighbours of each asset; None asks for the whole estate."""
        start, end = _ends(direction)
        statement = (
            sa.select(start, sa.func.count(end.distinct()))
            .where(EDGE.c.kind == EdgeKind.FLOW.value)
            .group_by(start)
        )
        if refs is not None:
            statement = statement.where(start.in_(texts(refs)))
        return {ref: count for ref, count in await self.session.execute(statement)}  # noqa: C416

    async def neighbours(
        self, refs: Sequence[str], direction: Direction
    ) -> Sequence[tuple[str, str]]:
        """Pairs of an asset and a direct neighbour."""
        start, end = _ends(direction)
        statement = (
            sa.select(start, end)
            .where(EDGE.c.kind == EdgeKind.FLOW.value, start.in_(texts(refs)))
            .distinct()
        )
        return [(row[0], row[1]) for row in await self.session.execute(statement)]

    async def completeness(self, refs: Sequence[str] | None) -> Mapping[str, bool]:
        """By job: whether every statement of it could be read."""
        statement = sa.select(
            STATEMENT.c.job_ref, sa.func.bool_and(STATEMENT.c.outcome == "parsed")
        ).group_by(STATEMENT.c.job_ref)
        if refs is not None:
            statement = statement.where(STATEMENT.c.job_ref.in_(texts(refs)))
        return {ref: whole for ref, whole in await self.session.execute(statement)}  # noqa: C416

    async def page_edges(self, ref: str, query: PageQuery) -> Page[LineageEdge]:
        """Every edge at an asset, or stated by its code."""
        statement = sa.select(LineageEdge).where(
            sa.or_(
                LineageEdge.from_ref == ref, LineageEdge.to_ref == ref, LineageEdge.job_ref == ref
            )
        )
        return await page_by(self.session, statement, LineageEdge.id, query=query)

    async def outcomes(self, seen: Visibility) -> Sequence[Any]:
        """Statements by source and outcome, among the code that the caller may see."""
        statement = (
            sa.select(STATEMENT.c.source, STATEMENT.c.outcome, sa.func.count().label("amount"))
            .join(ASSET, ASSET.c.ref == STATEMENT.c.job_ref)
            .where(seen.clause(ASSET.c.domain))
            .group_by(STATEMENT.c.source, STATEMENT.c.outcome)
            .order_by(STATEMENT.c.source, STATEMENT.c.outcome)
        )
        return (await self.session.execute(statement)).all()

    async def page_statements(
        self, seen: Visibility, query: PageQuery, *, source: str | None, outcome: str | None
    ) -> Page[ShownStatement]:
        """Statements with the asset they stand in."""
        statement = (
            sa.select(LineageStatement, ASSET.c.id, ASSET.c.name)
            .join(ASSET, ASSET.c.ref == LineageStatement.job_ref)
            .where(seen.clause(ASSET.c.domain))
        )
        if source is not None:
            statement = statement.where(LineageStatement.source == source)
        if outcome is not None:
            statement = statement.where(LineageStatement.outcome == outcome)
        page = await page_by(
            self.session,
            statement,
            LineageStatement.job_ref,
            LineageStatement.position,
            query=query,
        )
        return page.map(lambda row: ShownStatement(*row))

    async def edge(self, edge_id: UUID) -> LineageEdge | None:
        return await self.session.get(LineageEdge, edge_id)


def _inside(ref: sa.Column[Any], source: str) -> sa.ColumnElement[bool]:
    """Refs of a source's assets, as a range that an index of the refs can answer."""
    prefix = str(AssetRef(source))
    return (ref >= prefix + "/") & (ref < prefix + "0")


def _ends(direction: Direction) -> tuple[sa.Column[Any], sa.Column[Any]]:
    """Where a walk in this direction enters an edge, and where it leaves it."""
    if direction is Direction.UPSTREAM:
        return EDGE.c.to_ref, EDGE.c.from_ref
    return EDGE.c.from_ref, EDGE.c.to_ref
