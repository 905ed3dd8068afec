"""Entities found in texts against those that are there: a find counts where kinds and places agree."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

KINDS = (
    ("person", ("person.full_name", "person.first_name", "person.last_name", "person.name")),
    ("address", ("contact.street_address", "address.")),
    ("place", ("geo.",)),
    ("organisation", ("org.",)),
    ("contact", ("contact.", "net.url", "us.phone", "gb.phone")),
)


def kind_of(label: str) -> str:
    """The broad kind under which the bar counts a label; everything else is an id."""
    if label in ("address.city", "address.country", "us.state", "address.state"):
        return "place"
    for kind, starts in KINDS:
        if label.startswith(starts):
            return kind
    return "id"


def _overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    inside = min(one["end"], other["end"]) - max(one["start"], other["start"])
    whole = max(one["end"], other["end"]) - min(one["start"], other["start"])
    return max(inside, 0) / whole


def counted(
    key: Sequence[Mapping[str, Any]], told: Mapping[str, Sequence[Mapping[str, Any]]], least: float
) -> tuple[dict[str, list[int]], Counter[str]]:
    """Right, wrong and missed by kind, and what was wrong. ``least`` is the overlap asked for."""
    tally: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    wrong: Counter[str] = Counter()
    for row in key:
        found = [e for e in told.get(row["id"], ()) if e["label"] not in ("time.date", "time.time")]
        used: set[int] = set()
        for entity in row["entities"]:
            kind = kind_of(entity["label"])
            match = next(
                (
                    n
                    for n, each in enumerate(found)
                    if n not in used
                    and kind_of(each["label"]) == kind
                    and _overlap(entity, each) >= least
                ),
                None,
            )
            if match is None:
                tally[kind][2] += 1
                wrong[f"missed {entity['label']} in {row['register']}"] += 1
            else:
                used.add(match)
                tally[kind][0] += 1
        for n, each in enumerate(found):
            if n not in used:
                tally[kind_of(each["label"])][1] += 1
                wrong[f"wrong {each['label']} in {row['register']}"] += 1
    return tally, wrong
