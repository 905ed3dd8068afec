"""Sets of row numbers as lakes keep them: 64-bit Roaring bitmaps in the portable form.

https://github.com/RoaringBitmap/RoaringFormatSpec, and "Deletion Vector Format" of Delta Lake's
protocol, which Iceberg took over.
"""

import struct
import zlib
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from muniment.sources.connectors.files.lake import broken

Positions: TypeAlias = npt.NDArray[np.int64]

MAGIC = b"\xd1\xd3\x39\x64"
WITHOUT_RUNS = 12346
WITH_RUNS = 12347
FEW_CONTAINERS = 4
ARRAY_MOST = 4096
BITMAP_BYTES = 8192
MOST_ROWS = 1 << 31


def stored(raw: bytes) -> Positions:
    """Of a file: length, magic, bitmaps and checksum. Row numbers in ascending order."""
    (length,) = struct.unpack_from(">i", raw)
    data = raw[4 : 4 + length]
    (checksum,) = struct.unpack_from(">I", raw, 4 + length)
    if len(data) != length or zlib.crc32(data) != checksum:
        raise broken("a deletion vector is damaged")
    return positions(data)


def positions(data: bytes) -> Positions:
    """Of the bytes from the magic on."""
    if data[:4] != MAGIC:
        raise broken("a deletion vector is of a form that is not known")
    try:
        return _bitmaps(data)
    except (struct.error, ValueError, IndexError):
        raise broken("a deletion vector is damaged") from None


def _bitmaps(data: bytes) -> Positions:
    (count,) = struct.unpack_from("<q", data, 4)
    at = 12
    found: list[Positions] = []
    for _ in range(count):
        (key,) = struct.unpack_from("<I", data, at)
        part, at = _bitmap(data, at + 4)
        found.append(part + (key << 32))
    return np.concatenate(found) if found else np.empty(0, np.int64)


def _bitmap(data: bytes, at: int) -> tuple[Positions, int]:
    (cookie,) = struct.unpack_from("<I", data, at)
    runs = b""
    if cookie & 0xFFFF == WITH_RUNS:
        count = (cookie >> 16) + 1
        at += 4
        runs = data[at : at + (count + 7) // 8]
        at += len(runs)
    elif cookie == WITHOUT_RUNS:
        (count,) = struct.unpack_from("<I", data, at + 4)
        at += 8
    else:
        raise ValueError("cookie")
    heads = _numbers(data, at, 2 * count).reshape(count, 2)
    at += 4 * count
    if not runs or count >= FEW_CONTAINERS:
        at += 4 * count  # where each container begins; they follow one another anyway
    found: list[Positions] = []
    for number, (high, less_one) in enumerate(heads.tolist()):
        run = bool(runs) and bool(runs[number // 8] >> (number % 8) & 1)
        part, at = _container(data, at, less_one + 1, run=run)
        found.append(part + (high << 16))
    return (np.concatenate(found) if found else np.empty(0, np.int64)), at


def _container(data: bytes, at: int, count: int, *, run: bool) -> tuple[Positions, int]:
    if run:
        (runs,) = struct.unpack_from("<H", data, at)
        pairs = _numbers(data, at + 2, 2 * runs).reshape(runs, 2)
        spans = [np.arange(start, start + more + 1) for start, more in pairs.tolist()]
        return np.concatenate(spans).astype(np.int64), at + 2 + 4 * runs
    if count <= ARRAY_MOST:
        return _numbers(data, at, count), at + 2 * count
    bits = np.frombuffer(data, np.uint8, BITMAP_BYTES, at)
    places: Any = np.flatnonzero(np.unpackbits(bits, bitorder="little"))
    return places.astype(np.int64), at + BITMAP_BYTES


def _numbers(data: bytes, at: int, count: int) -> Positions:
    return np.frombuffer(data, np.dtype("<u2"), count, at).astype(np.int64)
