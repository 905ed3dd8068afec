"""The SQL by which a scan brings assets in: a constant number of statements for any batch."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.catalog.assets.copies import Twin
from muniment.catalog.assets.recordset import fields_of, ids, recordset, texts
from muniment.catalog.lineage.model import EdgeKind
from muniment.catalog.tables import ASSET, COLUMN, EDGE, NOW_XID, VERSION
from muniment.kernel.values import AssetKind

MIN_SHARED = 2
STORED_KINDS = (AssetKind.TABLE.value, AssetKind.DATASET.value)

_BROUGHT = (
    "id",
    "ref",
    "source",
    "kind",
    "name",
    "path",
    "parent_ref",
    "domain",
    "owner",
    "comment",
    "rows",
    "size_bytes",
    "columns",
    "definition",
    "properties",
    "keys",
    "public_grants",
    "fingerprint",
    "version",
    "first_seen_at",
    "last_seen_at",
    "updated_at",
)
_KEPT = ("id", "ref", "source", "path", "name", "parent_ref", "first_seen_at")
_COLUMN = (
    "asset_id",
    "name",
    "position",
    "type",
    "nullable",
    "default",
    "comment",
    "is_primary",
    "is_unique",
    "references",
)


@dataclass(frozen=True, slots=True)
class Known:
    """What a registration must know of an asset that is there already."""

    id: UUID
    fingerprint: str
    version: int
    vanished: bool


@dataclass(frozen=True, slots=True)
class StoredTable:
    """``feeds``: code reads it, so it is not abandoned."""

    id: UUID
    path: list[str]
    columns: int
    copy_of: str | None
    feeds: bool


@dataclass(frozen=True, slots=True)
class AssetStore:
    session: AsyncSession

    async def known(self, refs: Sequence[str]) -> Mapping[str, Known]:
        rows = await self.session.execute(
            sa.select(
                ASSET.c.ref, ASSET.c.id, ASSET.c.fingerprint, ASSET.c.version, ASSET.c.vanished_at
            )
            .where(ASSET.c.ref.in_(texts(refs)))
            .with_for_update()
        )
        return {ref: Known(id_, print_, n, gone is not None) for ref, id_, print_, n, gone in rows}

    async def last_documents(self, asset_ids: Sequence[UUID]) -> Mapping[UUID, dict[str, Any]]:
        """The document of the latest version of each asset."""
        rows = await self.session.execute(
            sa.select(VERSION.c.asset_id, VERSION.c.document)
            .join(
                ASSET, (ASSET.c.id == VERSION.c.asset_id) & (ASSET.c.version == VERSION.c.version)
            )
            .where(ASSET.c.id.in_(ids(asset_ids)))
        )
        return {row.asset_id: row.document for row in rows}

    async def bring(self, assets: Sequence[Mapping[str, Any]]) -> None:
        """Insert new assets and overwrite changed ones; what people set stays."""
        if not assets:
            return
        given = recordset(assets, "given", fields_of(ASSET, *_BROUGHT))
        statement = insert(ASSET).from_select(list(_BROUGHT), sa.select(*given.c))
        new = statement.excluded
        overwritten: dict[str, Any] = {name: new[name] for name in _BROUGHT if name not in _KEPT}
        overwritten |= {
            "domain": _unless_annotated("domain", new["domain"]),
            "owner": _unless_annotated("owner", new["owner"]),
            "rows": _unless_profiled(new["rows"]),
            "vanished_at": sa.null(),
            "changed_xid": NOW_XID,
        }
        await self.session.execute(
            statement.on_conflict_do_update(index_elements=[ASSET.c.ref], set_=overwritten)
        )

    async def see_again(self, assets: Sequence[Mapping[str, Any]], now: datetime) -> None:
        """Unchanged assets: they were seen, with new estimates, and may have a new domain."""
        if not assets:
            return
        given = recordset(
            assets, "given", fields_of(ASSET, "ref", "rows", "size_bytes", "domain", "owner")
        )
        domain = _unless_annotated("domain", given.c.domain)
        owner = _unless_annotated("owner", given.c.owner)
        rows = _unless_profiled(given.c.rows)
        differs = sa.or_(
            ASSET.c.domain.is_distinct_from(domain),
            ASSET.c.owner.is_distinct_from(owner),
            ASSET.c.rows.is_distinct_from(rows),
        )
        await self.session.execute(
            sa.update(ASSET)
            .where(ASSET.c.ref == given.c.ref)
            .values(
                last_seen_at=now,
                rows=rows,
                size_bytes=given.c.size_bytes,
                domain=domain,
                owner=owner,
                changed_xid=sa.case((differs, NOW_XID), else_=ASSET.c.changed_xid),
            )
        )

    async def replace_columns(
        self, asset_ids: Sequence[UUID], columns: Sequence[Mapping[str, Any]]
    ) -> None:
        """The columns of the assets become exactly the given ones; descriptions and labels stay."""
        if not asset_ids:
            return
        given = recordset(columns, "given", fields_of(COLUMN, *_COLUMN))
        same = (given.c.asset_id == COLUMN.c.asset_id) & (given.c.name == COLUMN.c.name)
        await self.session.execute(
            sa.delete(COLUMN).where(
                COLUMN.c.asset_id.in_(ids(asset_ids)),
                ~sa.select(sa.literal(1)).select_from(given).where(same).exists(),
            )
        )
        if not columns:
            return
        statement = insert(COLUMN).from_select(list(_COLUMN), sa.select(*given.c))
        overwritten: dict[str, Any] = {
            name: statement.excluded[name] for name in _COLUMN if name not in ("asset_id", "name")
        }
        await self.session.execute(
            statement.on_conflict_do_update(
                index_elements=[COLUMN.c.asset_id, COLUMN.c.name], set_=overwritten
            )
        )

    async def add_versions(self, versions: Sequence[Mapping[str, Any]]) -> None:
        """Append to the histories; a version that is there already stays as it is."""
        if not versions:
            return
        fields = fields_of(
            VERSION, "asset_id", "version", "at", "changed", "document", "actor", "run_id"
        )
        given = recordset(versions, "given", fields)
        statement = insert(VERSION).from_select(list(fields), sa.select(*given.c))
        await self.session.execute(statement.on_conflict_do_nothing())

    async def vanish(self, condition: sa.ColumnElement[bool], now: datetime) -> Sequence[str]:
        """Mark assets as gone; returns the refs of those that were still there."""
        rows = await self.session.scalars(
            sa.update(ASSET)
            .where(condition, ASSET.c.vanished_at.is_(None))
            .values(vanished_at=now, updated_at=now, changed_xid=NOW_XID)
            .returning(ASSET.c.ref)
        )
        return sorted(rows)

    async def vanish_refs(self, refs: Sequence[str], now: datetime) -> Sequence[str]:
        return await self.vanish(ASSET.c.ref.in_(texts(refs)), now) if refs else []

    async def vanish_source(self, source: str, now: datetime) -> Sequence[str]:
        return await self.vanish(ASSET.c.source == source, now)

    async def adopt(self, source: str, domain: str | None, owner: str | None) -> None:
        """A source's new domain and owner reach all its assets, except where a person said so."""
        await self.session.execute(
            sa.update(ASSET)
            .where(ASSET.c.source == source)
            .values(
                domain=_unless_annotated("domain", sa.literal(domain, sa.Text())),
                owner=_unless_annotated("owner", sa.literal(owner, sa.Text())),
                changed_xid=NOW_XID,
            )
        )

    async def stored_tables(self, source: str) -> Sequence[StoredTable]:
        """Every stored table of a source, with what matters for finding abandoned copies."""
        feeds = sa.exists().where(
            EDGE.c.from_ref == ASSET.c.ref, EDGE.c.kind == EdgeKind.FLOW.value
        )
        rows = await self.session.execute(
            sa.select(ASSET.c.id, ASSET.c.path, ASSET.c.columns, ASSET.c.copy_of, feeds).where(
                ASSET.c.source == source,
                ASSET.c.kind.in_(STORED_KINDS),
                ASSET.c.vanished_at.is_(None),
            )
        )
        return [StoredTable(*row) for row in rows]

    async def twins(self, suspects: Sequence[UUID]) -> Mapping[UUID, list[tuple[list[str], Twin]]]:
        """Tables of the estate that share columns, by name and type, with each suspect.

        Counted here and not in the database: right after a first scan the planner knows nothing
        of the table's size, and joins it with itself row by row.
        """
        name = sa.func.lower(COLUMN.c.name)
        owners: dict[tuple[str, str], list[UUID]] = {}
        for id_, column, type_ in await self.session.execute(
            sa.select(COLUMN.c.asset_id, name, COLUMN.c.type).where(
                COLUMN.c.asset_id.in_(ids(suspects))
            )
        ):
            owners.setdefault((column, type_), []).append(id_)
        names = sa.literal(sorted({column for column, _ in owners}), sa.ARRAY(sa.Text()))
        rows = await self.session.execute(
            sa.select(
                ASSET.c.id,
                ASSET.c.ref,
                ASSET.c.path,
                ASSET.c.columns,
                sa.func.array_agg(name),
                sa.func.array_agg(COLUMN.c.type),
            )
            .join(COLUMN, COLUMN.c.asset_id == ASSET.c.id)
            .where(
                name == sa.any_(names),
                ASSET.c.kind.in_(STORED_KINDS),
                ASSET.c.vanished_at.is_(None),
            )
            .group_by(ASSET.c.id)
            .having(sa.func.count() >= MIN_SHARED)
        )
        found: dict[UUID, list[tuple[list[str], Twin]]] = {}
        for id_, ref, path, columns, shared, types in rows:
            counts = Counter(
                owner
                for column in zip(shared, types, strict=True)
                for owner in owners.get(column, ())
            )
            for suspect, count in counts.items():
                if suspect != id_ and count >= MIN_SHARED:
                    twin = Twin(ref, path[-1], "/".join(path[:-1]), count, columns)
                    found.setdefault(suspect, []).append((path, twin))
        return found

    async def set_copies(self, copies: Mapping[UUID, str | None]) -> None:
        if not copies:
            return
        given = recordset(
            [{"id": str(id_), "copy_of": ref} for id_, ref in copies.items()],
            "given",
            fields_of(ASSET, "id", "copy_of"),
        )
        await self.session.execute(
            sa.update(ASSET)
            .where(ASSET.c.id == given.c.id)
            .values(copy_of=given.c.copy_of, changed_xid=NOW_XID)
        )


def _unless_annotated(field: str, value: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    said = sa.literal(field) == sa.any_(ASSET.c.annotated)
    return sa.case((said, ASSET.c[field]), else_=value)


def _unless_profiled(rows: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """An estimate never replaces a count."""
    return sa.case((ASSET.c.last_scanned_at.is_not(None), ASSET.c.rows), else_=rows)
