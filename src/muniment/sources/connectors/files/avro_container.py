"""The frame of an Avro file: its schema, and blocks that are unpacked within bounds."""

import bz2
import json
import lzma
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

import pyarrow as pa

from muniment.kernel.errors import LimitExceeded, SourceDataUnreadable
from muniment.sources.connectors.files import limits
from muniment.sources.connectors.files.footers import DAMAGED
from muniment.sources.connectors.files.stores import DataFile

MAGIC = b"Obj\x01"
SYNC = 16
LONGEST_LONG = 10
MOST_METADATA = 4096


class Broken(Exception):
    """The bytes are not what the format says they must be."""


@dataclass(frozen=True, slots=True)
class Header:
    schema: str
    codec: str
    sync: bytes
    end: int
    """Where the first block begins."""


@dataclass(frozen=True, slots=True)
class Block:
    """Where a block lies, how many records it has, and where the next begins."""

    offset: int
    data: int
    size: int
    records: int

    @property
    def end(self) -> int:
        return self.data + self.size + SYNC


def header_of(file: DataFile) -> Header:
    """The head of the file; SourceDataUnreadable when it is none of Avro's."""
    try:
        with file.open() as raw:
            if raw.read(4) != MAGIC:
                raise Broken
            facts = _metadata(raw)
            schema = facts[b"avro.schema"].decode()
            json.loads(schema)
            codec = facts.get(b"avro.codec", b"null").decode()
            return Header(schema, codec, _exactly(raw, SYNC), raw.tell())
    except (Broken, KeyError, ValueError, RecursionError):
        raise SourceDataUnreadable(DAMAGED) from None


def blocks(file: DataFile, header: Header, start: int, end: int | None) -> Iterator[Block]:
    """Blocks that begin in a span of the file, found without unpacking them; Broken at damage."""
    with file.open() as raw:
        size = raw.seek(0, 2)
        place = start
        while place < (size if end is None else end):
            raw.seek(place)
            records, length = _long(raw), _long(raw)
            block = Block(place, raw.tell(), length, records)
            if records < 0 or length < 0 or block.end > size:
                raise Broken
            raw.seek(block.data + length)
            if raw.read(SYNC) != header.sync:
                raise Broken
            yield block
            place = block.end


def unpacked(file: DataFile, header: Header, block: Block) -> bytes:
    """The records of a block. Broken when they cannot be had, LimitExceeded when it is a bomb."""
    if block.size > limits.AVRO_BLOCK_BYTES or block.records > limits.AVRO_BLOCK_RECORDS:
        raise _too_large()
    with file.open() as raw:
        raw.seek(block.data)
        packed = raw.read(block.size)
    try:
        found = _unpack(header.codec, packed)
    except (zlib.error, OSError, ValueError, EOFError, lzma.LZMAError, pa.ArrowException):
        raise Broken from None
    if len(found) > limits.AVRO_BLOCK_BYTES:
        raise _too_large()
    return found


class _Unpacker(Protocol):
    @property
    def eof(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


def _unpack(codec: str, packed: bytes) -> bytes:
    match codec:
        case "null":
            return packed
        case "deflate":
            return _bounded(zlib.decompressobj(-15), packed)
        case "bzip2":
            return _bounded(bz2.BZ2Decompressor(), packed)
        case "xz":
            return _bounded(lzma.LZMADecompressor(memlimit=limits.LZMA_BYTES), packed)
        case "snappy":
            return _snappy(packed)
        case "zstandard":
            with pa.CompressedInputStream(pa.BufferReader(packed), "zstd") as stream:
                return bytes(stream.read(limits.AVRO_BLOCK_BYTES + 1))
    raise SourceDataUnreadable(
        "The Avro file is packed by a codec that is not known."
        " Write it with deflate, snappy or zstandard."
    )


def _bounded(unpacker: _Unpacker, packed: bytes) -> bytes:
    found = unpacker.decompress(packed, limits.AVRO_BLOCK_BYTES + 1)
    if not unpacker.eof and len(found) <= limits.AVRO_BLOCK_BYTES:
        raise Broken
    return found


def _snappy(packed: bytes) -> bytes:
    """Raw Snappy, which begins with its unpacked length and is followed by a checksum."""
    length = shift = 0
    for byte in packed[:5]:
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    if length > limits.AVRO_BLOCK_BYTES:
        raise _too_large()
    found = pa.decompress(packed[:-4], length, codec="snappy", asbytes=True)
    if zlib.crc32(found) != int.from_bytes(packed[-4:], "big"):
        raise Broken
    return bytes(found)


def _too_large() -> LimitExceeded:
    return LimitExceeded(
        f"A block of the Avro file is larger than {limits.AVRO_BLOCK_BYTES >> 20} MiB;"
        " it looks like a decompression bomb and is not read.",
        remedy="Write it with smaller blocks, or exclude it in the rule set.",
    )


def plain_file(header: Header, schema: str, block: Block, data: bytes) -> bytes:
    """A block as an Avro file of its own, unpacked, which any Avro library reads."""
    told = schema.encode()
    metadata = _packed_long(1) + _told(b"avro.schema") + _told(told) + b"\0"
    body = _packed_long(block.records) + _packed_long(len(data)) + data + header.sync
    return MAGIC + metadata + header.sync + body


def _told(text: bytes) -> bytes:
    return _packed_long(len(text)) + text


def _packed_long(value: int) -> bytes:
    left = value << 1
    found = bytearray()
    while left > 0x7F:
        found.append(left & 0x7F | 0x80)
        left >>= 7
    found.append(left)
    return bytes(found)


def _metadata(file: BinaryIO) -> dict[bytes, bytes]:
    facts: dict[bytes, bytes] = {}
    while count := _long(file):
        if count < 0:
            count = -count
            _long(file)
        for _ in range(count):
            name = _exactly(file, _long(file))
            facts[name] = _exactly(file, _long(file))
            if len(facts) > MOST_METADATA:
                raise Broken
    return facts


def _exactly(file: BinaryIO, size: int) -> bytes:
    if not 0 <= size <= limits.AVRO_BLOCK_BYTES:
        raise Broken
    found = file.read(size)
    if len(found) != size:
        raise Broken
    return found


def _long(file: BinaryIO) -> int:
    value = shift = 0
    for _ in range(LONGEST_LONG):
        byte = file.read(1)
        if not byte:
            raise Broken
        value |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            return (value >> 1) ^ -(value & 1)
        shift += 7
    raise Broken
