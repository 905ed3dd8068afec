"""Sources and their sealed credentials."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.contracts.sources import Health
from muniment.platform.paging import Page, PageQuery, page_by
from muniment.platform.policy import Visibility
from muniment.platform.vault import SealedSecret
from muniment.sources.model import SourceRecord
from muniment.sources.tables import Credential, Source


class SourceRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def by_name(self, name: str) -> SourceRecord | None:
        found = (await self._session.execute(_known().where(Source.name == name))).one_or_none()
        return None if found is None else _record(found[0], found[1])

    async def all(self) -> Sequence[SourceRecord]:
        found = await self._session.execute(_known().order_by(Source.name))
        return [_record(source, credential) for source, credential in found]

    async def page(
        self, seen: Visibility, query: PageQuery, *, kind: str | None, health: str | None
    ) -> Page[SourceRecord]:
        statement = cast("sa.Select[Any]", _known().where(seen.clause(Source.domain)))
        if kind is not None:
            statement = statement.where(Source.kind == kind)
        if health is not None:
            statement = statement.where(Source.health == health)
        page = await page_by(self._session, statement, Source.name, query=query, with_total=True)
        return page.map(lambda row: _record(row[0], row[1]))

    async def add_once(self, values: Mapping[str, Any]) -> bool:
        """Insert unless the name is taken; the unique key decides."""
        statement = insert(Source).values(**values).on_conflict_do_nothing().returning(Source.id)
        return await self._session.scalar(statement) is not None

    async def change(
        self, source_id: UUID, values: Mapping[str, Any], *, expected: int | None
    ) -> bool:
        """Change columns when the version is still the expected one; False when it is not."""
        statement = (
            sa.update(Source)
            .where(Source.id == source_id)
            .values(**values, version=Source.version + 1)
            .returning(Source.id)
        )
        if expected is not None:
            statement = statement.where(Source.version == expected)
        return await self._session.scalar(statement) is not None

    async def remove(self, source_id: UUID, *, expected: int | None) -> bool:
        statement = sa.delete(Source).where(Source.id == source_id).returning(Source.id)
        if expected is not None:
            statement = statement.where(Source.version == expected)
        return await self._session.scalar(statement) is not None

    async def credential(self, source_id: UUID) -> tuple[int, SealedSecret] | None:
        found = await self._session.execute(
            sa.select(Credential.version, Credential.sealed).where(
                Credential.source_id == source_id
            )
        )
        row = found.one_or_none()
        return None if row is None else (row[0], SealedSecret.model_validate(row[1]))

    async def store_credential(
        self,
        source_id: UUID,
        version: int,
        sealed: SealedSecret,
        fields: Sequence[str],
        by: str,
        at: datetime,
    ) -> None:
        values = {
            "version": version,
            "sealed": sealed.model_dump(),
            "fields": list(fields),
            "stored_at": at,
            "stored_by": by,
        }
        statement = insert(Credential).values(source_id=source_id, **values)
        await self._session.execute(
            statement.on_conflict_do_update(index_elements=[Credential.source_id], set_=values)
        )

    async def drop_credential(self, source_id: UUID) -> None:
        await self._session.execute(sa.delete(Credential).where(Credential.source_id == source_id))


def _known() -> sa.Select[Source, Credential]:
    return sa.select(Source, Credential).outerjoin(Credential, Credential.source_id == Source.id)


def _record(source: Source, credential: Credential | None) -> SourceRecord:
    return SourceRecord(
        id=source.id,
        name=source.name,
        kind=source.kind,
        title=source.title,
        description=source.description,
        domain=source.domain,
        owner=source.owner,
        sensitive=source.sensitive,
        settings=source.settings,
        max_concurrency=source.max_concurrency,
        statement_timeout_seconds=source.statement_timeout_seconds,
        idle_timeout_seconds=source.idle_timeout_seconds,
        rows_per_second=source.rows_per_second,
        megabytes_per_second=source.megabytes_per_second,
        statements_per_minute=source.statements_per_minute,
        governed=source.governed,
        blackouts=tuple(source.blackouts),
        version=source.version,
        created_at=source.created_at,
        updated_at=source.updated_at,
        created_by=source.created_by,
        health=Health(source.health),
        health_since=source.health_since,
        health_reason=source.health_reason,
        latency_ms=source.latency_ms,
        probed_at=source.probed_at,
        credential_fields=tuple(credential.fields) if credential else (),
        credential_version=credential.version if credential else 0,
        credential_stored_at=credential.stored_at if credential else None,
    )
