"""Schema snapshots: keep what a scan discovered, tell what changed, read the history."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from muniment.contracts.connectors import AssetMeta
from muniment.contracts.sources import ChangeKind, ColumnChange, SchemaChanged, SnapshotDiff
from muniment.kernel.clock import Clock
from muniment.kernel.errors import NotFound
from muniment.kernel.events import Outbox
from muniment.kernel.ids import new_id
from muniment.kernel.refs import AssetRef
from muniment.platform.paging import Page, PageQuery
from muniment.platform.policy import EVERYTHING, Visibility
from muniment.sources.model import (
    SourceRecord,
    aspects_changed,
    column_changes,
    is_blind,
    packed,
    schema_of,
    unpacked,
)
from muniment.sources.repository.snapshots import SnapshotRepository
from muniment.sources.service.sources import SourceService
from muniment.sources.tables import SchemaChangeRecord, Snapshot


@dataclass(frozen=True, slots=True)
class Change:
    """An asset that differs from what it was, and how."""

    asset: AssetRef
    kind: ChangeKind
    columns: tuple[ColumnChange, ...] = ()
    aspects: tuple[str, ...] = ()

    @property
    def breaking(self) -> bool:
        return self.kind is ChangeKind.REMOVED or any(c.breaking for c in self.columns)


@dataclass(frozen=True, slots=True)
class SnapshotService:
    """Implements ``contracts.sources.SnapshotKeeper``."""

    repository: SnapshotRepository
    sources: SourceService
    outbox: Outbox
    clock: Clock

    async def record(
        self, name: str, assets: Sequence[AssetMeta], *, run_id: UUID | None, complete: bool
    ) -> SnapshotDiff:
        source = await self.sources.get(name)
        await self.repository.lock(source.id)
        if run_id is not None:
            known = await self.repository.of_run(source.id, run_id)
            if known is not None:
                return await self._told(source, known)
        number = await self.repository.last_number(source.id) + 1
        # Fingerprints of 100,000 assets take seconds of CPU: not on the event loop.
        found = await asyncio.to_thread(_fingerprints, name, assets)
        hashes = {path: item[1] for path, item in found.items()}
        difference = await self.repository.compare(source.id, hashes)
        differing = {
            path: body
            for path, body in difference.differing.items()
            if body is None or not is_blind(found[path][0])
        }
        gone = difference.gone if complete else ()
        changes = [
            *_changes(differing, found),
            *(Change(AssetRef.parse(path), ChangeKind.REMOVED) for path in gone),
        ]
        first = number == 1
        diff = _diff(new_id(), changes, len(found), first=first)
        await self._write(source, diff, changes, found, number, run_id, complete=complete)
        if not first:
            await self.outbox.publish(
                *(
                    SchemaChanged(
                        asset=change.asset, kind=change.kind, columns=change.columns, run_id=run_id
                    )
                    for change in changes
                )
            )
        return diff

    async def _write(
        self,
        source: SourceRecord,
        diff: SnapshotDiff,
        changes: Sequence[Change],
        found: "Found",
        number: int,
        run_id: UUID | None,
        *,
        complete: bool,
    ) -> None:
        now = self.clock.now()
        await self.repository.add(
            {
                "id": diff.snapshot_id,
                "source_id": source.id,
                "number": number,
                "run_id": run_id,
                "taken_at": now,
                "complete": complete,
                "first": diff.first,
                "assets": len(found),
                "added": len(diff.added),
                "changed": len(diff.changed),
                "removed": len(diff.removed),
            }
        )
        ended = [str(c.asset) for c in changes if c.kind is not ChangeKind.ADDED]
        await self.repository.end(source.id, ended, number)
        begun = [str(c.asset) for c in changes if c.kind is not ChangeKind.REMOVED]
        await self.repository.begin(
            source.id,
            [(path, found[path][0].kind.value, *found[path][1:]) for path in begun],
            number,
        )
        if not diff.first:
            await self.repository.add_changes(
                [
                    {
                        "id": new_id(),
                        "source_id": source.id,
                        "snapshot_id": diff.snapshot_id,
                        "run_id": run_id,
                        "asset": str(change.asset),
                        "kind": change.kind.value,
                        "breaking": change.breaking,
                        "aspects": list(change.aspects),
                        "columns": [_column_json(column) for column in change.columns],
                        "found_at": now,
                    }
                    for change in changes
                ]
            )

    async def _told(self, source: SourceRecord, known: Snapshot) -> SnapshotDiff:
        """The same answer again, for a step that is repeated."""
        if known.first:
            paths = await self.repository.paths_since(source.id, known.number)
            changes = [Change(AssetRef.parse(path), ChangeKind.ADDED) for path in paths]
        else:
            rows = await self.repository.changes_of(known.id)
            changes = [Change(AssetRef.parse(row.asset), ChangeKind(row.kind)) for row in rows]
        return _diff(known.id, changes, known.assets, first=known.first)

    async def page(
        self, name: str, query: PageQuery, seen: Visibility = EVERYTHING
    ) -> Page[Snapshot]:
        """Snapshots of a source, the newest first."""
        source = await self.sources.get(name, seen)
        return await self.repository.page(source.id, query)

    async def changes(
        self,
        query: PageQuery,
        seen: Visibility = EVERYTHING,
        *,
        source: str | None = None,
        asset: str | None = None,
        breaking: bool | None = None,
    ) -> Page[SchemaChangeRecord]:
        """Schema changes of one source, of one asset or of all that is seen, the newest first."""
        return await self.repository.changes(
            seen, query, source=source, asset=asset, breaking=breaking
        )

    async def compare(
        self, name: str, before: int, after: int, seen: Visibility = EVERYTHING
    ) -> Sequence[Change]:
        """What lies between any two snapshots of a source, by their numbers."""
        source = await self.sources.get(name, seen)
        last = await self.repository.last_number(source.id)
        for number in (before, after):
            if not 1 <= number <= last:
                raise NotFound(f"The source '{name}' has no snapshot number {number}.")
        old = await self.repository.bodies_at(source.id, before)
        new = await self.repository.bodies_at(source.id, after)
        differing = {path: old.get(path) for path, body in new.items() if old.get(path) != body}
        found: Found = {path: (unpacked(new[path]), b"", new[path]) for path in differing}
        gone = [Change(AssetRef.parse(p), ChangeKind.REMOVED) for p in sorted(old.keys() - new)]
        return [*_changes(differing, found), *gone]

    async def known_paths(
        self, name: str, seen: Visibility = EVERYTHING
    ) -> Sequence[tuple[AssetRef, str]]:
        """Every asset of the newest snapshot with its kind; empty before the first scan."""
        source = await self.sources.get(name, seen)
        found = await self.repository.current_paths(source.id)
        return [(AssetRef.parse(path), kind) for path, kind in found]


Found = dict[str, tuple[AssetMeta, bytes, bytes]]
"""Text of the ref to the metadata, its fingerprint and its compressed form."""


def _fingerprints(source: str, assets: Sequence[AssetMeta]) -> Found:
    return {
        str(AssetRef(source, asset.path)): (asset, *packed(schema_of(asset))) for asset in assets
    }


def _changes(differing: Mapping[str, bytes | None], found: Found) -> Sequence[Change]:
    return [
        _change(AssetRef.parse(path), body, found[path][0])
        for path, body in sorted(differing.items(), key=lambda item: item[0])
    ]


def _change(asset: AssetRef, before: bytes | None, after: AssetMeta) -> Change:
    if before is None:
        return Change(asset, ChangeKind.ADDED)
    old = unpacked(before)
    return Change(
        asset, ChangeKind.CHANGED, column_changes(old, after), aspects_changed(old, after)
    )


def _diff(snapshot_id: UUID, changes: Sequence[Change], found: int, *, first: bool) -> SnapshotDiff:
    def of(kind: ChangeKind) -> tuple[AssetRef, ...]:
        return tuple(change.asset for change in changes if change.kind is kind)

    added, changed = of(ChangeKind.ADDED), of(ChangeKind.CHANGED)
    return SnapshotDiff(
        snapshot_id=snapshot_id,
        first=first,
        added=added,
        changed=changed,
        removed=of(ChangeKind.REMOVED),
        unchanged=found - len(added) - len(changed),
    )


def _column_json(change: ColumnChange) -> dict[str, Any]:
    return {**asdict(change), "kind": change.kind.value}
