"""What differs between two bodies, setting by setting. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import JsonValue

from muniment.rulesets.model import RuleSetBody


class Change(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    path: str
    change: Change
    before: JsonValue = None
    after: JsonValue = None


def differences(before: RuleSetBody, after: RuleSetBody) -> tuple[Difference, ...]:
    """Settings that differ; lists are compared as sets, so order alone is no difference."""
    return tuple(_between("", before.model_dump(mode="json"), after.model_dump(mode="json")))


def _between(
    prefix: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Difference]:
    for name in before:
        path, old, new = f"{prefix}{name}", before[name], after[name]
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from _between(f"{path}.", old, new)
        elif isinstance(old, list) and isinstance(new, list):
            yield from (Difference(path, Change.REMOVED, before=e) for e in old if e not in new)
            yield from (Difference(path, Change.ADDED, after=e) for e in new if e not in old)
        elif old != new:
            change = (
                Change.ADDED if old is None else Change.REMOVED if new is None else Change.CHANGED
            )
            yield Difference(path, change, old, new)
