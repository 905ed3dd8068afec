"""The trained model: a few small networks whose mean is asked, with numpy; read from one file."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from io import BytesIO
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from muniment.classification.engine.model.features import Row, Schema
from muniment.kernel.errors import Invalid

SHIPPED: Final = "columns.npz"
FORMAT: Final = 1
NONE: Final = "none"
"""The answer of a column that holds none of the kinds."""
_FURTHEST: Final = 4.0
"""Deviations from the mean beyond which a feature says no more."""

Matrix = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Network:
    """One hidden layer, as weights and biases."""

    hidden: Matrix
    hidden_bias: Matrix
    out: Matrix
    out_bias: Matrix

    def activations(self, rows: Matrix) -> Matrix:
        return np.asarray(np.maximum(rows @ self.hidden + self.hidden_bias, 0.0), np.float32)


@dataclass(frozen=True)
class Limits:
    """From when on the model suggests a label, and whether it may decide; by measured precision."""

    suggests_from: float
    decides_from: float | None
    precision: float
    """Measured on held-out sources, of what it suggests."""
    tested: int
    least_hits: float = 0.0
    """Share of the values that rules must know, as they do of nearly all columns of the kind."""


@dataclass(frozen=True)
class Model:
    """The whole model: labels, schema of features, networks, calibration and limits."""

    version: str
    labels: Sequence[str]
    schema: Schema
    mean: Matrix
    deviation: Matrix
    networks: Sequence[Network]
    temperature: float
    limits: Mapping[str, Limits]
    facts: Mapping[str, Any]
    new: frozenset[str] = frozenset()
    """Kinds learned from decisions alone: header words of them are not known."""

    @cached_property
    def fingerprint(self) -> str:
        """Tells two models apart: what was learned on top of one fits no other."""
        told = hashlib.sha256(f"{self.version}\n{self.schema.fingerprint}\n{self.labels}".encode())
        for each in self.networks:
            for part in (each.hidden, each.hidden_bias, each.out, each.out_bias):
                told.update(part.tobytes())
        return told.hexdigest()[:16]

    def scaled(self, rows: Matrix) -> Matrix:
        scaled = (rows - self.mean) / self.deviation
        return np.asarray(np.clip(scaled, -_FURTHEST, _FURTHEST), np.float32)

    def hidden(self, rows: Matrix) -> Matrix:
        """What the hidden units of all networks say, one column for each unit."""
        scaled = self.scaled(rows)
        return np.hstack([each.activations(scaled) for each in self.networks])

    def odds(self, rows: Matrix) -> Matrix:
        """Log-odds before calibration, one column for each label."""
        scaled = self.scaled(rows)
        told = [n.activations(scaled) @ n.out + n.out_bias for n in self.networks]
        return np.asarray(np.mean(told, axis=0) / self.temperature, np.float32)

    def probabilities(self, rows: Matrix) -> Matrix:
        """How likely each label is, calibrated; they add up to one in every row."""
        return softmax(self.odds(rows))

    def reasons(self, row: Row, label: str) -> Mapping[str, float]:
        """How many log-odds each group of features adds to a label: what is lost without it."""
        groups = self.schema.groups
        without = np.repeat(row[None, :], len(groups) + 1, axis=0)
        for at, place in enumerate(groups.values(), 1):
            without[at, place] = self.mean[place]
        told = np.log(np.maximum(self.probabilities(without)[:, self.labels.index(label)], 1e-9))
        return {name: float(told[0] - told[at]) for at, name in enumerate(groups, 1)}


def softmax(odds: Matrix) -> Matrix:
    raised = np.exp(odds - odds.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)


def write(model: Model) -> bytes:
    """The model as a file: arrays, and a head in JSON. Weights are kept with half the digits."""
    head = {
        "format": FORMAT,
        "version": model.version,
        "labels": list(model.labels),
        "rules": list(model.schema.rules),
        "fingerprint": model.schema.fingerprint,
        "temperature": model.temperature,
        "limits": {name: list(astuple(x)) for name, x in model.limits.items()},
        "networks": len(model.networks),
        "facts": dict(model.facts),
    }
    arrays: dict[str, npt.NDArray[Any]] = {
        "head": np.frombuffer(json.dumps(head).encode(), np.uint8),
        "mean": model.mean.astype(np.float32),
        "deviation": model.deviation.astype(np.float32),
    }
    for at, network in enumerate(model.networks):
        arrays[f"hidden{at}"] = network.hidden.astype(np.float16)
        arrays[f"hidden_bias{at}"] = network.hidden_bias.astype(np.float16)
        arrays[f"out{at}"] = network.out.astype(np.float16)
        arrays[f"out_bias{at}"] = network.out_bias.astype(np.float16)
    held = BytesIO()
    np.savez_compressed(held, allow_pickle=False, **arrays)
    return held.getvalue()


def read(raw: bytes) -> Model:
    """The inverse of ``write``; Invalid when it was made for other features."""
    try:
        with np.load(BytesIO(raw), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        head = json.loads(arrays["head"].tobytes())
        schema = Schema(tuple(head["rules"]))
        if head["format"] != FORMAT or head["fingerprint"] != schema.fingerprint:
            raise Invalid(
                "The model was trained for other features than this version of Muniment has;"
                " train it again with `make train-model`."
            )
        networks = [
            Network(*(arrays[f"{part}{at}"].astype(np.float32) for part in _PARTS))
            for at in range(head["networks"])
        ]
        limits = {name: Limits(*told) for name, told in head["limits"].items()}
    except (KeyError, ValueError, OSError, BadZipFile) as error:
        raise Invalid("The file is no model that this version of Muniment can read.") from error
    return Model(
        version=head["version"],
        labels=tuple(head["labels"]),
        schema=schema,
        mean=arrays["mean"],
        deviation=arrays["deviation"],
        networks=networks,
        temperature=head["temperature"],
        limits=limits,
        facts=head["facts"],
    )


_PARTS: Final = ("hidden", "hidden_bias", "out", "out_bias")


@lru_cache(maxsize=1)
def shipped() -> Model:
    """The model that comes with this version; read once per process."""
    return read(files(__package__).joinpath(SHIPPED).read_bytes())
