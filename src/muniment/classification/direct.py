"""The engine on values at hand: one column or one classifier; loaded where it is used."""

from collections.abc import Sequence

import polars as pl
import pyarrow as pa

from muniment.classification.analyzer import ClassifyAnalyzer
from muniment.classification.engine.detectors import Detectors
from muniment.classification.engine.evaluate import value_matches
from muniment.classification.model import Classifier
from muniment.contracts.connectors import AssetMeta, ColumnMeta
from muniment.contracts.reading import AnalysisContext
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import AssetKind, JsonObject


def classify_table(table: pa.Table, ref: AssetRef, params: JsonObject) -> JsonObject:
    """What the columns of an Arrow table hold."""
    return classify_batches(table.to_batches(max_chunksize=65_536), table.schema, ref, params)


def classify_batches(
    batches: Sequence[pa.RecordBatch], schema: pa.Schema, ref: AssetRef, params: JsonObject
) -> JsonObject:
    """What the columns of a stream of batches hold."""
    columns = tuple(
        ColumnMeta(name, str(kind)) for name, kind in zip(schema.names, schema.types, strict=True)
    )
    context = AnalysisContext(ref, AssetMeta(ref.path, AssetKind.DATASET, columns), params)
    analyzer = ClassifyAnalyzer()
    state = analyzer.start(context, schema)
    for batch in batches:
        state = analyzer.feed(state, batch)
    return analyzer.finish(state, context)


def classify_column(
    header: str, table: str, values: Sequence[str | None], params: JsonObject
) -> JsonObject:
    """What one column holds, given as text."""
    batch = pa.table({header: pa.array(values, pa.string())})
    return classify_table(batch, AssetRef("given", (table,) if table else ()), params)


def matching_values(classifier: Classifier, values: Sequence[str]) -> list[bool]:
    """Which values one classifier takes for its own, by the engine that scans use."""
    detectors = Detectors({classifier.id: classifier})
    return value_matches(pl.Series(list(values), dtype=pl.String), classifier, detectors)
