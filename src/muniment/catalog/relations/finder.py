"""Finds how what a scan read relates to the whole estate, in blocks that workers compare."""

from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from uuid import UUID

from muniment.catalog.relations.model import (
    Join,
    RelationsResult,
    Twins,
    join_of,
    twins_of,
)
from muniment.catalog.relations.repository import RelationRepository
from muniment.contracts.catalog import RelationBlocks
from muniment.kernel.clock import Clock
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import JsonObject

BLOCK: Final = 2_000
"""Columns of a block: about 11 MB with their values; more only where one table has more."""


@dataclass(frozen=True, slots=True)
class RelationFinder:
    """Implements ``contracts.catalog.RelationFinder``."""

    relations: RelationRepository
    clock: Clock

    async def keep(self, asset: AssetRef, told: JsonObject, *, run_id: UUID) -> None:
        """Store what the ``relations`` analyzer said of an asset."""
        result = RelationsResult.from_json(told)
        await self.relations.keep(
            str(asset),
            run_id,
            [
                {
                    "column": one.column,
                    "kind": one.kind,
                    "level": one.level,
                    "at": list(one.at),
                    "repeated": one.repeated,
                    "nulls": one.nulls,
                    "whole": not result.sampled,
                    "hash": one.hash,
                    "values": b64decode(one.values),
                }
                for one in result.sketches
            ],
        )

    async def relation_blocks(self, *, run_id: UUID) -> Sequence[RelationBlocks]:
        """Which blocks are to be compared after a run; none where it brought nothing new."""
        widths = await self.relations.widths()
        fresh = {asset for asset, run, _ in widths if run == run_id}
        new = list(_blocks([(a, n) for a, _, n in widths if a in fresh]))
        old = list(_blocks([(a, n) for a, _, n in widths if a not in fresh]))
        pairs = [RelationBlocks(block, other) for block in new for other in (*new, *old)]
        return [*pairs, *(RelationBlocks(other, block) for other in old for block in new)]

    async def relation_job(self, blocks: RelationBlocks) -> JsonObject:
        """Two blocks with all that is needed to compare them."""
        columns = await self.relations.columns([*blocks.block, *blocks.others])
        block, others = frozenset(blocks.block), frozenset(blocks.others)
        return {
            "block": [one.to_json() for one in columns if one.asset in block],
            "others": [one.to_json() for one in columns if one.asset in others],
        }

    async def publish_relations(self, results: Sequence[JsonObject], *, run_id: UUID) -> int:
        """Store what was found of the run's assets; returns the number of likely references."""
        gone = await self.relations.forget_gone()
        widths = await self.relations.widths()
        fresh = [asset for asset, run, _ in widths if run == run_id]
        joins = _once(join_of(one) for told in results for one in _objects(told, "joins"))
        twins = _once(twins_of(one) for told in results for one in _objects(told, "twins"))
        await self.relations.replace([*fresh, *gone], joins, twins, self.clock.now())
        return sum(1 for one in joins if one.likely)


def _blocks(widths: Sequence[tuple[str, int]]) -> Iterator[tuple[str, ...]]:
    """Assets together up to a block's columns; one table is never cut."""
    block: list[str] = []
    columns = 0
    for asset, width in widths:
        if block and columns + width > BLOCK:
            yield tuple(block)
            block, columns = [], 0
        block.append(asset)
        columns += width
    if block:
        yield tuple(block)


def _objects(told: JsonObject, name: str) -> Sequence[Mapping[str, Any]]:
    found = told.get(name, ())
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


_P = TypeVar("_P", Join, Twins)


def _once(found: Iterable[_P]) -> Sequence[_P]:
    """Each pair of columns or tables once; the first telling counts."""
    kept: dict[tuple[str, ...], _P] = {}
    for one in found:
        kept.setdefault(one.pair, one)
    return list(kept.values())
