"""What a MySQL server tells of changes: never too much, and every partition once."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.contracts.connectors import AssetMeta, ColumnMeta, Partition
from muniment.contracts.markers import KnownPart
from muniment.kernel.values import AssetKind
from muniment.sources.connectors.mysql.markers import Counters, Row, names_of, settle

NOW = datetime(2026, 1, 1, 12, 0, 0)  # noqa: DTZ001  # as the driver gives it
ROW = Row("InnoDB", NOW - timedelta(days=9), NOW - timedelta(hours=2), None, (7,), NOW)
TABLE = AssetMeta(("shop", "event"), AssetKind.TABLE, (ColumnMeta("id", "int"),))
NAMES = [f"p{n}" for n in range(8)]


def test_a_time_is_trusted_only_when_no_other_change_can_have_it() -> None:
    fresh = replace(ROW, updated=NOW - timedelta(seconds=1))
    today = replace(ROW, updated=NOW - timedelta(minutes=5))
    assert ROW.token(opened=[]) == ROW.token(opened=None) is not None
    assert replace(ROW, updated=None).token(opened=[]) is None
    assert fresh.token(opened=[]) is None
    assert today.token(opened=None) is None  # a long transaction of that second may be open
    assert today.token(opened=[NOW]) is not None
    assert today.token(opened=[NOW, NOW - timedelta(minutes=5)]) is None
    assert replace(today, engine="MyISAM").token(opened=None) is not None
    assert replace(ROW, engine="Aria").token(opened=[]) is None
    assert replace(ROW, engine="Aria", checksum=1).token(opened=[]) is not None
    assert replace(ROW, engine="FEDERATED").token(opened=[]) is None


def test_values_that_move_by_themselves_are_never_told_unchanged() -> None:
    counters = Counters("server", {TABLE.path: "token"})
    moving = ColumnMeta("age", "int", default="generated as timestampdiff(year, `born`, curdate())")
    still = ColumnMeta("net", "int", default="generated as `gross` * 0.8")
    assert counters.marker(replace(TABLE, columns=(still,))) is not None
    assert counters.marker(replace(TABLE, columns=(moving,))) is None


tokens = st.dictionaries(
    st.sampled_from(NAMES), st.sampled_from([None, "a", "b"]), min_size=1, max_size=8
)


def cut(names: list[str], sizes: list[int]) -> list[Partition]:
    parts: list[Partition] = []
    while names:
        size = sizes[len(parts) % len(sizes)]
        group, names = names[:size], names[size:]
        ranges = [None] if len(group) > 1 else [[None, 5], [5, None]]
        parts += [
            Partition(0, {"narrow": [], "parts": list(group), "ranges": each}) for each in ranges
        ]
    return parts


@settings(max_examples=150)
@given(
    before=tokens,
    after=tokens,
    sizes=st.lists(st.integers(1, 4), min_size=1, max_size=4),
    later=st.lists(st.integers(1, 4), min_size=1, max_size=4),
)
def test_every_partition_is_covered_and_no_changed_one_is_kept(
    before: dict[str, str | None],
    after: dict[str, str | None],
    sizes: list[int],
    later: list[int],
) -> None:
    old = Counters("server", {}, {TABLE.path: before})
    new = Counters("server", {}, {TABLE.path: after})
    first = settle(old, TABLE, cut(sorted(before), sizes), ())
    known = [KnownPart(m.partition.spec, m.marker, 1) for m in first if m.marker is not None]
    second = settle(new, TABLE, cut(sorted(after), later), known)
    seen = Counter(
        (name, str(part.partition.spec["ranges"]))
        for part in second
        for name in names_of(part.partition.spec)
    )
    assert {name for name, _ in seen} == set(after)
    assert set(seen.values()) == {1}
    for name in after:
        ways = {ranges for found, ranges in seen if found == name}
        assert ways in ({"None"}, {"[None, 5]", "[5, None]"})
    for part in second:
        if part.unchanged:
            names = names_of(part.partition.spec)
            assert all(before.get(n) == after[n] is not None for n in names)
    told = old.marker(TABLE)
    if told is not None and told == new.marker(TABLE):
        assert before == after
