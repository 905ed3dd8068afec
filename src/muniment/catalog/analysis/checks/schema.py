"""Checks of the schema: answered from what the source declares, without reading a row."""

from collections.abc import Callable
from typing import Final

from muniment.catalog.analysis.checks.figures import Figure
from muniment.catalog.analysis.spec import CheckSpec
from muniment.contracts.connectors import AssetMeta, ColumnMeta
from muniment.kernel.errors import Invalid

Judge = Callable[[CheckSpec, AssetMeta], Figure]


def _find(meta: AssetMeta, name: str) -> ColumnMeta | None:
    return next((column for column in meta.columns if column.name == name), None)


def exists(spec: CheckSpec, meta: AssetMeta) -> Figure:
    found = _find(meta, spec.column) is not None
    return Figure(1.0, found, "there" if found else "missing", "the column is there")


def has_type(spec: CheckSpec, meta: AssetMeta) -> Figure:
    """The declared type is ``type``, case and blanks aside."""
    wanted = spec.text("type")
    column = _find(meta, spec.column)
    said = "missing" if column is None else column.type
    return Figure(1.0, _plain(said) == _plain(wanted), said, wanted)


def nullability(spec: CheckSpec, meta: AssetMeta) -> Figure:
    """The column is declared to allow nulls or not, as ``nullable`` says."""
    wanted = spec.params.get("nullable")
    if not isinstance(wanted, bool):
        raise Invalid("The check column_nullable needs the parameter nullable, true or false.")
    column = _find(meta, spec.column)
    words = {True: "nullable", False: "not nullable"}
    said = "missing" if column is None else words[column.nullable]
    return Figure(1.0, said == words[wanted], said, words[wanted])


def columns_are(spec: CheckSpec, meta: AssetMeta) -> Figure:
    """The table has exactly the listed columns; in that order when ``ordered``."""
    wanted = [str(one) for one in spec.values("names")]
    found = [column.name for column in meta.columns]
    same = found == wanted if spec.params.get("ordered") else set(found) == set(wanted)
    missing = [name for name in wanted if name not in found]
    extra = [name for name in found if name not in wanted]
    said = "as listed" if same else f"missing: {_few(missing)}; not listed: {_few(extra)}"
    return Figure(1.0, same, said, f"exactly {len(wanted)} columns")


def _few(names: list[str]) -> str:
    return ", ".join(names[:5]) + (", …" if len(names) > 5 else "") if names else "none"


def _plain(type_: str) -> str:
    return "".join(type_.lower().split())


SCHEMA: Final[dict[str, Judge]] = {
    "column_exists": exists,
    "column_type": has_type,
    "column_nullable": nullability,
    "columns_are": columns_are,
}
"""By check type: the verdict on an asset's metadata."""
