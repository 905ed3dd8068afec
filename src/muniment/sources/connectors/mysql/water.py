"""High-water marks in MySQL: the highest value, rows above one, and how many there are."""

from muniment.contracts.connectors import AssetMeta
from muniment.contracts.markers import Water
from muniment.kernel.values import JsonObject
from muniment.sources.connectors import ends
from muniment.sources.connectors.mysql import quoting

KINDS = (
    *("tinyint", "smallint", "mediumint", "int", "integer", "bigint", "decimal", "numeric"),
    *("date", "datetime", "timestamp"),
)


def uncut(spec: JsonObject) -> JsonObject:
    return {name: spec[name] for name in ("table", "narrow") if name in spec}


def highest(asset: AssetMeta, column: str) -> str:
    """The statement; Invalid when the column has no order that tells its age."""
    kind = next((each.type for each in asset.columns if each.name == column), None)
    if kind is None:
        raise ends.missing(column)
    if kind.lower().split("(")[0].split()[0] not in KINDS:
        raise ends.refused(column, kind)
    name = quoting.name(column)
    return f"select cast(max({name}) as char) from {quoting.name(*asset.path)}"  # noqa: S608


def condition(spec: JsonObject) -> str:
    """What a part is narrowed to; empty when it is not."""
    water = Water.of(spec)
    if water is None:
        return ""
    name = quoting.name(water.column)
    upto, above = (_literal(end) for end in (water.upto, water.above))
    if above is None:
        return f"({name} <= {upto} or {name} is null)"
    return f"({name} > {above} and {name} <= {upto})"


def _literal(end: str | None) -> str | None:
    checked = ends.checked(end)
    if checked is None:
        return None
    return checked if ends.NUMBER.fullmatch(checked) else quoting.text(checked)
