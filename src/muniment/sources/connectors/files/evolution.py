"""One type for a column whose type differs from file to file; needs no Arrow."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

WHOLE = re.compile(r"u?int(8|16|32|64)|integer")
NUMBER = re.compile(r"halffloat|float|double|number|decimal\d*\(.*")
MOST_WARNINGS = 20


def family(word: str) -> str:
    """What sort of values a type holds, whatever their width."""
    if WHOLE.fullmatch(word):
        return "whole number"
    if NUMBER.fullmatch(word):
        return "number"
    if word.startswith("timestamp"):
        return "zoned" if "tz=" in word or "zone" in word else "timestamp"
    if word.startswith("date"):
        return "date"
    if word in ("bool", "boolean"):
        return "boolean"
    return "text" if word in ("text", "string", "large_string", "string_view") else word


def widened(left: str, right: str) -> str:
    """The narrowest type, in the words of its format, that holds what both hold."""
    if left == right:
        return left
    families = {family(left), family(right)}
    plain = left in ("integer", "number") or right in ("integer", "number")
    if families == {"whole number"}:
        return "integer" if plain else max(left, right, key=_width)
    if families <= {"whole number", "number"}:
        return "number" if plain else "double"
    if families <= {"date", "timestamp"}:
        return next((word for word in (left, right) if family(word) == "timestamp"), left)
    if families == {"zoned"}:
        return left
    return "text" if plain or "text" in (left, right) else "string"


def _width(word: str) -> tuple[int, bool]:
    return int("".join(c for c in word if c.isdigit()) or 64), word.startswith("int")


@dataclass(slots=True)
class Evolution:
    """Columns of all files of a data set, in the order they first appear."""

    kinds: dict[str, str] = field(default_factory=dict)
    nullable: dict[str, bool] = field(default_factory=dict)
    _seen: dict[str, dict[str, None]] = field(default_factory=dict)
    _files: dict[str, int] = field(default_factory=dict)
    _count: int = 0

    def add(self, columns: Iterable[tuple[str, str, bool]]) -> None:
        """Take the columns (name, type, nullable) of one more file into account."""
        for name, kind, may_miss in columns:
            known = self.kinds.setdefault(name, kind)
            self.kinds[name] = widened(known, kind)
            self._seen.setdefault(name, {})[kind] = None
            self._files[name] = self._files.get(name, 0) + 1
            self.nullable[name] = self.nullable.get(name, False) or may_miss
        self._count += 1

    def missing(self) -> Sequence[str]:
        """Columns that some of the files lack."""
        return [name for name, files in self._files.items() if files < self._count]

    def facts(self) -> Mapping[str, str]:
        """What of it a person should know."""
        facts = {}
        if missing := self.missing():
            facts["missing_in_some_files"] = ", ".join(missing[:MOST_WARNINGS])
        told = [
            f"{name} is {' and '.join(kinds)} in different files and read as {self.kinds[name]}."
            for name, kinds in self._seen.items()
            if len({family(kind) for kind in kinds}) > 1
        ]
        if told:
            facts["warnings"] = " ".join(told[:MOST_WARNINGS])
        return facts
