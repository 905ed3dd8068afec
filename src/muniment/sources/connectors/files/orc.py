"""ORC files: the footer for the metadata, stripes for the rows."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
from pyarrow import fs, orc

from muniment.kernel.errors import SourceDataUnreadable
from muniment.sources.connectors.arrow import Array
from muniment.sources.connectors.files import nested
from muniment.sources.connectors.files.footers import DAMAGED, Footer, check_width
from muniment.sources.connectors.files.stores import DataFile
from muniment.sources.connectors.files.tally import Tally

STRIPE_CELLS = 12_000_000
"""A file with more cells a stripe is streamed as one piece, because a stripe is read at once."""
ROWS_AT_ONCE = 65_536


def footer(file: DataFile) -> Footer:
    """Read the footer; SourceDataUnreadable when it is damaged.

    It tells the rows of the file, not of its stripes: they are taken to be alike.
    """
    try:
        found = orc.ORCFile(file.native())
        rows, stripes, schema = found.nrows, found.nstripes, found.schema
    except (pa.ArrowException, OSError, ValueError):
        file.check()
        raise SourceDataUnreadable(DAMAGED) from None
    check_width(len(schema))
    fields = tuple(nested.fields(schema))
    if stripes and rows * len(fields) / stripes > STRIPE_CELLS:
        stripes = 1
    each = [rows * (n + 1) // stripes - rows * n // stripes for n in range(stripes)]
    return Footer(fields, tuple(each))


def rows(
    file: DataFile, groups: Sequence[int], max_cell: int, tally: Tally, stop: Callable[[], None]
) -> Iterator[tuple[dict[str, Array], int]]:
    """Flat columns and the number of rows, a batch at a time; damaged stripes are told."""
    about = footer(file)
    if len(about.groups) == 1:
        yield from _streamed(file, max_cell, stop)
        return
    opened = orc.ORCFile(file.native())
    for group in groups:
        try:
            stripe = opened.read_stripe(group)
        except (pa.ArrowException, OSError):
            file.check()
            tally.lose(f"stripe {group + 1} of {opened.nstripes}", about.groups[group])
            continue
        for start in range(0, stripe.num_rows, ROWS_AT_ONCE):
            stop()
            batch = stripe.slice(start, ROWS_AT_ONCE)
            yield nested.columns(batch, max_cell), batch.num_rows


def _streamed(
    file: DataFile, max_cell: int, stop: Callable[[], None]
) -> Iterator[tuple[dict[str, Array], int]]:
    native = file.native()
    near = isinstance(native, Path)
    data = ds.OrcFileFormat().make_fragment(native, fs.LocalFileSystem() if near else None)
    try:
        for batch in data.to_batches(
            batch_size=ROWS_AT_ONCE, batch_readahead=0, fragment_readahead=0, use_threads=False
        ):
            stop()
            yield nested.columns(batch, max_cell), batch.num_rows
    except (pa.ArrowException, OSError):
        file.check()
        raise SourceDataUnreadable(DAMAGED) from None
