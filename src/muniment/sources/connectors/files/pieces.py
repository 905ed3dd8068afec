"""Parts of files: what a partition is made of."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from muniment.kernel.values import JsonObject, JsonValue
from muniment.sources.connectors.files.stores import Mark

Span = tuple[int, int]
SAMPLED = 16


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of one file: all of it, groups of its rows, a span of its bytes, its first rows."""

    path: str
    values: Mapping[str, str]
    rows: int
    groups: tuple[int, ...] = ()
    span: Span | None = None
    limit: int | None = None
    sheet: str | None = None
    mark: Mark | None = None
    names: Mapping[str, str] | None = None
    deleted: JsonObject | None = None
    starts: tuple[int, ...] = ()
    """The number of the first row of each group, where rows are deleted by number."""

    def to_json(self) -> JsonObject:
        told: JsonObject = {
            "path": self.path,
            "values": dict(self.values),
            "rows": self.rows,
            "groups": list(self.groups),
            "span": None if self.span is None else list(self.span),
            "limit": self.limit,
            "sheet": self.sheet,
            "mark": None if self.mark is None else list(self.mark),
        }
        if self.names is None and self.deleted is None:
            return told
        names = None if self.names is None else dict(self.names)
        return {**told, "names": names, "deleted": self.deleted, "starts": list(self.starts)}


def of_json(given: JsonValue) -> Iterator[Piece]:
    """The pieces again, from a partition's description."""
    for item in given if isinstance(given, Sequence) else ():
        if isinstance(item, Mapping):
            values, limit, sheet = item.get("values"), item.get("limit"), item.get("sheet")
            span, deleted = _numbers(item.get("span")), item.get("deleted")
            yield Piece(
                path=str(item["path"]),
                values={k: str(v) for k, v in values.items()}
                if isinstance(values, Mapping)
                else {},
                rows=int(str(item.get("rows") or 0)),
                groups=_numbers(item.get("groups")),
                span=(span[0], span[1]) if span else None,
                limit=int(str(limit)) if limit is not None else None,
                sheet=None if sheet is None else str(sheet),
                mark=_mark(item.get("mark")),
                names=_texts(item.get("names")),
                deleted=deleted if isinstance(deleted, Mapping) else None,
                starts=_numbers(item.get("starts")),
            )


def _mark(given: JsonValue) -> Mark | None:
    match given:
        case [int(size), int(changed), int() | str() as identity]:
            return size, changed, identity
    return None


def _texts(given: JsonValue) -> Mapping[str, str] | None:
    return {k: str(v) for k, v in given.items()} if isinstance(given, Mapping) else None


def _numbers(given: JsonValue) -> tuple[int, ...]:
    return tuple(int(str(each)) for each in given) if isinstance(given, Sequence) else ()


def thinned(pieces: Sequence[Piece], wanted: int) -> list[Piece]:
    """The first rows of pieces that lie evenly over the whole."""
    count = min(len(pieces), SAMPLED)
    chosen = [pieces[n * len(pieces) // count] for n in range(count)]
    each = max(1, -(-wanted // max(1, len(chosen))))
    return [_cut(piece, each) for piece in chosen]


def _cut(piece: Piece, limit: int) -> Piece:
    return replace(piece, rows=min(piece.rows, limit), limit=limit)


def grouped(pieces: Sequence[Piece], rows_per_partition: int) -> Iterator[list[Piece]]:
    """Neighbouring pieces together, as long as they stay below the wanted number of rows."""
    group: list[Piece] = []
    rows = 0
    for piece in pieces:
        if group and rows + piece.rows > rows_per_partition:
            yield group
            group, rows = [], 0
        group.append(piece)
        rows += piece.rows
    if group:
        yield group
