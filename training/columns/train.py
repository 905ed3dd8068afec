"""Trains the model of column types, measures it on sources it has not seen, and writes it.

python train.py OUT [--generated 12000] [--seed 5]
"""

import argparse
import json
import random
import sys
import time
import warnings
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from dataset import NONE, Rows, generated, kinds_of, real_ones, rows_of
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from values import positives

from muniment.classification.content import builtin
from muniment.classification.engine.detectors import Detectors
from muniment.classification.engine.model.features import LOOKS, Schema
from muniment.classification.engine.model.network import Limits, Model, Network, softmax, write
from muniment.classification.model import wilson_low

FOLDS = 4
HIDDEN = 96
NETWORKS = 3
SUGGESTS, DECIDES = 0.90, 0.93
"""Precision on sources not seen: from which on it suggests, and from which on it may decide."""
Odds = npt.NDArray[np.float32]


def gathered(count: int, seed: int, folder: Path | None) -> tuple[Schema, Rows]:
    library = builtin()
    known = {name: c for name, c in library.classifiers.items() if name in positives()}
    unknown = sorted(set(positives()) - set(known))
    if unknown:
        sys.stderr.write(f"No shipped classifier is called so, left out: {', '.join(unknown)}\n")
    detectors = Detectors(library.classifiers)
    schema = Schema(tuple(sorted(known)))
    made = rows_of(generated(count, random.Random(seed)), detectors, schema)
    real = rows_of(real_ones(random.Random(seed + 1), folder), detectors, schema)
    rows = Rows(
        np.concatenate((made.features, real.features)),
        [label if label in known else NONE for label in (*made.labels, *real.labels)],
        [*made.sources, *real.sources],
        [*made.families, *real.families],
    )
    return schema, rows


def folds_of(rows: Rows, seed: int) -> npt.NDArray[np.int64]:
    """Which fold each row is held out in: whole sources, unless a kind has only few of them."""
    sources: dict[str, set[str]] = {}
    for label, source in zip(rows.labels, rows.sources, strict=True):
        sources.setdefault(label, set()).add(source)
    chance = random.Random(seed)
    return np.array(
        [
            zlib.crc32(f"{source}{seed}".encode()) % FOLDS
            if family.startswith("real:") or len(sources[label]) >= FOLDS * 2
            else chance.randrange(FOLDS)
            for label, source, family in zip(rows.labels, rows.sources, rows.families, strict=True)
        ]
    )


def augmented(
    features: npt.NDArray[np.float32], schema: Schema, seed: int
) -> npt.NDArray[np.float32]:
    """The same columns as if the word lists knew fewer of their values, and without names."""
    made = features.copy()
    chance = np.random.default_rng(seed)
    rules, name = schema.groups["rules"], schema.groups["name"]
    fewer = chance.random(len(made)) < 0.5
    made[fewer, rules] *= chance.uniform(0.1, 1.0, (int(fewer.sum()), 1))
    made[chance.random(len(made)) < 0.5, name] = 0
    return made


def fitted(
    features: npt.NDArray[np.float32],
    labels: npt.NDArray[np.int64],
    weights: npt.NDArray[np.float64],
    seed: int,
) -> Any:
    warnings.simplefilter("ignore", ConvergenceWarning)
    network = MLPClassifier(
        (HIDDEN,),
        alpha=3e-3,
        batch_size=256,
        learning_rate_init=1.5e-3,
        max_iter=16,
        random_state=seed,
    )
    return network.fit(features, labels, sample_weight=weights)


