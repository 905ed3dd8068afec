"""/lineage: where data comes from and where it goes."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from muniment.api.deps import Seen, reading, writing
from muniment.api.problems import may_fail
from muniment.api.routes.catalog_assets import Plain, Sensitive
from muniment.api.security import permit
from muniment.catalog.lineage.checking import ChangeChecker, ChangeSeverity, CheckedChange
from muniment.catalog.lineage.engine.proposal import Action, ProposedChange
from muniment.catalog.lineage.graph import Direction, ShownStatement
from muniment.catalog.lineage.service import Graph, Impact, LineageService, Node, Reached
from muniment.catalog.model import Certification
from muniment.kernel.errors import Invalid, NotFound
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import AssetKind
from muniment.platform.paging import Page, PageQuery

router = APIRouter(prefix="/lineage", tags=["lineage"])

Lineage = Annotated[LineageService, reading(lambda unit: unit.catalog.lineage)]
Changes = Annotated[ChangeChecker, reading(lambda unit: unit.catalog.changes)]
LineageToChange = Annotated[LineageService, writing(lambda unit: unit.catalog.lineage)]
Outcome = Literal["parsed", "partly", "failed"]
Depth = Annotated[int, Field(ge=1, le=50)]
Column = Annotated[Plain | None, Query(description="Of one column instead of the whole asset.")]


class ReachedOut(BaseModel):
    """An asset on the way; without an id it is a name in code that the catalogue does not know."""

    ref: str
    name: str
    id: UUID | None = None
    kind: AssetKind | None = None
    source: str
    domain: str | None = None
    owner: str | None = None
    labels: list[str] = Field(default_factory=list)
    sensitivity: Sensitive = None
    certification: Certification | None = None
    quality_score: float | None = None
    depth: int = Field(description="Hops from where the walk began; negative is upstream.")
    how: list[str] = Field(
        default_factory=list, description="How a column is used: by value, or to filter and join."
    )
    columns: list[str] = Field(default_factory=list)

    @classmethod
    def of(cls, found: Reached | Node) -> "ReachedOut":
        return cls(**_asset_fields(found), how=list(getattr(found, "how", ())))


class NodeOut(ReachedOut):
    """A card of the graph at its place."""

    x: int
    y: int
    more_upstream: int = Field(description="Neighbours that are not shown.")
    more_downstream: int

    @classmethod
    def at(cls, node: Node) -> "NodeOut":
        return cls(
            **_asset_fields(node),
            x=node.x,
            y=node.y,
            more_upstream=node.more_upstream,
            more_downstream=node.more_downstream,
        )


class FlowOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    from_ref: str
    to_ref: str
    broken: bool = Field(description="A column it relied on is gone.")
    origins: list[str]


class ColumnEdgeOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    from_ref: str
    from_column: str | None
    to_ref: str
    to_column: str | None
    kind: Literal["flow", "identity", "transform", "aggregate", "influence"]
    expression: str | None
    job_ref: str | None = Field(description="The view or routine whose code says so.")
    origin: str
    broken_at: datetime | None


class EdgeOut(ColumnEdgeOut):
    note: str | None
    actor: str | None
    first_seen_at: datetime
    last_seen_at: datetime


class GraphOut(BaseModel):
    """A laid-out part of the graph. ``table`` is the same for those who read rather than look."""

    focus: str
    nodes: list[NodeOut]
    flows: list[FlowOut]
    column_edges: list[ColumnEdgeOut]
    table: list[ReachedOut]
    hidden: int = Field(description="Assets on the way that the caller may not see.")
    truncated: bool = Field(description="There are more than can be drawn; go on from a node.")

    @classmethod
    def of(cls, graph: Graph) -> "GraphOut":
        inner = sorted(graph.nodes, key=lambda node: (node.depth, node.ref))
        return cls(
            focus=graph.focus,
            nodes=[NodeOut.at(node) for node in graph.nodes],
            flows=[FlowOut.model_validate(flow) for flow in graph.flows],
            column_edges=[ColumnEdgeOut.model_validate(edge) for edge in graph.column_edges],
            table=[ReachedOut.of(node) for node in inner if node.depth],
            hidden=graph.hidden,
            truncated=graph.truncated,
        )


class ClosureOut(BaseModel):
    assets: list[ReachedOut]
    total: int
    hidden: int


class ColumnStepOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    ref: str
    column: str
    depth: int
    kind: Literal["identity", "transform", "aggregate"]
    via_ref: str
    via_column: str
    job_ref: str | None


class ImpactOut(BaseModel):
    """What a change would reach, nearest first."""

    ref: str
    column: str | None
    assets: list[ReachedOut]
    columns: list[ColumnStepOut]
    owners: list[str]
    labels: list[str]
    hidden: int

    @classmethod
    def of(cls, impact: Impact) -> "ImpactOut":
        return cls(
            ref=impact.asset.ref,
            column=impact.column,
            assets=[ReachedOut.of(each) for each in impact.reached],
            columns=[ColumnStepOut.model_validate(step) for step in impact.columns],
            owners=list(impact.owners),
            labels=list(impact.labels),
            hidden=impact.hidden,
        )


class CheckChanges(BaseModel):
    """A migration as SQL."""

    sql: Annotated[str, Field(max_length=200_000, pattern=r"^[^\x00]*$")] = Field(
        examples=["alter table crm.customers drop column email"]
    )
    dialect: Plain = Field(default="postgres", examples=["postgres", "snowflake", "tsql"])
    source: Plain | None = Field(default=None, description="The source that is migrated.")


class CheckedChangeOut(BaseModel):
    """One change of a migration, and what it would reach."""

    line: int
    action: Action | None
    table: str | None
    column: str | None = None
    to: str | None = Field(default=None, description="The new name, or the new type.")
    severity: ChangeSeverity
    problem: str | None = Field(description="Why it cannot be told what the change reaches.")
    impact: ImpactOut | None

    @classmethod
    def of(cls, checked: CheckedChange) -> "CheckedChangeOut":
        change = checked.change
        told: dict[str, Any] = {"action": None, "table": None}
        if isinstance(change, ProposedChange):
            told = {
                "action": change.action,
                "table": ".".join(change.table),
                "column": change.column,
                "to": change.to,
            }
        return cls(
            **told,
            line=change.line,
            severity=checked.severity,
            problem=checked.problem,
            impact=None if checked.impact is None else ImpactOut.of(checked.impact),
        )


class DrawEdge(BaseModel):
    """Both columns, or none."""

    from_asset: UUID
    from_column: Plain | None = None
    to_asset: UUID
    to_column: Plain | None = None
    note: Plain | None = Field(default=None, examples=["A nightly script copies it."])


class CoverageOut(BaseModel):
    """How much of a source's code could be read."""

    source: str
    parsed: int = 0
    partly: int = 0
    failed: int = 0


