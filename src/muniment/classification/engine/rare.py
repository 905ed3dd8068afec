"""Single values that must not be missed: one card number in a million rows, told with its count.

The sample of a column seldom holds such a value, so every value is looked at when it is read, for
the few classifiers that say ``rare``. Kept are the values of the right form with the smallest
hashes, as hash, rows and mask, and how many rows had the form at all; both merge exactly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from muniment.classification.engine.detectors import Detectors, rare_forms
from muniment.classification.engine.patterns import Indices, rust_expression
from muniment.classification.engine.rules import is_allowed
from muniment.classification.engine.sample import LONGEST, hashed
from muniment.classification.engine.texts import Joined
from muniment.classification.engine.validators import validator
from muniment.classification.model import Classifier, Found
from muniment.kernel.masking import mask
from muniment.kernel.values import JsonObject, JsonValue, Tier

KEPT_FINDS = 100
"""Different values of the right form that are kept of each classifier."""
RARE = 0.01
"""Of a larger share of rows it is no rare find: the sample tells."""
SURE_OF_ONE = 0.7
"""A few values do not make a column: the label is a suggestion, and a person looks at it."""
SHORTEST = 8
PROBE = 1_000
"""Values that tell whether a batch repeats itself; then each different one is looked at once."""
AROUND = " \t,;:=()[]\"'<>"


@dataclass(frozen=True, slots=True)
class Find:
    """What a few values of a column hold. ``rows`` is estimated beyond what is kept."""

    label: str
    rows: int
    distinct: int
    share: float
    examples: tuple[str, ...]

    def to_json(self) -> dict[str, JsonValue]:
        return {
            "label": self.label,
            "rows": self.rows,
            "distinct": self.distinct,
            "share": self.share,
            "examples": list(self.examples),
        }


def found_label(find: Find, column: str, rows: int, classifier: Classifier) -> Found:
    """A rare find as a label: suggested, never in effect by itself, with its count and masks."""
    evidence: JsonObject = {
        "mode": "rare",
        "matched_rows": find.rows,
        "tested_rows": rows,
        "examples": list(find.examples),
        "says": f"holds {find.distinct} such {_values(find.distinct)} among many others",
    }
    return Found.of(classifier, column, Tier.RULE, SURE_OF_ONE, evidence)


def _values(count: int) -> str:
    return "value" if count == 1 else "values"


@dataclass(slots=True)
class Seen:
    """Values of the right form of one classifier: rows in all, and those with the least hashes."""

    rows: int = 0
    kept: dict[int, tuple[int, str | None]] = field(default_factory=dict)
    """By hash: rows, and the mask of a value that passed its check (None of one that failed)."""

    def add(self, rows: int, fresh: Mapping[int, tuple[int, str | None]]) -> None:
        self.rows += rows
        for key, (count, shape) in fresh.items():
            self.kept[key] = (count + self.kept.get(key, (0, None))[0], shape)
        if len(self.kept) > KEPT_FINDS:
            self.kept = {key: self.kept[key] for key in sorted(self.kept)[:KEPT_FINDS]}


@dataclass(slots=True)
class RareState:
    """The rare finds of one column, by classifier."""

    seen: dict[str, Seen] = field(default_factory=dict)

    def look(self, values: pl.Series, seed: int, detectors: Detectors) -> None:
        """Look at every non-null value of a batch."""
        if detectors.rare is None:
            return
        likely = _likely(values)
        if not len(likely):
            return
        often = likely.head(PROBE).n_unique() * 4 < min(len(likely), PROBE)
        texts = likely.unique() if often else likely
        joined = Joined(texts)
        for name, places in _by_classifier(detectors.rare.match(joined)).items():
            found = joined.series.gather(places)
            mine = likely.filter(likely.is_in(found.implode())) if often else found
            counted = mine.alias("value").to_frame().group_by("value").len("rows")
            keys = hashed(counted["value"], seed)
            least = counted.with_columns(keys).bottom_k(KEPT_FINDS, by="hash")
            accepted = _accepted(detectors.classifiers[name], least["value"])
            rows = zip(least["hash"].to_list(), least["rows"].to_list(), accepted, strict=True)
            fresh = {key: (count, shape) for key, count, shape in rows}
            self.seen.setdefault(name, Seen()).add(len(mine), fresh)

    def merged(self, other: "RareState") -> "RareState":
        """The same as if one had seen all batches."""
        both = RareState()
        for side in (self, other):
            for name, seen in side.seen.items():
                both.seen.setdefault(name, Seen()).add(seen.rows, seen.kept)
        return both

    def finds(self, rows: int) -> list[Find]:
        """What is told of a column with so many rows."""
        found = []
        for name in sorted(self.seen):
            seen = self.seen[name]
            passed = {key: each for key, each in seen.kept.items() if each[1] is not None}
            of_kept = sum(count for count, _ in seen.kept.values())
            mine = sum(count for count, _ in passed.values())
            # a check that every tenth number passes says nothing where most numbers fail it
            if not passed or len(passed) < 0.75 * len(seen.kept):
                continue
            estimate = round(seen.rows * mine / of_kept)
            if estimate > RARE * rows:
                continue
            shapes = [str(passed[key][1]) for key in sorted(passed)]
            examples = tuple(dict.fromkeys(shape for shape in shapes if shape))[:3]
            share = round(estimate / max(rows, 1), 9)
            found.append(Find(name, estimate, len(passed), share, examples))
        return found

    def to_json(self) -> JsonValue:
        return {
            name: [seen.rows, [[key, count, shape] for key, (count, shape) in seen.kept.items()]]
            for name, seen in sorted(self.seen.items())
        }

    @classmethod
    def of_json(cls, kept: Mapping[str, Sequence[object]]) -> "RareState":
        """The inverse of ``to_json``."""
        return cls(
            {
                name: Seen(rows, {key: (count, shape) for key, count, shape in values})  # type: ignore[arg-type,attr-defined]  # as to_json wrote it
                for name, (rows, values) in kept.items()
            }
        )


def _likely(values: pl.Series) -> pl.Series:
    """The values that are long enough to hold one, as text."""
    if values.dtype.is_integer():
        return values.filter(values.abs() >= 10 ** (SHORTEST + 3)).cast(pl.String)
    if values.dtype != pl.String:
        return pl.Series([], dtype=pl.String)
    sizes = values.str.len_bytes()
    texts = values.filter(sizes >= SHORTEST)
    return texts.str.slice(0, LONGEST) if len(texts) and int(sizes.max()) > LONGEST else texts  # type: ignore[arg-type]  # sizes are u32


def _by_classifier(hits: Mapping[str, Indices]) -> dict[str, Indices]:
    found: dict[str, list[Indices]] = {}
    for key, places in hits.items():
        found.setdefault(key.split("|", 1)[0], []).append(places)
    return {name: np.unique(np.concatenate(parts)) for name, parts in sorted(found.items())}


def _accepted(classifier: Classifier, values: pl.Series) -> list[str | None]:
    """For each value the mask of the first entity that passes the check; None where none does."""
    shapes: list[str | None] = [None] * len(values)
    check = None if classifier.validator is None else validator(classifier.validator).check
    secret = classifier.category == "secret"
    for form in rare_forms(classifier):
        for place, found in enumerate(values.str.extract_all(rust_expression(form)).to_list()):
            if shapes[place] is None:
                good = (e.strip(AROUND) for e in found)
                fits = (e for e in good if check is None or check(e))
                first = next((e for e in fits if not is_allowed(classifier, e)), None)
                shapes[place] = None if first is None else "" if secret else mask(first)
    return shapes
