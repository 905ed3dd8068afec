"""What becomes of an asset's labels when a scan has looked again: a pure decision."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from muniment.classification.model import Found, asks_again
from muniment.kernel.errors import Invalid
from muniment.kernel.values import JsonObject, JsonValue, LabelState, Sensitivity, Tier

SUGGESTED_ANEW = (
    "Suggested again: it was rejected before, but the evidence is much stronger than it was then."
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A label as it is stored: what a decision about it needs."""

    column: str
    label: str
    state: LabelState
    tier: Tier
    confidence: float
    decided_confidence: float | None
    present: bool = True
    note: str | None = None
    follows: bool = False
    """Inherited by lineage, and nobody has decided about it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a scan found on one column, with what makes it look like others."""

    found: Found
    header: str
    signature: str

    @property
    def key(self) -> tuple[str, str]:
        return self.found.column, self.found.label

    @property
    def look_alike(self) -> str:
        return look_alike(self.found.label, self.header, self.signature)


@dataclass(frozen=True, slots=True)
class Change:
    """One label to be written: what was found and the state it has from now on."""

    seen: Seen
    state: LabelState
    tier: Tier
    note: str | None
    reopened: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """Labels to write, and keys of suggestions that nothing speaks for any more."""

    changes: tuple[Change, ...]
    withdrawn: tuple[tuple[str, str], ...]
    differs: bool
    """Whether what others see of the asset is different now."""


def look_alike(label: str, header: str, signature: str) -> str:
    """A short key that columns share which look the same and carry the same label."""
    return hashlib.sha256(f"{label}\x1f{header}\x1f{signature}".encode()).hexdigest()[:20]


def relabel(kept: Sequence[Kept], seen: Sequence[Seen]) -> Outcome:
    """Decisions of people stay; suggestions follow the evidence, inherited ones follow lineage.

    A rejected label is asked about again only when the evidence became much stronger. What an
    assistant suggested stays while nothing else is found in its column.
    """
    known = {(label.column, label.label): label for label in kept}
    changes = tuple(_change(known.get(each.key), each) for each in seen)
    now = {each.key for each in seen}
    labelled = {column for column, _ in now}
    withdrawn = tuple(
        key
        for key, label in known.items()
        if key not in now
        and label.state is LabelState.SUGGESTED
        and label.tier not in (Tier.MANUAL, Tier.LINEAGE)
        and not (label.tier is Tier.ASSISTANT and label.column not in labelled)
    )
    differs = bool(withdrawn) or any(_differs(known.get(c.seen.key), c) for c in changes)
    return Outcome(changes, withdrawn, differs)


def _change(before: Kept | None, seen: Seen) -> Change:
    tier = seen.found.tier
    if before is None or before.follows:
        return Change(seen, LabelState.SUGGESTED, tier, None)
    if before.tier is Tier.MANUAL:
        tier = Tier.MANUAL
    if before.state is LabelState.REJECTED:
        then = before.confidence if before.decided_confidence is None else before.decided_confidence
        if asks_again(then, seen.found.confidence):
            return Change(seen, LabelState.SUGGESTED, tier, SUGGESTED_ANEW, reopened=True)
    return Change(seen, before.state, tier, before.note)


def _differs(before: Kept | None, change: Change) -> bool:
    if before is None or before.state is not change.state or not before.present:
        return change.state is not LabelState.REJECTED
    return (
        change.state is not LabelState.REJECTED
        and abs(before.confidence - change.seen.found.confidence) >= 0.005
    )


def read_result(result: JsonObject) -> list[Seen]:
    """The labels in what the ``classify`` analyzer says; Invalid when it cannot be read."""
    try:
        return [
            Seen(
                _found(str(column["column"]), label),
                str(column["header"]),
                str(column["signature"]),
            )
            for column in _objects(result.get("columns"))
            for label in _objects(column.get("labels"))
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid(f"The result of the classify analyzer cannot be read: {error}.") from error


def read_columns(result: JsonObject) -> list[str]:
    """The columns that the ``classify`` analyzer looked at."""
    return [str(column.get("column")) for column in _objects(result.get("columns"))]


def _objects(value: JsonValue) -> Iterator[JsonObject]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        yield from (each for each in value if isinstance(each, Mapping))


def _found(column: str, label: JsonObject) -> Found:
    evidence = label["evidence"]
    return Found(
        column=column,
        label=str(label["label"]),
        title=str(label["title"]),
        category=str(label["category"]),
        sensitivity=Sensitivity.of(str(label["sensitivity"])),
        personal=bool(label["personal"]),
        special=bool(label["special"]),
        tier=Tier(str(label["tier"])),
        confidence=float(str(label["confidence"])),
        version=int(str(label["version"])),
        evidence=evidence if isinstance(evidence, Mapping) else {},
    )
