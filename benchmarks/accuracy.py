"""Every figure of a full profile against an exact computation over the same rows.

    python benchmarks/accuracy.py [scale]

TPC-H in PostgreSQL and in Parquet, and a table of edges: NaN and infinities, numbers beyond 64
bits, dates before the year 1, nothing at all, skew, Unicode. Exact figures come from NumPy, Arrow
and `math.fsum`. A figure that claims to be exact has to be; one with an error, within it. Shapes
and castable shares are of a few values by their definition (`examined`), and are not compared.
"""

import asyncio
import math
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from _peers import home
from _tpch import TABLES, load, parquet_of
from muniment.catalog.analysis.results import ColumnProfile, ProfileResult
from muniment.contracts.connectors import SourceConnection
from muniment.platform.embedded import EmbeddedPostgres
from muniment.sources import locators
from muniment.worker.pool import Pool, PoolLimits
from muniment.worker.standalone import Wanted, profiled

STANDARD_ERRORS = 4
"""A sketch is off by more in one of 16,000 columns."""
ROUNDING = 1e-9
LONG = 10**8
"""Numbers of nine digits and more may be identifiers: where a table is read in several parts, four
digits of them are told (docs/decisions/0007)."""
EDGE_ROWS = 300_000


@dataclass(slots=True)
class Report:
    """What was compared, and what differs."""

    compared: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)

    def check(self, figure: str, good: bool, said: object, exact: object, at: str) -> None:
        self.compared[figure] += 1
        if not good:
            self.differences.append(f"{at}: {figure} is told as {said}, exactly {exact}")

    def same(self, figure: str, said: object, exact: object, at: str) -> None:
        self.check(figure, said == exact, said, exact, at)

    def near(self, figure: str, said: float | None, exact: float | None, at: str) -> None:
        if said is None or exact is None:
            self.same(figure, said, exact, at)
            return
        good = math.isclose(said, exact, rel_tol=ROUNDING, abs_tol=1e-12)
        self.check(figure, good, said, exact, at)


def main() -> None:
    scale = float(sys.argv[1] if len(sys.argv) > 1 else "0.1")
    report = Report()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        parquet = parquet_of(home(), scale)
        tables = {each: pq.read_table(parquet / f"{each}.parquet") for each in TABLES}
        compare(profiles(str(parquet)), tables, report, "Parquet")
        server = EmbeddedPostgres(folder / "server", durable=False)
        server.ensure_running()
        try:
            compare(profiles(load(server, home(), scale)), tables, report, "PostgreSQL")
        finally:
            server.stop()
        (folder / "edges").mkdir()
        made = edges()
        for table, rows in made.items():
            file = folder / "edges" / f"{table}.parquet"
            pq.write_table(rows, file, row_group_size=50_000)
        compare(profiles(str(folder / "edges")), made, report, "edges")
    for figure, count in sorted(report.compared.items()):
        print(f"{count:6,} {figure}")
    for difference in report.differences:
        print(f"differs: {difference}")
    print(f"{sum(report.compared.values()):,} figures compared, {len(report.differences)} differ")
    sys.exit(1 if report.differences else 0)


def profiles(target: str) -> Mapping[str, ProfileResult]:
    """By table: the full profile, in several partitions where the table is large."""
    at = locators.parse(target)
    source = SourceConnection(UUID(int=0), at.name, at.kind, at.settings, at.secrets)
    wanted = Wanted(source, analyzers=frozenset({"profile"}), rows_of_partition=200_000)

    async def run() -> Mapping[str, ProfileResult]:
        pool = Pool(PoolLimits(children=2))
        try:
            found = await profiled(pool, wanted)
        finally:
            await pool.close()
        if failed := [each for each in found if each.failure]:
            raise RuntimeError(f"{failed[0].meta.path}: {failed[0].failure}")
        return {
            each.meta.path[-1].removesuffix(".parquet"): ProfileResult.from_json(
                each.results["profile"]
            )
            for each in found
            if each.results is not None
        }

    return asyncio.run(run())


