"""Rows of the MySQL text protocol, taken off the wire in blocks instead of one by one.

PyMySQL signs in, encrypts and asks; making a Python object of every cell is what costs it twenty
times the CPU. So here the bytes of many rows are kept as they came, and ``decoding`` turns them
into columns.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pymysql
from pymysql.connections import MySQLResult
from pymysql.constants import COMMAND
from pymysql.protocol import MysqlPacket

HEADER = 4
LENGTH: Callable[[bytearray, int], tuple[int]] = struct.Struct("<I").unpack_from
LONGEST = 0xFFFFFF
"""A payload of this length goes on in the next packet."""
END = 0xFE
FAILURE = 0xFF
LONGEST_END = 9
"""A longer payload that begins with END is a row whose first cell has 16 MiB or more."""
READ_BYTES = 1 << 20
SLACK = 32
"""Zero bytes behind the rows, so that a look ahead of a cell stays inside the buffer."""

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Block:
    """The payloads of some whole rows: the bytes, and where each row begins in them."""

    buffer: Bytes
    starts: Places


class Rows:
    """What one statement answers; not exhausted, it leaves a connection that must be closed."""

    def __init__(self, connection: Any, statement: str) -> None:
        """Send the statement and read what its columns are; raises PyMySQL's errors."""
        result = MySQLResult(connection)
        connection._execute_command(COMMAND.COM_QUERY, statement)
        result.init_unbuffered_query()
        # Else PyMySQL would read all the rows that are left when the object dies.
        result.unbuffered_active = False
        self._source: BinaryIO = connection._rfile
        self._encoding: str = connection.encoding
        self._held = bytearray()
        self._starts: list[int] = []
        self._place = 0
        self._finished = False

    def blocks(self, rows: int, size: int) -> Iterator[Block]:
        """Whole rows, at most ``rows`` at once and about ``size`` bytes."""
        while not self._finished:
            needed = self._scan(rows)
            if self._starts and (not needed or self._place >= size):
                yield self._cut()
            elif needed:
                self._more(max(READ_BYTES, needed))

    def _scan(self, most: int) -> int:
        """Note where the rows are that have arrived; how many bytes lack for the next, if any.

        Zero says that a block is complete: it has enough rows, or these were the last.
        """
        held, starts, place = self._held, self._starts, self._place
        arrived = len(held)
        try:
            while len(starts) < most:
                if place + HEADER >= arrived:
                    return READ_BYTES
                length = LENGTH(held, place)[0] & LONGEST
                if length == LONGEST:
                    length, lacking = _joined(held, place)
                    if lacking:
                        return lacking
                    arrived = len(held)
                after = place + HEADER + length
                if after > arrived:
                    return after - arrived
                first = held[place + HEADER]
                if first >= END and (first == FAILURE or length < LONGEST_END):
                    if not starts:
                        self._end(bytes(held[place + HEADER : after]))
                    return 0
                starts.append(place + HEADER)
                place = after
            return 0
        finally:
            self._place = place

    def _end(self, payload: bytes) -> None:
        if payload[0] == FAILURE:
            MysqlPacket(payload, self._encoding).raise_for_error()
        self._finished = True

    def _cut(self) -> Block:
        buffer = np.zeros(self._place + SLACK, np.uint8)
        buffer[: self._place] = np.frombuffer(self._held, np.uint8, self._place)
        starts = np.array(self._starts, np.int64)
        del self._held[: self._place]
        self._starts, self._place = [], 0
        return Block(buffer, starts)

    def _more(self, wanted: int) -> None:
        piece = self._source.read1(wanted)  # type: ignore[attr-defined]  # it is a BufferedReader
        if not piece:
            raise pymysql.err.OperationalError(2013, "Lost connection to MySQL server during query")
        self._held += piece


def _joined(held: bytearray, place: int) -> tuple[int, int]:
    """Take out the headers inside a row of several packets: its length, or how much of it lacks."""
    headers, at = [], place
    while True:
        if at + HEADER > len(held):
            return 0, at + HEADER - len(held)
        length = LENGTH(held, at)[0] & LONGEST
        headers.append(at)
        at += HEADER + length
        if length < LONGEST:
            break
    if at > len(held):
        return 0, at - len(held)
    for header in reversed(headers[1:]):
        del held[header : header + HEADER]
    return at - place - HEADER * len(headers), 0
