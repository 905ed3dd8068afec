"""What one can ask of lineage: graph, closures, impact, coverage; and edges drawn by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from muniment.catalog.lineage.graph import ColumnStep, Direction, Flow, LineageGraph, ShownStatement
from muniment.catalog.lineage.layout import CARD_HEIGHT, ROW_HEIGHT, positions
from muniment.catalog.lineage.model import Edge, EdgeKind, EdgeOrigin
from muniment.catalog.lineage.store import EdgeStore
from muniment.catalog.repository import CatalogRepository
from muniment.catalog.tables import Asset, LineageEdge
from muniment.contracts.catalog import ColumnCopy, LineageChanged
from muniment.kernel.clock import Clock
from muniment.kernel.errors import Invalid, NotFound
from muniment.kernel.events import Outbox
from muniment.kernel.principal import Principal
from muniment.kernel.refs import AssetRef
from muniment.platform.paging import Page, PageQuery
from muniment.platform.policy import Visibility

GRAPH_NODES = 400
GRAPH_COLUMN_EDGES = 5000


@dataclass(frozen=True, slots=True)
class Node:
    """A card of the graph. ``asset`` is None for a name that the catalogue does not know.

    ``more_upstream`` and ``more_downstream`` count the neighbours that are not shown.
    """

    ref: str
    asset: Asset | None
    depth: int
    x: int = 0
    y: int = 0
    more_upstream: int = 0
    more_downstream: int = 0
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Graph:
    """A part of the graph around one asset; ``hidden`` nodes are there and not to be seen."""

    focus: str
    nodes: Sequence[Node]
    flows: Sequence[Flow]
    column_edges: Sequence[Any]
    hidden: int
    truncated: bool


@dataclass(frozen=True, slots=True)
class Reached:
    """An asset that a walk reached; ``how`` says by what a column is used there."""

    ref: str
    depth: int
    asset: Asset | None
    how: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Impact:
    """What a change of an asset or a column would reach."""

    asset: Asset
    column: str | None
    reached: Sequence[Reached]
    columns: Sequence[ColumnStep]
    hidden: int
    owners: tuple[str, ...] = ()
    labels: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class LineageService:
    """Reads through ``seen``: what the caller may not see is counted and not shown."""

    graph_: LineageGraph
    assets: CatalogRepository
    edges: EdgeStore
    outbox: Outbox
    clock: Clock
    caller: Principal

    async def downstream(self, assets: Sequence[AssetRef]) -> Sequence[AssetRef]:
        """Implements ``contracts.catalog.LineageReader``."""
        found = await self.graph_.closure([str(ref) for ref in assets], Direction.DOWNSTREAM)
        return [AssetRef.parse(ref) for ref in found]

    async def column_copies(
        self, source: str | None, assets: Sequence[AssetRef]
    ) -> Sequence[ColumnCopy]:
        """Implements ``contracts.catalog.CopyReader``."""
        rows = await self.graph_.copies_into(source, [str(ref) for ref in assets])
        refs = {ref: AssetRef.parse(ref) for row in rows for ref in (row.from_ref, row.to_ref)}
        return [
            ColumnCopy(
                refs[row.from_ref],
                AssetRef.parse(row.from_column).name if row.by_key else row.from_column,
                refs[row.to_ref],
                row.to_column,
                row.by_key,
                row.expression,
            )
            for row in rows
        ]

    async def graph(
        self,
        asset_id: UUID,
        seen: Visibility,
        *,
        direction: Direction = Direction.BOTH,
        depth: int = 1,
        columns: bool = False,
    ) -> Graph:
        """The neighbourhood of an asset, laid out."""
        focus = await self._asset(asset_id, seen)
        depths: dict[str, int] = {focus.ref: 0}
        for way, sign in ((Direction.UPSTREAM, -1), (Direction.DOWNSTREAM, 1)):
            if direction in (way, Direction.BOTH):
                found = await self.graph_.closure([focus.ref], way, depth=depth, limit=GRAPH_NODES)
                for ref, distance in found.items():
                    depths.setdefault(ref, sign * distance)
        shown, hidden = await self._visible(depths, seen)
        refs = list(shown)
        flows = await self.graph_.flows_among(refs)
        column_edges = await self.graph_.columns_among(refs, GRAPH_COLUMN_EDGES) if columns else []
        nodes = await self._nodes(shown, depths, flows, column_edges, seen)
        return Graph(focus.ref, nodes, flows, column_edges, hidden, len(depths) > GRAPH_NODES)

    async def _nodes(
        self,
        shown: Mapping[str, Asset | None],
        depths: Mapping[str, int],
        flows: Sequence[Flow],
        column_edges: Sequence[Any],
        seen: Visibility,
    ) -> list[Node]:
        listed: dict[str, dict[str, None]] = {ref: {} for ref in shown}
        for edge in column_edges:
            listed[edge.from_ref][edge.from_column] = None
            listed[edge.to_ref][edge.to_column] = None
        pairs = [(flow.from_ref, flow.to_ref) for flow in flows]
        heights = {ref: CARD_HEIGHT + ROW_HEIGHT * len(names) for ref, names in listed.items()}
        places = positions(list(shown), pairs, heights)
        up = await self._folded(shown, Direction.UPSTREAM, seen)
        down = await self._folded(shown, Direction.DOWNSTREAM, seen)
        return [
            Node(
                ref,
                asset,
                depths[ref],
                *places[ref],
                more_upstream=up.get(ref, 0),
                more_downstream=down.get(ref, 0),
                columns=tuple(sorted(listed[ref])),
            )
            for ref, asset in shown.items()
        ]

    async def _folded(
        self, shown: Mapping[str, Asset | None], way: Direction, seen: Visibility
    ) -> Mapping[str, int]:
        """How many neighbours of each node are not in the picture and could be."""
        pairs = [
            pair for pair in await self.graph_.neighbours(list(shown), way) if pair[1] not in shown
        ]
        visible, _ = await self._visible(dict.fromkeys((end for _, end in pairs), 0), seen)
        counts: dict[str, int] = {}
        for start, end in pairs:
            counts[start] = counts.get(start, 0) + (end in visible)
        return counts

    async def closure(
        self, asset_id: UUID, seen: Visibility, direction: Direction, *, depth: int
    ) -> tuple[Sequence[Reached], int]:
        """Every asset up or down from here, nearest first; and how many of them are hidden."""
        focus = await self._asset(asset_id, seen)
        depths = await self.graph_.closure([focus.ref], direction, depth=depth)
        shown, hidden = await self._visible(depths, seen)
        return [Reached(ref, depths[ref], asset) for ref, asset in shown.items()], hidden

    async def column_closure(
        self, asset_id: UUID, column: str, seen: Visibility, direction: Direction
    ) -> Sequence[ColumnStep]:
        """Every column that a value comes from, or reaches; nearest first."""
        focus = await self._asset(asset_id, seen)
        if await self.assets.column(focus.id, column) is None:
            raise NotFound(f"{focus.name} has no column {column}.", column=column)
        steps = await self.graph_.column_closure(focus.ref, column, direction)
        shown, _ = await self._visible({step.ref: step.depth for step in steps}, seen)
        return [step for step in steps if step.ref in shown]

    async def impact(self, asset_id: UUID, seen: Visibility, *, column: str | None) -> Impact:
        """What would be reached if the asset, or one column of it, went or changed."""
        focus = await self._asset(asset_id, seen)
        steps: Sequence[ColumnStep] = ()
        users: Mapping[str, Sequence[str]] = {}
        if column is None:
            depths = dict(await self.graph_.closure([focus.ref], Direction.DOWNSTREAM))
        else:
            if await self.assets.column(focus.id, column) is None:
                raise NotFound(f"{focus.name} has no column {column}.", column=column)
            steps = await self.graph_.column_closure(focus.ref, column, Direction.DOWNSTREAM)
            users = await self.graph_.users_of(focus.ref, column)
            further = await self.graph_.closure(list(users), Direction.DOWNSTREAM)
            depths = dict.fromkeys(users, 1)
            for ref, distance in further.items():
                if ref != focus.ref:
                    depths.setdefault(ref, distance + 1)
        shown, hidden = await self._visible(depths, seen)
        by_asset: dict[str, list[str]] = {}
        for step in steps:
            by_asset.setdefault(step.ref, []).append(step.column)
        reached = [
            Reached(
                ref,
                depths[ref],
                asset,
                how=tuple(users.get(ref, ())),
                columns=tuple(sorted(by_asset.get(ref, ()))),
            )
            for ref, asset in sorted(shown.items(), key=lambda pair: (depths[pair[0]], pair[0]))
        ]
        known = [each.asset for each in reached if each.asset is not None]
        return Impact(
            focus,
            column,
            reached,
            [step for step in steps if step.ref in shown],
            hidden,
            owners=tuple(sorted({asset.owner for asset in known if asset.owner})),
            labels=tuple(sorted({label for asset in known for label in asset.labels})),
        )

    async def page_edges(
        self, asset_id: UUID, seen: Visibility, query: PageQuery
    ) -> Page[LineageEdge]:
        """Edges at an asset; those to assets that the caller may not see are left out."""
        focus = await self._asset(asset_id, seen)
        page = await self.graph_.page_edges(focus.ref, query)
        ends = {ref for edge in page.items for ref in (edge.from_ref, edge.to_ref)}
        visible, _ = await self._visible(dict.fromkeys(ends, 0), seen)
        page.items = [e for e in page.items if e.from_ref in visible and e.to_ref in visible]
        return page

    async def coverage(self, seen: Visibility) -> Sequence[Any]:
        return await self.graph_.outcomes(seen)

    async def page_statements(
        self, seen: Visibility, query: PageQuery, *, source: str | None, outcome: str | None
    ) -> Page[ShownStatement]:
        return await self.graph_.page_statements(seen, query, source=source, outcome=outcome)

    async def draw(
        self,
        seen: Visibility,
        start: tuple[UUID, str | None],
        end: tuple[UUID, str | None],
        *,
        note: str | None,
    ) -> LineageEdge:
        """Add an edge by hand: between assets, or between columns of them."""
        (from_id, from_column), (to_id, to_column) = start, end
        source, target = await self._asset(from_id, seen), await self._asset(to_id, seen)
        if source.id == target.id:
            raise Invalid("An asset cannot be drawn as its own source.")
        if (from_column is None) != (to_column is None):
            raise Invalid("Name a column on both sides, or on none.")
        edges = [Edge(source.ref, target.ref, EdgeKind.FLOW, origin=EdgeOrigin.MANUAL)]
        if from_column is not None and to_column is not None:
            for asset, name in ((source, from_column), (target, to_column)):
                if await self.assets.column(asset.id, name) is None:
                    raise NotFound(f"{asset.name} has no column {name}.", column=name)
            edges.append(
                Edge(
                    source.ref,
                    target.ref,
                    EdgeKind.TRANSFORM,
                    from_column,
                    to_column,
                    origin=EdgeOrigin.MANUAL,
                )
            )
        added = await self.edges.put(
            target.source, edges, self.clock.now(), note=note, actor=self.caller.name
        )
        if added:
            await self.outbox.publish(
                LineageChanged(source=target.source, edges_added=added, edges_removed=0)
            )
        drawn = await self.graph_.edge(edges[-1].id)
        if drawn is None:
            raise NotFound("The edge was removed in the meantime.")
        return drawn

    async def erase(self, edge_id: UUID, seen: Visibility) -> None:
        """Remove an edge that was drawn by hand; those read from code cannot be removed."""
        edge = await self.graph_.edge(edge_id)
        ends = {edge.from_ref: 0, edge.to_ref: 0} if edge is not None else {}
        visible, _ = await self._visible(ends, seen)
        if edge is None or len(visible) < len(ends):
            raise NotFound("There is no such edge.", edge=str(edge_id))
        if edge.origin != EdgeOrigin.MANUAL.value:
            raise Invalid("This edge is read from code. It goes when the code no longer says so.")
        source = edge.source
        await self.edges.remove_manual(edge_id)
        await self.outbox.publish(LineageChanged(source=source, edges_added=0, edges_removed=1))

    async def _asset(self, asset_id: UUID, seen: Visibility) -> Asset:
        asset = await self.assets.get(asset_id, seen)
        if asset is None:
            raise NotFound("There is no such asset, or you may not see it.", asset=str(asset_id))
        return asset

    async def _visible(
        self, refs: Mapping[str, int], seen: Visibility
    ) -> tuple[dict[str, Asset | None], int]:
        """The refs that the caller may see, with their assets, and the number of the others."""
        known = {asset.ref: asset for asset in await self.assets.of_refs(list(refs))}
        shown: dict[str, Asset | None] = {}
        for ref in refs:
            asset = known.get(ref)
            if seen.allows(asset.domain if asset is not None else None):
                shown[ref] = asset
        return shown, len(refs) - len(shown)
