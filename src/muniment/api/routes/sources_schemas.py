"""/sources/{name}/snapshots and /schema-changes: how schemas came to be what they are."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from muniment.api.deps import Seen, reading
from muniment.api.problems import may_fail
from muniment.api.security import permit
from muniment.contracts.sources import ChangeKind
from muniment.kernel.errors import NotFound
from muniment.platform.paging import Page, PageQuery
from muniment.sources.service.snapshots import Change, SnapshotService

router = APIRouter(tags=["sources"])

Snapshots = Annotated[SnapshotService, reading(lambda unit: unit.sources.snapshots)]


class SnapshotOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    number: int
    run_id: UUID | None
    taken_at: datetime
    complete: bool = Field(description="False when only a part of the source was looked at.")
    first: bool
    assets: int
    added: int
    changed: int
    removed: int


class ColumnChangeOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    column: str
    kind: ChangeKind
    before: str | None
    after: str | None
    breaking: bool = Field(description="Readers of the column fail: removed, or its type changed.")


class ChangeOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    asset: str
    kind: ChangeKind
    breaking: bool
    aspects: list[str] = Field(description="What differs: columns, keys, grants, definition ...")
    columns: list[ColumnChangeOut]

    @classmethod
    def of(cls, change: Change) -> "ChangeOut":
        return cls(
            asset=str(change.asset),
            kind=change.kind,
            breaking=change.breaking,
            aspects=list(change.aspects),
            columns=[ColumnChangeOut.model_validate(column) for column in change.columns],
        )


class SchemaChangeOut(ChangeOut):
    id: UUID
    snapshot_id: UUID
    run_id: UUID | None
    found_at: datetime


@router.get(
    "/sources/{name}/snapshots",
    dependencies=[permit("sources.read")],
    responses=may_fail(NotFound),
)
async def list_source_snapshots(
    name: str, snapshots: Snapshots, seen: Seen, page: Annotated[PageQuery, Query()]
) -> Page[SnapshotOut]:
    """Schema snapshots of a source, the newest first."""
    return (await snapshots.page(name, page, seen)).map(SnapshotOut.model_validate)


@router.get(
    "/sources/{name}/snapshots/{before}/changes-until/{after}",
    dependencies=[permit("sources.read")],
    responses=may_fail(NotFound),
)
async def compare_snapshots(
    name: str, before: int, after: int, snapshots: Snapshots, seen: Seen
) -> list[ChangeOut]:
    """What lies between any two snapshots, by their numbers."""
    return [ChangeOut.of(c) for c in await snapshots.compare(name, before, after, seen)]


@router.get("/schema-changes", dependencies=[permit("sources.read")], responses=may_fail())
async def list_schema_changes(
    snapshots: Snapshots,
    seen: Seen,
    page: Annotated[PageQuery, Query()],
    source: Annotated[str | None, Query(max_length=63)] = None,
    asset: Annotated[str | None, Query(max_length=4000, description="Text of the ref.")] = None,
    breaking: bool | None = None,
) -> Page[SchemaChangeOut]:
    """Schema changes of one asset, one source or the whole estate, the newest first."""
    found = await snapshots.changes(page, seen, source=source, asset=asset, breaking=breaking)
    return found.map(SchemaChangeOut.model_validate)
