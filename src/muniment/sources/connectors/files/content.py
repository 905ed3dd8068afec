"""The rows of one piece of a file as flat Arrow columns, whatever its format."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

from muniment.kernel.errors import SourceObjectGone
from muniment.sources.connectors.arrow import Array
from muniment.sources.connectors.files import (
    columnar,
    deletions,
    delimited_reading,
    documents,
    documents_reading,
    prose,
    sheets,
    text,
)
from muniment.sources.connectors.files.discovery import Discovery
from muniment.sources.connectors.files.failures import REPLACED
from muniment.sources.connectors.files.layout import COLUMNAR
from muniment.sources.connectors.files.pieces import Piece
from muniment.sources.connectors.files.stores import DataFile, Store
from muniment.sources.connectors.files.tally import Tally

PASSAGES = 1_000
"""Passages of a document that are held together."""
Portion = tuple[dict[str, Array], int]


class Content:
    """Reads pieces of the files of one root."""

    def __init__(
        self, store: Store, discovery: Discovery, max_cell: int, stop: Callable[[], None]
    ) -> None:
        self._store = store
        self._discovery = discovery
        self._max_cell = max_cell
        self._stop = stop

    def rows(self, kind: str, piece: Piece, tally: Tally) -> Iterator[Portion]:
        """Columns of one piece, cut off at its limit.

        SourceObjectGone when the file is not the one that was planned, or does not stay it.
        """
        file = self._store.file(piece.path, piece.mark)
        _check(kind, file, piece)
        left = piece.limit
        for found, rows in self._all(kind, file, piece, tally):
            self._stop()
            if left is not None and rows >= left:
                yield {name: array.slice(0, left) for name, array in found.items()}, left
                break
            left = None if left is None else left - rows
            yield found, rows
        _check(kind, file, piece)

    def _all(self, kind: str, file: DataFile, piece: Piece, tally: Tally) -> Iterator[Portion]:
        limit, stop = self._max_cell, self._stop
        if kind in COLUMNAR and piece.deleted is not None:
            gone = deletions.of(self._store, piece.deleted)
            for group, first in zip(piece.groups, piece.starts, strict=True):
                one = replace(piece, groups=(group,))
                found = columnar.rows(file, kind, one, limit, tally, stop)
                yield from deletions.without(found, first, gone)
        elif kind in COLUMNAR:
            yield from columnar.rows(file, kind, piece, limit, tally, stop)
        elif kind == "csv":
            yield from self._delimited(file, piece, tally)
        elif kind == "xlsx":
            cells = sheets.rows(file, piece.sheet or "", stop)
            while part := list(islice(cells, documents_reading.ROWS_PER_BLOCK)):
                yield documents_reading.by_row(part), len(part)
        elif kind == "prose":
            told = prose.rows(file, stop, limit)
            while said := list(islice(told, PASSAGES)):
                yield documents_reading.by_row(said), len(said)
        else:
            sample, _ = text.head(file, stop)
            document = kind == "json" and documents.is_document(sample)
            yield from documents_reading.blocks(
                file, limit, tally, stop, document=document, span=piece.span
            )

    def _delimited(self, file: DataFile, piece: Piece, tally: Tally) -> Iterator[Portion]:
        dialect = self._discovery.dialect(file)
        own = Tally()
        try:
            for batch in delimited_reading.batches(
                file, dialect, self._max_cell, own, self._stop, span=piece.span
            ):
                found = dict(zip(batch.schema.names, batch.columns, strict=True))
                yield found, batch.num_rows
        finally:
            tally.skipped += own.skipped


def _check(kind: str, file: DataFile, piece: Piece) -> None:
    if piece.mark is None or (now := file.mark()) == piece.mark:
        return
    grown = now[2] == piece.mark[2] and now[0] > piece.mark[0]
    if kind == "ndjson" and grown and piece.span is not None:
        return  # a log that is written on: the part that was planned is still there
    raise SourceObjectGone(REPLACED)
