"""What a scan carries over: pure laws."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from muniment.contracts.connectors import AssetMeta, ColumnMeta, Partition
from muniment.contracts.markers import MarkedPart
from muniment.kernel.values import AssetKind
from muniment.scans.carrying import (
    KeptAsset,
    KeptPart,
    Mode,
    decide,
    fingerprint,
    part_key,
    tied,
    to_verify,
)
from muniment.scans.jobs import Listed, Reading

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
READING = Reading()


def check(type_: str, column: str = "id", **more: Any) -> dict[str, Any]:
    return {"key": f"{type_}:{column}", "type": type_, "columns": [column], "params": {}, **more}


def quality(*checks: dict[str, Any], keys: list[list[str]] | None = None) -> dict[str, Any]:
    return {"reference_time": NOW.isoformat(), "checks": list(checks), "keys": keys or []}


def meta(name: str = "orders", type_: str = "int") -> AssetMeta:
    return AssetMeta(("main", name), AssetKind.TABLE, (ColumnMeta("id", type_),))


def print_of(asked: dict[str, Any], type_: str = "int", engine: str = "1") -> str:
    return fingerprint(meta(type_=type_), READING, {}, asked, engine)


def kept(asked: dict[str, Any], parts: int = 3, **more: Any) -> KeptAsset:
    specs = [{"part": n} for n in range(parts)]
    return KeptAsset(
        **{
            "marker": "m",
            "fingerprint": print_of(asked),
            "engine": "1",
            "quality": asked,
            "labels": 1,
            "rows": parts * 10,
            "read_at": NOW - timedelta(days=1),
            "whole_at": NOW - timedelta(days=1),
            "parts": {part_key(spec): KeptPart(spec, "p", 10, 1.0) for spec in specs},
            **more,
        }
    )


def cut(*unchanged: bool) -> Listed:
    marks = tuple(
        MarkedPart(Partition(n, {"part": n}, 10), "p", same) for n, same in enumerate(unchanged)
    )
    return Listed(meta(), tuple(each.partition for each in marks), READING, marks=marks, marker="n")


SAME = Listed(meta(), reading=READING, marker="m", unchanged=True)


def test_only_what_could_change_an_answer_is_in_the_fingerprint() -> None:
    asked = quality(check("not_null"))
    later = {**asked, "reference_time": "2030-01-01"}
    suggested = quality(check("not_null"), check("in_set", origin="suggested"))
    counted = quality(check("not_null"), check("row_count_change", params={"previous": 9}))
    severe = quality(check("not_null", severity="high", title="Another title"))
    assert {print_of(each) for each in (asked, later, suggested, counted, severe)} == {
        print_of(asked)
    }
    others = [
        print_of(quality(check("not_null", params={"min_ratio": 0.9}))),
        print_of(quality(check("unique"))),
        print_of(quality(check("not_null"), keys=[["id"]])),
        print_of(asked, type_="text"),
        print_of(asked, engine="2"),
    ]
    assert len({print_of(asked), *others}) == 6


def test_an_asset_is_read_whole_unless_everything_speaks_for_its_states() -> None:
    asked = quality(check("not_null"))
    print_ = print_of(asked)
    same = decide(SAME, kept(asked), asked, print_, now=NOW, full=False)
    assert (same.mode, len(same.carried)) == (Mode.UNCHANGED, 3)
    partly = decide(cut(True, False, True), kept(asked), asked, print_, now=NOW, full=False)
    assert (partly.mode, len(partly.carried)) == (Mode.PARTLY, 2)
    for listed, before, wanted, full in (
        (cut(True, True), None, print_, False),
        (cut(True, True), kept(asked), print_, True),
        (cut(True, True), kept(asked), "other", False),
        (cut(False, False), kept(asked), print_, False),
        (SAME, kept(asked, whole_at=NOW - timedelta(days=31)), print_, False),
        (cut(True), kept(asked, parts=0), print_, False),
    ):
        found = decide(listed, before, asked, wanted, now=NOW, full=full)
        assert (found.mode, len(found.carried)) == (Mode.READ, 0)


def test_kept_states_are_asked_only_what_they_can_answer() -> None:
    before = quality(check("not_null"), check("in_set", origin="suggested", params={"values": [1]}))
    now = quality(
        check("not_null", severity="high"),
        check("in_set", origin="suggested", params={"values": [1, 2]}),
        check("row_count_change", params={"previous": 30}),
    )
    found = decide(cut(True, False), kept(before), now, print_of(now), now=NOW, full=False)
    asked: Any = found.quality["checks"]
    assert sorted((each["type"], each.get("severity")) for each in asked) == [
        ("in_set", None),
        ("not_null", "high"),
        ("row_count_change", None),
    ]
    assert next(each for each in asked if each["type"] == "in_set")["params"] == {"values": [1]}


def test_what_depends_on_the_day_or_on_another_asset_is_judged_anew() -> None:
    def unchanged(name: str, asked: dict[str, Any]) -> Any:
        listed = replace(SAME, meta=meta(name))
        return decide(listed, kept(asked), asked, print_of(asked), now=NOW, full=False)

    to_orders = check("foreign_key", params={"path": ["main", "orders"], "keys": ["id"]})
    plain = quality(check("not_null"))
    lines = unchanged("lines", quality(to_orders))
    fresh = unchanged("fresh", quality(check("freshness")))
    alone = unchanged("alone", plain)
    orders = unchanged("orders", quality(keys=[["id"]]))
    still = {each.listed.meta.path[1]: each.mode for each in tied([lines, fresh, alone, orders])}
    assert still == {
        "lines": Mode.UNCHANGED,
        "fresh": Mode.CARRIED,
        "alone": Mode.UNCHANGED,
        "orders": Mode.UNCHANGED,
    }
    read = replace(orders, mode=Mode.READ)
    moved = {each.listed.meta.path[1]: each.mode for each in tied([lines, alone, read])}
    assert moved == {"lines": Mode.CARRIED, "alone": Mode.UNCHANGED, "orders": Mode.READ}


def test_a_share_of_what_is_carried_is_read_to_be_compared() -> None:
    asked = quality()
    whole = decide(SAME, kept(asked, parts=20), asked, print_of(asked), now=NOW, full=False)
    [found] = to_verify([whole], 0.25, Random(7))
    assert found.mode is Mode.PARTLY
    assert sum(part.verify for part in found.parts) == 5
    assert not any(part.verify and part.carried for part in found.parts)
    [least] = to_verify([whole], 0.001, Random(7))
    assert sum(part.verify for part in least.parts) == 1
    assert list(to_verify([], 0.5, Random(7))) == []
