"""High-water marks in DuckDB: which columns can carry one, and the rows above it."""

from collections.abc import Sequence

from muniment.contracts.markers import Water
from muniment.kernel.values import JsonObject
from muniment.sources.connectors import ends
from muniment.sources.connectors.duck.fields import Field
from muniment.sources.connectors.duck.session import literal, quoted

FORMS = frozenset({"int16", "int32", "int64", "date", "moment", "instant"})


def uncut(spec: JsonObject) -> JsonObject:
    """The forms are those of all rows; the state of the file matters to row ids only."""
    return {"forms": spec["forms"], "block": spec["block"]}


def highest(table: str, found: Sequence[Field], column: str) -> str:
    """The statement; Invalid when the column has no order that tells its age."""
    field = next((each for each in found if each.name == column), None)
    if field is None:
        raise ends.missing(column)
    if (field.form not in FORMS and field.base != "decimal") or field.column != field.name:
        raise ends.refused(column, field.type)
    return f"select max({field.expression})::varchar from {table}"  # noqa: S608  (quoted names)


def conditions(spec: JsonObject) -> list[str]:
    """What narrows a reading; DuckDB takes each end for a value of the column's type."""
    water = Water.of(spec)
    if water is None:
        return []
    name = quoted(water.column)
    upto = f"{name} <= {literal(str(ends.checked(water.upto)))}"
    if water.above is None:
        return [f"({upto} or {name} is null)"]
    return [f"{name} > {literal(str(ends.checked(water.above)))}", upto]