class StatementOut(BaseModel):
    """What became of one statement."""

    job_ref: str
    asset_id: UUID
    name: str
    source: str
    position: int
    line: int
    kind: str
    outcome: Outcome
    reason: str | None

    @classmethod
    def of(cls, shown: ShownStatement) -> "StatementOut":
        told = shown.statement
        return cls.model_validate(
            {
                "asset_id": shown.asset_id,
                "name": shown.name,
                "job_ref": told.job_ref,
                "source": told.source,
                "position": told.position,
                "line": told.line,
                "kind": told.kind,
                "outcome": told.outcome,
                "reason": told.reason,
            }
        )


def _asset_fields(found: Reached | Node) -> dict[str, Any]:
    ref = AssetRef.parse(found.ref)
    fields: dict[str, Any] = {
        "ref": found.ref,
        "name": ref.name,
        "source": ref.source,
        "depth": found.depth,
        "columns": list(found.columns),
    }
    if found.asset is not None:
        fields |= {
            name: getattr(found.asset, name)
            for name in (
                "id",
                "kind",
                "domain",
                "owner",
                "labels",
                "sensitivity",
                "certification",
                "quality_score",
            )
        }
    return fields


@router.get("/coverage", dependencies=[permit("catalog.read")])
async def get_lineage_coverage(lineage: Lineage, seen: Seen) -> list[CoverageOut]:
    """Statements by outcome, for each source that has code."""
    by_source: dict[str, CoverageOut] = {}
    for row in await lineage.coverage(seen):
        entry = by_source.setdefault(row.source, CoverageOut(source=row.source))
        setattr(entry, row.outcome, row.amount)
    return list(by_source.values())


@router.get("/statements", dependencies=[permit("catalog.read")])
async def list_lineage_statements(
    lineage: Lineage,
    seen: Seen,
    page: Annotated[PageQuery, Query()],
    source: Plain | None = None,
    outcome: Outcome | None = None,
) -> Page[StatementOut]:
    """What became of each statement in views and routines, and why where it failed."""
    found = await lineage.page_statements(seen, page, source=source, outcome=outcome)
    return found.map(StatementOut.of)