def compare(
    told: Mapping[str, ProfileResult], tables: Mapping[str, pa.Table], report: Report, place: str
) -> None:
    for table, rows in tables.items():
        report.same("rows", told[table].rows, rows.num_rows, f"{place} {table}")
        for column in told[table].columns:
            values = rows.column(column.name).combine_chunks()
            figures_of(column, values, report, f"{place} {table}.{column.name}")


def figures_of(said: ColumnProfile, values: Any, report: Report, at: str) -> None:
    if isinstance(values, pa.ChunkedArray):
        values = pa.concat_arrays(values.chunks) if values.chunks else pa.array([], values.type)
    if pa.types.is_string_view(values.type) or pa.types.is_large_string(values.type):
        values = pc.cast(values, pa.string())
    if said.kind == "text" and not pa.types.is_string(values.type):
        values = pc.cast(values, pa.string())  # numbers that no number here can hold exactly
    present = values.drop_null()
    report.same("rows of columns", said.rows, len(values), at)
    report.same("nulls", said.nulls, values.null_count, at)
    if said.kind == "other" or not len(present):
        return
    if pa.types.is_decimal(present.type):
        present = pc.cast(pc.cast(present, pa.string()), pa.float64())
    if pa.types.is_floating(present.type):
        present = pc.cast(present, pa.float64())
        report.same("NaN", said.nan, int(pc.sum(pc.is_nan(present)).as_py()), at)
        report.same("infinities", said.infinite, int(pc.sum(pc.is_inf(present)).as_py()), at)
        present = present.filter(pc.invert(pc.is_nan(present)))
        present = pc.add(present, 0.0)  # no negative zero
    _distinct(said, present, report, at)
    if said.kind == "text":
        _text(said, present, report, at)
    elif said.kind in ("integer", "float", "date", "datetime", "boolean"):
        _numbers(said, present, report, at)


def _distinct(said: ColumnProfile, present: Any, report: Report, at: str) -> None:
    counts = sorted((each["counts"] for each in pc.value_counts(present).to_pylist()), reverse=True)
    exact = len(counts)
    if said.distinct_exact:
        report.same("distinct, exact", said.distinct, exact, at)
    else:
        off = abs(said.distinct - exact) / exact
        good = off <= STANDARD_ERRORS * said.distinct_error
        report.check("distinct, within its error", good, said.distinct, exact, at)
    if said.unique is not None:
        report.same("unique", said.unique, exact == len(present), at)
    report.same("constant", said.constant, exact == 1, at)
    tops = [top.count for top in said.top]
    if said.top_exact:
        report.same("most frequent, exact", tops, counts[: len(tops)], at)
    else:
        good = all(top <= real for top, real in zip(tops, counts, strict=False))
        report.check("most frequent, lower bounds", good, tops, counts[: len(tops)], at)


def _text(said: ColumnProfile, present: Any, report: Report, at: str) -> None:
    lengths = pc.utf8_length(present)
    if said.lengths is not None:
        report.same("shortest", said.lengths.min, pc.min(lengths).as_py(), at)
        report.same("longest", said.lengths.max, pc.max(lengths).as_py(), at)
        report.near("mean length", said.lengths.mean, pc.mean(lengths).as_py(), at)
    blank = pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(present)), 0)
    report.same("blanks", said.blanks, pc.sum(blank).as_py(), at)
    if said.min is not None:
        ends = sorted({str(each) for each in pc.unique(present).to_pylist()})
        report.same("first and last text", (said.min, said.max), (ends[0], ends[-1]), at)


