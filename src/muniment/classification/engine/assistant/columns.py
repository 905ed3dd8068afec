"""What is known of a column without its values, and which columns are worth a question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from muniment.classification.model import EFFECTIVE_FROM, Kind
from muniment.kernel.masking import mask
from muniment.kernel.values import JsonObject, JsonValue

SHAPES = 6
"""Masked shapes that are told of a column."""
KNOWN = 20
"""Values that answers are checked against, here and nowhere else."""

_KINDS = {
    "text": Kind.TEXT,
    "integer": Kind.INTEGER,
    "float": Kind.DECIMAL,
    "date": Kind.DATE,
    "datetime": Kind.DATE,
    "boolean": Kind.BOOLEAN,
}


@dataclass(frozen=True, slots=True)
class ColumnView:
    """A column as its profile tells of it.

    ``values`` are frequent values in clear where the profile keeps any: they check answers, and
    leave the machine only where that was allowed.
    """

    name: str
    type: str
    kind: Kind
    rows: int
    nulls: float
    distinct: int
    unique: bool
    shortest: int | None
    longest: int | None
    shapes: tuple[str, ...]
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Doubt:
    """An open column: the labels that were suggested weakly, and how much a question is worth."""

    column: ColumnView
    suggested: tuple[str, ...]
    worth: float


def views(profile: JsonObject) -> list[ColumnView]:
    """The columns of a profile that can be asked about; what cannot be read is left out."""
    return [view for each in _objects(profile.get("columns")) if (view := _view(each)) is not None]


def open_columns(
    columns: Sequence[ColumnView], labels: Mapping[str, Mapping[str, float]]
) -> list[Doubt]:
    """The columns that the first two tiers leave open, the most worthwhile first.

    ``labels`` are the confidences by column and label of what is present and not rejected; a
    confirmed label counts as certain. A column with one that is in effect is not open. Empty
    columns, constants and flags are not worth a question.
    """
    doubts: list[Doubt] = []
    for column in columns:
        known = labels.get(column.name, {})
        best = max(known.values(), default=0.0)
        if best >= EFFECTIVE_FROM or column.kind is Kind.BOOLEAN or column.distinct < 2:
            continue
        doubts.append(Doubt(column, tuple(sorted(known)), _worth(column, best)))
    return sorted(doubts, key=lambda doubt: (-doubt.worth, doubt.column.name))


def _worth(column: ColumnView, best: float) -> float:
    """A weak suggestion is worth most, then text of many values, then numbers and dates."""
    share = column.distinct / max(column.rows, 1)
    text = column.kind is Kind.TEXT
    return round(2.0 * (best > 0) + 1.0 * text + min(share, 1.0) - 0.5 * column.nulls, 4)


def _view(tree: JsonObject) -> ColumnView | None:
    kind = _KINDS.get(str(tree.get("kind")))
    name = tree.get("name")
    if kind is None or not isinstance(name, str):
        return None
    lengths = tree.get("lengths")
    span = lengths if isinstance(lengths, Mapping) else {}
    top = list(_objects(tree.get("top")))
    clear = [one for one in top if not one.get("masked") and not tree.get("sensitive")]
    values = [str(one["value"]) for one in clear if one.get("value") is not None]
    shapes = [str(one.get("shape")) for one in _objects(tree.get("shapes"))]
    if not shapes:
        # numbers and dates have no shapes of their own: those of frequent values say as much
        shapes = [mask(str(one.get("value"))) for one in top if one.get("value") is not None]
    return ColumnView(
        name=name,
        type=str(tree.get("type") or kind.value),
        kind=kind,
        rows=_whole(tree.get("rows")),
        nulls=float(share) if isinstance(share := tree.get("null_share"), int | float) else 0.0,
        distinct=_whole(tree.get("distinct")),
        unique=tree.get("unique") is True,
        shortest=_whole(span["min"]) if "min" in span else None,
        longest=_whole(span["max"]) if "max" in span else None,
        shapes=tuple(dict.fromkeys(shapes))[:SHAPES],
        values=tuple(dict.fromkeys(values))[:KNOWN],
    )


def _objects(value: JsonValue) -> Sequence[JsonObject]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        return ()
    return [each for each in value if isinstance(each, Mapping)]


def _whole(value: JsonValue) -> int:
    return int(value) if isinstance(value, int | float) else 0