@router.post("/impact-checks", dependencies=[permit("catalog.read")], responses=may_fail(Invalid))
async def check_impact_of_changes(
    changes: Changes, seen: Seen, body: CheckChanges
) -> list[CheckedChangeOut]:
    """What a migration would break: each drop, rename and retyping in it. Nothing is changed."""
    found = await changes.check(body.sql, body.dialect, seen, source=body.source)
    return [CheckedChangeOut.of(each) for each in found]


@router.post(
    "/edges",
    status_code=201,
    dependencies=[permit("catalog.annotate")],
    responses=may_fail(NotFound, Invalid),
)
async def draw_lineage_edge(lineage: LineageToChange, seen: Seen, body: DrawEdge) -> EdgeOut:
    """Add an edge that no code states."""
    edge = await lineage.draw(
        seen,
        (body.from_asset, body.from_column),
        (body.to_asset, body.to_column),
        note=body.note,
    )
    return EdgeOut.model_validate(edge)


@router.delete(
    "/edges/{edge_id}",
    status_code=204,
    dependencies=[permit("catalog.annotate")],
    responses=may_fail(NotFound, Invalid),
)
async def erase_lineage_edge(lineage: LineageToChange, seen: Seen, edge_id: UUID) -> None:
    """Remove an edge that was drawn by hand."""
    await lineage.erase(edge_id, seen)


@router.get(
    "/{asset_id}/graph", dependencies=[permit("catalog.read")], responses=may_fail(NotFound)
)
async def get_lineage_graph(
    lineage: Lineage,
    seen: Seen,
    asset_id: UUID,
    direction: Direction = Direction.BOTH,
    depth: Annotated[int, Query(ge=1, le=10)] = 1,
    columns: bool = False,
) -> GraphOut:
    """The neighbourhood of an asset, laid out, with the numbers of neighbours not shown."""
    return GraphOut.of(
        await lineage.graph(asset_id, seen, direction=direction, depth=depth, columns=columns)
    )


@router.get(
    "/{asset_id}/upstream", dependencies=[permit("catalog.read")], responses=may_fail(NotFound)
)
async def get_upstream(
    lineage: Lineage, seen: Seen, asset_id: UUID, depth: Annotated[Depth, Query()] = 50
) -> ClosureOut:
    """Everything an asset is made from, nearest first."""
    return await _closure(lineage, seen, asset_id, Direction.UPSTREAM, depth)


@router.get(
    "/{asset_id}/downstream", dependencies=[permit("catalog.read")], responses=may_fail(NotFound)
)
async def get_downstream(
    lineage: Lineage, seen: Seen, asset_id: UUID, depth: Annotated[Depth, Query()] = 50
) -> ClosureOut:
    """Everything that is made from an asset, nearest first."""
    return await _closure(lineage, seen, asset_id, Direction.DOWNSTREAM, depth)


@router.get(
    "/{asset_id}/columns", dependencies=[permit("catalog.read")], responses=may_fail(NotFound)
)
async def get_column_lineage(
    lineage: Lineage,
    seen: Seen,
    asset_id: UUID,
    column: Annotated[Plain, Query()],
    direction: Literal[Direction.UPSTREAM, Direction.DOWNSTREAM] = Direction.UPSTREAM,
) -> list[ColumnStepOut]:
    """Every column that one column's values come from, or reach; nearest first."""
    steps = await lineage.column_closure(asset_id, column, seen, direction)
    return [ColumnStepOut.model_validate(step) for step in steps]


@router.get(
    "/{asset_id}/impact", dependencies=[permit("catalog.read")], responses=may_fail(NotFound)
)
async def get_impact(
    lineage: Lineage, seen: Seen, asset_id: UUID, column: Column = None
) -> ImpactOut:
    """What would be reached if the asset, or one of its columns, went or changed."""
    return ImpactOut.of(await lineage.impact(asset_id, seen, column=column))


@router.get(
    "/{asset_id}/edges", dependencies=[permit("catalog.read")], responses=may_fail(NotFound)
)
async def list_lineage_edges(
    lineage: Lineage, seen: Seen, asset_id: UUID, page: Annotated[PageQuery, Query()]
) -> Page[EdgeOut]:
    """Every edge at an asset, or stated by its code."""
    return (await lineage.page_edges(asset_id, seen, page)).map(EdgeOut.model_validate)


async def _closure(
    lineage: LineageService, seen: Seen, asset_id: UUID, direction: Direction, depth: int
) -> ClosureOut:
    reached, hidden = await lineage.closure(asset_id, seen, direction, depth=depth)
    return ClosureOut(
        assets=[ReachedOut.of(each) for each in reached[:1000]], total=len(reached), hidden=hidden
    )
