"""References between tables: found by keys and names, and judged from hashes of both sides."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.catalog.analysis.tables import batches, context

from muniment.catalog.analysis.checks.keys import MOST_VALUES
from muniment.catalog.analysis.quality import QualityAnalyzer
from muniment.catalog.analysis.results import KeySketch, QualityResult
from muniment.catalog.quality.content import defaults
from muniment.catalog.quality.references import Compared, Reference, compared, references, values_of
from muniment.contracts.connectors import AssetMeta, ColumnMeta, KeyKind, KeyMeta
from muniment.kernel.values import AssetKind, JsonObject, Sensitivity

Keys = Sequence[object]
REFERS: JsonObject = {
    "key": "r",
    "type": "foreign_key",
    "columns": ["v"],
    "params": {"path": ["sales", "orders"], "keys": ["v"]},
}


def result(
    values: Keys,
    *,
    refers: bool,
    size: int = 1_000,
    labels: dict[str, Sensitivity] | None = None,
) -> QualityResult:
    params: JsonObject = {"checks": [REFERS]} if refers else {"keys": [["v"]]}
    analyzer = QualityAnalyzer()
    found = batches({"v": values}, size)
    state = analyzer.load(analyzer.dump(analyzer.start(context(["v"], params), found[0].schema)))
    for batch in found:
        part = analyzer.feed(analyzer.start(context(["v"], params), batch.schema), batch)
        state = analyzer.merge(analyzer.load(analyzer.dump(part)), state)
    told = analyzer.finish(state, context(["v"], params, labels))
    return QualityResult.from_json(told)


def sketch(values: Keys, *, refers: bool = False) -> KeySketch:
    [found] = result(values, refers=refers).keys
    return found


def looked_up(foreign: Keys, keys: Keys) -> Compared | None:
    return compared(values_of(sketch(foreign, refers=True)), values_of(sketch(keys)))


whole = st.lists(st.integers(0, 60) | st.none(), max_size=80)


@given(whole, st.lists(st.integers(0, 60), max_size=60))
def test_few_values_are_judged_exactly(foreign: list[int | None], keys: list[int]) -> None:
    there = [value for value in foreign if value is not None]
    found = looked_up(foreign, keys)
    if not there or not keys:
        assert found is None or found.evaluated == len(there)
        return
    lost = sum(value not in keys for value in there)
    assert found == Compared(1 - lost / len(there), len(there), lost, 0.0)


def test_many_values_are_judged_within_the_stated_error() -> None:
    keys = np.arange(5 * MOST_VALUES)
    foreign = np.concatenate([keys, keys[:200_000], np.arange(4_000) + 10**9])
    found = looked_up(foreign.tolist(), keys.tolist())
    assert found is not None
    lost = 4_000 / len(foreign)
    assert not found.exact
    assert found.error < 0.01
    assert abs((1 - found.ratio) - lost) <= 2 * found.error
    assert found.evaluated == len(foreign)


def test_what_is_whole_is_never_called_lost_by_a_sample() -> None:
    keys = list(range(3 * MOST_VALUES))
    found = looked_up(keys[::2], keys)
    assert found is not None
    assert (found.ratio, found.failed) == (1.0, 0)
    assert found.error > 0  # the rule of three: some may be lost that were not chosen


def test_keys_of_different_kinds_are_not_compared() -> None:
    assert looked_up(["1", "2"], [1, 2]) is None


def test_no_hash_of_a_sensitive_column_leaves_the_worker() -> None:
    secret = {"v": Sensitivity.CONFIDENTIAL}
    said = result(["a@mail.example", "b@mail.example"], refers=True, labels=secret)
    assert said.keys == ()
    [one] = said.checks
    assert (one.status, one.ratio) == ("skipped", None)
    assert "sensitive" in one.message
    assert result(["a@mail.example"], refers=False, labels=secret).keys == ()


def test_a_sketch_is_bounded_and_holds_no_value() -> None:
    found = sketch([f"order-{at}" for at in range(MOST_VALUES + 1_000)])
    assert len(values_of(found).hashes) == 8 * MOST_VALUES
    assert "order-" not in f"{found.hashes}{found.counts}"


def table(
    name: str, columns: dict[str, str], *keys: KeyMeta, kind: AssetKind = AssetKind.TABLE
) -> AssetMeta:
    metas = tuple(ColumnMeta(column, type_) for column, type_ in columns.items())
    return AssetMeta(("shop", name), kind, columns=metas, keys=keys)


def key(*columns: str) -> KeyMeta:
    return KeyMeta(KeyKind.PRIMARY, columns)


CUSTOMERS = table(
    "customers", {"customer_id": "bigint", "name": "text", "city": "text"}, key("customer_id")
)
BOXES = table("boxes", {"id": "integer", "size": "text", "colour": "text"}, key("id"))


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"ticket": "text", "customer_id": "integer"}, ("customer_id", "customers")),
        ({"ticket": "text", "box_id": "bigint"}, ("box_id", "boxes")),
        ({"ticket": "text", "customer_id": "text"}, None),  # of another type
        ({"customer_id": "bigint", "name": "text", "x": "text"}, None),  # a copy of the table
        ({"id": "integer", "ticket": "text"}, None),  # says nothing alone
    ],
)
def test_names_make_references_likely(
    columns: dict[str, str], expected: tuple[str, str] | None
) -> None:
    asset = table("tickets", columns)
    found = references([asset, CUSTOMERS, BOXES], defaults().references)[asset.path]
    if expected is None:
        assert found == []
        return
    column, other = expected
    target = {"customers": "customer_id", "boxes": "id"}[other]
    assert found == [Reference((column,), ("shop", other), (target,), declared=False)]


def test_two_tables_that_could_be_meant_are_not_guessed_between() -> None:
    asset = table("tickets", {"ref_no": "bigint"})
    two = [
        table(name, {"ref_no": "bigint", "a": "text", "b": "text"}, key("ref_no")) for name in "xy"
    ]
    assert references([asset, *two], defaults().references)[asset.path] == []


def test_a_declared_reference_is_not_guessed_again() -> None:
    declared = KeyMeta(
        KeyKind.FOREIGN, ("customer_id",), "fk", ("shop", "customers"), ("customer_id",)
    )
    asset = table("orders", {"customer_id": "bigint"}, declared)
    [found] = references([asset, CUSTOMERS], defaults().references)[asset.path]
    assert found == Reference(
        ("customer_id",), ("shop", "customers"), ("customer_id",), declared=True
    )