def _numbers(said: ColumnProfile, present: Any, report: Report, at: str) -> None:
    numbers = _as_numbers(present)
    if not numbers.size:
        return
    ends = (_shown(numbers.min(), said), _shown(numbers.max(), said))
    long = isinstance(said.max, int | float) and not isinstance(said.max, bool)
    if long and (said.min, said.max) != ends and max(map(abs, ends)) >= LONG:
        near = all(map(_rounded, (said.min, said.max), ends))
        report.check("least and greatest, rounded", near, (said.min, said.max), ends, at)
    else:
        report.same("least and greatest", (said.min, said.max), ends, at)
    finite = np.sort(numbers[np.isfinite(numbers)] if numbers.dtype.kind == "f" else numbers)
    if said.kind in ("integer", "float"):
        report.same("zeros", said.zeros, int((finite == 0).sum()), at)
        report.same("negatives", said.negatives, int((finite < 0).sum()), at)
        if finite.size:
            _moments(said, finite, report, at)
    if not finite.size:
        return
    for share, value in said.quantiles.items():
        report.check(*_quantile(said, float(share), value, finite), at)
    _histogram(said, finite, report, at)


def _rounded(said: Any, exact: Any) -> bool:
    return math.isclose(said, exact, rel_tol=5e-4)


def _as_numbers(present: Any) -> Any:
    if pa.types.is_date(present.type):
        return pc.cast(pc.cast(present, pa.int32()), pa.int64()).to_numpy()
    if pa.types.is_timestamp(present.type):
        micro = pc.cast(present, pa.timestamp("us", tz=present.type.tz), safe=False)
        return pc.cast(micro, pa.int64()).to_numpy()
    return pc.cast(present, pa.float64() if pa.types.is_floating(present.type) else pa.int64(),
                   ).to_numpy(zero_copy_only=False)  # fmt: skip


def _shown(number: Any, said: ColumnProfile) -> object:
    """As it is told; Python knows no date before the year 1."""
    value = number.item()
    try:
        if said.kind == "date":
            return (date(1970, 1, 1) + timedelta(days=value)).isoformat()
        if said.kind == "datetime":
            return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=value)).isoformat()
    except OverflowError:
        days = said.kind == "date"
        return f"day {value} from 1970" if days else f"second {value // 1_000_000} from 1970"
    if said.kind == "boolean":
        return bool(value)
    return value if not isinstance(value, float) or math.isfinite(value) else str(value)


def _moments(said: ColumnProfile, finite: Any, report: Report, at: str) -> None:
    n, floats = finite.size, finite.astype(np.float64)
    mean = math.fsum(floats) / n
    report.near("mean", said.mean, mean, at)
    away = floats - mean
    second, third, fourth = (math.fsum(away**power) / n for power in (2, 3, 4))
    if n > 1:
        report.near("standard deviation", said.std, math.sqrt(second * n / (n - 1)), at)
    for name, told, exact in (
        ("skewness", said.skewness, third / second**1.5 if second else None),
        ("kurtosis", said.kurtosis, fourth / second**2 - 3 if second else None),
    ):
        if told is not None and exact is not None:
            good = math.isclose(told, exact, rel_tol=1e-4, abs_tol=1e-4)  # told in few digits
            report.check(name, good, told, exact, at)


def _quantile(
    said: ColumnProfile, share: float, value: Any, finite: Any
) -> tuple[str, bool, object, object]:
    """Whether the rank of a quantile is off by no more than it says."""
    number = _number_of(value, said)
    long = said.kind in ("integer", "float") and abs(number) >= LONG
    reach = abs(number) * 5e-4 if long else 0.0
    below = np.searchsorted(finite, number - reach, "left") / finite.size
    upto = np.searchsorted(finite, number + reach, "right") / finite.size
    error = said.quantile_error + 1.5 / finite.size
    good = below - error <= share <= upto + error
    figure = "quantiles, exact" if said.quantile_error == 0 else "quantiles, within their error"
    figure = "quantiles, rounded" if long else figure
    exact = finite[min(finite.size - 1, int(share * finite.size))]
    return figure, bool(good), f"{value} at {share} (rank {below:.5f} to {upto:.5f})", exact


