"""High-water marks in SQLite, where a column holds whatever was put into it."""

from muniment.contracts.connectors import AssetMeta
from muniment.contracts.markers import Water
from muniment.kernel.errors import SourceDataUnreadable
from muniment.kernel.values import JsonObject
from muniment.sources.connectors import ends
from muniment.sources.connectors.sqlite.session import quoted


def uncut(spec: JsonObject) -> JsonObject:
    """The types are those of all rows: other types are another manner."""
    return {"types": spec["types"]}


def highest(asset: AssetMeta, column: str) -> str:
    """The statement; Invalid when there is no such column."""
    if column not in [each.name for each in asset.columns]:
        raise ends.missing(column)
    name = quoted(column)
    return f"select max({name}), typeof(max({name})) from {quoted(asset.path[-1])}"  # noqa: S608


def end(value: object, kind: str) -> str | None:
    """A whole number, or a moment written as ISO says; whatever else sorts last is refused."""
    if value is None:
        return None
    text = str(value)
    if kind == "integer" or (kind == "text" and ends.MOMENT.fullmatch(text)):
        return text
    raise SourceDataUnreadable(
        "The highest value of the high-water column is neither a whole number nor a moment."
    )


def condition(spec: JsonObject) -> tuple[list[str], list[int | str]]:
    """Conditions and their parameters."""
    water = Water.of(spec)
    if water is None:
        return [], []
    name = quoted(water.column)
    if water.above is None:
        return [f"({name} <= ? or {name} is null)"], [_parameter(water.upto)]
    return [f"{name} > ?", f"{name} <= ?"], [_parameter(water.above), _parameter(water.upto)]


def _parameter(end: str) -> int | str:
    return int(end) if ends.NUMBER.fullmatch(end) else str(ends.checked(end))
