"""The trained model beside the rules: what it adds, what it leaves alone, and its file."""

import random
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.classification.direct import classify_table
from muniment.classification.engine.model.network import Model, read, shipped, write
from muniment.classification.engine.model.traits import COUNTS, WIDTH, bits_of, traits_of
from muniment.classification.model import Kind
from muniment.kernel.errors import Invalid
from muniment.kernel.refs import AssetRef
from muniment.platform.settings import Settings

CACHE = {"cache_dir": str(Settings().pattern_cache)}
CHANCE = random.Random(11)
PLACES = [(48.1372 + n / 97, 11.5755 - n / 71) for n in range(120)]


def labels(held: dict[str, list[Any]], **params: Any) -> dict[str, list[dict[str, Any]]]:
    result: Any = classify_table(pa.table(held), AssetRef("s", ("t",)), CACHE | params)
    return {column["column"]: column["labels"] for column in result["columns"]}


@given(st.lists(st.text(max_size=90), max_size=30))
def test_traits_are_bytes_of_one_value_whatever_stands_beside(values: list[str]) -> None:
    rows = traits_of(pl.Series(values, dtype=pl.String), Kind.TEXT)
    assert rows.shape == (len(values), WIDTH)
    for value, row in zip(values, rows, strict=True):
        alone = traits_of(pl.Series([value], dtype=pl.String), Kind.TEXT)[0]
        assert row[: len(COUNTS)].tolist() == alone[: len(COUNTS)].tolist()
        assert bits_of(row[None, :]).tolist() == bits_of(alone[None, :]).tolist()


def test_the_model_tells_a_pair_of_coordinates_that_no_name_tells() -> None:
    held = {"c1": [lat for lat, _ in PLACES], "c2": [lon for _, lon in PLACES]}
    told = labels(held, headers=False)
    assert labels(held, headers=False, tiers=["rule"]) == {"c1": [], "c2": []}
    for column, label in (("c1", "geo.latitude"), ("c2", "geo.longitude")):
        for found in told[column]:
            assert (found["label"], found["tier"]) == (label, "model")
            assert found["evidence"]["because"]
            assert found["evidence"]["model"]["version"] == shipped().version


def test_what_rules_are_sure_of_is_theirs() -> None:
    held: dict[str, list[Any]] = {"x": [f"p{n}@shop{n % 9}.example" for n in range(90)]}
    assert labels(held) == labels(held, tiers=["rule"])


def test_ordinary_numbers_and_states_get_no_label_of_the_model() -> None:
    held: dict[str, list[Any]] = {
        "quantity": [CHANCE.randrange(1, 9) for _ in range(200)],
        "total": [round(CHANCE.lognormvariate(3, 1), 2) for _ in range(200)],
        "state": [CHANCE.choice(("open", "shipped", "paid")) for _ in range(200)],
        "sku": [f"FUR-{CHANCE.randrange(10**6):06d}" for _ in range(200)],
    }
    told = labels(held)
    assert not [f for found in told.values() for f in found if f["tier"] == "model"]


def test_a_written_model_answers_the_same_and_another_is_refused() -> None:
    model: Model = shipped()
    again = read(write(model))
    rows = np.abs(np.random.default_rng(3).normal(size=(8, model.schema.width))).astype(np.float32)
    told = model.probabilities(rows)
    assert np.allclose(told, again.probabilities(rows), atol=1e-4)
    assert np.allclose(told.sum(axis=1), 1.0, atol=1e-4)
    assert set(model.limits) <= set(model.labels)
    with pytest.raises(Invalid, match="no model"):
        read(b"something else")
