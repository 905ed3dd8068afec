"""The ``classify`` analyzer: what columns hold, learned from batches, in a state without values."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

import polars as pl
import pyarrow as pa

from muniment.classification.asked import is_wanted
from muniment.classification.content import builtin
from muniment.classification.engine import keeping
from muniment.classification.engine.classify import TIERS, Verdict, judge
from muniment.classification.engine.detectors import Detectors
from muniment.classification.engine.inside_json import BEGINS, paths_of
from muniment.classification.engine.model.head import learned
from muniment.classification.engine.model.network import Model
from muniment.classification.engine.rare import found_label
from muniment.classification.engine.sample import (
    KEPT,
    RawValues,
    canonical,
    declared_kind,
    kept_of,
    kind_of,
    seed_of,
)
from muniment.classification.engine.state import ColumnState, dump, load
from muniment.classification.entries import ClassifierEntry, parse_entry
from muniment.classification.model import EFFECTIVE_FROM, Classifier, Found, Kind, top_sensitivity
from muniment.contracts.connectors import AssetMeta
from muniment.contracts.reading import AnalysisContext
from muniment.kernel.paths import split_path
from muniment.kernel.values import JsonObject, JsonValue, Sensitivity

MOST_COLUMNS = 2_000


@dataclass(slots=True)
class ClassifyState:
    """The state of one asset, or of a part of it."""

    columns: dict[str, ColumnState]
    detectors: Detectors
    seed: int
    rows: int = 0
    kept: int = KEPT
    headers: bool = True
    """Whether names of columns may be used."""


class ClassifyAnalyzer:
    """Looks at distinct values, headers and context; keeps hashes, counts and marks, no values."""

    name: ClassVar[str] = "classify"
    version: ClassVar[int] = 2
    order: ClassVar[int] = 10

    def start(self, context: AnalysisContext, schema: pa.Schema) -> ClassifyState:
        """An empty state; parameters choose the classifiers (see ``detectors_for``)."""
        detectors = detectors_for(context.params)
        kept = kept_of(len(schema.names))
        state = ClassifyState(
            {}, detectors, seed_of(str(context.asset)), kept=kept, headers=_headers(context.params)
        )
        for name, values in _columns([pa.RecordBatch.from_pylist([], schema=schema)]):
            _column(state, name, values)
        return state

    def feed(self, state: ClassifyState, batch: pa.RecordBatch) -> ClassifyState:
        """Count a batch."""
        state.rows += batch.num_rows
        for name, values in _columns([batch]):
            column = _column(state, name, values)
            if column is None:
                continue
            present = canonical(values, column.kind)
            column.rows += len(values)
            column.nulls += len(values) - len(present)
            column.raw.add(present)
            if column.kind in (Kind.TEXT, Kind.INTEGER):
                column.rare.look(present, state.seed, state.detectors)
        return state

    def declare(self, state: ClassifyState, meta: AssetMeta) -> ClassifyState:
        """Columns of which no value is read: what they can hold is told by their type."""
        for column in meta.columns:
            kind = declared_kind(column.type)
            if kind is None:
                state.columns.pop(column.name, None)
            elif column.name in state.columns:
                state.columns[column.name].kind = kind
        return state

    def merge(self, left: ClassifyState, right: ClassifyState) -> ClassifyState:
        """Both together, as if one pass had seen all rows."""
        settle(left)
        settle(right)
        columns = dict(left.columns)
        for name, other in right.columns.items():
            own = columns.get(name)
            columns[name] = other if own is None else _merged(own, other)
        return replace(left, columns=columns, rows=left.rows + right.rows)

    def finish(self, state: ClassifyState, context: AnalysisContext) -> JsonObject:
        """Labels by column with their evidence; no raw value is in it."""
        settle(state)
        least = context.params.get("min_confidence", 0.5)
        names = [column.name for column in context.meta.columns] or list(state.columns)
        inside = [name for name in state.columns if split_path(name)[1] is not None]
        place = ".".join(context.asset.path) or context.asset.name
        looked_for = detectors_for(context.params)
        verdicts = judge(
            [*state.columns.values()],
            place,
            looked_for,
            min_confidence=float(least) if isinstance(least, int | float) else 0.5,
            siblings=[*dict.fromkeys((*names, *inside))],
            headers=_headers(context.params),
            tiers=_tiers(context.params),
            references=_references(context.params),
            model=_model(context.params),
        )
        result: dict[str, JsonValue] = {
            "rows": state.rows,
            "total_columns": len(names),
            "columns": [verdict_json(verdict, looked_for.classifiers) for verdict in verdicts],
        }
        if context.params.get("keep"):
            columns = [*state.columns.values()]
            result["kept"] = keeping.kept(columns, state.rows, looked_for, context.params)
        return result

    def labels(self, result: JsonObject) -> Mapping[str, Sensitivity]:
        """The strictest sensitivity found in each column, doubtful labels included to be safe."""
        found: dict[str, Sensitivity] = {}
        columns = result.get("columns", [])
        for column in columns if isinstance(columns, Sequence) else []:
            if isinstance(column, Mapping) and column.get("labels"):
                labels = column["labels"]
                levels = [
                    Sensitivity.of(str(label["sensitivity"]))
                    for label in (labels if isinstance(labels, Sequence) else [])
                    if isinstance(label, Mapping)
                ]
                # a path makes the column that it is inside of as sensitive as it is itself
                for name in {str(column["column"]), split_path(str(column["column"]))[0]}:
                    known = [found[name]] if name in found else []
                    found[name] = top_sensitivity([*known, *levels])
        return found

    def dump(self, state: ClassifyState) -> bytes:
        """The state as bytes that hold no value."""
        settle(state)
        return dump([*state.columns.values()], state.rows)

    def load(self, raw: bytes) -> ClassifyState:
        """A state to be merged or finished; fed further only with the built-in classifiers."""
        columns, rows = keeping.unpack(raw) if raw.startswith(keeping.MAGIC) else load(raw)
        detectors = detectors_for({})
        seed, kept = (columns[0].raw.seed, columns[0].raw.kept) if columns else (0, KEPT)
        return ClassifyState({c.name: c for c in columns}, detectors, seed, rows, kept)


def verdict_json(verdict: Verdict, classifiers: Mapping[str, Classifier]) -> dict[str, JsonValue]:
    """A verdict on one column as JSON; rare finds are labels too, suggested ones."""
    rare = [
        found_label(find, verdict.column, verdict.rows, classifiers[find.label])
        for find in verdict.rare
        if find.label in classifiers
    ]
    return {
        "column": verdict.column,
        "kind": verdict.kind,
        "rows": verdict.rows,
        "nulls": verdict.nulls,
        "distinct": verdict.distinct,
        "tested": verdict.tested,
        "header": verdict.header,
        "signature": verdict.signature,
        "labels": [_label_json(found) for found in (*verdict.labels, *rare)],
        "rare": [find.to_json() for find in verdict.rare],
    }


def _label_json(found: Found) -> dict[str, JsonValue]:
    return {
        "label": found.label,
        "title": found.title,
        "category": found.category,
        "sensitivity": found.sensitivity.word,
        "personal": found.personal,
        "special": found.special,
        "tier": found.tier.value,
        "confidence": found.confidence,
        "effective": found.confidence >= EFFECTIVE_FROM,
        "version": found.version,
        "evidence": found.evidence,
    }


def detectors_for(params: JsonObject) -> Detectors:
    """The classifiers that parameters ask for, compiled once per process.

    ``classifiers`` are glob patterns over ids (``!`` takes out), ``custom`` are classifiers of the
    organisation as entries, ``cache_dir`` is where the compiled patterns are kept.
    """
    wanted = params.get("classifiers", ("*",))
    custom = params.get("custom", ())
    cache = params.get("cache_dir")
    return _detectors(
        tuple(str(w) for w in wanted) if isinstance(wanted, Sequence) else ("*",),
        tuple(_frozen(c) for c in custom) if isinstance(custom, Sequence) else (),
        None if cache is None else str(cache),
    )


def _headers(params: JsonObject) -> bool:
    """Whether names of columns and tables may be used; ``{"headers": false}`` withholds them."""
    return params.get("headers") is not False


def _tiers(params: JsonObject) -> frozenset[str]:
    """Who may say labels: ``{"tiers": ["rule"]}`` leaves it to the rules; otherwise all."""
    wanted = params.get("tiers")
    if not isinstance(wanted, Sequence) or isinstance(wanted, str):
        return TIERS
    return TIERS & {str(tier) for tier in wanted}


def _model(params: JsonObject) -> Model | None:
    """``{"model": text}`` is what the model learned from decisions here; otherwise as shipped."""
    head = params.get("model")
    return learned(head) if isinstance(head, str) else None


def _references(params: JsonObject) -> dict[str, dict[str, float]]:
    """Labels of columns that foreign keys point to: ``{"references": {column: {label: 0.9}}}``."""
    given = params.get("references")
    return {
        column: {n: float(sure) for n, sure in labels.items() if isinstance(sure, int | float)}
        for column, labels in (given.items() if isinstance(given, Mapping) else ())
        if isinstance(labels, Mapping)
    }


def _frozen(entry: JsonValue) -> str:
    if not isinstance(entry, Mapping):
        return ""
    return (
        ClassifierEntry.model_validate(entry["entry"]).model_dump_json() + f"\n{entry['version']}"
    )


@lru_cache(maxsize=8)
def _detectors(wanted: tuple[str, ...], custom: tuple[str, ...], cache: str | None) -> Detectors:
    known: dict[str, Classifier] = dict(builtin().classifiers)
    for text in custom:
        entry, _, version = text.rpartition("\n")
        made = parse_entry(entry).build(version=int(version), custom=True)
        known[made.id] = made
    chosen = {name: c for name, c in known.items() if is_wanted(name, wanted)}
    return Detectors(chosen, cache=None if cache is None else Path(cache))


def _column(state: ClassifyState, name: str, values: pl.Series) -> ColumnState | None:
    column = state.columns.get(name)
    if column is None and len(state.columns) < MOST_COLUMNS:
        kind = kind_of(values.dtype)
        if kind is None:
            return None
        column = ColumnState(name, kind, RawValues(state.seed, state.kept))
        state.columns[name] = column
    elif column is not None and column.rows == column.nulls and values.dtype != pl.Null:
        column.kind = kind_of(values.dtype) or column.kind  # its first batches had no value
    return column


def settle(state: ClassifyState) -> None:
    """Turn the raw values of all columns into marks; paths inside of JSON become columns."""
    flat = {name.partition("[")[0] for name in state.columns if "[" in name}
    for column in [*state.columns.values()]:
        if column.name not in flat:  # a list that the source lays flat itself is told once
            _unfold(state, column)
    for column in state.columns.values():
        if column.raw.frame is not None:
            named = state.detectors.headers(column.name) if state.headers else {}
            column.settle(state.detectors, sorted(named))


def _unfold(state: ClassifyState, column: ColumnState) -> None:
    """What JSON in a column of text holds, as columns ``name.$.path``; once for each document."""
    frame = column.raw.frame
    if frame is None or column.kind is not Kind.TEXT:
        return
    value = pl.col("value").str
    bracketed = frame.filter(value.contains("{", literal=True) | value.contains("[", literal=True))
    documents = bracketed.filter(value.contains(BEGINS)) if bracketed.height else bracketed
    if not documents.height:
        return
    for path, values in paths_of(documents.sort("hash")["value"]).items():
        inner = _column(state, f"{column.name}.{path}", values)
        if inner is not None:
            inner.rows += len(values)
            inner.raw.add(canonical(values, inner.kind))


def _merged(left: ColumnState, right: ColumnState) -> ColumnState:
    ceiling = min(left.raw.ceiling, right.raw.ceiling)
    kept = min(left.raw.kept, right.raw.kept)
    return ColumnState(
        left.name,
        right.kind if left.rows == left.nulls else left.kind,
        RawValues(left.raw.seed, kept, ceiling=ceiling),
        left.rows + right.rows,
        left.nulls + right.nulls,
        left.marked.merged(right.marked, kept),
        left.rare.merged(right.rare),
    )


def _columns(batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[str, pl.Series]]:
    """Columns as Polars series; fields of structures under dotted names, lists by their items."""
    for batch in batches:
        for field, array in zip(batch.schema, batch.columns, strict=True):
            yield from _flat(field.name, array)


def _flat(name: str, array: Any) -> Iterator[tuple[str, pl.Series]]:
    if pa.types.is_struct(array.type):
        for field, part in zip(array.type, array.flatten(), strict=True):
            yield from _flat(f"{name}.{field.name}", part)
        return
    if pa.types.is_list(array.type) or pa.types.is_large_list(array.type):
        yield from _flat(name, array.flatten())
        return
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_binary(array.type) or pa.types.is_large_binary(array.type):
        return
    if pa.types.is_decimal(array.type):
        array = array.cast(pa.float64(), safe=False)
    made = pl.from_arrow(array)
    if isinstance(made, pl.Series) and kind_of(made.dtype) is not None:
        yield name, made
