"""Parquet, ORC and Avro behind one door: footers, and rows of some of their groups."""

from collections.abc import Callable, Iterator

from muniment.sources.connectors.arrow import Array
from muniment.sources.connectors.files import avro, deletions, orc, parquet
from muniment.sources.connectors.files.footers import Footer
from muniment.sources.connectors.files.layout import File
from muniment.sources.connectors.files.pieces import Piece
from muniment.sources.connectors.files.stores import DataFile, Mark
from muniment.sources.connectors.files.tally import Tally

FOOTERS: dict[str, Callable[[DataFile], Footer]] = {
    "parquet": parquet.footer,
    "orc": orc.footer,
    "avro": avro.footer,
}


def footer(file: DataFile, kind: str) -> Footer:
    return FOOTERS[kind](file)


def rows(
    file: DataFile, kind: str, piece: Piece, max_cell: int, tally: Tally, stop: Callable[[], None]
) -> Iterator[tuple[dict[str, Array], int]]:
    """Flat columns and the number of rows of a piece; groups that are damaged are told."""
    if kind == "avro":
        span = piece.span or (0, 0)
        yield from avro.rows(file, span, max_cell, tally, stop)
    elif kind == "orc":
        yield from orc.rows(file, piece.groups, max_cell, tally, stop)
    else:
        yield from parquet.rows(file, piece.groups, max_cell, tally, stop)


def pieces(file: File, told: Footer, mark: Mark, rows_per_partition: int) -> Iterator[Piece]:
    """Neighbouring groups together, as long as they stay below the wanted number of rows."""
    first = 0
    rows = 0
    for number, count in enumerate(told.groups):
        if number > first and rows + count > rows_per_partition:
            yield _piece(file, told, mark, first, number)
            first, rows = number, 0
        rows += count
    if told.groups:
        yield _piece(file, told, mark, first, len(told.groups))


def _piece(file: File, told: Footer, mark: Mark, first: int, after: int) -> Piece:
    rows = sum(told.groups[first:after])
    if told.offsets:
        span = (told.offsets[first], told.offsets[after])
        return Piece(file.path, file.values, rows, span=span, mark=mark)
    return Piece(
        file.path,
        file.values,
        rows,
        tuple(range(first, after)),
        mark=mark,
        names=file.names,
        deleted=file.deleted,
        starts=deletions.starts(told.groups)[first:after] if file.deleted else (),
    )
