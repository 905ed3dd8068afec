"""The rows of one piece of a file as flat Arrow columns, whatever its format."""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from muniment.kernel.errors import SourceObjectGone
from muniment.sources.connectors.arrow import Array
from muniment.sources.connectors.files import (
    columnar,
    delimited_reading,
    documents,
    documents_reading,
    sheets,
    text,
)
from muniment.sources.connectors.files.discovery import Discovery
from muniment.sources.connectors.files.layout import COLUMNAR, within
from muniment.sources.connectors.files.pieces import Piece, mark_of
from muniment.sources.connectors.files.tally import Tally

Portion = tuple[dict[str, Array], int]
REPLACED = "The file was changed or replaced while it was read. Scan it again."


class Content:
    """Reads pieces of the files of one root."""

    def __init__(
        self, root: Path, discovery: Discovery, max_cell: int, stop: Callable[[], None]
    ) -> None:
        self._root = root
        self._discovery = discovery
        self._max_cell = max_cell
        self._stop = stop

    def rows(self, kind: str, piece: Piece, tally: Tally) -> Iterator[Portion]:
        """Columns of one piece, cut off at its limit.

        SourceObjectGone when the file is not the one that was planned, or does not stay it.
        """
        path = within(self._root, piece.path)
        self._check(kind, path, piece)
        left = piece.limit
        for found, rows in self._all(kind, path, piece, tally):
            self._stop()
            if left is not None and rows >= left:
                yield {name: array.slice(0, left) for name, array in found.items()}, left
                break
            left = None if left is None else left - rows
            yield found, rows
        self._check(kind, path, piece)

    def _check(self, kind: str, path: Path, piece: Piece) -> None:
        if piece.mark is None or (now := mark_of(path)) == piece.mark:
            return
        grown = now[2] == piece.mark[2] and now[0] > piece.mark[0]
        if kind == "ndjson" and grown and piece.span is not None:
            return  # a log that is written on: the part that was planned is still there
        raise SourceObjectGone(REPLACED)

    def _all(self, kind: str, path: Path, piece: Piece, tally: Tally) -> Iterator[Portion]:
        limit, stop = self._max_cell, self._stop
        if kind in COLUMNAR:
            yield from columnar.rows(path, kind, piece, limit, tally, stop)
        elif kind == "csv":
            yield from self._delimited(path, piece, tally)
        elif kind == "xlsx":
            found = sheets.rows(path, piece.sheet or "", stop)
            while part := list(islice(found, documents_reading.ROWS_PER_BLOCK)):
                yield documents_reading.by_row(part), len(part)
        else:
            sample, _ = text.head(path, stop)
            document = kind == "json" and documents.is_document(sample)
            yield from documents_reading.blocks(
                path, limit, tally, stop, document=document, span=piece.span
            )

    def _delimited(self, path: Path, piece: Piece, tally: Tally) -> Iterator[Portion]:
        dialect = self._discovery.dialect(path)
        own = Tally()
        try:
            for batch in delimited_reading.batches(
                path, dialect, self._max_cell, own, self._stop, span=piece.span
            ):
                found = dict(zip(batch.schema.names, batch.columns, strict=True))
                yield found, batch.num_rows
        finally:
            tally.skipped += own.skipped
