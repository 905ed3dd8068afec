"""What is learned of text beside its values: lengths, blanks, shapes, hidden types."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from muniment.catalog.analysis.batches import ColumnBatch
from muniment.catalog.analysis.castable import CASTS
from muniment.catalog.analysis.codec import Tree, branch, number

PROBE: Final = 2_048
"""Shapes and hidden types are counted on at most so many values of a batch."""
SHAPES: Final = 256
"""So many different shapes are followed."""

PLACEHOLDERS: Final = (
    "-", "--", "---", ".", "..", "...", "?", "??", "???", "n/a", "na", "n.a.", "#n/a", "nan",
    "null", "(null)", "<null>", "nil", "none", "<none>", "undefined", "unknown", "unk", "tbd",
    "tba", "tbc", "todo", "xxx", "xxxx", "test", "dummy", "default", "missing", "not available",
    "not applicable", "no data", "empty", "(blank)", "k.a.", "unbekannt", "inconnu", "desconocido",
    "0000-00-00", "1900-01-01", "9999-12-31", "99999", "999999", "000000", "00000",
)  # fmt: skip
"""What people type where they have nothing to say; compared in lower case without outer blanks."""
_LONGEST_PLACEHOLDER: Final = max(map(len, PLACEHOLDERS)) + 4


@dataclass(frozen=True, slots=True)
class TextFacts:
    """Sums over text values; ``examined`` of them were looked at for shapes and casts."""

    values: int = 0
    characters: int = 0
    shortest: int | None = None
    longest: int | None = None
    blanks: int = 0
    placeholders: int = 0
    examined: int = 0
    shapes: Mapping[str, int] = field(default_factory=dict)
    casts: Mapping[str, int] = field(default_factory=dict)

    def merge(self, other: "TextFacts") -> "TextFacts":
        return TextFacts(
            values=self.values + other.values,
            characters=self.characters + other.characters,
            shortest=_least(self.shortest, other.shortest),
            longest=_most(self.longest, other.longest),
            blanks=self.blanks + other.blanks,
            placeholders=self.placeholders + other.placeholders,
            examined=self.examined + other.examined,
            shapes=_heaviest(_added(self.shapes, other.shapes)),
            casts=_added(self.casts, other.casts),
        )

    def tree(self) -> Tree:
        return {
            "values": self.values,
            "characters": self.characters,
            "shortest": self.shortest,
            "longest": self.longest,
            "blanks": self.blanks,
            "placeholders": self.placeholders,
            "examined": self.examined,
            "shapes": dict(self.shapes),
            "casts": dict(self.casts),
        }

    @classmethod
    def of_tree(cls, tree: Tree) -> "TextFacts":
        part = branch(tree)
        shortest, longest = part["shortest"], part["longest"]
        return cls(
            values=number(part["values"]),
            characters=number(part["characters"]),
            shortest=None if shortest is None else number(shortest),
            longest=None if longest is None else number(longest),
            blanks=number(part["blanks"]),
            placeholders=number(part["placeholders"]),
            examined=number(part["examined"]),
            shapes={key: number(n) for key, n in branch(part["shapes"]).items()},
            casts={key: number(n) for key, n in branch(part["casts"]).items()},
        )


def facts_of(column: ColumnBatch) -> TextFacts:
    """Look at the text of one batch."""
    values, weights = column.weighted
    if not len(values):
        return TextFacts()
    lengths = values.str.len_chars()
    total = lengths if weights is None else lengths.cast(pl.Int64) * weights
    facts = TextFacts(
        values=len(column.values),
        characters=int(total.sum() or 0),
        shortest=int(str(lengths.min())),
        longest=int(str(lengths.max())),
        blanks=tally(values.str.strip_chars().str.len_bytes() == 0, weights),
        placeholders=tally(is_placeholder(values, lengths), weights),
    )
    return facts.merge(_probe(values, weights))


def is_placeholder(values: pl.Series, lengths: pl.Series) -> pl.Series:
    """Whether each text stands for nothing."""
    short = lengths <= _LONGEST_PLACEHOLDER
    picked = short.arg_true()
    if not len(picked):
        return short
    bare = values.gather(picked).str.strip_chars().str.to_lowercase()
    return short.scatter(picked, bare.is_in(PLACEHOLDERS))


def shape_of(values: pl.Series) -> pl.Series:
    """Letters in a row become ``x`` (capitals ``X``), each digit ``9``: what a value looks like."""
    return (
        values.str.slice(0, 64)
        .str.replace_all(r"[\p{L}--\p{Lu}]+", "x")
        .str.replace_all(r"\p{Lu}+", "X")
        .str.replace_all(r"\p{N}", "9")
    )


def tally(found: pl.Series, weights: pl.Series | None) -> int:
    """How many values were found, each counted as often as it occurs."""
    if weights is None:
        return int(found.sum() or 0)
    return int(weights.filter(found).sum() or 0)


def _probe(values: pl.Series, weights: pl.Series | None) -> TextFacts:
    if len(values) > PROBE:
        step = -(-len(values) // PROBE)
        values = values.gather_every(step)
        weights = None if weights is None else weights.gather_every(step)
    examined = len(values) if weights is None else int(weights.sum())
    counted = pl.DataFrame(
        {
            "s": shape_of(values),
            "n": pl.repeat(1, len(values), eager=True) if weights is None else weights,
        }
    )
    shapes = counted.group_by("s").agg(pl.col("n").sum()).rows()
    return TextFacts(
        examined=examined,
        shapes=_heaviest(dict(shapes)),
        casts={name: tally(fits(values), weights) for name, fits in CASTS.items()},
    )


def _added(left: Mapping[str, int], right: Mapping[str, int]) -> dict[str, int]:
    return {key: left.get(key, 0) + right.get(key, 0) for key in {*left, *right}}


def _heaviest(shapes: Mapping[str, int]) -> dict[str, int]:
    if len(shapes) <= SHAPES:
        return dict(shapes)
    return dict(sorted(shapes.items(), key=lambda item: (-item[1], item[0]))[:SHAPES])


def _least(left: int | None, right: int | None) -> int | None:
    return min((n for n in (left, right) if n is not None), default=None)


def _most(left: int | None, right: int | None) -> int | None:
    return max((n for n in (left, right) if n is not None), default=None)
