"""Finds abandoned copies among the tables of a source, once its tables or its code changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from muniment.catalog.assets.copies import copied_from, is_suspect
from muniment.catalog.assets.store import AssetStore


@dataclass(frozen=True, slots=True)
class CopyFinder:
    store: AssetStore

    async def find(self, source: str) -> None:
        """Set ``copy_of`` of every table of the source as it is now."""
        stored = await self.store.stored_tables(source)
        suspects = [table for table in stored if is_suspect(table.path) and not table.feeds]
        twins = await self.store.twins([table.id for table in suspects]) if suspects else {}
        now = {
            table.id: copied_from(
                table.path,
                table.columns,
                (t for path, t in twins.get(table.id, ()) if _may_be_original(table.path, path)),
            )
            for table in suspects
        }
        await self.store.set_copies(
            {table.id: now.get(table.id) for table in stored if now.get(table.id) != table.copy_of}
        )


def _may_be_original(suspect: Sequence[str], other: Sequence[str]) -> bool:
    return not is_suspect(other) and list(other) != list(suspect)
