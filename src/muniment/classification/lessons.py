"""A lesson for the model as lines of JSON: a process of its own learns from it, then ends.

The first line says what is asked, each other one brings an asset with its kept state and what
people decided about its columns. What is learned holds numbers and labels, and no value.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from muniment.classification.analyzer import detectors_for
from muniment.classification.engine import keeping
from muniment.classification.engine.classify import RULES, judge
from muniment.classification.engine.detectors import Detectors
from muniment.classification.engine.header import normalised
from muniment.classification.engine.model import frozen, network
from muniment.classification.engine.model.combine import left_open, says_something
from muniment.classification.engine.model.features import Row
from muniment.classification.engine.model.learning import Examples, learn
from muniment.kernel.errors import Conflict
from muniment.kernel.values import JsonObject

Decided = Mapping[str, Mapping[str, Sequence[str]]]
"""By column, the labels ``confirmed`` and ``rejected``."""


def first_line(version: int, params: JsonObject) -> bytes:
    """What is asked: the number of the version to be, and the classifiers in force."""
    return _line({"version": version, "params": params})


def asset_line(asset: str, state: bytes, *, headers: bool, decided: Decided) -> bytes:
    """An asset with decided columns. Without ``headers`` the model is not told their names."""
    kept = base64.b64encode(state).decode()
    return _line({"asset": asset, "state": kept, "headers": headers, "decided": decided})


def _line(told: Mapping[str, Any]) -> bytes:
    return json.dumps(told, separators=(",", ":")).encode() + b"\n"


@dataclass(slots=True)
class _Gathered:
    """Decided columns as rows for the model."""

    features: list[Row] = field(default_factory=list)
    confirmed: list[frozenset[str]] = field(default_factory=list)
    rejected: list[frozenset[str]] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    asked: list[bool] = field(default_factory=list)

    def look(self, told: Mapping[str, Any], detectors: Detectors) -> None:
        """Take up the decided columns of one asset."""
        columns, _ = keeping.unpack(base64.b64decode(told["state"]))
        headers, schema = bool(told["headers"]), network.shipped().schema
        verdicts = judge(columns, told["asset"], detectors, headers=headers, tiers=(RULES,))
        for column, verdict in zip(columns, verdicts, strict=True):
            decided = told["decided"].get(column.name)
            if decided is None or not len(column.marked.traits):
                continue
            said = detectors.headers(column.name) if headers else {}
            self.features.append(schema.row(column, column.name if headers else "", said))
            self.confirmed.append(frozenset(decided["confirmed"]))
            self.rejected.append(frozenset(decided["rejected"]))
            self.groups.append(
                normalised(column.name) if says_something(column.name) else told["asset"]
            )
            self.asked.append(left_open(verdict.labels, column))

    def examples(self) -> Examples:
        width = network.shipped().schema.width
        rows = np.stack(self.features) if self.features else np.zeros((0, width))
        return Examples(
            np.asarray(rows, np.float32),
            self.confirmed,
            self.rejected,
            self.groups,
            np.array(self.asked, np.bool_),
        )


def taught(lines: Iterable[bytes]) -> JsonObject:
    """Learn from the lines: the head as text, or None, and the report."""
    rest: Iterator[bytes] = iter(lines)
    asked = json.loads(next(rest))
    detectors, gathered, outdated = detectors_for(asked["params"]), _Gathered(), 0
    for line in rest:
        try:
            gathered.look(json.loads(line), detectors)
        except Conflict:  # kept by a version whose format is read no more; a scan renews it
            outdated += 1
    learned = learn(network.shipped(), frozen.shipped(), gathered.examples(), asked["version"])
    head = None if learned.head is None else learned.head.dump()
    return {"head": head, "report": {**learned.report, "outdated_assets": outdated}}
