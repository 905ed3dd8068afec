"""SQL of findings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.compliance.engine.judge import Result
from muniment.compliance.engine.reconcile import Known
from muniment.compliance.model import Entity, Finding, FindingFilter, FindingState, due_date
from muniment.compliance.repository.results import judged
from muniment.compliance.tables import FindingRow
from muniment.kernel.ids import new_id
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import Severity
from muniment.platform.paging import Page, PageQuery, page_by
from muniment.platform.policy import Visibility

NEED_WORK = tuple(state.value for state in FindingState if state.needs_work)


@dataclass(frozen=True, slots=True)
class FindingRepository:
    session: AsyncSession

    async def known(
        self, *, assets: Sequence[AssetRef] | None, entities: Iterable[Entity]
    ) -> Mapping[tuple[str, str], Known]:
        """Findings, resolved ones included, on what is being judged."""
        rows = await self.session.execute(
            sa.select(
                FindingRow.id,
                FindingRow.check_id,
                FindingRow.subject,
                FindingRow.state,
                FindingRow.evidence_hash,
                FindingRow.owner,
                FindingRow.assigned,
            ).where(judged(FindingRow.entity, FindingRow.asset, assets, entities))
        )
        return {
            (row.check_id, row.subject): Known(
                row.id,
                row.check_id,
                row.subject,
                FindingState(row.state),
                row.evidence_hash,
                row.owner,
                row.assigned,
            )
            for row in rows
        }

    async def add(
        self,
        results: Sequence[tuple[Result, FindingState]],
        *,
        now: datetime,
        run_id: UUID | None,
    ) -> Sequence[UUID]:
        """Insert findings in one statement; their ids in the same order."""
        ids = [new_id() for _ in results]
        rows: list[dict[str, Any]] = [
            {
                "id": id_,
                "check_id": result.check,
                "subject": result.subject,
                "entity": result.entity.value,
                "asset": str(result.asset) if result.asset else None,
                "source": result.source,
                "domain": result.domain,
                "owner": result.owner,
                "assigned": False,
                "severity": result.severity.value,
                "severity_rank": result.severity.weight,
                "state": state.value,
                "evidence": result.evidence,
                "evidence_hash": result.evidence_hash,
                "evidence_at": now,
                "opened_at": now,
                "due_at": due_date(result.severity, now),
                "changed_at": now,
                "resolved_at": None,
                "resolution": None,
                "times_opened": 1,
                "run_id": run_id,
                "version": 1,
            }
            for id_, (result, state) in zip(ids, results, strict=True)
        ]
        if rows:
            await self.session.execute(sa.insert(FindingRow), rows)
        return ids

    async def reopen(
        self,
        items: Sequence[tuple[Known, Result, FindingState]],
        *,
        now: datetime,
        run_id: UUID | None,
    ) -> None:
        await self._update_many(
            [
                {
                    "b_id": known.id,
                    "b_state": state.value,
                    "b_owner": known.owner if known.assigned else result.owner,
                    "b_evidence": result.evidence,
                    "b_hash": result.evidence_hash,
                    "b_due": due_date(result.severity, now),
                    "b_again": int(known.state is FindingState.RESOLVED),
                }
                for known, result, state in items
            ],
            {
                "state": sa.bindparam("b_state", type_=sa.Text),
                "due_at": sa.bindparam("b_due", type_=FindingRow.due_at.type),
                "opened_at": now,
                "resolved_at": None,
                "resolution": None,
                "times_opened": FindingRow.times_opened + sa.bindparam("b_again", type_=sa.Integer),
                "run_id": run_id,
            },
            now,
        )

    async def refresh(self, items: Sequence[tuple[Known, Result]], *, now: datetime) -> None:
        """New evidence and owner of findings that stay as they are."""
        await self._update_many(
            [
                {
                    "b_id": known.id,
                    "b_owner": known.owner if known.assigned else result.owner,
                    "b_evidence": result.evidence,
                    "b_hash": result.evidence_hash,
                }
                for known, result in items
            ],
            {},
            now,
        )

    async def resolve(self, ids: Sequence[UUID], *, resolution: str, now: datetime) -> None:
        if not ids:
            return
        await self.session.execute(
            sa.update(FindingRow)
            .where(FindingRow.id.in_(ids))
            .values(
                state=FindingState.RESOLVED.value,
                resolved_at=now,
                resolution=resolution,
                changed_at=now,
                version=FindingRow.version + 1,
            )
        )

    async def page(
        self, wanted: FindingFilter, seen: Visibility, query: PageQuery, *, with_total: bool = False
    ) -> Page[Finding]:
        """The gravest first, then those due first."""
        page = await page_by(
            self.session,
            sa.select(FindingRow).where(*_conditions(wanted), seen.clause(FindingRow.domain)),
            -FindingRow.severity_rank,
            FindingRow.due_at,
            FindingRow.id,
            query=query,
            with_total=with_total,
        )
        return page.map(_finding)

    async def get(self, finding_id: UUID, seen: Visibility) -> Finding | None:
        row = await self.session.scalar(
            sa.select(FindingRow).where(FindingRow.id == finding_id, seen.clause(FindingRow.domain))
        )
        return _finding(row) if row else None

    async def many(self, ids: Sequence[UUID], seen: Visibility) -> Sequence[Finding]:
        rows = await self.session.scalars(
            sa.select(FindingRow)
            .where(FindingRow.id.in_(ids), seen.clause(FindingRow.domain))
            .with_for_update()
        )
        return [_finding(row) for row in rows]

    async def by_keys(self, keys: Sequence[tuple[str, str]]) -> Sequence[Finding]:
        rows = await self.session.scalars(
            sa.select(FindingRow)
            .where(sa.tuple_(FindingRow.check_id, FindingRow.subject).in_(keys))
            .with_for_update()
        )
        return [_finding(row) for row in rows]

    async def set_state(
        self,
        ids: Sequence[UUID],
        state: FindingState,
        *,
        now: datetime,
        resolution: str | None = None,
    ) -> None:
        await self.session.execute(
            sa.update(FindingRow)
            .where(FindingRow.id.in_(ids))
            .values(
                state=state.value,
                changed_at=now,
                resolved_at=now if state is FindingState.RESOLVED else None,
                resolution=resolution,
                version=FindingRow.version + 1,
            )
        )

    async def set_owner(self, ids: Sequence[UUID], owner: str | None, *, now: datetime) -> None:
        await self.session.execute(
            sa.update(FindingRow)
            .where(FindingRow.id.in_(ids))
            .values(
                owner=owner,
                assigned=owner is not None,
                changed_at=now,
                version=FindingRow.version + 1,
            )
        )

    async def count_open(self) -> int:
        found = await self.session.scalar(
            sa.select(sa.func.count()).where(FindingRow.state.in_(NEED_WORK))
        )
        return found or 0

    async def open_by_check(self, seen: Visibility) -> Mapping[str, int]:
        """Findings that need work, by check."""
        rows = await self.session.execute(
            sa.select(FindingRow.check_id, sa.func.count())
            .where(FindingRow.state.in_(NEED_WORK), seen.clause(FindingRow.domain))
            .group_by(FindingRow.check_id)
        )
        return {row[0]: row[1] for row in rows}

    async def counts(
        self, seen: Visibility, *, now: datetime
    ) -> Sequence[tuple[FindingState, Severity, int, int]]:
        """State, severity, number of findings, number overdue."""
        late = sa.and_(FindingRow.state.in_(NEED_WORK), FindingRow.due_at < now)
        rows = await self.session.execute(
            sa.select(
                FindingRow.state,
                FindingRow.severity,
                sa.func.count(),
                sa.func.count().filter(late),
            )
            .where(seen.clause(FindingRow.domain))
            .group_by(FindingRow.state, FindingRow.severity)
        )
        return [(FindingState(row[0]), Severity(row[1]), row[2], row[3]) for row in rows]

    async def late_and_unassigned(self, *, now: datetime) -> tuple[int, int]:
        """Overdue, and without owner, among the findings about anything but the estate itself."""
        open_ = sa.and_(FindingRow.state.in_(NEED_WORK), FindingRow.entity != Entity.ESTATE.value)
        row = (
            await self.session.execute(
                sa.select(
                    sa.func.count().filter(open_, FindingRow.due_at < now),
                    sa.func.count().filter(open_, FindingRow.owner.is_(None)),
                )
            )
        ).one()
        return row[0], row[1]

    async def _update_many(
        self, rows: Sequence[Mapping[str, Any]], values: Mapping[str, Any], now: datetime
    ) -> None:
        if not rows:
            return
        table = FindingRow.__table__
        assert isinstance(table, sa.Table)  # noqa: S101  # what a mapped class always has
        connection = await self.session.connection()
        await connection.execute(
            sa.update(table)
            .where(table.c.id == sa.bindparam("b_id"))
            .values(
                owner=sa.bindparam("b_owner", type_=sa.Text),
                evidence=sa.bindparam("b_evidence", type_=table.c.evidence.type),
                evidence_hash=sa.bindparam("b_hash", type_=sa.Text),
                evidence_at=now,
                changed_at=now,
                version=table.c.version + 1,
                **values,
            ),
            [dict(row) for row in rows],
        )


def _conditions(wanted: FindingFilter) -> list[sa.ColumnElement[bool]]:
    asked: list[sa.ColumnElement[bool]] = []
    if wanted.states:
        asked.append(FindingRow.state.in_([state.value for state in wanted.states]))
    if wanted.severities:
        asked.append(FindingRow.severity.in_([each.value for each in wanted.severities]))
    if wanted.checks is not None:
        asked.append(FindingRow.check_id.in_(wanted.checks))
    if wanted.unassigned:
        asked.append(FindingRow.owner.is_(None))
    for column, value in (
        (FindingRow.owner, wanted.owner),
        (FindingRow.source, wanted.source),
        (FindingRow.domain, wanted.domain),
        (FindingRow.asset, wanted.asset),
    ):
        if value is not None:
            asked.append(column == value)
    if wanted.overdue_at is not None:
        asked.append(
            sa.and_(FindingRow.state.in_(NEED_WORK), FindingRow.due_at < wanted.overdue_at)
        )
    return asked


def _finding(row: FindingRow) -> Finding:
    return Finding(
        id=row.id,
        check=row.check_id,
        subject=row.subject,
        entity=Entity(row.entity),
        severity=Severity(row.severity),
        state=FindingState(row.state),
        asset=row.asset,
        source=row.source,
        domain=row.domain,
        owner=row.owner,
        evidence=row.evidence,
        evidence_hash=row.evidence_hash,
        evidence_at=row.evidence_at,
        opened_at=row.opened_at,
        due_at=row.due_at,
        changed_at=row.changed_at,
        resolved_at=row.resolved_at,
        resolution=row.resolution,
        times_opened=row.times_opened,
        run_id=row.run_id,
        version=row.version,
    )
