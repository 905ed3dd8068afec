"""How well references are found by values and names, and what comparing a whole estate costs.

    python benchmarks/relationships.py [--scale 0.1] [--columns 10000] [--json]

TPC-H's eight tables from Parquet, where no key is declared and all are known; the database of the
demo estate, whose declared keys are hidden from the judgement; and sketches of as many columns as
asked, most of them numbers, compared all with all.
"""

import argparse
import asyncio
import json
import os
import time
from base64 import b64decode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

os.environ.setdefault("POLARS_MAX_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from _peers import home
from _tpch import parquet_of
from muniment.catalog.relations.comparing import compare
from muniment.catalog.relations.judging import ranked
from muniment.catalog.relations.model import Join, KnownColumn, RelationsResult
from muniment.catalog.relations.names import bare_names
from muniment.contracts.connectors import KeyKind, SourceConnection
from muniment.demo import estate
from muniment.kernel.refs import AssetRef
from muniment.platform.embedded import EmbeddedPostgres
from muniment.sources import locators
from muniment.worker.pool import Pool, PoolLimits
from muniment.worker.standalone import Outcome, Wanted, profiled

Pair = tuple[str, str, str, str]
TPCH = {
    ("lineitem", "l_orderkey", "orders", "o_orderkey"),
    ("lineitem", "l_partkey", "part", "p_partkey"),
    ("lineitem", "l_suppkey", "supplier", "s_suppkey"),
    ("partsupp", "ps_partkey", "part", "p_partkey"),
    ("partsupp", "ps_suppkey", "supplier", "s_suppkey"),
    ("orders", "o_custkey", "customer", "c_custkey"),
    ("customer", "c_nationkey", "nation", "n_nationkey"),
    ("supplier", "s_nationkey", "nation", "n_nationkey"),
    ("nation", "n_regionkey", "region", "r_regionkey"),
}
UNDECLARED = {
    ("campaign_members", "customer_id", "customers", "customer_id"),
    ("orders", "shipping_address_id", "addresses", "address_id"),
    ("payments", "card_id", "payment_cards", "card_id"),
    ("products", "supplier_id", "suppliers", "supplier_id"),
}
"""References of the demo that its database does not declare, though they are meant."""
ESTATE_SCALE = 0.05


@dataclass(frozen=True)
class Found:
    """How what was found compares with what is true."""

    true: int
    found: int
    right: int
    missed: Sequence[str]
    wrong: Sequence[str]

    @property
    def f1(self) -> float:
        return 2 * self.right / (self.true + self.found) if self.true + self.found else 0.0

    def tree(self) -> dict[str, object]:
        return {
            "true": self.true,
            "found": self.found,
            "right": self.right,
            "f1": round(self.f1, 3),
            "missed": list(self.missed),
            "wrong": list(self.wrong),
        }


def read(url: str) -> list[Outcome]:
    """Every asset there, looked at for relationships only."""
    located = locators.parse(url)
    connection = SourceConnection(
        UUID(int=0), located.name, located.kind, located.settings, located.secrets
    )

    async def run() -> list[Outcome]:
        pool = Pool(PoolLimits(children=1))
        try:
            wanted = Wanted(
                connection,
                analyzers=frozenset({"relations"}),
                params={"relations": {"key": "07" * 32}},
            )
            return list(await profiled(pool, wanted))
        finally:
            await pool.close()

    return asyncio.run(run())


def known(outcomes: Iterable[Outcome], *, keys: bool) -> list[KnownColumn]:
    """Sketched columns, with the declared primary keys or without them."""
    columns = []
    for one in outcomes:
        if one.results is None:
            continue
        ref = str(AssetRef("bench", one.meta.path))
        sketches = RelationsResult.from_json(one.results["relations"]).sketches
        bare = bare_names([each.column for each in sketches])
        own = {
            key.columns[0]
            for key in one.meta.keys
            if len(key.columns) == 1 and key.kind is not KeyKind.FOREIGN
        }
        columns += [
            KnownColumn(
                asset=ref,
                column=each.column,
                kind=each.kind,
                level=each.level,
                at=each.at,
                repeated=each.repeated,
                nulls=each.nulls,
                whole=True,
                primary=keys and each.column in own,
                bare=bare[each.column],
                hash=each.hash,
                values=b64decode(each.values),
            )
            for each in sketches
        ]
    return columns


def likely(columns: Sequence[KnownColumn]) -> list[Join]:
    """The best reference of each column, where one is likely."""
    by_column: dict[tuple[str, str], list[Join]] = {}
    for one in compare(columns, columns).joins:
        by_column.setdefault((one.asset, one.column), []).append(one)
    best = (ranked(of_column) for of_column in by_column.values())
    return [one for joins in best for one in joins[:1] if one.likely]


def judged(joins: Sequence[Join], true: set[Pair]) -> Found:
    found = {
        (AssetRef.parse(j.asset).name, j.column, AssetRef.parse(j.other).name, j.key) for j in joins
    }
    missed, wrong = sorted(map(_told, true - found)), sorted(map(_told, found - true))
    return Found(len(true), len(found), len(found & true), missed, wrong)


def _told(pair: Pair) -> str:
    return f"{pair[0]}.{pair[1]} -> {pair[2]}.{pair[3]}"


def declared(outcomes: Iterable[Outcome]) -> set[Pair]:
    return {
        (one.meta.path[-1], key.columns[0], key.references[-1], key.referenced_columns[0])
        for one in outcomes
        for key in one.meta.keys
        if key.kind is KeyKind.FOREIGN and len(key.columns) == 1
    }


def tpch(scale: float) -> Found:
    outcomes = read(str(parquet_of(home(), scale)))
    named = [replace(one, meta=replace(one.meta, path=(one.meta.path[-1].split(".")[0],)))
             for one in outcomes]  # fmt: skip
    return judged(likely(known(named, keys=False)), TPCH)


def demo(*, keys: bool) -> Found:
    """The demo's database; judged where a key is declared on either side's table."""
    with TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder) / "pg")
        try:
            url = server.ensure_database("harbour").url("harbour")
            estate.build_database(url, scale=ESTATE_SCALE)
            outcomes = read(url)
        finally:
            server.stop()
    true = declared(outcomes)
    telling = {(table, column) for table, column, _, _ in true}
    tables = {table for table, *_ in true}
    joins = [
        one
        for one in likely(known(outcomes, keys=keys))
        if (AssetRef.parse(one.asset).name, one.column) in telling
        or AssetRef.parse(one.asset).name in tables
    ]
    return judged(joins, true | UNDECLARED)


