"""Assets of a MySQL or MariaDB server out of the rows of the bulk statements."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeAlias

from muniment.contracts.connectors import AssetMeta, ColumnMeta, Grant, KeyKind, KeyMeta
from muniment.kernel.values import AssetKind
from muniment.sources.connectors.mysql import quoting, session, statements
from muniment.sources.connectors.mysql.session import Connection
from muniment.sources.connectors.scope import ScopeFilter

Row: TypeAlias = tuple[Any, ...]
Path: TypeAlias = tuple[str, str]

BROKEN_VIEW = "references invalid table(s) or column(s)"
"""Part of what the server puts in place of a comment when a view does not work."""
HIDDEN_DEFINITION = "Its SQL is not shown to this account."


@dataclass(slots=True)
class Facts:
    """What hangs on one table or view, beside its columns."""

    indexes: defaultdict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    references: defaultdict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    partitions: Row | None = None
    view: Row | None = None
    triggers: list[Row] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)


def assets(
    connection: Connection, within: ScopeFilter, database: str | None
) -> Iterator[AssetMeta]:
    """Stream schemas, tables, views and routines.

    A line per table and what hangs on it are held in memory; columns and routines are streamed.
    """
    ask = statements.catalogue(database)
    schemas = list(session.rows(connection, ask[0]))
    tables = {(row[0], row[1]): row for row in session.rows(connection, ask[1])}
    partitioned = any("partitioned" in (row[8] or "") for row in tables.values())
    hanging = statements.facts(database, partitioned=partitioned)
    facts = _facts(session.rows(connection, hanging))
    account = schemas[0][3] if schemas else ""
    yield from _schemas(schemas, facts, within)
    for found, described in groupby(session.rows(connection, ask[3]), key=itemgetter(0, 1)):
        path: Path = found
        row = tables.pop(path, None)
        if row is not None and within.matches(path):
            yield _relation(row, list(described), facts.pop(path, Facts()), account)
    for path, row in sorted(tables.items()):  # without a column: views that do not work
        if within.matches(path):
            yield _relation(row, [], facts.pop(path, Facts()), account)
    yield from _routines(session.rows(connection, ask[4]), within, account)


def _facts(rows: Iterator[Row]) -> dict[Path, Facts]:
    found: defaultdict[Path, Facts] = defaultdict(Facts)
    for kind, schema, table, *row in rows:
        of_table = found[schema, table]
        match kind:
            case "index":
                of_table.indexes[row[0]].append(tuple(row))
            case "reference":
                of_table.references[row[0]].append(tuple(row))
            case "partition":
                of_table.partitions = tuple(row)
            case "view":
                of_table.view = tuple(row)
            case "trigger":
                of_table.triggers.append(tuple(row))
            case _:
                of_table.grants.append(Grant(_grantee(row[0]), str(row[2])))
    return dict(found)


def _schemas(
    rows: Sequence[Row], facts: Mapping[Path, Facts], within: ScopeFilter
) -> Iterator[AssetMeta]:
    for name, collation, comment, _ in rows:
        if within.matches((name,)):
            known = facts.get((name, ""), Facts())
            yield AssetMeta(
                path=(name,),
                kind=AssetKind.SCHEMA,
                comment=comment or None,
                grants=_sorted(known.grants),
                properties={"collation": collation},
            )


def _relation(row: Row, columns: Sequence[Row], facts: Facts, account: str) -> AssetMeta:
    schema, name, kind, engine, rows, size, comment, collation, options = row
    is_view = kind == "VIEW"
    broken = is_view and BROKEN_VIEW in (comment or "")
    properties = _properties(engine, collation, options, facts)
    if broken:
        properties |= {
            "readable": "false",
            "problem": "The view refers to what is not there or may not be read.",
        }
    elif any("select" not in str(column[9]) for column in columns):
        properties |= {
            "readable": "false",
            "problem": "The account may not read this table, or not all of its columns.",
            "grant": select_grant(schema, name, account),
        }
    definition = facts.view[2] if facts.view else None
    if is_view and not definition:
        properties["definition"] = HIDDEN_DEFINITION
        properties.setdefault("grant", f"grant show view on {_on(schema, name, account)};")
    return AssetMeta(
        path=(schema, name),
        kind=AssetKind.VIEW if is_view else AssetKind.TABLE,
        columns=tuple(_column(column) for column in columns),
        keys=_keys(facts),
        grants=_sorted(facts.grants),
        comment=None if is_view else comment or None,
        definition=definition or None,
        row_estimate=None if is_view or rows is None else int(rows),
        size_bytes=None if is_view or size is None else int(size),
        properties=properties,
    )


def _properties(engine: str, collation: str, options: str, facts: Facts) -> dict[str, str]:
    found = {"engine": engine or "", "collation": collation or ""}
    if facts.partitions:
        method, count, expression = facts.partitions[:3]
        found |= {"partitioned": "true", "partitions": str(count)}
        found["partitioned_by"] = f"{method} ({expression})"
    if facts.view:
        found |= {"definer": facts.view[0] or "", "security": facts.view[3] or ""}
    plain = [
        f"{name} ({', '.join(_names(parts))})"
        for name, parts in sorted(facts.indexes.items())
        if int(parts[0][3])
    ]
    if plain:
        found["indexes"] = "; ".join(plain)
    if facts.triggers:
        found["triggers"] = "; ".join(
            sorted(f"{name} ({when} {what})".lower() for name, _, when, what, *_ in facts.triggers)
        )
    if "row_format" in (options or "").lower():
        found["options"] = options
    return {key: value for key, value in found.items() if value}


def _column(row: Row) -> ColumnMeta:
    _, _, name, kind, nullable, default, extra, generated, comment, _ = row
    words = (extra or "").lower()
    if generated:
        default = f"generated as {generated}"
    elif "auto_increment" in words:
        default = "auto_increment"
    elif default == "NULL":  # MariaDB writes an expression, MySQL the bare value
        default = None
    return ColumnMeta(name, kind, nullable == "YES", default, comment or None)


def _keys(facts: Facts) -> tuple[KeyMeta, ...]:
    keys: list[KeyMeta] = []
    for name, parts in sorted(facts.indexes.items()):
        whole = all(part[4] is None and part[2] is not None for part in parts)
        if not int(parts[0][3]) and whole:  # unique, and not over a part of a text
            kind = KeyKind.PRIMARY if name == "PRIMARY" else KeyKind.UNIQUE
            keys.append(KeyMeta(kind, _names(parts), name))
    for name, parts in sorted(facts.references.items()):
        ordered = sorted(parts, key=lambda part: int(part[1]))
        keys.append(
            KeyMeta(
                KeyKind.FOREIGN,
                _names(parts),
                name,
                references=(ordered[0][3], ordered[0][4]),
                referenced_columns=tuple(part[5] for part in ordered),
            )
        )
    return tuple(sorted(keys, key=lambda key: (key.kind is not KeyKind.PRIMARY, key.name)))


def _names(parts: Sequence[Row]) -> tuple[str, ...]:
    ordered = sorted(parts, key=lambda part: int(part[1]))
    return tuple(part[2] or "(expression)" for part in ordered)


def _routines(rows: Iterator[Row], within: ScopeFilter, account: str) -> Iterator[AssetMeta]:
    told: set[Path] = set()
    for row in rows:
        routine = _routine(row, account)
        path = routine.path
        if (path[0], path[1]) in told:  # a procedure may have the name of a function
            path = (path[0], f"{path[1]} procedure")
            routine = AssetMeta(
                path, routine.kind, comment=routine.comment, definition=routine.definition,
                properties=routine.properties,
            )  # fmt: skip
        told.add((path[0], path[1]))
        if within.matches(path):
            yield routine


def _routine(row: Row, account: str) -> AssetMeta:
    schema, name, kind, returns, language, body, deterministic, security = row[:8]
    definer, comment, access, declared, types = row[8:]
    facts = {
        "routine": name,
        "arguments": types or "",
        "language": str(language).lower(),
        "definer": definer or "",
        "security": security or "",
        "data_access": access or "",
        "deterministic": "true" if deterministic == "YES" else "false",
    }
    is_function = kind == "FUNCTION"
    head = f"create {kind.lower()} {quoting.name(schema, name)}({declared or ''})"
    if is_function:
        facts["returns"] = returns or ""
        head += f" returns {returns}"
    if not body:
        facts["definition"] = HIDDEN_DEFINITION
        facts["grant"] = f"grant select on mysql.proc to {quoting.account(account)};"
    return AssetMeta(
        path=(schema, f"{name}({types or ''})"),
        kind=AssetKind.FUNCTION if is_function else AssetKind.PROCEDURE,
        comment=comment or None,
        definition=f"{head}\n{body}" if body else None,
        properties={key: value for key, value in facts.items() if value},
    )


def select_grant(schema: str, name: str, account: str) -> str:
    return f"grant select on {_on(schema, name, account)};"


def schema_grant(schema: str, account: str) -> str:
    """Everything a scan needs in one database, for the tables there and those to come."""
    # In a database-level grant the name is a pattern, whose wildcards are escaped.
    pattern = schema.replace("\\", "\\\\").replace("_", "\\_").replace("%", "\\%")
    return (
        f"grant select, show view, execute on {quoting.name(pattern)}.*"
        f" to {quoting.account(account)};"
    )


def _on(schema: str, name: str, account: str) -> str:
    return f"{quoting.name(schema, name)} to {quoting.account(account)}"


def _grantee(text: str) -> str:
    """``'ada'@'%'`` without its quotes."""
    user, _, host = text.rpartition("@")
    return f"{user.strip(chr(39))}@{host.strip(chr(39))}" if user else text


def _sorted(grants: Sequence[Grant]) -> tuple[Grant, ...]:
    return tuple(sorted(set(grants), key=lambda grant: (grant.grantee, grant.privilege)))
