"""Quantiles of what is too much to sort: error of their ranks after 64 merges, and cost.

    python benchmarks/quantiles.py

Beside it: KLL and REQ of Apache DataSketches and DuckDB's approx_quantile, on the same numbers.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

os.environ.setdefault("POLARS_MAX_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from _measure import cost_of
from _peers import environment_of
from muniment.catalog.analysis.limits import Limits
from muniment.catalog.analysis.numbers import Points, quantiles

PARTS, VALUES, BATCH = 64, 8_000_000, 131_072
SHARES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
PEER = """
import json, sys, time
import duckdb, numpy as np, pyarrow as pa
from datasketches import kll_floats_sketch, req_floats_sketch
shares = json.loads(sys.argv[2]); told = {}
duck = duckdb.connect(); duck.execute("set threads=1; set enable_progress_bar=false")
makers = {"kll 800": lambda: kll_floats_sketch(800), "req 50": lambda: req_floats_sketch(50)}
for file in sys.argv[3:]:
    values = np.load(f"{sys.argv[1]}/{file}.npy")
    for name, make in makers.items():
        began = time.process_time()
        whole = make()
        for part in np.array_split(values.astype(np.float32), 64):
            sketch = make(); sketch.update(part); whole.merge(sketch)
        found = [float(whole.get_quantile(share)) for share in shares]
        told.setdefault(name, {})[file] = [found, time.process_time() - began]
    given = pa.table({"v": values})
    began = time.process_time()
    [found] = duck.execute(f"select approx_quantile(v, {shares}) from given").fetchone()
    told.setdefault("duckdb", {})[file] = [found, time.process_time() - began]
print(json.dumps(told))
"""


def main() -> None:
    made = samples()
    told: dict[str, dict[str, Any]] = {"Muniment": {}}
    with tempfile.TemporaryDirectory() as folder:
        for name, values in made.items():
            np.save(Path(folder) / f"{name}.npy", values)
            began = time.process_time()
            found = summary(values)
            told["Muniment"][name] = (quantiles(found.ordered(), SHARES),
                                      time.process_time() - began)  # fmt: skip
            print(f"{name}: Muniment states an error of {found.error:.3%}")
        python = str(environment_of("sketches") / "python")
        peer = cost_of([python, "-c", PEER, folder, json.dumps(SHARES), *made])
    told |= json.loads(peer.printed.splitlines()[-1])
    ordered = {name: np.sort(values) for name, values in made.items()}
    for name, answers in told.items():
        errors = {each: _rank_error(ordered[each], answers[each][0]) for each in answers}
        seconds = {each: answers[each][1] / VALUES * 1e6 for each in answers}
        worst = ", ".join(f"{each} {errors[each]:.3%} {seconds[each]:.3f} s/M" for each in errors)
        print(f"{name:9} worst rank error and cost: {worst}")
    print("bars: rank error 0.1%, 0.02 s per million values")
    sys.stdout.flush()


def samples() -> Mapping[str, Any]:
    chance = np.random.default_rng(1)
    return {
        "even": chance.random(VALUES),
        "normal": chance.normal(0, 1, VALUES),
        "lognormal": chance.lognormal(0, 3, VALUES),
        "sorted": np.arange(VALUES, dtype=np.float64),
        "cents": np.round(chance.lognormal(3, 1, VALUES), 2),
    }


def summary(values: Any) -> Points:
    """As a scan makes it: batches into parts, 64 parts merged as a tree."""
    limit = Limits.for_columns(16).points
    parts = []
    for part in np.array_split(values, PARTS):
        points = Points.none()
        for start in range(0, len(part), BATCH):
            points = points.merge(Points.of(part[start : start + BATCH]), limit=limit)
        parts.append(points)
    while len(parts) > 1:
        pairs = [parts[at : at + 2] for at in range(0, len(parts), 2)]
        parts = [p[0].merge(p[1], limit=limit) if len(p) == 2 else p[0] for p in pairs]
    return parts[0]


def _rank_error(ordered: Any, found: list[float]) -> float:
    """The largest distance between the share asked for and the ranks of what was told."""
    off = []
    for share, value in zip(SHARES, found, strict=True):
        low = np.searchsorted(ordered, value, "left") / len(ordered)
        high = np.searchsorted(ordered, value, "right") / len(ordered)
        off.append(max(0.0, low - share, share - high))
    return max(off)


if __name__ == "__main__":
    main()
