"""Equal schemas have equal fingerprints, and what differs is told column by column."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from muniment.contracts.connectors import AssetMeta, ColumnMeta, Grant, KeyKind, KeyMeta
from muniment.contracts.sources import ChangeKind
from muniment.kernel.values import AssetKind
from muniment.sources.model import (
    aspects_changed,
    column_changes,
    is_blind,
    packed,
    schema_of,
    unpacked,
)

names = st.text(min_size=1, max_size=10)
columns = st.builds(
    ColumnMeta,
    name=names,
    type=st.sampled_from(["int", "text", "numeric(10,2)"]),
    nullable=st.booleans(),
    default=st.none() | names,
    comment=st.none() | names,
)
assets = st.builds(
    AssetMeta,
    path=st.tuples(names, names),
    kind=st.sampled_from(AssetKind),
    columns=st.lists(columns, max_size=5, unique_by=lambda c: c.name).map(tuple),
    keys=st.just((KeyMeta(KeyKind.FOREIGN, ("a",), "k", ("s", "t"), ("b",)),)),
    grants=st.just((Grant("PUBLIC", "SELECT"),)),
    definition=st.none() | names,
    row_estimate=st.none() | st.integers(0, 100),
    properties=st.dictionaries(names, names, max_size=3),
)


@given(assets)
def test_a_schema_survives_its_compressed_form(asset: AssetMeta) -> None:
    _, body = packed(schema_of(asset))
    assert packed(schema_of(unpacked(body))) == packed(schema_of(asset))
    assert unpacked(body).columns == asset.columns
    assert not aspects_changed(unpacked(body), unpacked(body))


@given(assets, st.integers(0, 10**9))
def test_sizes_and_counts_are_no_part_of_it(asset: AssetMeta, number: int) -> None:
    grown = replace(
        asset,
        row_estimate=number,
        size_bytes=number,
        properties={**asset.properties, "files": str(number), "partitions": str(number)},
    )
    assert packed(schema_of(grown))[0] == packed(schema_of(asset))[0]


@given(assets, assets)
def test_equal_schemas_and_only_they_have_equal_fingerprints(
    one: AssetMeta, other: AssetMeta
) -> None:
    same = schema_of(one) == schema_of(other)
    assert (packed(schema_of(one))[0] == packed(schema_of(other))[0]) == same


def test_columns_that_differ_are_named_and_breaking_ones_marked() -> None:
    def table(*columns: ColumnMeta) -> AssetMeta:
        return AssetMeta(("s", "t"), AssetKind.TABLE, columns)

    before = table(ColumnMeta("a", "int"), ColumnMeta("b", "text"), ColumnMeta("c", "text"))
    after = table(
        ColumnMeta("a", "bigint"), ColumnMeta("c", "text", nullable=False), ColumnMeta("d", "int")
    )
    told = {
        (c.column, c.kind, c.before, c.after, c.breaking) for c in column_changes(before, after)
    }
    assert told == {
        ("a", ChangeKind.CHANGED, "int", "bigint", True),
        ("b", ChangeKind.REMOVED, "text", None, True),
        ("c", ChangeKind.CHANGED, "text", "text not null", False),
        ("d", ChangeKind.ADDED, None, "int", False),
    }


def test_a_file_that_cannot_be_read_says_nothing_about_its_schema() -> None:
    unreadable = AssetMeta(("a.csv",), AssetKind.DATASET, properties={"readable": "false"})
    assert is_blind(unreadable)
    assert not is_blind(replace(unreadable, columns=(ColumnMeta("a", "int"),)))
