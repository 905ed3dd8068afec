"""What relationships are made of: sketches of columns, and what comparing them tells. Pure."""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final, Self, cast

from muniment.kernel.errors import Invalid
from muniment.kernel.values import JsonObject

RELATIONS_VERSION: Final = 1
LIKELY: Final = 0.5
"""Joins from this confidence on are told as references; those below are possible."""
KEY_KINDS: Final = ("integer", "text", "binary")
LEVELS: Final = 8
"""So many levels upwards a sketch can be compared at; beyond, too few values would be left."""


@dataclass(frozen=True, slots=True)
class ColumnSketch:
    """A uniform choice of a column's different values as keyed 32-bit numbers.

    Those are all values whose hash begins with ``level`` zero bits; ``at[n]`` of them begin with
    ``level + n`` (the last: or more). ``repeated`` of them occur in more than one row. ``values``
    are little-endian numbers in base64. ``hash`` names the hash they were chosen by.
    """

    column: str
    kind: str
    rows: int
    nulls: int
    level: int
    at: tuple[int, ...]
    repeated: int
    hash: str
    values: str

    @property
    def kept(self) -> int:
        return sum(self.at)

    @property
    def distinct(self) -> int:
        """Different values: exact at level 0, else within about 1 / sqrt(kept)."""
        return self.kept << self.level


@dataclass(frozen=True, slots=True)
class Correlation:
    """Pearson's coefficient of two numeric columns over the ``rows`` where both are there."""

    left: str
    right: str
    coefficient: float
    rows: int


@dataclass(frozen=True, slots=True)
class Dependency:
    """One column that seems to settle another: equal values of the first, one value of the second.

    ``error`` is the share of rows to be removed for it to hold (g3), measured on ``support`` rows
    whose value of the first column occurs more than once; it is at most ``bound`` with 95 %
    confidence. ``exact``: all rows were looked at.
    """

    determinant: str
    dependent: str
    error: float
    bound: float
    support: int
    exact: bool


@dataclass(frozen=True, slots=True)
class RelationsResult:
    """What one pass learned of how columns relate."""

    version: int
    rows: int
    sampled: bool
    sketches: tuple[ColumnSketch, ...] = ()
    correlations: tuple[Correlation, ...] = ()
    dependencies: tuple[Dependency, ...] = ()

    def to_json(self) -> JsonObject:
        return cast(JsonObject, asdict(self))

    @classmethod
    def from_json(cls, tree: JsonObject) -> Self:
        """Read the JSON form back; Invalid when it is of another version or broken."""
        if tree.get("version") != RELATIONS_VERSION:
            raise Invalid("These relationships have a version that is not known. Scan again.")
        try:
            return cls(
                RELATIONS_VERSION,
                int(cast(int, tree["rows"])),
                bool(tree["sampled"]),
                tuple(_sketch(one) for one in _list(tree["sketches"])),
                tuple(Correlation(**_known(Correlation, o)) for o in _list(tree["correlations"])),
                tuple(Dependency(**_known(Dependency, o)) for o in _list(tree["dependencies"])),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise Invalid("These relationships cannot be read. Scan the asset again.") from error


@dataclass(frozen=True, slots=True)
class KnownColumn:
    """A sketched column in its place: what comparing needs beside the values."""

    asset: str
    column: str
    kind: str
    level: int
    at: tuple[int, ...]
    repeated: int
    nulls: int
    whole: bool
    """All rows were read, not a sample."""
    primary: bool
    """It is declared to tell the rows apart by itself."""
    bare: str
    """The column's name without the prefix that all columns of the table begin with."""
    hash: str
    values: bytes = field(repr=False)
    references: str | None = None
    """Ref of the column that a declared foreign key leads to."""

    def to_json(self) -> JsonObject:
        values = b64encode(self.values).decode()
        return cast(JsonObject, {**asdict(self), "values": values})

    @classmethod
    def from_json(cls, tree: JsonObject) -> Self:
        parts = _known(cls, tree)
        values = b64decode(parts["values"])
        return cls(**{**parts, "at": tuple(parts["at"]), "values": values})

    @property
    def kept(self) -> int:
        return sum(self.at)

    @property
    def is_unique(self) -> bool:
        """Whether each row has a value of its own, as far as the chosen values tell."""
        return self.primary or (self.kept > 1 and not self.repeated and not self.nulls)

    @property
    def is_key(self) -> bool:
        """Whether others may refer to it; moments and fractions are keys only where declared."""
        return self.primary or (self.is_unique and self.kind in KEY_KINDS)


@dataclass(frozen=True, slots=True)
class Join:
    """Values of one column that are in the key of another table.

    ``containment`` of the different values of the column are in the key, within
    ``containment_error`` (half of a 95 % interval); ``coverage`` of the key's values are used.
    ``name`` is the evidence of the names (0 to 1), ``confidence`` that the reference is meant.
    """

    asset: str
    column: str
    other: str
    key: str
    containment: float
    containment_error: float
    coverage: float
    name: float
    confidence: float
    reasons: tuple[str, ...] = ()
    declared: bool = False

    @property
    def pair(self) -> tuple[str, ...]:
        return self.asset, self.column, self.other, self.key

    @property
    def likely(self) -> bool:
        """Whether it is told as a reference rather than as a mere possibility."""
        return self.confidence >= LIKELY


@dataclass(frozen=True, slots=True)
class Twins:
    """Two tables that hold much of the same.

    ``similarity`` is the mean overlap of their columns, or how much of one is in the other where
    one is a part. ``left_in_right``: the share of the left one's values that are in the right one,
    as a mean over its columns.
    """

    left: str
    right: str
    similarity: float
    columns: int
    left_in_right: float
    right_in_left: float

    @property
    def pair(self) -> tuple[str, ...]:
        return self.left, self.right


def join_of(tree: Mapping[str, Any]) -> Join:
    """A join out of its JSON form."""
    parts = _known(Join, tree)
    return Join(**{**parts, "reasons": tuple(parts["reasons"])})


def twins_of(tree: Mapping[str, Any]) -> Twins:
    """Twins out of their JSON form."""
    return Twins(**_known(Twins, tree))


def _sketch(tree: object) -> ColumnSketch:
    parts = _known(ColumnSketch, tree)
    return ColumnSketch(**{**parts, "at": tuple(parts["at"])})


def _known(kind: type[Any], tree: object) -> dict[str, Any]:
    if not isinstance(tree, Mapping):
        raise TypeError("an object is expected")
    return {one.name: tree[one.name] for one in fields(kind) if one.name in tree}


def _list(tree: object) -> Sequence[object]:
    if not isinstance(tree, list | tuple):
        raise TypeError("a list is expected")
    return tree
