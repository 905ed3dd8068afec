"""The net effect of a script: tables that it makes itself are seen through when they are read."""

from collections.abc import Iterator
from dataclasses import replace

from muniment.catalog.lineage.engine.flows import (
    STAR,
    Edge,
    Kind,
    Lineage,
    Origin,
    TableName,
)

_Fed = dict[tuple[TableName | None, str], list[Edge]]


def net(lineage: Lineage) -> Lineage:
    """The same lineage from the tables that were there before; those made are only written."""
    if not lineage.made:
        return lineage
    fed: _Fed = {}
    for edge in lineage.edges:
        fed.setdefault((edge.table, edge.column), []).append(edge)
    edges = {
        replace(edge, origin=origin, kind=max(edge.kind, kind)): None
        for edge in lineage.edges
        for origin, kind in _sources(edge.origin, lineage, fed, frozenset())
    }
    reads = {name: None for name in lineage.reads if name not in lineage.made}
    return replace(lineage, edges=edges, reads=reads)


def _sources(
    origin: Origin, lineage: Lineage, fed: _Fed, met: frozenset[Origin]
) -> Iterator[tuple[Origin, Kind]]:
    """What a column was made of, as far back as the tables that were there before."""
    if origin.table not in lineage.made:
        yield origin, Kind.IDENTITY
        return
    if origin in met:
        return
    known = fed.get((origin.table, origin.column), ())
    for edge in known:
        for source, kind in _sources(edge.origin, lineage, fed, met | {origin}):
            yield source, max(kind, edge.kind)
    if known:
        return
    for edge in fed.get((origin.table, STAR), ()):  # one of the columns behind a star
        named = Origin(edge.origin.table, origin.column)
        yield from _sources(named, lineage, fed, met | {origin})