class Trainer:
    """Fits networks to rows, with the scale that they were fitted with."""

    def __init__(self, schema: Schema, rows: Rows, labels: Sequence[str]) -> None:
        self.schema, self.labels = schema, labels
        self.features = rows.features
        self.which = np.array([labels.index(label) for label in rows.labels])
        self.mean = self.features.mean(axis=0)
        self.deviation = np.maximum(self.features.std(axis=0), 0.02)
        real = np.array([family.startswith("real:") for family in rows.families])
        counts = np.bincount(self.which, minlength=len(labels))
        rare = np.sqrt(150 / np.maximum(counts, 150))
        rare[labels.index(NONE)] = 1.0
        self.weights = rare[self.which] * np.where(real, 2.0, 1.0)

    def networks(self, chosen: npt.NDArray[np.bool_], count: int, seed: int) -> list[Network]:
        found = []
        for turn in range(count):
            more = augmented(self.features[chosen], self.schema, seed + turn)
            rows = np.concatenate((self.features[chosen], more))
            scaled = np.clip((rows - self.mean) / self.deviation, -4, 4).astype(np.float32)
            weights = np.concatenate((self.weights[chosen],) * 2)
            told = fitted(scaled, np.concatenate((self.which[chosen],) * 2), weights, seed + turn)
            out = np.zeros((HIDDEN, len(self.labels)), np.float32)
            bias = np.full(len(self.labels), -12.0, np.float32)
            out[:, told.classes_] = told.coefs_[1]
            bias[told.classes_] = told.intercepts_[1]
            hidden, hidden_bias = (
                told.coefs_[0].astype(np.float32),
                told.intercepts_[0].astype(np.float32),
            )
            found.append(Network(hidden, hidden_bias, out, bias))
        return found

    def model(self, networks: Sequence[Network], **more: Any) -> Model:
        told = {"version": "0", "temperature": 1.0, "limits": {}, "facts": {}} | more
        return Model(
            labels=tuple(self.labels), schema=self.schema, mean=self.mean, deviation=self.deviation,
            networks=networks, **told,
        )  # fmt: skip


def temperature_of(odds: Odds, which: npt.NDArray[np.int64]) -> float:
    """The divisor of log-odds under which the held-out answers are likeliest."""

    def loss(divisor: float) -> float:
        told = softmax(odds / divisor)[np.arange(len(which)), which]
        return float(-np.log(np.maximum(told, 1e-9)).mean())

    return min((float(x) for x in np.arange(0.6, 4.0, 0.05)), key=loss)


def calibration_error(
    sure: npt.NDArray[Any], right: npt.NDArray[np.bool_], bins: int = 10
) -> float:
    places = np.minimum((sure * bins).astype(int), bins - 1)
    parts = [(places == b) for b in range(bins)]
    return float(sum(p.mean() * abs(sure[p].mean() - right[p].mean()) for p in parts if p.any()))


def least_hits(schema: Schema, rows: Rows, label: str) -> float:
    """The share of values that the rules know of nearly every column of a kind, halved."""
    if label not in schema.rules:
        return 0.0
    at = schema.groups["rules"].start + schema.rules.index(label)
    its = np.array([told == label for told in rows.labels])
    return round(float(np.quantile(rows.features[its, at], 0.08)) * 0.6, 2)


def limits_of(
    shares: Odds, which: npt.NDArray[np.int64], labels: Sequence[str], hits: Mapping[str, float]
) -> Mapping[str, Limits]:
    """From when on each label is suggested, and may decide, by precision on sources not seen."""
    found: dict[str, Limits] = {}
    best, sure = shares.argmax(axis=1), shares.max(axis=1)
    for at, label in enumerate(labels):
        if label == NONE:
            continue

        def first(wanted: float, bound: Callable[[int, int], float], at: int = at) -> float | None:
            for least in np.arange(0.40, 0.99, 0.02):
                said = (best == at) & (sure >= least)
                right = int((which[said] == at).sum())
                if said.sum() >= 12 and bound(right, int(said.sum())) >= wanted:
                    return round(float(least), 2)
            return None

        suggests = first(SUGGESTS, lambda right, said: right / said)
        if suggests is None:
            continue
        said = (best == at) & (sure >= suggests)
        precision = float((which[said] == at).mean())
        decides = first(DECIDES, wilson_low)
        found[label] = Limits(suggests, decides, round(precision, 4), int(said.sum()), hits[label])
    return found


