"""What is learned of text beside its values: lengths, blanks, shapes, hidden types."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from muniment.catalog.analysis.batches import ColumnBatch
from muniment.catalog.analysis.castable import FORMS, JSON_LIKE, is_json
from muniment.catalog.analysis.codec import Tree, branch, number
from muniment.catalog.analysis.letters import Letters, Places, Words

PROBE: Final = 2_048
ENOUGH: Final = 8_192
ONE_IN: Final = 512
"""Shapes and hidden types are counted on at most ``PROBE`` values of a batch, until ``ENOUGH``
and one in ``ONE_IN`` of all were examined."""
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
WORDS: Final = Words(PLACEHOLDERS, blanks=12)
_PLACEHOLDER: Final = pl.col("t").str.contains(
    rf"(?i)^\s*(?:{'|'.join(map(re.escape, PLACEHOLDERS))})\s*$"
)
"""A pattern that fails at the first letter costs a fifth of lowering and looking up."""
_BLANK: Final = pl.col("t").str.strip_chars().str.len_bytes() == 0


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


def facts_of(column: ColumnBatch, before: TextFacts) -> TextFacts:
    """Look at the text of one batch, after others."""
    examined = before.examined >= max(ENOUGH, before.values // ONE_IN)
    values, weights = column.weighted
    letters = Letters(column.texts) if weights is None and column.texts is not None else None
    return facts(values, weights, 0 if examined else PROBE, letters)


def facts(
    values: pl.Series,
    weights: pl.Series | None,
    probe: int = PROBE,
    letters: Letters | None = None,
) -> TextFacts:
    """Look at texts, each counted as often as its weight says; at ``probe`` of them closely."""
    if not len(values):
        return TextFacts()
    letters = letters or Letters.of(values)
    lengths = letters.lengths
    if not letters.ascii:
        lengths = values.str.len_chars().cast(pl.Int64).to_numpy()
    one = pl.repeat(1, len(values), dtype=pl.Int64, eager=True)
    counted = (one if weights is None else weights.cast(pl.Int64)).alias("n")
    sums = TextFacts(
        values=int(counted.sum()),
        characters=int(lengths.sum() if weights is None else lengths @ counted.to_numpy()),
        shortest=int(lengths.min()),
        longest=int(lengths.max()),
        blanks=_number(values, counted, letters.maybe_blank(), _BLANK),
        placeholders=_number(values, counted, letters.maybe(WORDS), _PLACEHOLDER),
    )
    return sums.merge(_probe(pl.DataFrame({"t": values, "n": counted}), probe)) if probe else sums


def _number(values: pl.Series, counted: pl.Series, likely: Places, sure: pl.Expr) -> int:
    """How many of the likely texts surely are it: patterns are slow, and tried on few."""
    if not len(likely):
        return 0
    frame = pl.DataFrame({"t": values.gather(likely), "n": counted.gather(likely)})
    return int(frame.select(pl.col("n").filter(sure).sum()).item())


def is_placeholder(values: pl.Series) -> pl.Series:
    """Whether each text stands for nothing."""
    return values.to_frame("t").select(_PLACEHOLDER.fill_null(False)).to_series()


def shape_of(values: pl.Expr) -> pl.Expr:
    """Letters in a row become ``x`` (capitals ``X``), each digit ``9``: what a value looks like."""
    return (
        values.str.slice(0, 64)
        .str.replace_all(r"[\p{L}--\p{Lu}]+", "x")
        .str.replace_all(r"\p{Lu}+", "X")
        .str.replace_all(r"\p{N}", "9")
    )


def _probe(frame: pl.DataFrame, most: int) -> TextFacts:
    if len(frame) > most:
        frame = frame.gather_every(-(-len(frame) // most))
    n = pl.col("n")
    fitting = [n.filter(pl.col("t").str.contains(form)).sum().alias(name) for name, form in FORMS]
    likely = pl.col("t").str.contains(JSON_LIKE).any().alias("json")
    found = frame.select(n.sum().alias("examined"), *fitting, likely).row(0, named=True)
    examined = int(found.pop("examined"))
    if found["json"]:
        found["json"] = int(frame["n"].filter(is_json(frame["t"])).sum())
    shapes = frame.lazy().group_by(shape_of(pl.col("t"))).agg(n.sum()).collect()
    return TextFacts(
        examined=examined,
        shapes=_heaviest(dict(shapes.rows())),
        casts={name: int(fits) for name, fits in found.items()},
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
