"""Which stored table a name in SQL text means."""

from collections.abc import Iterable, Mapping, Sequence

from sqlglot.dialects.dialect import Dialects

from muniment.catalog.lineage.engine.flows import TableName

NEAREST: Mapping[str, str] = {
    **dict.fromkeys(("ansi", "generic", "db2", "informix", "sybase", "non-validating"), ""),
    **dict.fromkeys(("vertica", "greenplum", "postgresql", "netezza", "cockroachdb"), "postgres"),
    **dict.fromkeys(("mssql", "sqlserver", "synapse", "transact-sql"), "tsql"),
    **dict.fromkeys(("sparksql", "spark-sql", "sparksql3"), "spark"),
    **dict.fromkeys(("mariadb", "tidb"), "mysql"),
    **dict.fromkeys(("impala",), "hive"),
    **dict.fromkeys(("plsql",), "oracle"),
}
"""Dialects that the parser does not have, with the one that comes nearest."""


def dialect_of(name: str) -> str:
    """The parser's name of a dialect; the standard's, an empty one, where nobody knows it."""
    plain = name.strip().lower()
    found = NEAREST.get(plain, plain)
    return found if found in Dialects.__members__.values() or not found else ""


def _folded(name: TableName) -> TableName:
    return tuple(part.casefold() for part in name)


class Namespace:
    """The known tables with their columns, and where an unqualified name is looked for.

    Spelling follows the stored one, whatever the case in the text; an exact match wins over one
    that differs in case. ``search`` holds the places (all but the last part of a name) in order.
    """

    def __init__(
        self,
        tables: Mapping[TableName, Sequence[str]] | None = None,
        search: Iterable[TableName] = ((),),
    ) -> None:
        self.search: tuple[TableName, ...] = tuple(search) or ((),)
        self._columns: dict[TableName, tuple[str, ...]] = {}
        self._spelling: dict[TableName, TableName] = {}
        self._by_tail: dict[str, list[TableName]] = {}
        for name, columns in (tables or {}).items():
            self.define(name, columns)

    def define(self, name: TableName, columns: Sequence[str]) -> None:
        if name not in self._columns:
            self._by_tail.setdefault(name[-1].casefold(), []).append(name)
        self._columns[name] = tuple(columns)
        self._spelling.setdefault(_folded(name), name)

    def forget(self, name: TableName) -> None:
        if self._columns.pop(name, None) is not None:
            self._by_tail[name[-1].casefold()].remove(name)
            if self._spelling.get(_folded(name)) == name:
                del self._spelling[_folded(name)]

    def columns(self, name: TableName) -> tuple[str, ...] | None:
        """The columns of a resolved name in order; None when the table is not known."""
        return self._columns.get(name)

    def resolve(self, parts: TableName) -> TableName:
        """The full name: the stored one where it is known, else the parts with defaults put in."""
        candidates = [self._completed(parts, place) for place in self.search]
        for name in (*candidates, parts):
            known = self._known(name)
            if known is not None:
                return known
        return self._by_suffix(parts) or candidates[0]

    def _known(self, name: TableName) -> TableName | None:
        return name if name in self._columns else self._spelling.get(_folded(name))

    @staticmethod
    def _completed(parts: TableName, place: TableName) -> TableName:
        missing = len(place) + 1 - len(parts)
        return (*place[:missing], *parts) if missing > 0 else parts

    def _by_suffix(self, parts: TableName) -> TableName | None:
        """A platform of fewer levels than the text names, or of more when just one table fits."""
        folded = _folded(parts)
        fits = [
            name
            for name in self._by_tail.get(folded[-1], ())
            if len(name) != len(parts)
            and _folded(name)[-min(len(name), len(parts)) :]
            == folded[-min(len(name), len(parts)) :]
            and (len(parts) > len(name) or len(parts) > 1 or self.search == ((),))
        ]
        return fits[0] if len(fits) == 1 else None
