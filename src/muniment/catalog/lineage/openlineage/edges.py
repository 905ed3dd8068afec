"""What one event says of lineage, as edges. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeGuard

from muniment.catalog.lineage.model import Edge, EdgeKind, EdgeOrigin
from muniment.catalog.lineage.openlineage.events import (
    LONGEST_NAME,
    EventDataset,
    Key,
    PipelineEvent,
)
from muniment.catalog.lineage.openlineage.naming import job_ref

_KINDS = {
    "IDENTITY": EdgeKind.IDENTITY,
    "TRANSFORMATION": EdgeKind.TRANSFORM,
    "AGGREGATION": EdgeKind.AGGREGATE,
}


def flows(
    job: Key,
    event: PipelineEvent,
    read: Sequence[Key],
    written: Sequence[Key],
    refs: Mapping[Key, str],
) -> Iterator[Edge]:
    """Edges from everything that a run read to everything that it wrote, as far as this event
    adds to them; ``read`` and ``written`` are of the whole run."""
    new_inputs = [dataset.key for dataset in event.inputs]
    new_outputs = [dataset.key for dataset in event.outputs]
    pairs = dict.fromkeys((source, target) for source in new_inputs for target in written)
    pairs |= dict.fromkeys((source, target) for source in read for target in new_outputs)
    told = job_ref(job)
    for source, target in pairs:
        if refs[source] != refs[target]:
            yield Edge(
                refs[source], refs[target], EdgeKind.FLOW, job_ref=told, origin=EdgeOrigin.EVENT
            )


def column_edges(job: Key | None, dataset: EventDataset, refs: Mapping[Key, str]) -> Iterator[Edge]:
    """Edges of the facets ``columnLineage`` and ``lineage`` of a dataset (OpenLineage,
    ColumnLineageDatasetFacet 1-2-0 and LineageFacet 1-0-0).

    DIRECT gives a value, INDIRECT decides which values there are. A masked value is told as
    ``mask(column)``, so that labels follow it as they follow a mask in SQL.
    """
    target = refs[dataset.key]
    told = None if job is None else job_ref(job)
    for source in dict.fromkeys(refs[key] for key in input_keys(dataset)):
        if source != target:
            yield Edge(source, target, EdgeKind.FLOW, job_ref=told, origin=EdgeOrigin.EVENT)
    for facet in _facets(dataset):
        for column, entry, found in _of_fields(facet):
            yield from _edges_of(found, entry, (target, column), told, refs)
        for found in _of_whole(facet):
            if _is_name(found.get("field")):
                yield _influence(found, target, told, refs)


def input_keys(dataset: EventDataset) -> Iterator[Key]:
    """Datasets that this one, or a column of it, comes from."""
    for facet in _facets(dataset):
        for _, _, found in _of_fields(facet):
            yield found["namespace"], found["name"]
        for found in _of_whole(facet):
            yield found["namespace"], found["name"]


def _facets(dataset: EventDataset) -> Iterator[Mapping[str, Any]]:
    for name in ("columnLineage", "lineage"):
        facet = dataset.facets.get(name)
        if isinstance(facet, dict):
            yield facet


def _of_fields(
    facet: Mapping[str, Any],
) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    """A column, what is told of it, and one column that it comes from."""
    fields = facet.get("fields")
    for column, entry in fields.items() if isinstance(fields, dict) else ():
        if isinstance(entry, dict) and _is_name(column):
            for found in _inputs(entry.get("inputFields") or entry.get("inputs")):
                if _is_name(found.get("field")):
                    yield column, entry, found


def _of_whole(facet: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from _inputs(facet.get("dataset") or facet.get("inputs"))


def _inputs(value: object) -> Iterator[Mapping[str, Any]]:
    """Those that are datasets; a job among them is no place where data lies."""
    for each in value if isinstance(value, list) else ():
        if not isinstance(each, dict) or str(each.get("type") or "DATASET").upper() != "DATASET":
            continue
        if _is_name(each.get("namespace")) and _is_name(each.get("name")):
            yield each


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_NAME


def _edges_of(
    found: Mapping[str, Any],
    entry: Mapping[str, Any],
    fed: tuple[str, str],
    told: str | None,
    refs: Mapping[Key, str],
) -> Iterator[Edge]:
    target, column = fed
    source = refs[found["namespace"], found["name"]]
    for kind, masked in dict.fromkeys(_transformations(found, entry)):
        if kind is EdgeKind.INFLUENCE:
            yield _influence(found, target, told, refs)
        elif (source, found["field"]) != (target, column):
            name = found["field"].replace('"', '""')
            yield Edge(
                source,
                target,
                kind,
                found["field"],
                column,
                f'mask("{name}")' if masked else None,
                told,
                EdgeOrigin.EVENT,
            )


def _influence(
    found: Mapping[str, Any], target: str, told: str | None, refs: Mapping[Key, str]
) -> Edge:
    source = refs[found["namespace"], found["name"]]
    return Edge(
        source, target, EdgeKind.INFLUENCE, found["field"], None, None, told, EdgeOrigin.EVENT
    )


def _transformations(
    found: Mapping[str, Any], entry: Mapping[str, Any]
) -> Iterator[tuple[EdgeKind, bool]]:
    """How a column is used, and whether it is masked; old producers tell it for the whole field."""
    listed = found.get("transformations")
    known = [each for each in listed if isinstance(each, dict)] if _is_list(listed) else []
    if not known:
        old = str(entry.get("transformationType") or "").upper()
        masked = old == "MASKED"
        yield EdgeKind.IDENTITY if old == "IDENTITY" else EdgeKind.TRANSFORM, masked
    for each in known:
        masked = each.get("masking") is True
        if str(each.get("type") or "DIRECT").upper() == "INDIRECT":
            yield EdgeKind.INFLUENCE, False
            continue
        kind = _KINDS.get(str(each.get("subtype") or "").upper(), EdgeKind.TRANSFORM)
        yield EdgeKind.TRANSFORM if masked and kind is EdgeKind.IDENTITY else kind, masked


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)
