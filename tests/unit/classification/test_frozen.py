"""The frozen columns: what they hold, and which files are refused."""

from collections import Counter
from importlib.resources import files

import numpy as np
import pytest

from muniment.classification.engine.model import frozen, network
from muniment.classification.engine.model.features import Schema
from muniment.kernel.errors import Invalid


def test_the_shipped_columns_are_of_the_shipped_model_and_its_kinds() -> None:
    held, model = frozen.shipped(), network.shipped()
    assert held.made_by == model.version
    assert len(held.labels) == len(held.sources) == len(held.features) >= 1_500
    assert set(held.labels) == set(model.labels)
    counts = Counter(held.labels)
    assert counts.most_common(1)[0][0] == network.NONE
    assert min(counts.values()) >= 5
    assert np.isfinite(held.features).all()
    said = [model.labels[at] for at in model.probabilities(held.features).argmax(axis=1)]
    right = sum(one == other for one, other in zip(said, held.labels, strict=True))
    assert right / len(said) > 0.8
    raw = files("muniment.classification.engine.model").joinpath(frozen.SHIPPED).read_bytes()
    assert len(raw) < 1_500_000


def test_written_columns_are_read_again_and_others_refused() -> None:
    schema = Schema(("contact.email", "geo.city"))
    rows = np.random.default_rng(5).uniform(size=(3, schema.width)).astype(np.float32)
    held = frozen.Frozen(schema, rows, ["none", "geo.city", "none"], ["a", "b", "a"], "7")
    raw = frozen.write(held)
    again = frozen.read(raw, schema)
    assert raw == frozen.write(again)
    assert (again.labels, again.sources, again.made_by) == (held.labels, held.sources, "7")
    assert np.allclose(again.features, rows, atol=1e-3)
    with pytest.raises(Invalid, match="other features"):
        frozen.read(raw, Schema(("contact.email",)))
    with pytest.raises(Invalid, match="no frozen columns"):
        frozen.read(raw[: len(raw) // 2], schema)