def estate_of(columns: int) -> list[KnownColumn]:
    """Sketches as a large estate has them: a key in ten, references, small numbers, words."""
    chance = np.random.default_rng(1)
    numbers = chance.integers(0, 2**32, 40_000, dtype=np.uint32)
    made = []
    for at in range(columns):
        kind = ("integer", "integer", "text", "integer", "text")[at % 5]
        size = int(chance.choice([5, 50, 400, 1_000]))
        start = 0 if kind == "integer" else int(chance.integers(0, 38_000))
        pool = numbers[start : start + max(size, int(chance.integers(size, 2_000)))]
        values = np.sort(chance.choice(pool, size, replace=False)).astype("<u4")
        made.append(
            KnownColumn(
                asset=f"s{at // 2_000}/t{at // 10}",
                column=f"c{at % 10}",
                kind=kind,
                level=0,
                at=(size, 0, 0, 0, 0, 0, 0, 0),
                repeated=0 if at % 10 == 0 else 1,
                nulls=0,
                whole=True,
                primary=at % 10 == 0,
                bare=f"c{at % 10}",
                hash="h",
                values=values.tobytes(),
            )
        )
    return made


def speed(columns: int, block: int = 2_000) -> dict[str, object]:
    made = estate_of(columns)
    blocks = [made[start : start + block] for start in range(0, columns, block)]
    start = time.process_time()
    found = sum(len(compare(one, other).joins) for one in blocks for other in blocks)
    whole = time.process_time() - start
    start = time.process_time()
    for other in blocks:
        compare(made[:100], other)
        compare(other, made[:100])
    kept = sum(len(one.values) for one in made)
    return {
        "columns": columns,
        "cpu_s_all_with_all": round(whole, 2),
        "cpu_s_ten_tables_with_all": round(time.process_time() - start, 2),
        "joins_weighed": found,
        "bytes_a_column": round(kept / columns),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", type=float, default=0.1)
    parser.add_argument("--columns", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    told = {
        "tpch": tpch(asked.scale).tree(),
        "demo": demo(keys=True).tree(),
        "demo_without_keys": demo(keys=False).tree(),
        "speed": speed(asked.columns),
    }
    print(json.dumps(told, indent=None if asked.json else 2))


if __name__ == "__main__":
    main()
