"""Columns no fit has seen: on them a retrained model must not be worse than the shipped one."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from typing import Final
from zipfile import BadZipFile

import numpy as np

from muniment.classification.engine.model.features import Schema
from muniment.classification.engine.model.network import Matrix
from muniment.classification.engine.model.network import shipped as shipped_model
from muniment.kernel.errors import Invalid

SHIPPED: Final = "frozen.npz"
FORMAT: Final = 1


@dataclass(frozen=True)
class Frozen:
    """Rows of features with their labels, ``none`` included; not one value of a column.

    They were drawn from generators in locales, and from packages, that the shipped model was not
    fitted to; a model that learns from decisions is compared with the shipped one on them.
    """

    schema: Schema
    features: Matrix
    """In the model's space before scaling, one row for each column."""
    labels: Sequence[str]
    sources: Sequence[str]
    """Of each row, the generator with its locale, or the package."""
    made_by: str
    """The version of the model that was shipped with it."""


def write(frozen: Frozen) -> bytes:
    """The rows as a file: numbers with half the digits, and a head in JSON."""
    labels, sources = sorted(set(frozen.labels)), sorted(set(frozen.sources))
    head = {
        "format": FORMAT,
        "fingerprint": frozen.schema.fingerprint,
        "made_by": frozen.made_by,
        "labels": labels,
        "sources": sources,
    }
    held = BytesIO()
    np.savez_compressed(
        held,
        allow_pickle=False,
        head=np.frombuffer(json.dumps(head).encode(), np.uint8),
        # turned, for the numbers of one feature are alike and pack better side by side
        features=np.ascontiguousarray(frozen.features.astype(np.float16).T),
        label=np.array([labels.index(each) for each in frozen.labels], np.uint16),
        source=np.array([sources.index(each) for each in frozen.sources], np.uint16),
    )
    return held.getvalue()


def read(raw: bytes, schema: Schema) -> Frozen:
    """The inverse of ``write``; Invalid when the rows were made for other features."""
    try:
        with np.load(BytesIO(raw), allow_pickle=False) as stored:
            head = json.loads(stored["head"].tobytes())
            if head["format"] != FORMAT or head["fingerprint"] != schema.fingerprint:
                raise Invalid(
                    "The frozen columns were made for other features than the model has;"
                    " make both again with `make train-model`."
                )
            features = stored["features"].T.astype(np.float32)
            labels = [head["labels"][at] for at in stored["label"]]
            sources = [head["sources"][at] for at in stored["source"]]
    except (KeyError, IndexError, ValueError, OSError, EOFError, BadZipFile) as error:
        raise Invalid("The file holds no frozen columns that Muniment can read.") from error
    if features.shape != (len(labels), schema.width) or len(sources) != len(labels):
        raise Invalid("The file of frozen columns is damaged; install Muniment again.")
    return Frozen(schema, np.ascontiguousarray(features), labels, sources, head["made_by"])


@lru_cache(maxsize=1)
def shipped() -> Frozen:
    """The rows that come with this version, for the model that comes with it."""
    raw = files(__package__).joinpath(SHIPPED).read_bytes()
    return read(raw, shipped_model().schema)
