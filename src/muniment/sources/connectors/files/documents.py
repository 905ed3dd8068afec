"""JSON objects as flat rows: nested objects become dotted columns.

A list becomes two things: the whole of it as JSON text under its own name, so that nothing is
lost, and its first element, flattened, under ``name[]``, so that what is in it can be typed,
profiled and classified.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from muniment.kernel.errors import LimitExceeded, SourceDataUnreadable
from muniment.sources.connectors.files import limits, text
from muniment.sources.connectors.files.stores import DataFile

Scalar: TypeAlias = str | int | float | bool | None
Row: TypeAlias = dict[str, Scalar]
Tree: TypeAlias = "Mapping[str, Tree] | list[Tree] | Scalar"

INT64 = 1 << 63


def flatten(document: Mapping[str, Tree], max_cell: int) -> Row:
    """One object as one row."""
    row: Row = {}
    for name, value in document.items():
        _put(row, name, value, max_cell, 1)
    return row


def _put(row: Row, name: str, value: Tree, max_cell: int, depth: int) -> None:
    if isinstance(value, Mapping):
        if depth >= limits.NESTING:
            row[name] = _dumped(value, max_cell)
            return
        for key, inner in value.items():
            _put(row, f"{name}.{key}", inner, max_cell, depth + 1)
    elif isinstance(value, list):
        row[name] = _dumped(value, max_cell)
        if value and depth < limits.NESTING:
            _put(row, f"{name}[]", value[0], max_cell, depth + 1)
    elif isinstance(value, str):
        row[name] = value[:max_cell]
    elif isinstance(value, int) and not -INT64 <= value < INT64:
        row[name] = str(value)[:max_cell]
    else:
        row[name] = value
    if len(row) > limits.COLUMNS:
        raise LimitExceeded(f"A record has more than {limits.COLUMNS} fields; it is not read.")


def _dumped(value: Tree, max_cell: int) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))[:max_cell]


def parse(line: bytes | str) -> Mapping[str, Tree] | None:
    """The object on a line; None when it is no object, or is nested beyond reason."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def lines(
    file: DataFile, stop: Callable[[], None], span: tuple[int, int] | None = None
) -> Iterator[bytes | None]:
    """Lines that hold something; None stands for one that is too long to be read."""
    with text.lines_reader(file, stop, span) as stream:
        first = span is None or span[0] == 0
        while line := stream.readline(limits.RECORD_BYTES):
            if first:
                line, first = line.removeprefix(b"\xef\xbb\xbf"), False
            if len(line) >= limits.RECORD_BYTES and not line.endswith(b"\n"):
                while (rest := stream.readline(limits.RECORD_BYTES)) and rest[-1:] != b"\n":
                    pass
                yield None
            elif line.strip():
                yield line


def whole(file: DataFile, stop: Callable[[], None]) -> list[Mapping[str, Tree]]:
    """The objects of a file that is one JSON document: a list of them, or a single one."""
    with text.lines_reader(file, stop) as stream:
        raw = stream.read(limits.DOCUMENT_BYTES + 1)
    if len(raw) > limits.DOCUMENT_BYTES:
        raise LimitExceeded(
            f"The JSON document is larger than {limits.DOCUMENT_BYTES >> 20} MiB."
            " Write it as NDJSON, one object a line.",
            remedy="Write it as NDJSON, or exclude it in the rule set.",
        )
    try:
        found = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise no_objects(text.encoding_of(raw[: limits.HEAD_BYTES])) from None
    except RecursionError:
        raise SourceDataUnreadable("The JSON is nested too deeply to be read.") from None
    except ValueError:
        raise SourceDataUnreadable("The file is not valid JSON. Check it, or exclude it.") from None
    items = found if isinstance(found, list) else [found]
    return [item for item in items if isinstance(item, dict)]


def is_document(sample: bytes) -> bool:
    """Whether a ``.json`` file is one document; otherwise it is one object a line."""
    start = sample.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] == b"[":
        return True
    first = start.split(b"\n", 1)[0]
    return parse(first) is None


def no_objects(encoding: str) -> SourceDataUnreadable:
    if not encoding.startswith("utf-8"):
        return SourceDataUnreadable(
            f"JSON must be in UTF-8; this seems to be {encoding}. Write it again in UTF-8."
        )
    return SourceDataUnreadable("The file holds no JSON object. Check it, or exclude it.")
