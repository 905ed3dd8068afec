"""Assets of which, as people declared, only rows above a high-water mark are new.

What was read before is counted at the source, part by part: rows that came late, went, or moved
above the mark change a count, and that part is read again. What no count can show is a row that
was changed in place while its column stayed as it was.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from secrets import token_hex

from muniment.contracts.connectors import AssetMeta, Partition
from muniment.contracts.markers import WATER, KnownPart, MarkedPart, ReadsAbove, Water
from muniment.contracts.reading import Connector
from muniment.kernel.errors import Cancelled, Invalid, SourceError
from muniment.kernel.values import AssetKind, JsonObject
from muniment.scans.jobs import DiscoverJob

NO_MARKS = "This kind of source cannot be read above a mark; everything is read."
COUNTED = "counted"
"""The marker of a part that is counted: nothing but its rows is compared."""
LARGEST = 4
"""What is new is read as one part while it is worth at most so many usual ones."""


@dataclass(frozen=True, slots=True)
class Told:
    """Parts of an asset with their marks, or why there are none."""

    column: str | None = None
    marks: tuple[MarkedPart, ...] = ()
    note: str | None = None


def told(
    connector: Connector,
    asset: AssetMeta,
    job: DiscoverJob,
    fresh: Sequence[Partition],
    known: Sequence[KnownPart],
) -> Told:
    """What was declared for an asset, and what came of it. Any trouble means: read everything."""
    path = ".".join(asset.path)
    named = [column for pattern, column in job.high_water if fnmatchcase(path, pattern)]
    whole = all(each.fraction == 1.0 for each in fresh)
    if not named or not fresh or not whole or asset.kind is AssetKind.VIEW:
        return Told()
    if not isinstance(connector, ReadsAbove):
        return Told(note=NO_MARKS)
    most = job.reading.rows_per_partition
    try:
        marks = settle(connector, asset, named[-1], fresh, known, most)
    except Cancelled:
        raise
    except (SourceError, Invalid) as error:
        return Told(note=f"{error.message} Everything is read.")
    return Told(named[-1], tuple(marks))


def settle(
    connector: ReadsAbove,
    asset: AssetMeta,
    column: str,
    fresh: Sequence[Partition],
    known: Sequence[KnownPart],
    most: int,
) -> Sequence[MarkedPart]:
    """Keep known parts with as many rows as before, and read what is above the last of them.

    ``most`` is the usual number of rows in a partition.
    """
    cuts: defaultdict[str, list[Partition]] = defaultdict(list)
    for partition in fresh:
        cuts[_whole(connector, partition.spec)].append(partition)
    before: defaultdict[str, list[KnownPart]] = defaultdict(list)
    for part in known:
        water = Water.of(part.spec)
        if water is not None and water.column == column:
            before[_whole(connector, part.spec)].append(part)
    found: list[MarkedPart] = []
    for whole, cut in cuts.items():
        found += _settle(connector, asset, column, cut, before[whole], most)
    return [
        replace(each, partition=replace(each.partition, index=index))
        for index, each in enumerate(found)
    ]


def _settle(
    connector: ReadsAbove,
    asset: AssetMeta,
    column: str,
    fresh: Sequence[Partition],
    known: Sequence[KnownPart],
    most: int,
) -> list[MarkedPart]:
    """Of one relation."""
    whole = connector.uncut(fresh[0].spec)
    highest = connector.highest(asset, whole, column)
    if highest is None:
        return [MarkedPart(partition) for partition in fresh]
    first = Water(column, highest, None, token_hex(8))
    last = _last(known)
    if last is None:
        return _first(fresh, first)
    growth = replace(first, above=last)
    rows = connector.count(asset, growth.narrowing(whole))
    if rows > most * LARGEST:
        return _first(fresh, first)
    kept = list(known)
    for part in _latest(known) if rows else ():
        if part.rows > rows or rows + part.rows > most:
            break
        # Small parts are read again together with what is new, so that there are never many.
        rows += part.rows
        kept.remove(part)
        growth = replace(growth, above=_water(part).above)
    marked = [
        MarkedPart(
            Partition(0, part.spec, part.rows),
            COUNTED,
            unchanged=connector.count(asset, part.spec) == part.rows,
        )
        for part in kept
    ]
    if rows:
        marked.append(MarkedPart(Partition(0, growth.narrowing(whole), rows), COUNTED))
    return marked


def _first(fresh: Sequence[Partition], water: Water) -> list[MarkedPart]:
    return [MarkedPart(replace(each, spec=water.narrowing(each.spec)), COUNTED) for each in fresh]


def _whole(connector: ReadsAbove, spec: JsonObject) -> str:
    plain = {name: value for name, value in spec.items() if name != WATER}
    return json.dumps(connector.uncut(plain), sort_keys=True)


def _last(known: Sequence[KnownPart]) -> str | None:
    """The end of the chain of parts; None where they make none."""
    waters = [_water(part) for part in known]
    ends = {water.upto for water in waters} - {water.above for water in waters}
    return ends.pop() if len(ends) == 1 else None


def _latest(known: Sequence[KnownPart]) -> Sequence[KnownPart]:
    """Parts that were added, the last first."""
    by_end = {_water(part).upto: part for part in known if _water(part).above is not None}
    found: list[KnownPart] = []
    end = _last(known)
    while end is not None and end in by_end:
        found.append(by_end.pop(end))
        end = _water(found[-1]).above
    return found


def _water(part: KnownPart) -> Water:
    water = Water.of(part.spec)
    if water is None:
        raise ValueError("A part without a high-water mark was taken for one that has it.")
    return water
