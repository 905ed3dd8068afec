"""Labels of an asset from ever larger samples, each of the columns still in doubt only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from muniment.classification.analyzer import ClassifyAnalyzer, ClassifyState, settle
from muniment.classification.engine.sequential import LOOKS, undecided
from muniment.classification.engine.state import ColumnState
from muniment.contracts.connectors import AssetMeta
from muniment.contracts.reading import AnalysisContext, Connector, ReadPlan
from muniment.kernel.paths import split_path
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import JsonObject, Tier


@dataclass(frozen=True, slots=True)
class Looked:
    """What the columns hold, and how much was read to know.

    ``cells`` were read of ``cells_asked``, had every column been read to the end of the sample.
    ``doubtful`` columns were read to the end without becoming certain.
    """

    result: JsonObject
    rows: int
    cells: int
    cells_asked: int
    doubtful: tuple[str, ...]


def look(
    connector: Connector, meta: AssetMeta, *, rows: int, params: JsonObject, early: bool = True
) -> Looked | None:
    """Classify an asset by at most ``rows`` of its rows; None when it gave no batch at all.

    Each look is a sample over the whole asset by the connector's own choice, and takes the place of
    the one before. A column whose every verdict is certain is read no more.
    """
    analyzer = ClassifyAnalyzer()
    context = AnalysisContext(AssetRef("local", meta.path), meta, params)
    columns: dict[str, ColumnState] = {}
    state: ClassifyState | None = None
    wanted: frozenset[str] | None = None
    cells = most = 0
    doubtful: Sequence[str] = ()
    for sample in (*(n for n in LOOKS if early and n < rows), rows):
        plan = ReadPlan(sample_rows=sample, columns=wanted)
        state, whole = _read(connector, analyzer, context, plan)
        if state is None:
            break
        settle(state)
        fresh = {
            name: one
            for name, one in state.columns.items()
            if wanted is None or split_path(name)[0] in wanted
        }
        columns |= fresh
        cells += state.rows * max(len(state.columns), 1)
        most = max(most, state.rows)
        left = undecided([*fresh.values()], state.detectors)
        doubtful = () if whole else left
        if whole or not left:
            break
        wanted = _only(meta, left, columns)
    if state is None:
        return None
    named = [column.name for column in meta.columns if column.name in columns]
    ordered = {name: columns[name] for name in dict.fromkeys((*named, *columns))}
    result = analyzer.finish(replace(state, columns=ordered, rows=most), context)
    asked = min(rows, meta.row_estimate or rows) * max(len(ordered), 1)
    return Looked(result, most, cells, max(asked, cells if not early else 0), tuple(doubtful))


def by_metadata(meta: AssetMeta, params: JsonObject) -> JsonObject:
    """Classify an asset by names and declared types alone; nothing is asked of its source."""
    analyzer = ClassifyAnalyzer()
    rules = {**params, "tiers": [Tier.RULE.value]}
    context = AnalysisContext(AssetRef("local", meta.path), meta, rules)
    schema = pa.schema([(column.name, pa.null()) for column in meta.columns])
    return analyzer.finish(analyzer.declare(analyzer.start(context, schema), meta), context)


def _read(
    connector: Connector, analyzer: ClassifyAnalyzer, context: AnalysisContext, plan: ReadPlan
) -> tuple[ClassifyState | None, bool]:
    """What one sample told, and whether it was the whole asset."""
    partitions = connector.partitions(context.meta, plan)
    state: ClassifyState | None = None
    for partition in partitions:
        for batch in connector.read(context.meta, partition, plan):
            state = state or analyzer.start(context, batch.schema)
            state = analyzer.feed(state, batch)
    return state, all(partition.fraction >= 1.0 for partition in partitions)


def _only(
    meta: AssetMeta, left: Sequence[str], known: Mapping[str, ColumnState]
) -> frozenset[str] | None:
    """The columns in doubt; all of them where fields of columns were looked at."""
    names = {column.name for column in meta.columns}
    roots = {split_path(name)[0] for name in known}
    return frozenset(split_path(name)[0] for name in left) if names.issuperset(roots) else None
