"""The code of a source becomes lineage: what is to be read, and what came of it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from muniment.catalog.assets.copyfinder import CopyFinder
from muniment.catalog.lineage.model import (
    LOST,
    ROUTINES,
    NamedAsset,
    Names,
    StatementFact,
    edges_of,
    statements_of,
)
from muniment.catalog.lineage.store import Definition, EdgeStore
from muniment.contracts.catalog import LineageBroken, LineageChanged
from muniment.contracts.sources import ChangeKind, SchemaChanged, SourceReader
from muniment.kernel.clock import Clock
from muniment.kernel.events import Outbox
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import JsonObject, JsonValue

_BARE = re.compile(r"[^\W\d]\w*")
_QUOTED = re.compile(r'["`\[]((?:[^"`\]]|"")+)["`\]]')
_PUBLIC = ("public",)


@dataclass(frozen=True, slots=True)
class Deriver:
    """Implements ``contracts.catalog.LineageDeriver``."""

    edges: EdgeStore
    copies: CopyFinder
    sources: SourceReader
    outbox: Outbox
    clock: Clock

    async def statements(self, source: str) -> Sequence[JsonObject]:
        """A job for each view and routine, with the schemas of the tables it may name."""
        dialect = (await self.sources.source(source)).dialect or ""
        definitions = await self.edges.definitions(source)
        assets = await self.edges.named_assets(source)
        columns = await self.edges.columns_of(source)
        by_name: dict[str, list[NamedAsset]] = {}
        for asset in assets:
            by_name.setdefault(asset.called[-1].casefold(), []).append(asset)
        return [_job(definition, dialect, by_name, columns) for definition in definitions]

    async def publish_lineage(
        self, source: str, results: Sequence[JsonObject], *, run_id: UUID
    ) -> int:
        """Replace the edges derived from the source's code; returns how many there are now.

        A definition without a result keeps the edges it had and is counted as failed.
        """
        now = self.clock.now()
        names = Names(source, await self.edges.named_assets(source))
        defined = {definition.ref for definition in await self.edges.definitions(source)}
        edges = [edge for result in results for edge in edges_of(result, names)]
        read = {str(result["job"]) for result in results}
        earlier = set(await self.edges.jobs(source))
        added = await self.edges.put(source, edges, now, run_id=run_id)
        settled = sorted(read | (earlier - defined))
        removed = await self.edges.drop_stale(source, settled, run_id, now)
        await self.edges.mend(source)
        facts = [fact for result in results for fact in statements_of(result)]
        facts += [StatementFact(ref, 0, 1, "unknown", "failed", LOST) for ref in defined - read]
        await self.edges.replace_statements(source, facts, now)
        if added or removed:
            await self.copies.find(source)
            await self.outbox.publish(
                LineageChanged(
                    source=source, edges_added=added, edges_removed=removed, run_id=run_id
                )
            )
        return await self.edges.count(source)

    async def forget_source(self, source: str) -> None:
        """What the source's code said is gone with it; what others made from it is broken."""
        for ref, fed in (await self.edges.break_source(source, self.clock.now())).items():
            await self.outbox.publish(
                LineageBroken(
                    asset=AssetRef.parse(ref),
                    column="*",
                    downstream=tuple(AssetRef.parse(each) for each in fed),
                )
            )
        removed = await self.edges.drop_source(source)
        if removed:
            await self.outbox.publish(
                LineageChanged(source=source, edges_added=0, edges_removed=removed)
            )

    async def on_schema_changed(self, change: SchemaChanged) -> None:
        """Tell where lineage broke: what was made from a column (or asset) that is gone."""
        now = self.clock.now()
        if change.kind is ChangeKind.REMOVED:
            lost: list[str | None] = [None]
        else:
            lost = [c.column for c in change.columns if c.kind is ChangeKind.REMOVED]
        for column in lost:
            fed = await self.edges.break_edges(str(change.asset), column, now)
            if fed:
                await self.outbox.publish(
                    LineageBroken(
                        asset=change.asset,
                        column=column or "*",
                        downstream=tuple(AssetRef.parse(ref) for ref in fed),
                    )
                )


def _job(
    definition: Definition,
    dialect: str,
    by_name: Mapping[str, Sequence[NamedAsset]],
    columns: Mapping[str, Sequence[str]],
) -> JsonObject:
    """One job: only tables whose name occurs in the text go along, so that jobs stay small."""
    named = {
        asset.called: asset
        for word in _words(definition.sql)
        for asset in by_name.get(word, ())
        if asset.ref != definition.ref
    }
    place = definition.path[:-1]
    search = [place] if dialect != "postgres" or place == _PUBLIC else [_PUBLIC, place]
    routine = definition.properties.get("routine") if definition.kind in ROUTINES else None
    schema: list[JsonValue] = [
        {"path": list(path), "columns": list(columns.get(asset.ref, ()))}
        for path, asset in named.items()
    ]
    return {
        "job": definition.ref,
        "kind": definition.kind,
        "sql": definition.sql,
        "dialect": dialect,
        "search": [list(one) for one in search],
        "target": [*place, routine or definition.path[-1]],
        "columns": list(columns.get(definition.ref, ())),
        "language": definition.properties.get("language", ""),
        "schema": schema,
    }


def _words(sql: str) -> Iterator[str]:
    """Every word of a text and everything in quotes: whatever might name a table."""
    for match in _BARE.finditer(sql):
        yield match.group().casefold()
    for match in _QUOTED.finditer(sql):
        yield match.group(1).replace('""', '"').casefold()
