"""Documents inside of columns: their paths are judged, bounded, and tell no value."""

import json

import polars as pl
import pyarrow as pa

from muniment.classification.analyzer import ClassifyAnalyzer
from muniment.classification.direct import classify_table
from muniment.classification.engine import inside_json
from muniment.classification.engine.inside_json import paths_of
from muniment.contracts.connectors import AssetMeta, ColumnMeta
from muniment.contracts.reading import AnalysisContext
from muniment.kernel.paths import split_path
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import AssetKind, Sensitivity

REF = AssetRef("shop", ("orders",))


def series(*documents: object) -> pl.Series:
    return pl.Series([d if isinstance(d, str) else json.dumps(d) for d in documents])


def orders(count: int) -> list[str]:
    return [
        json.dumps({"customer": {"email": f"person{n}@mail.example"}, "sum": n, "sku": f"AB-{n}"})
        for n in range(count)
    ]


def test_lists_are_read_through_and_types_are_kept() -> None:
    found = paths_of(series({"lines": [{"sum": 1}, {"sum": 2.5}], "ok": True}, {"ok": False}))
    assert {path: held.to_list() for path, held in found.items()} == {
        "$.lines[].sum": [1.0, 2.5],
        "$.ok": [True, False],
    }


def test_keys_that_are_data_are_not_told() -> None:
    by_person = [{"marks": {f"person{n}@mail.example": n, f"Name{n}": n}} for n in range(40)]
    assert list(paths_of(series(*by_person))) == ["$.marks.*"]
    assert list(paths_of(series({"4111111111111111": 1}))) == ["$.*"]


def test_broken_and_deep_documents_do_no_harm() -> None:
    deep = "[" * 100_000 + "]" * 100_000
    found = paths_of(series({"a": 1}, '{"a": 2', "{'a': 3}", deep, {"a": 4}))
    assert found["$.a"].to_list() == [1, 4]
    assert paths_of(series("[1] see the note", "[2] as before")) == {}
    nested: object = 1
    for _ in range(40):
        nested = {"a": nested}
    assert paths_of(series(nested)) == {}


def test_paths_are_bounded() -> None:
    wide = {f"{letter}{other}": 1 for letter in "abcdefghij" for other in "klmnopqrst"}
    documents = series(*({**wide, "z": wide, "y": wide} for _ in range(2)))
    assert len(paths_of(documents)) <= inside_json.PATHS


def test_a_path_carries_labels_and_makes_its_column_as_sensitive() -> None:
    documents = orders(120)
    table = pa.table({"id": pa.array(range(120)), "payload": pa.array(documents)})
    told = classify_table(table, REF, {"classifiers": ["contact.*"]})
    columns = {str(each["column"]): each for each in told["columns"]}  # type: ignore[union-attr,call-overload,index]  # JSON
    [label] = columns["payload.$.customer.email"]["labels"]  # type: ignore[call-overload,index,misc]  # JSON
    assert label["label"] == "contact.email"  # type: ignore[call-overload,index]  # JSON
    assert label["evidence"]["header"] == ["email"]  # type: ignore[call-overload,index]  # JSON
    levels = ClassifyAnalyzer().labels(told)
    assert levels["payload"] >= levels["payload.$.customer.email"] > Sensitivity.PUBLIC
    assert "person1@" not in json.dumps(told)


def test_paths_of_parts_come_together() -> None:
    documents = orders(60)
    meta = AssetMeta(REF.path, AssetKind.TABLE, (ColumnMeta("payload", "text"),))
    context, analyzer = AnalysisContext(REF, meta), ClassifyAnalyzer()
    states = []
    for part in (documents[:30], documents[30:]):
        batch = pa.RecordBatch.from_pydict({"payload": pa.array(part)})
        state = analyzer.feed(analyzer.start(context, batch.schema), batch)
        states.append(analyzer.load(analyzer.dump(state)))
    both = analyzer.merge(*states)
    assert both.columns["payload.$.customer.email"].rows == 60
    assert both.columns["payload.$.sum"].distinct == 60


def test_what_the_source_lays_flat_itself_is_not_told_twice() -> None:
    table = pa.table({"tags": pa.array(['["a","b"]']), "tags[]": pa.array(["a"])})
    told = classify_table(table, REF, {"classifiers": ["contact.*"]})
    assert [each["column"] for each in told["columns"]] == ["tags", "tags[]"]  # type: ignore[union-attr,call-overload,index]  # JSON
    talk = pa.table({"talk": pa.array(['[{"text": "a"}]']), "talk[].text": pa.array(["a"])})
    told = classify_table(talk, REF, {"classifiers": ["contact.*"]})
    assert [each["column"] for each in told["columns"]] == ["talk", "talk[].text"]  # type: ignore[union-attr,call-overload,index]  # JSON


def test_names_split_where_documents_begin() -> None:
    assert split_path("a.b.$.c[].d") == ("a.b", "$.c[].d")
    assert split_path("a.$[]") == ("a", "$[]")
    assert split_path("price.$") == ("price.$", None)
