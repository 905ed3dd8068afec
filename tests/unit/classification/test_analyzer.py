"""The laws of the analyzer: parts merge to the whole, and no value leaves it."""

import json
import zlib
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from muniment.classification.analyzer import ClassifyAnalyzer, ClassifyState
from muniment.classification.asked import is_wanted
from muniment.classification.engine import sample
from muniment.contracts.connectors import AssetMeta, ColumnMeta
from muniment.contracts.reading import AnalysisContext
from muniment.kernel.errors import Conflict
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import AssetKind, Sensitivity
from muniment.platform.settings import Settings

REF = AssetRef("shop", ("sales", "customers"))
ANALYZER = ClassifyAnalyzer()

people = st.sampled_from(["Anna", "Paul", "Sophie", "Jürgen", "n/a", "", "Marie-Luise", "X99"])
mails = st.integers(0, 40).map(lambda n: f"person{n}@mail.example")
cells = st.one_of(people, mails, st.none(), st.text(max_size=12))
tables = st.lists(st.tuples(cells, st.integers(0, 60) | st.none()), min_size=0, max_size=60)


def context(names: list[str]) -> AnalysisContext:
    meta = AssetMeta(REF.path, AssetKind.TABLE, tuple(ColumnMeta(n, "text") for n in names))
    return AnalysisContext(REF, meta, {"cache_dir": str(Settings().pattern_cache)})


CONTEXT = context(["contact", "number"])
FIELDS: list[Any] = [pa.field("contact", pa.string()), pa.field("number", pa.int64())]
SCHEMA = pa.schema(FIELDS)


def batch(rows: list[tuple[str | None, int | None]]) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(
        [pa.array([r[0] for r in rows], pa.string()), pa.array([r[1] for r in rows], pa.int64())],
        schema=SCHEMA,
    )


def learned(*parts: list[tuple[str | None, int | None]]) -> ClassifyState:
    state = ANALYZER.start(CONTEXT, SCHEMA)
    for part in parts:
        state = ANALYZER.feed(state, batch(part))
    return state


def carried(state: ClassifyState) -> ClassifyState:
    """Through bytes and back, as between two workers."""
    return ANALYZER.load(ANALYZER.dump(state))


def finished(state: ClassifyState) -> Any:
    return ANALYZER.finish(state, CONTEXT)


relaxed = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@relaxed
@given(tables, tables)
def test_merging_is_commutative_and_equals_one_pass(
    left: list[tuple[str | None, int | None]], right: list[tuple[str | None, int | None]]
) -> None:
    whole = finished(learned(left, right))
    assert finished(ANALYZER.merge(carried(learned(left)), carried(learned(right)))) == whole
    assert finished(ANALYZER.merge(carried(learned(right)), carried(learned(left)))) == whole


@relaxed
@given(tables, tables, tables)
def test_merging_is_associative(
    a: list[tuple[str | None, int | None]],
    b: list[tuple[str | None, int | None]],
    c: list[tuple[str | None, int | None]],
) -> None:
    def one(part: list[tuple[str | None, int | None]]) -> ClassifyState:
        return carried(learned(part))

    left = ANALYZER.merge(ANALYZER.merge(one(a), one(b)), one(c))
    right = ANALYZER.merge(one(a), ANALYZER.merge(one(b), one(c)))
    assert finished(left) == finished(right)


def many(first: int, last: int) -> list[tuple[str | None, int | None]]:
    return [(f"person{n}@mail.example", n * 7919) for n in range(first, last)]


