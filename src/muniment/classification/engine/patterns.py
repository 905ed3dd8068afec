"""All patterns at once over one joined buffer: vectorscan where there is one, else Polars."""

import contextlib
import hashlib
import os
import re
import threading
from array import array
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from muniment.classification.engine.texts import Joined
from muniment.kernel.errors import Invalid

try:  # the one optional engine: without its wheel the same patterns run in Polars
    import hyperscan
except ImportError:  # pragma: no cover - only where no wheel exists
    ENGINE = "polars"
else:
    ENGINE = "vectorscan"

Indices = npt.NDArray[np.int64]
_PLACE = 40
"""Bits for the place of a hit: vectorscan takes less than 2**32 bytes at once."""


class Pattern(Protocol):
    """A pattern with its key; ``whole`` must match the whole value, otherwise a part of it."""

    @property
    def key(self) -> str: ...
    @property
    def expression(self) -> str: ...
    @property
    def ignore_case(self) -> bool: ...
    @property
    def whole(self) -> bool: ...


class Matcher(Protocol):
    """Finds for each pattern the values that match it."""

    engine: str

    def match(self, values: Joined) -> Mapping[str, Indices]:
        """Pattern key to the ascending places of the values it matches; absent where none."""
        ...


def matcher(
    patterns: Sequence[Pattern], *, cache: Path | None = None, engine: str | None = None
) -> Matcher:
    """The fastest matcher there is, or the one named (``vectorscan`` or ``polars``).

    Invalid names a pattern that the engine refuses.
    """
    if (engine or ENGINE) == "vectorscan":
        return VectorscanMatcher(patterns, cache=cache)
    return PolarsMatcher(patterns)


def _alike(patterns: Sequence[Pattern]) -> list[list[Pattern]]:
    """Patterns grouped by what they say: many ids share a form, which is looked for once."""
    groups: dict[tuple[str, bool, bool], list[Pattern]] = {}
    for pattern in patterns:
        said = (pattern.expression, pattern.ignore_case, pattern.whole)
        groups.setdefault(said, []).append(pattern)
    return [*groups.values()]


class VectorscanMatcher:
    """One compiled database for all patterns, kept on disk under the hash of what went into it."""

    engine = "vectorscan"

    def __init__(self, patterns: Sequence[Pattern], *, cache: Path | None = None) -> None:
        groups = _alike(patterns)
        self._keys = [[p.key for p in group] for group in groups]
        self._lock = threading.Lock()
        self._database = _load([group[0] for group in groups], cache) if groups else None

    def match(self, values: Joined) -> Mapping[str, Indices]:
        if self._database is None or values.count == 0:
            return {}
        hits = array("q")
        note = hits.append

        # called for every hit: pattern and place go into one number
        def on_match(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
            note(number << _PLACE | end)

        with self._lock:
            self._database.scan(values.data, match_event_handler=on_match)
        if not hits:
            return {}
        noted = np.frombuffer(hits, dtype=np.int64)
        numbers = noted >> _PLACE
        places = np.searchsorted(values.ends, noted & (2**_PLACE - 1), side="left")
        # one number for both, sorted once: numbers of patterns, then places of values
        both = np.unique(numbers * values.count + places)
        numbers, places = np.divmod(both, values.count)
        cuts = np.flatnonzero(np.diff(numbers)) + 1
        starts = np.concatenate(([0], cuts))
        return {
            key: part
            for start, part in zip(starts, np.split(places, cuts), strict=True)
            for key in self._keys[int(numbers[start])]
        }


def _expression(pattern: Pattern) -> bytes:
    text = within_a_line(pattern.expression, r"\b")
    return (f"^(?:{text})$" if pattern.whole else text).encode()


def _flags(pattern: Pattern) -> int:
    flags = int(hyperscan.HS_FLAG_MULTILINE) | int(hyperscan.HS_FLAG_UTF8)
    return flags | int(hyperscan.HS_FLAG_CASELESS) if pattern.ignore_case else flags


def _load(patterns: Sequence[Pattern], cache: Path | None) -> Any:
    expressions = [_expression(p) for p in patterns]
    flags = [_flags(p) for p in patterns]
    digest = hashlib.sha256(repr((expressions, flags)).encode()).hexdigest()[:24]
    path = None if cache is None else cache / f"patterns-{version('hyperscan')}-{digest}.db"
    if path is not None:
        with contextlib.suppress(OSError, hyperscan.HyperscanError):
            database = hyperscan.loadb(path.read_bytes(), hyperscan.HS_MODE_BLOCK)
            database.scratch = hyperscan.Scratch(database)
            return database
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    try:
        database.compile(
            expressions=expressions,
            ids=list(range(len(expressions))),
            elements=len(expressions),
            flags=flags,
        )
    except hyperscan.HyperscanError as error:
        raise _refused(patterns, error) from error
    if path is not None:
        _keep(path, hyperscan.dumpb(database))
    return database


def _refused(patterns: Sequence[Pattern], error: Exception) -> Invalid:
    """Which of the patterns it was, by trying each alone."""
    for pattern in patterns:
        try:
            hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK).compile(
                expressions=[_expression(pattern)], ids=[0], elements=1, flags=[_flags(pattern)]
            )
        except hyperscan.HyperscanError as single:
            return Invalid(f"{pattern.key}: the pattern cannot be compiled: {single}.")
    return Invalid(f"The patterns cannot be compiled together: {error}.")


