"""CPU throughput of the classification engine, and against a plain loop over ``re``.

    python benchmarks/classify.py [--values 80000] [--json]

Values a CPU second (all threads added), end to end: hash, patterns, validators, dictionaries,
verdict. Then the same patterns through Python's ``re``, one after the other, in the same run.
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

import pyarrow as pa

from muniment.classification.content import builtin
from muniment.classification.direct import classify_table
from muniment.classification.engine.sample import KEPT
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


def _seconds(action: Callable[[], object], best_of: int = 3) -> float:
    times = []
    for _ in range(best_of):
        began = time.process_time()
        action()
        times.append(time.process_time() - began)
    return min(times)


def _plain_loop(values: list[str]) -> int:
    """What one would write first: every pattern on every value."""
    compiled = [
        re.compile(p) for c in builtin().classifiers.values() for p in (*c.patterns, *c.sure)
    ]
    return sum(1 for value in values for pattern in compiled if pattern.fullmatch(value))


def measure(count: int) -> dict[str, float]:
    """Figures for columns of ``KEPT`` distinct values each."""
    per_column = min(count // len(COLUMNS), KEPT)
    table = pa.table({name: [make(n) for n in range(per_column)] for name, make in COLUMNS.items()})
    values = per_column * len(COLUMNS)
    with tempfile.TemporaryDirectory() as cache:
        params = {"cache_dir": cache}
        ref = AssetRef("bench", ("t",))
        began = time.process_time()
        classify_table(table, ref, params)
        first = time.process_time() - began
        seconds = _seconds(lambda: classify_table(table, ref, params))
    small = [str(value) for column in table.columns for value in column.to_pylist()[:150]]
    loop = _seconds(lambda: _plain_loop(small), best_of=1) / len(small)
    return {
        "classifiers": len(builtin().classifiers),
        "values": values,
        "first_run_seconds": round(first, 3),
        "values_per_second": round(values / seconds),
        "milliseconds_per_column": round(1000 * seconds / len(COLUMNS), 1),
        "times_faster_than_a_plain_loop": round(values / seconds * loop, 1),
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--values", type=int, default=80_000)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    figures = measure(wanted.values)
    if wanted.json:
        print(json.dumps(figures))
        return 0
    for name, value in figures.items():
        print(f"{name.replace('_', ' '):>34}  {value:>12,}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
