"""Rows of a data file that its table no longer has."""

import base64
import uuid
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from muniment.kernel.values import JsonObject
from muniment.sources.connectors.arrow import Array
from muniment.sources.connectors.files import lake, roaring
from muniment.sources.connectors.files.lake import broken, unsupported
from muniment.sources.connectors.files.roaring import Positions
from muniment.sources.connectors.files.stores import Store

Z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
B85 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"
TO_B85 = str.maketrans(Z85, B85)
UUID_CHARACTERS = 20


def of(store: Store, deleted: JsonObject) -> Positions:
    """Row numbers in the file, ascending."""
    vector = deleted.get("vector")
    if isinstance(vector, Mapping):
        return _vector(store, str(deleted["base"]), vector)
    paths = deleted.get("positions")
    listed = [str(path) for path in paths] if isinstance(paths, Sequence) else []
    found = [_listed(store, path, str(deleted["of"])) for path in listed]
    return np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)


def without(
    batches: Iterator[tuple[dict[str, Array], int]], first: int, gone: Positions
) -> Iterator[tuple[dict[str, Array], int]]:
    """Columns of rows that follow one another from ``first`` on, without those that are gone."""
    at = first
    for found, rows in batches:
        inside = gone[np.searchsorted(gone, at) : np.searchsorted(gone, at + rows)] - at
        at += rows
        if len(inside):
            keep = np.ones(rows, np.bool_)
            keep[inside] = False
            mask = pa.array(keep)
            found = {name: array.filter(mask) for name, array in found.items()}
            rows -= len(inside)
        yield found, rows


def _listed(store: Store, path: str, of: str) -> Positions:
    """Row numbers of one data file out of a file of deletes, which may tell of several."""
    file = store.file(path)
    try:
        told = pq.read_table(file.native(), columns=["file_path", "pos"], use_threads=False)
        mine = told.filter(pc.equal(told.column("file_path"), pa.scalar(of)))
        found: Positions = mine.column("pos").to_numpy().astype(np.int64)
    except (pa.ArrowException, OSError):
        file.check()
        raise broken("a file of deleted rows is damaged") from None
    return found


def _vector(store: Store, base: str, vector: Mapping[str, object]) -> Positions:
    text, kind = str(vector["pathOrInlineDv"]), vector.get("storageType")
    if kind == "i":
        return roaring.positions(_z85(text))
    if kind != "u":
        raise unsupported("deletion vectors outside of its folder")
    prefix, name = text[:-UUID_CHARACTERS], text[-UUID_CHARACTERS:]
    file = f"deletion_vector_{uuid.UUID(bytes=_z85(name))}.bin"
    path = lake.inside(base, f"{prefix}/{file}" if prefix else file)
    start, size = int(str(vector.get("offset") or 0)), int(str(vector["sizeInBytes"]))
    return section(store, path, start, size + 8)


def section(store: Store, path: str, start: int, size: int) -> Positions:
    """One vector out of a file of several."""
    with store.file(path).open() as file:
        file.seek(start)
        return roaring.stored(file.read(size))


def _z85(text: str) -> bytes:
    try:
        return base64.b85decode(text.translate(TO_B85))
    except ValueError:
        raise broken("a deletion vector has no name that can be read") from None


def starts(groups: Sequence[int]) -> tuple[int, ...]:
    """The number of the first row of each group."""
    return tuple(accumulate(groups, initial=0))[:-1]
