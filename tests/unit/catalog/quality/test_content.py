"""The packs prove themselves: every check type's examples are answered by the engine as written."""

import pyarrow as pa
import pytest
from tests.unit.catalog.analysis.tables import answers

from muniment.catalog.quality.content import (
    Arity,
    CheckType,
    Family,
    check_types,
    defaults,
    family_of,
    validated,
)
from muniment.catalog.quality.model import Origin
from muniment.catalog.quality.planning import spec_of
from muniment.kernel.errors import Invalid
from muniment.kernel.values import JsonObject

PROVEN = [kind for kind in check_types().values() if kind.passes]


def test_there_are_at_least_forty_check_types() -> None:
    assert len(check_types()) >= 40


def answer(kind: CheckType, values: tuple[object, ...]) -> str:
    check: JsonObject = {"type": kind.id, "columns": ["v"], "params": kind.example.params}
    [said] = answers({"v": pa.array(list(values))}, check)
    return said.status


@pytest.mark.parametrize("kind", PROVEN, ids=lambda kind: str(kind.id))
def test_examples_hold(kind: CheckType) -> None:
    assert answer(kind, kind.passes) == "passed"
    assert answer(kind, kind.fails) == "failed"


@pytest.mark.parametrize("kind", list(check_types().values()), ids=lambda kind: str(kind.id))
def test_the_engine_knows_every_type(kind: CheckType) -> None:
    count = {Arity.NONE: 0, Arity.ONE: 1}.get(kind.columns, 2)
    names = ["v", "w"][:count]
    check: JsonObject = {"type": kind.id, "columns": names, "params": kind.example.params}
    [said] = answers({"v": pa.array([1, 2]), "w": pa.array([1, 2])}, check)
    assert "no check type" not in said.message


def test_defaults_ask_for_known_checks_with_parameters_that_fit() -> None:
    for rule in defaults().columns:
        assert not check_types()[rule.check].problems(("c",), rule.params), rule


@pytest.mark.parametrize(
    ("type_", "columns", "params", "word"),
    [
        ("in_range", ("a",), {}, "At least one"),
        ("in_range", ("a",), {"min": 3, "max": 1}, "greater"),
        ("in_range", ("a",), {"min": "soon"}, "number or a date"),
        ("in_range", ("a",), {"min": float("inf")}, "finite"),
        ("in_set", ("a",), {"values": []}, "at least one value"),
        ("in_set", ("a",), {"values": [{"x": 1}]}, "texts and numbers"),
        ("regex", ("a",), {"pattern": "(?=x)"}, "look-around"),
        ("regex", ("a",), {"pattern": "(a)\\1"}, "look-around"),
        ("castable", ("a",), {"to": "money"}, "one of"),
        ("not_null", (), {}, "one column"),
        ("not_null", ("a",), {"speed": 1}, "no parameter"),
        ("column_a_gt_b", ("a", "a"), {}, "twice"),
        ("duplicate_share", ("a",), {"max": 2}, "at most 1"),
        ("freshness", ("a",), {}, "required"),
        ("no_such", ("a",), {}, "no check type"),
    ],
)
def test_parameters_that_do_not_fit_are_refused(
    type_: str, columns: tuple[str, ...], params: JsonObject, word: str
) -> None:
    with pytest.raises(Invalid, match=word):
        validated(type_, columns, params)


@pytest.mark.parametrize(
    ("type_", "family"),
    [
        ("character varying(40)", Family.TEXT),
        ("bigint", Family.INTEGER),
        ("numeric(10, 2)", Family.NUMBER),
        ("timestamp with time zone", Family.DATETIME),
        ("text[]", Family.OTHER),
        ("jsonb", Family.OTHER),
        ("Float64", Family.NUMBER),
        ("uuid", Family.OTHER),
        ("INTEGER", Family.INTEGER),
        ("interval", Family.OTHER),
        ("point", Family.OTHER),
        ("", Family.OTHER),
    ],
)
def test_families_of_declared_types(type_: str, family: Family) -> None:
    assert family_of(type_) is family


def test_a_check_takes_what_its_type_says() -> None:
    spec = spec_of("unique", ["id"], {}, origin=Origin.METADATA)
    assert (spec.key, spec.dimension, spec.title) == (
        "unique:id",
        "uniqueness",
        "No repeated values",
    )
