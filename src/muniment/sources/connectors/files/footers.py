"""What a file in columns says of itself before its rows are read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from muniment.kernel.errors import LimitExceeded
from muniment.sources.connectors.files import limits

DAMAGED = "The file is cut short or damaged. Write it again."


@dataclass(frozen=True, slots=True)
class Footer:
    """Columns and groups of rows (row groups, stripes, blocks) of one file."""

    fields: tuple[tuple[str, pa.DataType, bool], ...]
    """Flat name, type, and whether a value may be missing."""
    groups: tuple[int, ...]
    """Rows of each group."""
    offsets: tuple[int, ...] = ()
    """Where groups begin and where the last ends, in bytes, for a format without a directory."""
    damage: str | None = None
    """What is wrong with a file that can be read in part."""
    settled: Mapping[str, pa.DataType] = field(default_factory=dict)
    """Plain types that hold the values of columns whose usual plain type would not."""

    ids: Mapping[int, str] = field(default_factory=dict)
    """Flat name by the number that the writer gave a column, where it did."""

    @property
    def rows(self) -> int:
        return sum(self.groups)


def check_width(columns: int) -> None:
    """LimitExceeded for a file with more columns than anyone means."""
    if columns > limits.COLUMNS:
        raise LimitExceeded(
            f"The file has more than {limits.COLUMNS} columns; it is not read.",
            remedy="Write it with fewer columns, or exclude it in the rule set.",
        )
