"""What a scan discovered becomes assets: new, changed, seen again or gone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from muniment.catalog.assets.copyfinder import CopyFinder
from muniment.catalog.assets.documents import UNSAID, changed_fields, fingerprint_of, structure_of
from muniment.catalog.assets.store import AssetStore, Known
from muniment.contracts.catalog import AssetPublished, AssetVanished
from muniment.contracts.connectors import AssetMeta, KeyKind
from muniment.kernel.clock import Clock
from muniment.kernel.events import Event, Outbox
from muniment.kernel.ids import new_id
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import AssetKind

BATCH = 1000
EVERYONE = "PUBLIC"
LONGEST_NAME = 600
"""Longer column names (of broken files) do not fit an index and are cut."""


@dataclass(slots=True)
class _Batch:
    """One batch on its way into the database."""

    source: str
    domain: str | None
    owner: str | None
    run_id: UUID
    now: datetime
    assets: list[dict[str, Any]] = field(default_factory=list)
    seen: list[dict[str, Any]] = field(default_factory=list)
    columns: list[dict[str, Any]] = field(default_factory=list)
    versions: list[dict[str, Any]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Registrar:
    """Implements ``contracts.catalog.CatalogRegistrar``. Safe to repeat for one run."""

    store: AssetStore
    outbox: Outbox
    clock: Clock

    async def register(
        self,
        source: str,
        domain: str | None,
        owner: str | None,
        assets: Sequence[AssetMeta],
        vanished: Sequence[AssetRef],
        *,
        run_id: UUID,
    ) -> None:
        """Bring discovered metadata into the catalogue; a new version where it differs."""
        changed = False
        for start in range(0, len(assets), BATCH):
            batch = _Batch(source, domain, owner, run_id, self.clock.now())
            await self._register_batch(batch, assets[start : start + BATCH])
            changed |= bool(batch.assets)
        await self._vanish(vanished, run_id)
        if changed:
            await CopyFinder(self.store).find(source)

    async def _register_batch(self, batch: _Batch, metas: Sequence[AssetMeta]) -> None:
        refs = {str(AssetRef(batch.source, meta.path)): meta for meta in metas}
        structures = {ref: structure_of(meta) for ref, meta in refs.items()}
        known = await self.store.known(list(refs))
        prints = {ref: fingerprint_of(structure) for ref, structure in structures.items()}
        moved = [ref for ref in refs if _differs(known.get(ref), prints[ref])]
        documents = await self.store.last_documents([known[r].id for r in moved if r in known])
        for ref, meta in refs.items():
            if ref not in moved:
                batch.seen.append(_seen(batch, ref, meta))
                continue
            old = known.get(ref)
            before = documents.get(old.id) if old is not None else None
            _take(batch, ref, meta, structures[ref], prints[ref], old, before)
        await self.store.bring(batch.assets)
        await self.store.replace_columns([UUID(a["id"]) for a in batch.assets], batch.columns)
        await self.store.add_versions(batch.versions)
        await self.store.see_again(batch.seen, batch.now)
        await self.outbox.publish(*batch.events)

    async def _vanish(self, vanished: Sequence[AssetRef], run_id: UUID | None) -> None:
        gone = await self.store.vanish_refs([str(ref) for ref in vanished], self.clock.now())
        await self.outbox.publish(
            *(AssetVanished(asset=AssetRef.parse(ref), run_id=run_id) for ref in gone)
        )

    async def remove_source(self, source: str) -> None:
        """All assets of a source are gone with it; their history stays."""
        gone = await self.store.vanish_source(source, self.clock.now())
        await self.outbox.publish(*(AssetVanished(asset=AssetRef.parse(ref)) for ref in gone))


def _differs(known: Known | None, fingerprint: str) -> bool:
    return known is None or known.vanished or known.fingerprint != fingerprint


def _seen(batch: _Batch, ref: str, meta: AssetMeta) -> dict[str, Any]:
    return {
        "ref": ref,
        "rows": meta.row_estimate,
        "size_bytes": meta.size_bytes,
        "domain": batch.domain,
        "owner": batch.owner,
    }


def _take(
    batch: _Batch,
    ref: str,
    meta: AssetMeta,
    structure: dict[str, Any],
    fingerprint: str,
    old: Known | None,
    before: Mapping[str, Any] | None,
) -> None:
    """Add a new, changed or re-appeared asset to the batch."""
    asset = AssetRef(batch.source, meta.path)
    id_ = old.id if old is not None else new_id()
    version = old.version + 1 if old is not None else 1
    said = {**UNSAID, "domain": batch.domain, "owner": batch.owner}
    said |= {key: value for key, value in (before or {}).items() if key not in structure}
    document = {**structure, **said}
    changed = changed_fields(before, document)
    if old is not None and old.vanished:
        changed = ("reappeared", *changed)
    moment = batch.now.isoformat()
    batch.assets.append(
        {
            "id": str(id_),
            "ref": ref,
            "source": batch.source,
            "kind": meta.kind.value,
            "name": asset.name,
            "path": list(meta.path),
            "parent_ref": str(asset.parent),
            "domain": batch.domain,
            "owner": batch.owner,
            "comment": meta.comment,
            "rows": meta.row_estimate,
            "size_bytes": meta.size_bytes,
            "columns": len(meta.columns),
            "definition": meta.definition,
            "properties": structure["properties"],
            "keys": structure["keys"],
            "public_grants": sorted(
                {grant.privilege for grant in meta.grants if grant.grantee.upper() == EVERYONE}
            ),
            "fingerprint": fingerprint,
            "version": version,
            "first_seen_at": moment,
            "last_seen_at": moment,
            "updated_at": moment,
        }
    )
    batch.columns.extend(_columns(batch.source, str(id_), meta))
    batch.versions.append(
        {
            "asset_id": str(id_),
            "version": version,
            "at": moment,
            "changed": list(changed),
            "document": document,
            "actor": "scan",
            "run_id": str(batch.run_id),
        }
    )
    batch.events.append(
        AssetPublished(
            asset_id=id_,
            asset=asset,
            kind=AssetKind(meta.kind),
            version=version,
            changed=changed,
            run_id=batch.run_id,
        )
    )


def _columns(source: str, asset_id: str, meta: AssetMeta) -> list[dict[str, Any]]:
    primary = {c for key in meta.keys if key.kind is KeyKind.PRIMARY for c in key.columns}
    unique = {
        key.columns[0]
        for key in meta.keys
        if len(key.columns) == 1 and key.kind in (KeyKind.PRIMARY, KeyKind.UNIQUE)
    }
    foreign = {
        column: str(AssetRef(source, (*key.references, referenced)))
        for key in meta.keys
        if key.kind is KeyKind.FOREIGN
        for column, referenced in zip(key.columns, key.referenced_columns, strict=False)
    }
    seen: dict[str, dict[str, Any]] = {}
    for position, column in enumerate(meta.columns, 1):
        seen.setdefault(
            column.name[:LONGEST_NAME],
            {
                "asset_id": asset_id,
                "name": column.name[:LONGEST_NAME],
                "position": position,
                "type": column.type,
                "nullable": column.nullable,
                "default": column.default,
                "comment": column.comment,
                "is_primary": column.name in primary,
                "is_unique": column.name in unique,
                "references": foreign.get(column.name),
            },
        )
    return list(seen.values())
