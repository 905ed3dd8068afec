"""Distinct counts beyond counting: HyperLogLog's error after 64 merges, and what it costs.

    python benchmarks/distinct.py

Beside it: HyperLogLog of Apache DataSketches at the same size (`lg_k` 14), and DuckDB's
approx_count_distinct. Each counts the same numbers; ours and DataSketches in 64 parts.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("POLARS_MAX_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import polars as pl

from _measure import cost_of
from _peers import environment_of
from muniment.catalog.analysis import hll
from muniment.catalog.analysis.hashing import hashes

PARTS, TRIALS, COST_VALUES, TIMES = 64, 100, 16_000_000, 5
TRIALS_OF_PEERS = 30
SIZES = (50_000, 200_000, 1_000_000)
BATCH = 131_072
PEER = """
import json, sys, time
import duckdb, numpy as np, pyarrow as pa
from datasketches import hll_sketch, hll_union
base, trials, parts, cost = sys.argv[1], *map(int, sys.argv[2:5])
told = {}
duck = duckdb.connect(); duck.execute("set threads=1; set enable_progress_bar=false")
for name in ("datasketches", "duckdb"):
    errors = []
    for trial in range(trials):
        values = np.load(f"{base}/{trial}.npy")
        if name == "duckdb":
            given = pa.table({"v": values})
            found = duck.execute("select approx_count_distinct(v) from given").fetchone()[0]
        else:
            union = hll_union(14)
            for part in np.array_split(values, parts):
                sketch = hll_sketch(14)
                for value in part.tolist():  # it takes one number at a time
                    sketch.update(value)
                union.update(sketch)
            found = union.get_estimate()
        errors.append(found / len(values) - 1)
    told[name] = [float(np.sqrt(np.mean(np.square(errors)))), float(np.abs(errors).max())]
values = np.arange(cost, dtype=np.int64) * 2654435761
given = pa.table({"v": values})
began = time.process_time()
duck.execute("select approx_count_distinct(v) from given").fetchone()
told["duckdb"].append((time.process_time() - began) / cost * 1e6)
sketch, few = hll_sketch(14), values[:1_000_000].tolist()
began = time.process_time()
for value in few:
    sketch.update(value)
told["datasketches"].append((time.process_time() - began) / len(few) * 1e6)
print(json.dumps(told))
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        errors = [_error(Path(folder), trial) for trial in range(TRIALS)]
        peer = cost_of(
            [
                str(environment_of("sketches") / "python"),
                *("-c", PEER, folder, str(TRIALS_OF_PEERS), str(PARTS), str(COST_VALUES)),
            ]
        )
    rms, worst = float(np.sqrt(np.mean(np.square(errors)))), float(np.abs(errors).max())
    told = {"Muniment": (rms, worst, _cost()), **json.loads(peer.printed.splitlines()[-1])}
    for name, (spread, far, seconds) in told.items():
        print(f"{name:13} RMS {spread:.2%}, worst {far:.2%}, {seconds:.4f} s per million values")
    print(f"bars: {PARTS} parts merged 0.85% RMS, 0.02 s per million values")
    sys.stdout.flush()


def _error(folder: Path, trial: int) -> float:
    """The relative error of one count; its values are left for the peers."""
    distinct = SIZES[trial % len(SIZES)]
    values = np.random.default_rng(trial).choice(2**40, distinct, replace=False, shuffle=False)
    np.save(folder / f"{trial}.npy", values)
    merged = hll.empty()
    for part in np.array_split(values, PARTS):
        registers = hll.empty()
        hll.raise_registers(registers, hashes(pl.Series(part)))
        merged = hll.merge(merged, registers)
    return hll.estimate(merged) / distinct - 1


def _cost() -> float:
    """CPU seconds per million different values, hashing included, in batches of a scan."""
    values = pl.Series(np.arange(COST_VALUES, dtype=np.int64) * 2654435761)
    seconds = []
    for _ in range(TIMES):
        registers = hll.empty()
        began = time.process_time()
        for start in range(0, COST_VALUES, BATCH):
            hll.raise_registers(registers, hashes(values[start : start + BATCH]))
        hll.estimate(registers)
        seconds.append(time.process_time() - began)
    return min(seconds) / COST_VALUES * 1e6


if __name__ == "__main__":
    main()
