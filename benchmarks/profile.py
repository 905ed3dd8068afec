"""What a full profile costs beside a bare pass over the same batches: time as a ratio, memory."""

import argparse
import json
import os
import resource
import time
from collections.abc import Iterator

os.environ.setdefault("POLARS_MAX_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pyarrow as pa

from muniment.catalog.analysis.profile import ProfileAnalyzer
from muniment.catalog.analysis.quality import QualityAnalyzer
from muniment.contracts.connectors import AssetMeta, ColumnMeta
from muniment.contracts.reading import AnalysisContext
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import AssetKind, JsonObject

ROWS_OF_BATCH = 65_536
CHECKS: JsonObject = {
    "reference_time": "2026-11-01T00:00:00+00:00",
    "checks": [
        {"key": "rows", "type": "row_count_between", "params": {"min": 1}},
        {"key": "id-unique", "type": "unique", "columns": ["id"]},
        {"key": "id-null", "type": "not_null", "columns": ["id"]},
        {"key": "mail", "type": "valid_email", "columns": ["email"]},
        {"key": "mail-null", "type": "not_null", "columns": ["email"]},
        {"key": "status", "type": "in_set", "columns": ["status"],
         "params": {"values": ["open", "paid", "shipped", "returned"]}},
        {"key": "amount", "type": "in_range", "columns": ["amount"], "params": {"min": 0}},
        {"key": "blank", "type": "not_blank", "columns": ["city"]},
        {"key": "future", "type": "not_in_future", "columns": ["created_at"]},
        {"key": "card", "type": "luhn", "columns": ["card"]},
    ],
}  # fmt: skip


def batches(rows: int, seed: int = 1) -> Iterator[pa.RecordBatch]:
    """Orders as a shop has them: ten columns of the usual kinds."""
    chance = np.random.default_rng(seed)
    cities = np.array([f"City {n}" for n in range(3_000)])
    statuses = np.array(["open", "paid", "shipped", "returned"])
    for start in range(0, rows, ROWS_OF_BATCH):
        n = min(ROWS_OF_BATCH, rows - start)
        customer = chance.integers(0, 400_000, n)
        amount = np.round(chance.lognormal(3, 1, n), 2)
        yield pa.record_batch(
            {
                "id": np.arange(start, start + n),
                "customer_id": customer,
                "email": pa.array([f"user{c}@mail{c % 9}.example" for c in customer.tolist()]),
                "status": pa.array(statuses[chance.integers(0, 4, n)]),
                "city": pa.array(cities[chance.integers(0, 3_000, n)]),
                "amount": pa.array(amount, mask=chance.random(n) < 0.02),
                "quantity": chance.integers(1, 20, n),
                "created_at": pa.array(
                    1_700_000_000_000_000 + chance.integers(0, 10**13, n), pa.timestamp("us")
                ),
                "card": pa.array([f"{4 * 10**15 + c:016d}" for c in customer.tolist()]),
                "active": pa.array(chance.random(n) < 0.9),
            }
        )


def bare(found: list[pa.RecordBatch]) -> int:
    """Touch every buffer once: what any reader must pay at least."""
    return sum(
        int(column.null_count) + column.nbytes for one in found for column in one.columns
    ) + sum(
        int(np.frombuffer(buffer, np.uint8).sum(dtype=np.uint64))
        for one in found
        for column in one.columns
        for buffer in column.buffers()
        if buffer is not None
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    found = list(batches(rows))
    columns = tuple(ColumnMeta(name, "text") for name in found[0].schema.names)
    asset = AssetMeta(("sales", "orders"), AssetKind.TABLE, columns=columns)
    context = AnalysisContext(AssetRef("bench", asset.path), asset, params=CHECKS)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    took: dict[str, float] = {}

    started = time.process_time()
    bare(found)
    took["bare"] = time.process_time() - started

    profile, quality = ProfileAnalyzer(), QualityAnalyzer()
    for name in ("profile", "profile+quality"):
        started = time.process_time()
        state = profile.start(context, found[0].schema)
        checks = quality.start(context, found[0].schema)
        for one in found:
            batch = pa.RecordBatch.from_arrays(one.columns, schema=one.schema)
            state = profile.feed(state, batch)
            if name != "profile":
                checks = quality.feed(checks, batch)
        profile.finish(state, context)
        if name != "profile":
            quality.finish(checks, context)
        took[name] = time.process_time() - started
        size = len(profile.dump(state))
    values = rows * len(columns)
    print(
        json.dumps(
            {
                "rows": rows,
                "columns": len(columns),
                "cpu_seconds": {name: round(value, 3) for name, value in took.items()},
                "ratio_profile_to_bare": round(took["profile"] / took["bare"], 1),
                "ratio_with_quality_to_profile": round(
                    took["profile+quality"] / took["profile"], 2
                ),
                "seconds_per_million_values": round(took["profile"] / values * 1e6, 3),
                "state_bytes_stored": size,
                "memory_grown_mb": round(
                    (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
                ),
            }
        )
    )


if __name__ == "__main__":
    main()
