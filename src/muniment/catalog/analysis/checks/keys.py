"""Keys that refer to other tables: kept as hashes, because the other table is read elsewhere."""

from base64 import b64encode
from typing import Final

import numpy as np

from muniment.catalog.analysis.batches import BatchView
from muniment.catalog.analysis.results import KeySketch, Refers
from muniment.catalog.analysis.sample import ValueSample
from muniment.catalog.analysis.spec import CheckSpec
from muniment.kernel.errors import Invalid

FOREIGN: Final = "foreign_key"
MOST_VALUES: Final = 65_536
"""Up to so many different values a reference is judged exactly; 0.8 MB a key."""
UNREAD: Final = "The table it refers to was not read whole in this scan."
SENSITIVE: Final = "The columns are sensitive, so no hashes of them are kept to be compared."
_MOST_ROWS_OF_VALUE: Final = (1 << 32) - 1


def named(spec: CheckSpec) -> tuple[str, ...]:
    """The columns of a reference; Invalid when they do not fit those of the key."""
    if not spec.columns or len(spec.columns) != len(spec.values("keys")):
        raise Invalid("The check foreign_key needs as many columns as the key that it names.")
    return spec.columns


def refers_of(spec: CheckSpec) -> Refers:
    """What a reference leads to."""
    return Refers(
        tuple(str(part) for part in spec.values("path")),
        tuple(str(name) for name in spec.values("keys")),
        spec.min_ratio,
        spec.assumed,
    )


def kinds_of(view: BatchView, names: tuple[str, ...]) -> str | None:
    """The kinds of the columns in this batch; None where one is missing or holds nothing."""
    columns = [view.column(name) for name in names]
    kinds = [one.kind.value for one in columns if one is not None and one.nulls < one.rows]
    return ",".join(kinds) if len(kinds) == len(names) else None


def sketch_of(names: tuple[str, ...], kinds: frozenset[str], sample: ValueSample) -> KeySketch:
    """What leaves the worker of a key: hashes and counts, a bounded number of them."""
    kept = sample.capped(MOST_VALUES)
    counts = np.minimum(kept.counts, _MOST_ROWS_OF_VALUE)
    return KeySketch(
        columns=names,
        kinds=" or ".join(sorted(kinds)),
        bound=str(kept.bound),
        rows=sample.rows,
        hashes=b64encode(kept.hashes.astype("<u8").tobytes()).decode(),
        counts=b64encode(counts.astype("<u4").tobytes()).decode(),
    )
