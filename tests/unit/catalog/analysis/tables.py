"""Small tables for the analyzers' tests."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from muniment.catalog.analysis.profile import ProfileAnalyzer, ProfileState
from muniment.catalog.analysis.quality import QualityAnalyzer, QualityState
from muniment.catalog.analysis.results import (
    CheckOutcome,
    ColumnProfile,
    ProfileResult,
    QualityResult,
)
from muniment.contracts.connectors import AssetMeta, ColumnMeta
from muniment.contracts.reading import AnalysisContext
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import AssetKind, JsonObject, Sensitivity

Arrays = Mapping[str, Any]
NOW = "2026-11-01T00:00:00+00:00"


def context(
    names: Sequence[str],
    params: JsonObject | None = None,
    labels: Mapping[str, Sensitivity] | None = None,
    meta: Sequence[ColumnMeta] | None = None,
) -> AnalysisContext:
    columns = tuple(meta) if meta is not None else tuple(ColumnMeta(name, "x") for name in names)
    asset = AssetMeta(("sales", "orders"), AssetKind.TABLE, columns=columns)
    return AnalysisContext(AssetRef("shop", asset.path), asset, params or {}, labels or {})


def batches(columns: Arrays, size: int) -> list[pa.RecordBatch]:
    table = pa.table(dict(columns))
    return list(table.to_batches(max_chunksize=size)) or [
        pa.RecordBatch.from_pylist([], schema=table.schema)
    ]


def profile_state(found: Sequence[pa.RecordBatch]) -> ProfileState:
    analyzer = ProfileAnalyzer()
    state = analyzer.start(context(found[0].schema.names), found[0].schema)
    for batch in found:
        state = analyzer.feed(state, batch)
    return state


def profile(
    state: ProfileState, labels: Mapping[str, Sensitivity] | None = None
) -> dict[str, ColumnProfile]:
    names = list(state.columns)
    result = ProfileAnalyzer().finish(state, context(names, labels=labels))
    return {column.name: column for column in ProfileResult.from_json(result).columns}


def asked(*checks: JsonObject) -> JsonObject:
    numbered = [{"key": str(at), **check} for at, check in enumerate(checks)]
    return {"reference_time": NOW, "checks": numbered}


def quality_state(found: Sequence[pa.RecordBatch], params: JsonObject) -> QualityState:
    analyzer = QualityAnalyzer()
    state = analyzer.start(context(found[0].schema.names, params), found[0].schema)
    for batch in found:
        state = analyzer.feed(state, batch)
    return state


def answers(
    columns: Arrays,
    *checks: JsonObject,
    size: int = 1_000,
    labels: Mapping[str, Sensitivity] | None = None,
    meta: Sequence[ColumnMeta] | None = None,
) -> list[CheckOutcome]:
    params = asked(*checks)
    found = batches(columns, size)
    state = quality_state(found, params)
    result = QualityAnalyzer().finish(state, context(list(columns), params, labels, meta))
    return list(QualityResult.from_json(result).checks)
