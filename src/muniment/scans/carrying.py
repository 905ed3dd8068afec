"""What of an asset need not be read again, and what is asked of that which is not: pure."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Any

from muniment.contracts.connectors import AssetMeta, Partition
from muniment.contracts.markers import WATER, Water
from muniment.kernel.values import JsonObject
from muniment.scans.jobs import Listed, Reading

WHOLE_EVERY = timedelta(days=30)
"""Whatever the source says, everything is read once in so long."""
CHECKS = "checks"
SUGGESTED = "suggested"
NEEDS_NO_STATE = frozenset({"row_count_change", "row_count_between", "rows_readable"})
OF_TIME = frozenset({"freshness"})
OF_OTHERS = "foreign_key"
OF_WATER = (
    "{0:,} of {1:,} parts hold as many rows as on {2} and are not read again; new are rows with a"
    " higher {3}. A change that leaves {3} as it was is not seen: compare a sample, or read"
    " everything."
)


class Mode(StrEnum):
    """How an asset gets its figures in a run."""

    READ = "read"
    PARTLY = "partly"
    """Some partitions are read, the states of the others are carried over."""
    CARRIED = "carried"
    """Nothing is read; its checks are judged anew on the states that were kept."""
    UNCHANGED = "unchanged"
    """Nothing is read and nothing could come out differently: its version stays."""


@dataclass(frozen=True, slots=True)
class KeptPart:
    """A partition whose states are kept."""

    spec: JsonObject
    marker: str | None
    rows: int
    fraction: float


@dataclass(frozen=True, slots=True)
class KeptAsset:
    """What is kept of an asset since it was published."""

    marker: str | None
    fingerprint: str
    engine: str
    quality: JsonObject
    labels: int
    rows: int
    read_at: datetime
    whole_at: datetime
    parts: Mapping[str, KeptPart]
    """By ``part_key``."""


@dataclass(frozen=True, slots=True)
class Part:
    """One partition of an asset in a run."""

    partition: Partition
    key: str
    marker: str | None
    carried: bool = False
    verify: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What a run does with one asset, and why."""

    listed: Listed
    mode: Mode
    quality: JsonObject
    fingerprint: str
    parts: tuple[Part, ...] = ()
    kept: KeptAsset | None = None
    reason: str | None = None

    @property
    def carried(self) -> Sequence[Part]:
        return [part for part in self.parts if part.carried]

    @property
    def whole(self) -> bool:
        return self.mode is Mode.READ


def part_key(spec: JsonObject) -> str:
    """A partition by what it is, not by its place among the others, and by no value of the data."""
    water = Water.of(spec)
    return _hash(spec if water is None else {**spec, WATER: [water.column, water.name]})


def fingerprint(
    meta: AssetMeta, reading: Reading, classify: JsonObject, quality: JsonObject, engine: str
) -> str:
    """All that would change the answer while the rows stay the same.

    Suggested checks are left out: they come in when the asset is read whole anyway.
    """
    return _hash(
        [
            meta.kind.value,
            [[each.name, each.type] for each in meta.columns],
            reading.rows_per_partition,
            reading.sample_rows,
            *(["metadata only"] if reading.metadata_only else ()),
            classify,
            sorted(_question(each) for each in _checks(quality) if not _free(each)),
            quality.get("keys"),
            engine,
        ]
    )


def decide(
    listed: Listed,
    kept: KeptAsset | None,
    quality: JsonObject,
    print_: str,
    *,
    now: datetime,
    full: bool,
) -> Decision:
    """Read an asset, a part of it, or nothing. ``listed`` was cut unless it is unchanged."""
    fresh = tuple(
        Part(partition, part_key(partition.spec), marked.marker)
        for partition, marked in ((each.partition, each) for each in listed.parts)
    )
    why = why_whole(kept, print_, now=now, full=full)
    if kept is None or why is not None:
        return Decision(listed, Mode.READ, quality, print_, fresh, reason=_also(why, listed))
    asked = asked_again(kept.quality, quality)
    since = f"{kept.read_at:%Y-%m-%d %H:%M} UTC"
    if listed.unchanged:
        parts = tuple(
            Part(Partition(n, p.spec, p.rows, p.fraction), key, p.marker, carried=True)
            for n, (key, p) in enumerate(kept.parts.items())
        )
        told = f"Nothing changed since it was read on {since}."
        return Decision(listed, Mode.UNCHANGED, asked, print_, parts, kept, told)
    parts = tuple(
        replace(part, carried=marked.unchanged and part.key in kept.parts)
        for part, marked in zip(fresh, listed.parts, strict=True)
    )
    carried = sum(part.carried for part in parts)
    if not carried:
        changed = _also("Its data changed.", listed)
        return Decision(listed, Mode.READ, quality, print_, fresh, reason=changed)
    told = f"{carried:,} of {len(parts):,} parts are unchanged since {since}."
    if listed.high_water is not None:
        told = OF_WATER.format(carried, len(parts), since, listed.high_water)
    mode = Mode.PARTLY if carried < len(parts) else Mode.CARRIED
    return Decision(listed, mode, asked, print_, parts, kept, told)


