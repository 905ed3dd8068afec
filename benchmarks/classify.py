"""CPU throughput of the classification engine, and against a plain loop over ``re``.

    python benchmarks/classify.py [--values 80000] [--fallback] [--json]

Values a CPU second (all threads added), end to end: hash, patterns, validators, dictionaries,
verdict. Then the same patterns through Python's ``re``, one after the other, in the same run: both
take turns, and the best of each counts, so that a busy machine slows both down. ``slowest_column``
is the dearest single column of 10,000 different values, rules and model. ``--fallback`` adds the
engine that answers where there is no vectorscan.
"""

import argparse
import json
import random
import re
import resource
import sys
import tempfile
import time
from collections.abc import Callable

import polars as pl
import pyarrow as pa

from muniment.classification.content import builtin
from muniment.classification.direct import classify_table
from muniment.classification.engine.detectors import DEPTHS, Detectors
from muniment.classification.engine.sample import KEPT
from muniment.classification.engine.texts import Joined
from muniment.classification.engine.validators import luhn_digit
from muniment.kernel.refs import AssetRef

CHANCE = random.Random(11)


def _card() -> str:
    body = f"4{CHANCE.randrange(10**14):014d}"
    return body + luhn_digit(body)


COLUMNS: dict[str, Callable[[int], str]] = {
    "email": lambda n: f"person{n}@mail{n % 50}.example",
    "card_number": lambda _: _card(),
    "order_no": lambda _: f"{CHANCE.randrange(10**9, 10**10)}",
    "sku": lambda n: f"SKU-{n:07d}",
    "phone": lambda _: f"+49 {CHANCE.randrange(30, 900)} {CHANCE.randrange(10**6, 10**7)}",
    "created": lambda n: (
        f"2024-{1 + n % 12:02d}-{1 + n % 28:02d} {n % 24:02d}:{n % 60:02d}:{n % 59:02d}"
    ),
    "ip": lambda n: f"10.{n % 250}.{n // 250 % 250}.{n % 199}",
    "amount": lambda _: f"{CHANCE.random() * 1000:.2f}",
}


def _seconds(action: Callable[[], object], best_of: int = 1) -> float:
    times = []
    for _ in range(best_of):
        began = time.process_time()
        action()
        times.append(time.process_time() - began)
    return min(times)


def _plain_loop(values: list[str]) -> Callable[[], int]:
    """What one would write first: every pattern on every value."""
    known = builtin().classifiers.values()
    whole = [re.compile(p).fullmatch for c in known for p in (*c.patterns, *c.sure, *c.never)]
    inside = [re.compile(p).search for c in known for p in c.contains]

    def run() -> int:
        hits = sum(1 for value in values for match in whole if match(value))
        return hits + sum(1 for value in values for match in inside if match(value))

    return run


def _in_turn(
    first: Callable[[], object], second: Callable[[], object], rounds: int = 4
) -> tuple[float, float]:
    """The least CPU seconds of two actions that take turns."""
    times = [(_seconds(first), _seconds(second)) for _ in range(rounds)]
    return min(a for a, _ in times), min(b for _, b in times)


def _fallback(table: pa.Table) -> float:
    """CPU seconds of the patterns over all values by the engine without vectorscan."""
    detectors = Detectors(builtin().classifiers, engine="polars")
    joined = [Joined(pl.Series(column.to_pylist())) for column in table.columns]

    def run() -> None:
        for values in joined:
            for depth in DEPTHS:
                detectors.at(depth).match(values.head(depth))

    return _seconds(run, best_of=2)


def measure(count: int, *, fallback: bool = False) -> dict[str, float]:
    """Figures for columns of ``KEPT`` distinct values each."""
    per_column = min(count // len(COLUMNS), KEPT)
    table = pa.table({name: [make(n) for n in range(per_column)] for name, make in COLUMNS.items()})
    values = per_column * len(COLUMNS)
    small = [str(value) for column in table.columns for value in column.to_pylist()[:60]]
    with tempfile.TemporaryDirectory() as cache:
        ref = AssetRef("bench", ("t",))

        def rules(given: pa.Table = table) -> object:
            return classify_table(given, ref, {"cache_dir": cache, "tiers": ["rule"]})

        def everything(given: pa.Table) -> object:
            return classify_table(given, ref, {"cache_dir": cache})

        first = _seconds(rules)
        seconds, loop = _in_turn(rules, _plain_loop(small))
        everything(table)
        columns = [table.select([name]) for name in table.column_names]
        dearest = max(_seconds(lambda one=one: everything(one), best_of=3) for one in columns)  # type: ignore[misc]  # bound at once
    figures = {
        "classifiers": len(builtin().classifiers),
        "values": values,
        "first_run_seconds": round(first, 3),
        "values_per_second": round(values / seconds),
        "milliseconds_per_column": round(1000 * seconds / len(COLUMNS), 1),
        "slowest_column_milliseconds": round(1000 * dearest, 1),
        "plain_loop_values_per_second": round(len(small) / loop),
        "times_faster_than_a_plain_loop": round(values / seconds * loop / len(small), 1),
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }
    if fallback:
        figures["fallback_patterns_values_per_second"] = round(values / _fallback(table))
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--values", type=int, default=80_000)
    parser.add_argument("--fallback", action="store_true", help="Also without vectorscan.")
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    figures = measure(wanted.values, fallback=wanted.fallback)
    if wanted.json:
        print(json.dumps(figures))
        return 0
    for name, value in figures.items():
        print(f"{name.replace('_', ' '):>34}  {value:>12,}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
