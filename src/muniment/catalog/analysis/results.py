"""What the analyzers say, as frozen dataclasses with a JSON form that others store and show."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self, TypeVar, cast

from muniment.kernel.errors import Invalid
from muniment.kernel.values import JsonObject

PROFILE_VERSION = 1
QUALITY_VERSION = 1

Shown = str | int | float | bool | None
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class TopValue:
    """A frequent value; ``masked`` when only its shape is shown."""

    value: Shown
    count: int
    share: float
    masked: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """What values look like: letters in a row ``x`` or ``X``, each digit ``9``."""

    shape: str
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class Lengths:
    """Lengths of text in characters."""

    min: int
    mean: float
    max: int


@dataclass(frozen=True, slots=True)
class Histogram:
    """Equal steps from ``low`` to ``high``; both are None for a sensitive column."""

    counts: tuple[int, ...]
    low: Shown = None
    high: Shown = None


@dataclass(frozen=True, slots=True)
class Gaps:
    """What is missing between the least and the greatest value: ``missing`` units of ``unit``.

    ``longest`` is the longest run of them; ``unit`` is year, month, day or number.
    """

    unit: str
    missing: int
    longest: int


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """All that one pass learned of a column.

    Shares are of ``rows`` unless said otherwise. ``distinct`` is exact or within
    ``distinct_error`` (a relative standard error). ``unique`` is None where a sketch cannot tell.
    ``shapes`` and ``castable`` (share by type that text could be read as) are of ``examined``
    values. ``sensitive`` columns show neither values nor quantiles. ``beyond_64_bits`` numbers
    were too large to be read exactly. ``rounded`` tells that long numbers were kept with four
    digits between parts, so that ends, quantiles and frequent values are near. ``granularity``
    is the coarsest unit (year to microsecond) of which all dates are whole ones; ``gaps`` are
    told of dates, and of numbers counted through.
    """

    name: str
    type: str
    kind: str
    rows: int
    nulls: int
    null_share: float
    count: int = 0
    nan: int = 0
    infinite: int = 0
    distinct: int = 0
    distinct_exact: bool = True
    distinct_error: float = 0.0
    unique: bool | None = None
    constant: bool = False
    order: str | None = None
    min: Shown = None
    max: Shown = None
    mean: float | None = None
    std: float | None = None
    skewness: float | None = None
    kurtosis: float | None = None
    zeros: int | None = None
    negatives: int | None = None
    beyond_64_bits: int = 0
    rounded: bool = False
    granularity: str | None = None
    gaps: Gaps | None = None
    quantiles: Mapping[str, Shown] = field(default_factory=dict)
    quantile_error: float = 0.0
    histogram: Histogram | None = None
    top: tuple[TopValue, ...] = ()
    top_exact: bool = True
    lengths: Lengths | None = None
    blanks: int = 0
    placeholders: int = 0
    shapes: tuple[Shape, ...] = ()
    castable: Mapping[str, float] = field(default_factory=dict)
    examined: int = 0
    mixed: Mapping[str, int] = field(default_factory=dict)
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class ProfileResult:
    """The profile of one asset."""

    version: int
    rows: int
    columns: tuple[ColumnProfile, ...]

    def to_json(self) -> JsonObject:
        return cast(JsonObject, _plain(asdict(self)))

    @classmethod
    def from_json(cls, tree: JsonObject) -> Self:
        """Read the JSON form back; Invalid when it is of another version or broken."""
        if tree.get("version") != PROFILE_VERSION:
            raise Invalid(
                "This profile has a version that is not known here. Scan the asset again."
            )
        try:
            columns = tuple(_column(cast(Mapping[str, Any], one)) for one in _list(tree["columns"]))
            return cls(PROFILE_VERSION, int(cast(int, tree["rows"])), columns)
        except (KeyError, TypeError, ValueError) as error:
            raise Invalid("This profile cannot be read. Scan the asset again.") from error


@dataclass(frozen=True, slots=True)
class Refers:
    """The key of another table, by its path in the same source, that values must be in.

    Where less than the share ``assumed`` is, the columns mean something else.
    """

    path: tuple[str, ...]
    keys: tuple[str, ...]
    min_ratio: float = 1.0
    assumed: float = 0.0


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """How one check came out.

    ``ratio`` is the share of what was ``evaluated`` that holds (0 or 1 for a check of a single
    figure); ``exact`` False means a sketch answered, within ``error``. ``examples`` are masked.
    ``status`` is passed, failed, skipped (nothing to judge) or error (the check cannot be run).
    """

    key: str
    type: str
    title: str
    dimension: str
    severity: str
    origin: str
    status: str
    columns: tuple[str, ...] = ()
    ratio: float | None = None
    evaluated: int = 0
    failed: int = 0
    observed: Shown = None
    expected: str = ""
    message: str = ""
    examples: tuple[str, ...] = ()
    exact: bool = True
    error: float = 0.0
    definition: str | None = None
    """Id of the stored definition, where a person declared the check."""
    refers: Refers | None = None
    """What a reference leads to; it is judged once the other table is known too."""


@dataclass(frozen=True, slots=True)
class KeySketch:
    """The values of a key as hashes, to be compared with those of another table.

    All hashes below ``bound`` (2^64 when every one is there; written out, because JSON knows no
    such number), ascending, as little-endian 64-bit numbers in base64; ``counts`` are the rows of
    each, as 32-bit numbers. ``kinds`` names the kinds of the columns: keys of different kinds
    cannot be compared. ``rows`` are those without a null.
    """

    columns: tuple[str, ...]
    kinds: str
    bound: str
    rows: int
    hashes: str
    counts: str


@dataclass(frozen=True, slots=True)
class QualityResult:
    """The answers to all checks of one asset, and the keys that others need for theirs."""

    version: int
    rows: int
    checks: tuple[CheckOutcome, ...]
    keys: tuple[KeySketch, ...] = ()

    def to_json(self) -> JsonObject:
        return cast(JsonObject, _plain(asdict(self)))

    @classmethod
    def from_json(cls, tree: JsonObject) -> Self:
        """Read the JSON form back; Invalid when it is of another version or broken."""
        if tree.get("version") != QUALITY_VERSION:
            raise Invalid("These check results have a version that is not known. Scan again.")
        try:
            checks = tuple(_outcome(cast(Mapping[str, Any], one)) for one in _list(tree["checks"]))
            keys = tuple(
                _sketch(cast(Mapping[str, Any], one)) for one in _list(tree.get("keys", ()))
            )
            return cls(QUALITY_VERSION, int(cast(int, tree["rows"])), checks, keys)
        except (KeyError, TypeError, ValueError) as error:
            raise Invalid("These check results cannot be read. Scan the asset again.") from error


def _column(tree: Mapping[str, Any]) -> ColumnProfile:
    parts = dict(_known(ColumnProfile, tree))
    parts["top"] = tuple(TopValue(**_known(TopValue, one)) for one in tree.get("top", ()))
    parts["shapes"] = tuple(Shape(**_known(Shape, one)) for one in tree.get("shapes", ()))
    if (lengths := tree.get("lengths")) is not None:
        parts["lengths"] = Lengths(**_known(Lengths, lengths))
    if (bins := tree.get("histogram")) is not None:
        parts["histogram"] = Histogram(tuple(bins["counts"]), bins.get("low"), bins.get("high"))
    if (gaps := tree.get("gaps")) is not None:
        parts["gaps"] = Gaps(**_known(Gaps, gaps))
    return ColumnProfile(**parts)


def _outcome(tree: Mapping[str, Any]) -> CheckOutcome:
    parts = dict(_known(CheckOutcome, tree))
    for name in ("columns", "examples"):
        parts[name] = tuple(tree.get(name, ()))
    if (told := tree.get("refers")) is not None:
        parts["refers"] = Refers(
            tuple(told["path"]), tuple(told["keys"]), told["min_ratio"], told["assumed"]
        )
    return CheckOutcome(**parts)


def _sketch(tree: Mapping[str, Any]) -> KeySketch:
    parts = dict(_known(KeySketch, tree))
    return KeySketch(**{**parts, "columns": tuple(tree["columns"])})


def _known(kind: type[Any], tree: Mapping[str, Any]) -> dict[str, Any]:
    return {one.name: tree[one.name] for one in fields(kind) if one.name in tree}


def _list(tree: object) -> Sequence[object]:
    if not isinstance(tree, list | tuple):
        raise TypeError("a list is expected")
    return tree


def _plain(tree: _T) -> _T:
    if isinstance(tree, dict):
        return cast(_T, {key: _plain(value) for key, value in tree.items()})
    if isinstance(tree, tuple | list):
        return cast(_T, [_plain(value) for value in tree])
    if isinstance(tree, float) and tree in (float("inf"), float("-inf")):
        return cast(_T, None)
    return tree