def test_the_law_holds_beyond_what_is_kept() -> None:
    size = sample.KEPT * 3
    whole = finished(learned(many(0, size)))
    parts = [carried(learned(many(at, at + size // 4))) for at in range(0, size, size // 4)]
    folded = ANALYZER.merge(ANALYZER.merge(parts[3], parts[1]), ANALYZER.merge(parts[0], parts[2]))
    assert finished(folded) == whole
    [contact, _] = whole["columns"]
    assert contact["distinct"] == pytest.approx(size, rel=0.03)


def test_wide_tables_keep_fewer_values_of_each_column(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (sample.kept_of(100), sample.kept_of(500), sample.kept_of(5_000)) == (
        10_000,
        2_000,
        1_000,
    )
    monkeypatch.setattr(sample, "KEPT_OF_TABLE", 4_000)
    whole = learned(many(0, 9_000))
    parts = [carried(learned(many(at, at + 3_000))) for at in (0, 3_000, 6_000)]
    folded = ANALYZER.merge(parts[2], ANALYZER.merge(parts[0], parts[1]))
    assert finished(folded) == finished(whole)
    assert {len(column.marked.hashes) for column in folded.columns.values()} == {2_000}


def test_feeding_goes_on_after_a_dump() -> None:
    state = learned(many(0, 300))
    ANALYZER.dump(state)
    state = ANALYZER.feed(state, batch(many(200, 500)))
    assert finished(state) == finished(learned(many(0, 300), many(200, 500)))


SECRET = [
    ("maximiliane.oberhuber@geheim.example", 4111111111111111),
    ("Maximiliane Oberhuber", 5500000000000004),
    ("DE89370400440532013000", 943476591),
]


def test_no_value_is_in_what_is_dumped_or_said() -> None:
    rows: list[tuple[str | None, int | None]] = [*SECRET * 5]
    state = learned(rows)
    plain = zlib.decompress(ANALYZER.dump(state)).decode("latin-1")
    said = json.dumps(finished(state))
    for text, number in SECRET:
        for kept in (plain, said):
            assert text not in kept
            assert text.split()[0].split("@")[0].lower() not in kept.lower()
            assert str(number) not in kept


@relaxed
@given(st.lists(st.text("bdghjkqvwxz", min_size=6, max_size=20), min_size=1))
def test_no_word_of_the_data_is_in_the_dump(words: list[str]) -> None:
    # Without vowels: no word of ours has one of theirs inside.
    state = learned([(word, None) for word in words])
    plain = zlib.decompress(ANALYZER.dump(state))
    head = plain[4 : 4 + int.from_bytes(plain[:4], "little")].decode()
    assert not [word for word in words if word in head]


def test_what_another_version_hashed_is_not_merged() -> None:
    raw = zlib.decompress(ANALYZER.dump(learned(many(0, 5))))
    other = raw.replace(sample.hash_version().encode(), b"0" * 12)
    with pytest.raises(Conflict, match="another version"):
        ANALYZER.load(zlib.compress(other))


def test_labels_give_the_strictest_sensitivity_of_each_column() -> None:
    result = finished(learned(many(0, 100)))
    assert ANALYZER.labels(result) == {"contact": Sensitivity.CONFIDENTIAL}


def test_nested_fields_and_lists_are_columns_of_their_own() -> None:
    rows = [
        {"customer": {"email": f"p{n}@mail.example", "tags": ["a", "b"]}, "raw": b"\x00"}
        for n in range(30)
    ]
    table = pa.Table.from_pylist(rows)
    names = ["customer.email", "customer.tags", "raw"]
    state = ANALYZER.start(context(names), table.schema)
    for part in table.to_batches():
        state = ANALYZER.feed(state, part)
    result: Any = ANALYZER.finish(state, context(names))
    found = {c["column"]: [x["label"] for x in c["labels"]] for c in result["columns"]}
    assert found == {"customer.email": ["contact.email"], "customer.tags": []}


def test_an_empty_table_is_labelled_by_its_headers_alone() -> None:
    schema = pa.schema([("email", pa.null()), ("salary", pa.null()), ("colour", pa.null())])
    names = ["email", "salary", "colour"]
    state = ANALYZER.start(context(names), schema)
    result: Any = ANALYZER.finish(state, context(names))
    found = {c["column"]: [x["label"] for x in c["labels"]] for c in result["columns"]}
    assert found == {"email": ["contact.email"], "salary": ["finance.salary"], "colour": []}


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        (("*",), True),
        (("contact.*",), True),
        (("health.*",), False),
        (("*", "!contact.*"), False),
        (("!health.*",), True),
        ((), True),
    ],
)
def test_patterns_choose_classifiers(wanted: tuple[str, ...], fits: bool) -> None:
    assert is_wanted("contact.email", wanted) is fits
