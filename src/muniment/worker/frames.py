"""How the coordinator and a pool child talk: length-prefixed pickles over the child's pipes.

Both ends are ours and on one machine, so pickling is safe; secrets of a source pass through here
in memory only.
"""

import pickle
import struct
from dataclasses import dataclass
from typing import Any, BinaryIO

HEADER = struct.Struct("!Q")


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop the running job, on the source too."""


@dataclass(frozen=True, slots=True)
class End:
    """The job is over; every frame of it has been sent. ``rss_bytes`` is the child's memory."""

    rss_bytes: int


def packed(message: object) -> bytes:
    body = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    return HEADER.pack(len(body)) + body


def unpacked(body: bytes) -> Any:
    return pickle.loads(body)  # noqa: S301  # written by our own process


def read_frame(pipe: BinaryIO) -> Any:
    """The next message; EOFError when the other end is gone."""
    header = _exactly(pipe, HEADER.size)
    (length,) = HEADER.unpack(header)
    return unpacked(_exactly(pipe, length))


def _exactly(pipe: BinaryIO, length: int) -> bytes:
    parts: list[bytes] = []
    while length:
        part = pipe.read(length)
        if not part:
            raise EOFError
        parts.append(part)
        length -= len(part)
    return b"".join(parts)
