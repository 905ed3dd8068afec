"""All of the group's SQL; no decisions are taken here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.platform.paging import Page, PageQuery, page_by
from muniment.rulesets.model import (
    AppliesTo,
    Laid,
    Layer,
    RuleSet,
    RuleSetBody,
    RuleSetVersion,
    VersionState,
)
from muniment.rulesets.tables import RuleSetRow, VersionRow


@dataclass(frozen=True, slots=True)
class RuleSetRepository:
    session: AsyncSession

    async def page(self, layer: Layer | None, query: PageQuery, *, retired: bool) -> Page[RuleSet]:
        statement = sa.select(RuleSetRow)
        if not retired:
            statement = statement.where(RuleSetRow.retired.is_(False))
        if layer is not None:
            statement = statement.where(RuleSetRow.layer == layer.value)
        page = await page_by(self.session, statement, RuleSetRow.name, query=query)
        return page.map(_rule_set)

    async def get(self, name: str, *, lock: bool = False) -> RuleSet | None:
        statement = sa.select(RuleSetRow).where(RuleSetRow.name == name)
        if lock:
            statement = statement.with_for_update()
        row = await self.session.scalar(statement.execution_options(populate_existing=True))
        return _rule_set(row) if row else None

    async def add(self, rule_set: RuleSet, now: datetime) -> bool:
        """False when the name is taken."""
        statement = (
            insert(RuleSetRow)
            .values(
                name=rule_set.name,
                title=rule_set.title,
                description=rule_set.description,
                layer=rule_set.layer.value,
                position=rule_set.position,
                applies_to=rule_set.applies_to.model_dump(mode="json"),
                managed_by=rule_set.managed_by,
                retired=rule_set.retired,
                published=rule_set.published,
                draft=rule_set.draft,
                version=1,
                created_at=now,
                updated_at=now,
            )
            .on_conflict_do_nothing()
            .returning(RuleSetRow.name)
        )
        return await self.session.scalar(statement) is not None

    async def change(self, name: str, values: Mapping[str, Any], now: datetime) -> None:
        await self.session.execute(
            sa.update(RuleSetRow)
            .where(RuleSetRow.name == name)
            .values(**values, version=RuleSetRow.version + 1, updated_at=now)
            .execution_options(synchronize_session=False)
        )

    async def put_version(self, version: RuleSetVersion) -> None:
        """Insert a version, or replace the draft of the same number."""
        values = {
            "state": version.state.value,
            "body": version.body.model_dump(mode="json"),
            "digest": version.digest,
            "note": version.note,
            "author": version.author,
            "created_at": version.created_at,
            "published_at": version.published_at,
        }
        await self.session.execute(
            insert(VersionRow)
            .values(name=version.name, number=version.number, **values)
            .on_conflict_do_update(
                index_elements=["name", "number"],
                set_=values,
                where=VersionRow.state == VersionState.DRAFT.value,
            )
        )

    async def version(self, name: str, number: int) -> RuleSetVersion | None:
        row = await self.session.scalar(
            sa.select(VersionRow)
            .where(VersionRow.name == name, VersionRow.number == number)
            .execution_options(populate_existing=True)
        )
        return _version(row) if row else None

    async def page_versions(self, name: str, query: PageQuery) -> Page[RuleSetVersion]:
        page = await page_by(
            self.session,
            sa.select(VersionRow).where(VersionRow.name == name),
            VersionRow.number,
            query=query,
            descending=True,
        )
        return page.map(_version)

    async def last_number(self, name: str) -> int:
        found = await self.session.scalar(
            sa.select(sa.func.max(VersionRow.number)).where(VersionRow.name == name)
        )
        return found or 0

    async def delete_draft(self, name: str, number: int) -> None:
        await self.session.execute(
            sa.delete(VersionRow).where(
                VersionRow.name == name,
                VersionRow.number == number,
                VersionRow.state == VersionState.DRAFT.value,
            )
        )

    async def open_to_people(self) -> Sequence[tuple[str, AppliesTo]]:
        """What each set applies to that people made and nobody retired; locked for a change."""
        rows = await self.session.execute(
            sa.select(RuleSetRow.name, RuleSetRow.applies_to)
            .where(RuleSetRow.retired.is_(False), RuleSetRow.managed_by.is_(None))
            .order_by(RuleSetRow.name)
            .with_for_update()
        )
        return [(name, AppliesTo.model_validate(applies)) for name, applies in rows]

    async def in_force(self) -> Sequence[tuple[Laid, AppliesTo]]:
        """The published version of every set that is not retired, in one statement."""
        rows = await self.session.execute(
            sa.select(
                RuleSetRow.name,
                VersionRow.number,
                RuleSetRow.layer,
                RuleSetRow.position,
                VersionRow.body,
                RuleSetRow.applies_to,
            )
            .join(
                VersionRow,
                sa.and_(
                    VersionRow.name == RuleSetRow.name, VersionRow.number == RuleSetRow.published
                ),
            )
            .where(RuleSetRow.retired.is_(False))
        )
        return [
            (
                Laid(row[0], row[1], Layer(row[2]), row[3], RuleSetBody.model_validate(row[4])),
                AppliesTo.model_validate(row[5]),
            )
            for row in rows
        ]


def _rule_set(row: RuleSetRow) -> RuleSet:
    return RuleSet(
        name=row.name,
        title=row.title,
        description=row.description,
        layer=Layer(row.layer),
        position=row.position,
        applies_to=AppliesTo.model_validate(row.applies_to),
        managed_by=row.managed_by,
        retired=row.retired,
        published=row.published,
        draft=row.draft,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _version(row: VersionRow) -> RuleSetVersion:
    return RuleSetVersion(
        name=row.name,
        number=row.number,
        state=VersionState(row.state),
        body=RuleSetBody.model_validate(row.body),
        digest=row.digest,
        note=row.note,
        author=row.author,
        created_at=row.created_at,
        published_at=row.published_at,
    )
