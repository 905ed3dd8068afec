"""One 64-bit hash for every value, with a name that says which hash it was."""

from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

Hashes = npt.NDArray[np.uint64]

SEED: Final = 7


def hashes(values: pl.Series) -> Hashes:
    """The hash of each value; equal values of one canonical type hash alike everywhere."""
    return values.hash(SEED).to_numpy()


def _fingerprint() -> str:
    # The hash depends on the library's version and may depend on the processor: known values tell.
    probes = (
        pl.Series(["", "muniment", "a longer text that takes the other branch of the hash" * 3]),
        pl.Series([0, 1, -1], dtype=pl.Int64),
        pl.Series([0.0, 1.5, -1e300], dtype=pl.Float64),
    )
    folded = 0
    for probe in probes:
        for value in hashes(probe).tolist():
            folded = (folded * 1_000_003 ^ value) & 0xFFFF_FFFF_FFFF_FFFF
    return f"{folded:016x}"


HASH_NAME: Final = f"polars-seed{SEED}-{_fingerprint()}"
"""Kept with every dumped state; states with different names are never merged."""