def _keep(path: Path, data: bytes) -> None:
    """Put a file in place at once, readable by its owner only; a cache that fails is no failure."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_bytes(data)
        fresh.replace(path)


def rust_expression(pattern: Pattern) -> str:
    """A pattern as Polars takes it."""
    text = within_a_line(pattern.expression, r"(?-u:\b)")
    whole = rf"\A(?:{text})\z" if pattern.whole else text
    return f"(?i){whole}" if pattern.ignore_case else whole


class PolarsMatcher:
    """The same answers from Rust's regular expressions, pattern by pattern; linear time as well."""

    engine = "polars"

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        groups = _alike(patterns)
        self._patterns = [([p.key for p in group], rust_expression(group[0])) for group in groups]
        for keys, expression in self._patterns:
            try:
                pl.Series(["x"]).str.contains(expression)
            except pl.exceptions.ComputeError as error:
                raise Invalid(f"{keys[0]}: the pattern cannot be compiled: {error}.") from error

    def match(self, values: Joined) -> Mapping[str, Indices]:
        found: dict[str, Indices] = {}
        for keys, expression in self._patterns:
            hits = values.series.str.contains(expression).arg_true().to_numpy().astype(np.int64)
            if len(hits):
                found.update(dict.fromkeys(keys, hits))
        return found


_CLASSES = {"d": "0-9", "w": "0-9A-Za-z_", "s": r"\t\x0b\x0c\r "}
_NEGATED = {"D": r"0-9\n", "W": r"0-9A-Za-z_\n", "S": r"\t\n\x0b\x0c\r "}
_OPENINGS = {"[": "[", "[]": r"[\]", "[^": r"[^\n", "[^]": r"[^\]\n"}


def within_a_line(expression: str, boundary: str) -> str:
    """The expression with ASCII classes written out and no way to match a line break.

    Values are lines of one buffer, so a negated class must not run into the next value. Rust's
    word boundary means all of Unicode, therefore it is given by the caller.
    """
    pieces: list[str] = []
    inside = False
    for piece in re.findall(r"\\.|\[\^?\]?|.", expression, re.DOTALL):
        if piece[0] == "\\":
            pieces.append(_escape(piece, boundary, inside=inside))
        elif piece[0] == "[":
            pieces.append(piece.replace("[", r"\[", 1) if inside else _OPENINGS[piece])
            inside = True
        else:
            inside = inside and piece != "]"
            pieces.append(piece)
    return "".join(pieces)


def _escape(piece: str, boundary: str, *, inside: bool) -> str:
    letter = piece[1]
    if letter in _CLASSES:
        return _CLASSES[letter] if inside else f"[{_CLASSES[letter]}]"
    if letter in _NEGATED and not inside:
        return f"[^{_NEGATED[letter]}]"
    return boundary if letter == "b" and not inside else piece