def _number_of(value: Any, said: ColumnProfile) -> float:
    if isinstance(value, str) and value.endswith("from 1970"):
        number = int(value.split()[1])
        return float(number if said.kind == "date" else number * 1_000_000)
    if said.kind == "date":
        return float(np.datetime64(str(value), "D").astype(np.int64))
    if said.kind == "datetime":
        return float(np.datetime64(str(value).removesuffix("+00:00"), "us").astype(np.int64))
    return float(value)


def _histogram(said: ColumnProfile, finite: Any, report: Report, at: str) -> None:
    if said.histogram is None:
        return
    told = said.histogram.counts
    report.check(
        "histogram, sum", abs(sum(told) - finite.size) <= len(told), sum(told), finite.size, at
    )
    floats = finite.astype(np.float64)
    if len(told) < 2 or floats[0] == floats[-1]:
        return
    low, high = said.histogram.low, said.histogram.high
    reach = (_number_of(low, said), _number_of(high, said))
    if max(map(abs, reach)) >= LONG and said.kind in ("integer", "float"):
        return  # its ends are rounded
    exact, _ = np.histogram(np.clip(floats, *reach), bins=len(told), range=reach)
    # Each edge of a bin is off by the error of a rank; a value on an edge by rounding.
    allowed = 2 * said.quantile_error * finite.size + (0 if said.quantile_error == 0 else 2)
    worst = int(np.abs(np.array(told) - exact).max())
    figure = "histogram, exact" if said.quantile_error == 0 else "histogram, within its error"
    report.check(figure, worst <= allowed, told, tuple(exact.tolist()), at)


def edges() -> Mapping[str, pa.Table]:
    chance = np.random.default_rng(4)
    n = EDGE_ROWS
    floats = chance.normal(0, 1e3, n)
    floats[::97], floats[1::997], floats[2::997] = np.nan, np.inf, -np.inf
    floats[3::991] = -0.0
    words = [*(f"w{each}" for each in range(60_000)), "ÄÖÜ", "e\u0301", "😀", "", "  ", "\u3000"]
    zipf = np.minimum(chance.zipf(1.3, n), len(words)) - 1
    columns = {
        "floats": pa.array(floats),
        "halves": pa.array(floats.astype(np.float32)),
        "nothing_but_nan": pa.array(np.full(n, np.nan)),
        "with_nulls": pa.array(floats, mask=chance.random(n) < 0.3),
        "skewed": pa.array(chance.zipf(1.2, n).astype(np.int64)),
        "wide": pa.array(chance.integers(-(2**63), 2**63 - 1, n)),
        "beyond": pa.array(chance.integers(0, 2**64 - 1, n, dtype=np.uint64)),
        "small": pa.array(chance.integers(-100, 100, n).astype(np.int8)),
        "constant": pa.array(np.full(n, 7)),
        "counter": pa.array(np.arange(n)),
        "falling": pa.array(np.arange(n)[::-1].copy()),
        "lognormal": pa.array(chance.lognormal(3, 2, n)),
        "tiny": pa.array(chance.normal(0, 1e-12, n)),
        "offset": pa.array(1e9 + chance.normal(0, 1, n)),
        "flag": pa.array(chance.random(n) < 0.1),
        "words": pa.array([words[each] for each in zipf.tolist()]),
        "keys": pa.array([f"key-{each}" for each in chance.permutation(n).tolist()]),
        "missing": pa.nulls(n, pa.int64()),
        "missing_text": pa.nulls(n, pa.string()),
        "day": pa.array(chance.integers(-700_000, 2_900_000, n).astype(np.int32), pa.date32()),
        "moment": pa.array(chance.integers(-(10**15), 10**15, n), pa.timestamp("us")),
        "recent": pa.array(chance.integers(19_000, 20_000, n).astype(np.int32), pa.date32()),
    }
    few = {name: column.slice(0, 50) for name, column in columns.items()}
    # Python's dates begin with the year 1, the exact side's too: ends of these are told as days.
    return {
        "edges": pa.table(columns),
        "few": pa.table(few),
        "empty": pa.table(columns).slice(0, 0),
    }


if __name__ == "__main__":
    main()
