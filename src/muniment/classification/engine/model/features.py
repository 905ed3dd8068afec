"""What the model sees of a column: a fixed row of numbers made from its state and its name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Final
from zlib import crc32

import numpy as np
import numpy.typing as npt

from muniment.classification.engine.header import HeaderEvidence, expanded
from muniment.classification.engine.model.traits import BITS, COUNTS, KINDS, SCRIPTS, Rows, bits_of
from muniment.classification.engine.model.traits import VERSION as TRAITS_VERSION
from muniment.classification.engine.sample import CHECKED
from muniment.classification.engine.state import ColumnState, MarkedValues
from muniment.classification.model import Kind

VERSION: Final = 1
"""Rises when a feature means something else; a model of another version is not asked."""
STATISTICS: Final = ("mean", "spread", "least", "low", "middle", "high", "most")
LOOKS: Final = (
    "int", "year", "flag", "decimal", "wordy", "text", "date", "early", "middle", "late", "code",
)  # fmt: skip
SYLLABLES: Final = 160
NAME_WORDS: Final = 128
FEWEST: Final = 1.0
_ODDS: Final = 4.5

Row = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Schema:
    """Which numbers a row has; ``rules`` are the classifiers whose marks are among them."""

    rules: tuple[str, ...]

    @cached_property
    def groups(self) -> Mapping[str, slice]:
        """The places of each group of features, by what people would call it."""
        sizes = {
            "form": len(COUNTS) * len(STATISTICS) + 2 * KINDS + len(SCRIPTS) + 1 + 10,
            "pieces": BITS,
            "spread": 5 + len(Kind),
            "looks": len(LOOKS),
            "rules": 2 * len(self.rules),
            "name": 1 + SYLLABLES + NAME_WORDS + len(self.rules),
        }
        found, at = {}, 0
        for name, size in sizes.items():
            found[name] = slice(at, at + size)
            at += size
        return found

    @property
    def width(self) -> int:
        return int(self.groups["name"].stop)

    @cached_property
    def fingerprint(self) -> str:
        """Changes with everything a row depends on."""
        told = (VERSION, TRAITS_VERSION, STATISTICS, LOOKS, self.rules, self.width)
        return sha256(repr(told).encode()).hexdigest()[:16]

    def row(self, column: ColumnState, name: str, headers: Mapping[str, HeaderEvidence]) -> Row:
        """The features of a settled column; without a name those of the name are zero."""
        marked = column.marked
        shares = shares_of(marked)
        return np.concatenate(
            (
                _form(marked.traits),
                _pieces(marked.traits),
                _spread(column),
                np.array([shares.get(f"f|{look}", 0.0) for look in LOOKS]),
                self._rules(shares),
                self._name(name, headers),
            )
        ).astype(np.float32)

    def _rules(self, shares: Mapping[str, float]) -> npt.NDArray[np.float64]:
        hits = [
            max(shares.get(f"{rule}|{mark}", 0.0) for mark in ("m", "s", "q"))
            for rule in self.rules
        ]
        return np.array([*hits, *(shares.get(f"{rule}|p", 0.0) for rule in self.rules)])

    def _name(self, name: str, headers: Mapping[str, HeaderEvidence]) -> npt.NDArray[np.float64]:
        row = np.zeros(1 + SYLLABLES + NAME_WORDS)
        words = expanded(name.rsplit(".", 1)[-1]) if name else ()
        row[0] = bool(words)
        for word in words:
            row[1 + SYLLABLES + _place(word, NAME_WORDS)] = 1
            spelled = f"<{word}>"
            for at in range(len(spelled) - 2):
                row[1 + _place(spelled[at : at + 3], SYLLABLES)] = 1
        odds = [headers[r].odds / _ODDS if r in headers else 0.0 for r in self.rules]
        return np.concatenate((row, odds if name else np.zeros(len(self.rules))))


def _place(text: str, places: int) -> int:
    return crc32(text.encode("utf-8", "surrogatepass")) % places


def shares_of(marked: MarkedValues) -> dict[str, float]:
    """Share of the first different values that carry each mark, missing values left out."""
    which = marked.which[:CHECKED]
    sizes = np.bincount(which, minlength=len(marked.signatures))
    blank = [at for at, signs in enumerate(marked.signatures) if "f|nullish" in signs]
    sizes[blank] = 0
    total = max(int(sizes.sum()), 1)
    shares: dict[str, float] = {}
    for size, signs in zip(sizes.tolist(), marked.signatures, strict=True):
        for sign in signs if size else ():
            shares[sign] = shares.get(sign, 0.0) + size / total
    return shares


def _form(traits: Rows) -> npt.NDArray[np.float64]:
    """How lengths, kinds of characters and sizes are spread over the values."""
    if not len(traits):
        return np.zeros(len(COUNTS) * len(STATISTICS) + 2 * KINDS + len(SCRIPTS) + 1 + 10)
    counts = traits[:, : len(COUNTS)].astype(np.float64)
    told = {name: counts[:, at] for at, name in enumerate(COUNTS)}
    logs = np.log1p(counts)
    parts: Sequence[npt.NDArray[np.float64]] = (
        logs.mean(axis=0),
        logs.std(axis=0),
        *np.quantile(logs, (0.0, 0.1, 0.5, 0.9, 1.0), axis=0),
        _shares(told["first kind"], KINDS),
        _shares(told["last kind"], KINDS),
        _shares(told["script"], len(SCRIPTS) + 1),
        _shares(told["leading digit"], 10),
    )
    return np.concatenate(parts)


def _shares(places: npt.NDArray[np.float64], count: int) -> npt.NDArray[np.float64]:
    return np.bincount(places.astype(np.int64), minlength=count)[:count] / len(places)


def _pieces(traits: Rows) -> npt.NDArray[np.float64]:
    """The share of values whose pieces fall on each place."""
    return bits_of(traits).mean(axis=0) if len(traits) else np.zeros(BITS)


def _spread(column: ColumnState) -> npt.NDArray[np.float64]:
    """How values repeat, how many are missing, and of what type the column is."""
    counts = column.marked.counts
    present = max(column.rows - column.nulls, 1)
    top = float(counts.max()) / max(float(counts.sum()), FEWEST) if len(counts) else 0.0
    told = (
        column.nulls / max(column.rows, 1),
        min(column.distinct / present, 1.0),
        top,
        float(np.log1p(min(column.distinct, 500))),
        float(len(counts) == 0),
    )
    return np.array([*told, *(column.kind is kind for kind in Kind)], np.float64)
