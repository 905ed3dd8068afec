"""What an edge says, and how the answers of the lineage engine become edges. Pure."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from muniment.kernel.refs import AssetRef
from muniment.kernel.values import AssetKind, JsonObject


class EdgeKind(StrEnum):
    """How one thing feeds another: an asset an asset (flow), or a column a column."""

    FLOW = "flow"
    IDENTITY = "identity"
    TRANSFORM = "transform"
    AGGREGATE = "aggregate"
    INFLUENCE = "influence"
    """A column that filters, joins or groups what reaches an asset, without giving a value."""


VALUE_KINDS = (EdgeKind.IDENTITY.value, EdgeKind.TRANSFORM.value, EdgeKind.AGGREGATE.value)


class EdgeOrigin(StrEnum):
    CODE = "code"
    MANUAL = "manual"
    EVENT = "event"
    """Told by a producer of OpenLineage events while its job ran."""


ROUTINES = (AssetKind.FUNCTION.value, AssetKind.PROCEDURE.value)
VIEWS = (AssetKind.VIEW.value, AssetKind.MATERIALIZED_VIEW.value)


@dataclass(frozen=True, slots=True)
class Edge:
    from_ref: str
    to_ref: str
    kind: EdgeKind
    from_column: str | None = None
    to_column: str | None = None
    expression: str | None = None
    job_ref: str | None = None
    origin: EdgeOrigin = EdgeOrigin.CODE

    @property
    def id(self) -> UUID:
        """The same for the same statement of fact, however often it is found."""
        said = (
            self.origin.value,
            self.from_ref,
            self.from_column,
            self.to_ref,
            self.to_column,
            self.kind.value,
            self.job_ref,
        )
        text = "\x1f".join("\x1e" if part is None else part for part in said)
        return UUID(bytes=hashlib.sha256(text.encode()).digest()[:16])


@dataclass(frozen=True, slots=True)
class NamedAsset:
    """An asset of the source whose code was read, under the names that code may use."""

    ref: str
    path: tuple[str, ...]
    kind: str
    routine: str | None = None

    @property
    def called(self) -> tuple[str, ...]:
        """A routine is called by its name alone, its path holds the arguments too."""
        return (*self.path[:-1], self.routine) if self.routine else self.path


class Names:
    """Finds the asset that a resolved name means: exactly, else whatever the case."""

    def __init__(self, source: str, assets: Sequence[NamedAsset]) -> None:
        self._source = source
        self._exact: dict[tuple[str, ...], str] = {}
        self._folded: dict[tuple[str, ...], str] = {}
        self._kinds = {asset.ref: asset.kind for asset in assets}
        for asset in assets:
            self._exact.setdefault(asset.called, asset.ref)
            self._folded.setdefault(_folded(asset.called), asset.ref)

    def ref(self, path: Sequence[str]) -> str:
        """The stored ref; for a table that is not in the catalogue the ref it would have."""
        name = tuple(path)
        known = self._exact.get(name) or self._folded.get(_folded(name))
        return known or str(AssetRef(self._source, name))

    def is_routine(self, ref: str) -> bool:
        return self._kinds.get(ref) in ROUTINES


def _folded(name: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.casefold() for part in name)


def edges_of(result: JsonObject, names: Names) -> Iterator[Edge]:
    """The edges that one answer of the lineage engine states.

    A view is fed by what it reads. A routine stands between what it reads and what it writes;
    its column edges go straight from column to column and name it as their job.
    """
    job = str(result["job"])
    target = result.get("target")
    named = tuple(map(str, _list(target))) if target is not None else None

    def ref_of(path: object) -> str:
        parts = tuple(map(str, _list(path)))
        return job if parts == named else names.ref(parts)

    reads = dict.fromkeys(ref_of(path) for path in _list(result.get("reads")))
    writes = dict.fromkeys(ref_of(path) for path in _list(result.get("writes")))
    if names.is_routine(job):
        pairs = [(read, job) for read in reads] + [(job, write) for write in writes]
    else:
        pairs = [(read, write) for write in writes for read in reads]
    for source, fed in pairs:
        if source != fed:
            yield Edge(source, fed, EdgeKind.FLOW, job_ref=job)
    yield from _column_edges(result, job, ref_of)


def _column_edges(result: JsonObject, job: str, ref_of: Any) -> Iterator[Edge]:
    for entry in _objects(result.get("edges")):
        if entry.get("to") is None:
            continue
        edge = Edge(
            ref_of(entry["from"]),
            ref_of(entry["to"]),
            EdgeKind(str(entry["kind"])),
            str(entry["from_column"]),
            str(entry["to_column"]),
            str(entry["expression"]) if entry.get("expression") else None,
            job,
        )
        if (edge.from_ref, edge.from_column) != (edge.to_ref, edge.to_column):
            yield edge
    for entry in _objects(result.get("influences")):
        if entry.get("to") is None:
            continue
        source, fed = ref_of(entry["from"]), ref_of(entry["to"])
        if source != fed:
            yield Edge(source, fed, EdgeKind.INFLUENCE, str(entry["from_column"]), None, None, job)


@dataclass(frozen=True, slots=True)
class StatementFact:
    """What became of one statement of a job."""

    job_ref: str
    position: int
    line: int
    kind: str
    outcome: str
    reason: str | None


LOST = "The parser ended or took too long on this definition."


def statements_of(result: JsonObject) -> Iterator[StatementFact]:
    job = str(result["job"])
    for position, entry in enumerate(_objects(result.get("statements"))):
        line, reason = entry.get("line"), entry.get("reason")
        yield StatementFact(
            job,
            position,
            line if isinstance(line, int) else 1,
            str(entry.get("kind")),
            str(entry.get("outcome")),
            None if reason is None else str(reason),
        )


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def _objects(value: object) -> Sequence[Mapping[str, Any]]:
    return [entry for entry in _list(value) if isinstance(entry, Mapping)]