def measured(
    shares: Odds, rows: Rows, labels: Sequence[str], limits: Mapping[str, Limits]
) -> dict[str, Any]:
    """How good the answers on held-out sources are, for the model card."""
    best, sure = shares.argmax(axis=1), shares.max(axis=1)
    said = [
        labels[b] if labels[b] in limits and s >= limits[labels[b]].suggests_from else NONE
        for b, s in zip(best, sure, strict=True)
    ]
    told: dict[str, Any] = {}
    for name in ("all", "generated", "real"):
        chosen = [
            at for at, family in enumerate(rows.families)
            if name == "all" or family.startswith("real:") == (name == "real")
        ]  # fmt: skip
        right = sum(said[at] == rows.labels[at] != NONE for at in chosen)
        claimed = sum(said[at] != NONE for at in chosen)
        there = sum(rows.labels[at] != NONE for at in chosen)
        negatives = len(chosen) - there
        wrong = sum(said[at] != NONE and rows.labels[at] == NONE for at in chosen)
        hits = np.array([labels[best[at]] == rows.labels[at] for at in chosen])
        told[name] = {
            "columns": len(chosen),
            "precision": round(right / max(claimed, 1), 4),
            "recall": round(right / max(there, 1), 4),
            "f1": round(2 * right / max(claimed + there, 1), 4),
            "false_positives_per_100_negatives": round(100 * wrong / max(negatives, 1), 2),
            "calibration_error": round(calibration_error(sure[chosen], hits), 4),
        }
    wrongly = Counter(
        (rows.labels[at], said[at]) for at in range(len(said)) if said[at] != rows.labels[at]
    )
    told["confused"] = [f"{was} as {as_}: {n}" for (was, as_), n in wrongly.most_common(25)]
    return told


def main() -> None:
    wanted = argparse.ArgumentParser()
    wanted.add_argument("out", type=Path)
    wanted.add_argument("--generated", type=int, default=12_000)
    wanted.add_argument("--seed", type=int, default=5)
    wanted.add_argument(
        "--packages", type=Path, help="Where the packages with tables are installed."
    )
    wanted.add_argument("--report", type=Path)
    wanted.add_argument(
        "--rows", type=Path, help="Keeps the rows of features, to try again quickly."
    )
    given = wanted.parse_args()
    began = time.monotonic()
    schema, rows = kept(given)
    sys.stderr.write(f"{len(rows.labels)} columns after {time.monotonic() - began:.0f} s\n")
    labels = sorted({*rows.labels} - {NONE}) + [NONE]
    trainer = Trainer(schema, rows, labels)
    folds = folds_of(rows, given.seed)
    odds = np.zeros((len(rows.labels), len(labels)), np.float32)
    for fold in range(FOLDS):
        nets = trainer.networks(folds != fold, 1, given.seed)
        odds[folds == fold] = trainer.model(nets).odds(rows.features[folds == fold])
    temperature = temperature_of(odds, trainer.which)
    shares = softmax(odds / temperature)
    hits = {label: least_hits(schema, rows, label) for label in labels}
    limits = limits_of(shares, trainer.which, labels, hits)
    facts = {
        "columns": kinds_of(rows),
        "held_out": measured(shares, rows, labels, limits),
        "looks": list(LOOKS),
    }
    networks = trainer.networks(np.ones(len(rows.labels), np.bool_), NETWORKS, given.seed)
    model = trainer.model(
        networks, temperature=temperature, limits=limits, facts=facts, version="1"
    )
    given.out.write_bytes(write(model))
    if given.report is not None:
        told = {
            **facts,
            "temperature": temperature,
            "limits": {k: list(astuple(v)) for k, v in limits.items()},
        }
        given.report.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    sys.stderr.write(
        f"{json.dumps(facts['held_out'], indent=1)}\n{time.monotonic() - began:.0f} s\n"
    )


def kept(given: argparse.Namespace) -> tuple[Schema, Rows]:
    """The rows of an earlier run, or fresh ones."""
    if given.rows is not None and given.rows.exists():
        with np.load(given.rows, allow_pickle=False) as stored:
            told = json.loads(str(stored["told"]))
            return Schema(tuple(told["rules"])), Rows(
                stored["features"].astype(np.float32), *told["rows"]
            )
    schema, rows = gathered(given.generated, given.seed, given.packages)
    if given.rows is not None:
        told = json.dumps(
            {
                "rules": schema.rules,
                "rows": [list(rows.labels), list(rows.sources), list(rows.families)],
            }
        )
        np.savez_compressed(
            given.rows,
            allow_pickle=False,
            features=rows.features.astype(np.float16),
            told=np.array(told),
        )
    return schema, rows


if __name__ == "__main__":
    main()
