"""What a model learned in one organisation: other last weights for some labels, small as text."""

import base64
import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np

from muniment.classification.engine.model.network import Limits, Matrix, Model, Network, shipped
from muniment.kernel.errors import Invalid

FORMAT: Final = 1


@dataclass(frozen=True)
class Head:
    """Weights from the hidden units of a model's networks to some of its labels.

    All other labels keep the weights that they were shipped with. Labels that the model does not
    have are added to it.
    """

    base: str
    """Fingerprint of the model it belongs to; it fits no other one."""
    version: int
    labels: Sequence[str]
    weights: Matrix
    """One row for each hidden unit, the networks one after another; one column for each label."""
    bias: Matrix
    limits: Mapping[str, Limits]
    """Of labels that the model as shipped may not suggest."""

    def dump(self) -> str:
        """The head as text, with half the digits."""
        told = {
            "format": FORMAT,
            "base": self.base,
            "version": self.version,
            "labels": list(self.labels),
            "limits": {name: list(astuple(each)) for name, each in self.limits.items()},
        }
        head = json.dumps(told).encode()
        numbers = np.vstack((self.weights, self.bias[None, :])).astype("<f2").tobytes()
        return base64.b64encode(
            struct.pack("<I", len(head)) + zlib.compress(head + numbers, level=9)
        ).decode()


def load(text: str) -> Head:
    """The inverse of ``Head.dump``; Invalid when it is none."""
    try:
        raw = base64.b64decode(text, validate=True)
        (size,) = struct.unpack_from("<I", raw)
        data = zlib.decompress(raw[4:])
        told = json.loads(data[:size])
        if told["format"] != FORMAT:
            raise Invalid("The learned weights are of another version of Muniment; train again.")
        labels = tuple(told["labels"])
        numbers = np.frombuffer(data, "<f2", offset=size).reshape(-1, len(labels))
        limits = {name: Limits(*each) for name, each in told["limits"].items()}
        base, version = told["base"], told["version"]
    except (KeyError, ValueError, TypeError, struct.error, zlib.error) as error:
        raise Invalid("These are no learned weights that Muniment can read.") from error
    weights = numbers.astype(np.float32)
    return Head(base, version, labels, weights[:-1], weights[-1], limits)


def with_head(model: Model, head: Head) -> Model:
    """The model with what it learned; as it is where the head belongs to another one."""
    units = sum(len(each.out) for each in model.networks)
    if head.base != model.fingerprint or len(head.weights) != units:
        return model
    labels = (*model.labels, *(name for name in head.labels if name not in model.labels))
    places = [labels.index(name) for name in head.labels]
    networks, at = [], 0
    for network in model.networks:
        out = _wider(network.out, len(labels))
        bias = _wider(network.out_bias[None, :], len(labels))[0]
        out[:, places] = head.weights[at : at + len(out)]
        bias[places] = head.bias
        networks.append(Network(network.hidden, network.hidden_bias, out, bias))
        at += len(out)
    return replace(
        model,
        version=f"{model.version}+{head.version}",
        labels=labels,
        networks=networks,
        limits={**head.limits, **model.limits},
        new=frozenset(labels) - frozenset(model.labels),
    )


def _wider(matrix: Matrix, width: int) -> Matrix:
    more = np.zeros((len(matrix), width - matrix.shape[1]), np.float32)
    return np.hstack((matrix, more))


@lru_cache(maxsize=4)
def learned(text: str) -> Model:
    """The shipped model with a head in the form of ``Head.dump``."""
    return with_head(shipped(), load(text))