def _also(reason: str | None, listed: Listed) -> str | None:
    return " ".join(filter(None, (reason, listed.note))) or None


def why_whole(kept: KeptAsset | None, print_: str, *, now: datetime, full: bool) -> str | None:
    """Why an asset that was read before is read whole; None when nothing speaks for it."""
    if full:
        return "Read whole, as asked."
    if kept is None:
        return None
    if kept.fingerprint != print_:
        return "Its columns, its checks or the rules of the scan changed."
    if now - kept.whole_at > WHOLE_EVERY:
        return f"Everything is read whole every {WHOLE_EVERY.days} days."
    return None


def asked_again(before: JsonObject, now: JsonObject) -> JsonObject:
    """The checks that kept states can answer, as they are worded today."""
    old = [dict(each) for each in _checks(before)]
    fresh = {_question(each): dict(each) for each in _checks(now)}
    known = {_question(each) for each in old}
    asked = [fresh.get(_question(each), each) for each in old if each.get("origin") == SUGGESTED]
    asked += [
        each
        for question, each in fresh.items()
        if (question in known or each.get("type") in NEEDS_NO_STATE)
        and all(_question(other) != question for other in asked)
    ]
    return {**now, CHECKS: asked} if now else before


def tied(decisions: Sequence[Decision]) -> Sequence[Decision]:
    """Unchanged assets whose answers depend on the time, or on an asset that is published anew,
    are judged anew on what is kept of them."""
    roots = {each.listed.meta.path: each.listed.meta.path for each in decisions}

    def root(path: tuple[str, ...]) -> tuple[str, ...]:
        while roots[path] != path:
            roots[path] = roots[roots[path]]
            path = roots[path]
        return path

    for each in decisions:
        for other in _referred(each.quality):
            if other in roots:
                roots[root(each.listed.meta.path)] = root(other)
    moving = {
        root(each.listed.meta.path)
        for each in decisions
        if each.mode is not Mode.UNCHANGED or _of_time(each)
    }
    return [
        replace(each, mode=Mode.CARRIED, reason=f"{each.reason} Its checks were judged anew.")
        if each.mode is Mode.UNCHANGED
        and (_of_time(each) or (root(each.listed.meta.path) in moving and _has_ties(each)))
        else each
        for each in decisions
    ]


def to_verify(decisions: Sequence[Decision], share: float, chance: Random) -> Sequence[Decision]:
    """Read a random share of what would be carried, at least one part, to compare it."""
    places = [
        (at, n)
        for at, each in enumerate(decisions)
        for n, part in enumerate(each.parts)
        if part.carried
    ]
    count = min(len(places), max(1, round(len(places) * share)))
    chosen = set(chance.sample(places, count)) if places else set()
    found: list[Decision] = []
    for at, each in enumerate(decisions):
        parts = tuple(
            replace(part, carried=False, verify=True) if (at, n) in chosen else part
            for n, part in enumerate(each.parts)
        )
        if parts == each.parts:
            found.append(each)
        else:
            found.append(replace(each, mode=Mode.PARTLY, parts=parts))
    return found


def _has_ties(decision: Decision) -> bool:
    return bool(decision.quality.get("keys")) or bool(list(_referred(decision.quality)))


def _of_time(decision: Decision) -> bool:
    return any(each.get("type") in OF_TIME for each in _checks(decision.quality))


def _referred(quality: JsonObject) -> Iterable[tuple[str, ...]]:
    for each in _checks(quality):
        if each.get("type") == OF_OTHERS:
            yield tuple(str(name) for name in (each.get("params") or {}).get("path") or ())


def _checks(quality: JsonObject) -> Sequence[Mapping[str, Any]]:
    found = quality.get(CHECKS)
    return [each for each in found if isinstance(each, Mapping)] if _is_list(found) else []  # type: ignore[union-attr]


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple)


def _free(check: Mapping[str, Any]) -> bool:
    """Whether a check is answered without a state of its own, or is only a suggestion."""
    return check.get("origin") == SUGGESTED or check.get("type") in NEEDS_NO_STATE


def _question(check: Mapping[str, Any]) -> str:
    """What is asked, whoever asks and however severe it is."""
    asked = [check.get(name) for name in ("key", "type", "columns", "params")]
    if check.get("type") in NEEDS_NO_STATE:
        asked = asked[:3]
    return json.dumps(asked, sort_keys=True, default=str)


def _hash(body: object) -> str:
    text = json.dumps(body, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
