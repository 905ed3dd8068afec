"""Laws of documents: equal structures, equal fingerprints; a difference says all that differs."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from muniment.catalog.assets.documents import (
    changed_fields,
    differences,
    fingerprint_of,
    structure_of,
)
from muniment.contracts.connectors import AssetMeta, ColumnMeta, Grant, KeyKind, KeyMeta
from muniment.kernel.values import AssetKind

names = st.sampled_from(["a", "b", "c", 'q"x'])
columns = st.lists(
    st.builds(ColumnMeta, names, st.sampled_from(["int", "text"]), st.booleans()),
    unique_by=lambda column: column.name,
)
metas = st.builds(
    AssetMeta,
    st.just(("s", "t")),
    st.sampled_from([AssetKind.TABLE, AssetKind.VIEW]),
    columns.map(tuple),
    st.lists(st.builds(KeyMeta, st.sampled_from(KeyKind), st.tuples(names)), max_size=1).map(tuple),
    st.lists(st.builds(Grant, names, names), max_size=2, unique=True).map(tuple),
    st.none() | st.text(max_size=5),
    properties=st.dictionaries(names, names, max_size=2),
)


@given(metas, metas)
def test_fingerprints_are_equal_exactly_for_equal_structures(
    one: AssetMeta, two: AssetMeta
) -> None:
    first, second = structure_of(one), structure_of(two)
    assert (fingerprint_of(first) == fingerprint_of(second)) == (first == second)


@given(metas)
def test_estimates_are_no_part_of_the_structure(meta: AssetMeta) -> None:
    grown = AssetMeta(
        meta.path,
        meta.kind,
        meta.columns,
        meta.keys,
        meta.grants,
        meta.comment,
        meta.definition,
        10,
        20,
        meta.properties,
    )
    assert fingerprint_of(structure_of(meta)) == fingerprint_of(structure_of(grown))


@given(metas, metas)
def test_a_difference_names_the_fields_that_changed(one: AssetMeta, two: AssetMeta) -> None:
    before, after = structure_of(one), structure_of(two)
    told = {difference.where.split(".")[0] for difference in differences(before, after)}
    changed = set(changed_fields(before, after))
    assert told <= changed
    assert changed - told <= {"columns", "keys", "grants"}  # a reordering is told as a change only


@given(metas)
def test_nothing_differs_from_itself(meta: AssetMeta) -> None:
    same: dict[str, Any] = structure_of(meta)
    assert differences(same, same) == []
    assert changed_fields(same, same) == ()


def test_a_difference_reads_like_what_happened() -> None:
    before = structure_of(AssetMeta(("t",), AssetKind.TABLE, (ColumnMeta("a", "int"),)))
    after = structure_of(
        AssetMeta(("t",), AssetKind.TABLE, (ColumnMeta("a", "text"), ColumnMeta("b", "int")))
    )
    assert [(d.where, d.kind, d.before, d.after) for d in differences(before, after)] == [
        ("columns.a.type", "changed", "int", "text"),
        ("columns.b", "added", None, after["columns"][1]),
    ]
