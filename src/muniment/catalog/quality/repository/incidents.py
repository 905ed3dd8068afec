"""SQL of incidents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.catalog.quality.model import (
    OPEN_STATES,
    IncidentFilter,
    IncidentState,
    NewIncident,
)
from muniment.catalog.quality.tables import Incident
from muniment.catalog.tables import Asset
from muniment.kernel.ids import new_id
from muniment.kernel.refs import AssetRef
from muniment.platform.paging import Page, PageQuery, page_by
from muniment.platform.policy import Visibility

OPEN = Incident.state.in_([state.value for state in OPEN_STATES])
_OPEN_INDEX = sa.text("state in ('new', 'acknowledged', 'root_cause')")


@dataclass(frozen=True, slots=True)
class IncidentRepository:
    session: AsyncSession

    async def open_once(
        self, incidents: Sequence[NewIncident], run_id: UUID | None, at: datetime
    ) -> Sequence[Incident]:
        """Open incidents that are not open yet, refresh those that are; returns the new ones.

        What people called a false positive stays closed until it gets worse than it was then.
        """
        wanted = await self._not_tolerated(incidents)
        if not wanted:
            return []
        statement = insert(Incident).values([_row(one, run_id, at) for one in wanted])
        new = statement.excluded
        rows: Any = await self.session.execute(
            statement.on_conflict_do_update(
                index_elements=["asset", "key"],
                index_where=_OPEN_INDEX,
                set_={
                    "last_seen_at": new.last_seen_at,
                    "occurrences": Incident.occurrences + 1,
                    "title": new.title,
                    "detail": new.detail,
                    "ratio": new.ratio,
                    "run_id": new.run_id,
                    "severity": new.severity,
                },
            )
            .returning(Incident, sa.literal_column("xmax = 0").label("inserted"))
            .execution_options(populate_existing=True)
        )
        return [row[0] for row in rows if row.inserted]

    async def _not_tolerated(self, incidents: Sequence[NewIncident]) -> list[NewIncident]:
        if not incidents:
            return []
        rows = await self.session.execute(
            sa.select(Incident.asset, Incident.key, sa.func.min(Incident.ratio).label("ratio"))
            .where(
                Incident.state == IncidentState.FALSE_POSITIVE.value,
                Incident.asset.in_({one.asset for one in incidents}),
                Incident.ratio.is_not(None),
            )
            .group_by(Incident.asset, Incident.key)
        )
        tolerated = {(row.asset, row.key): row.ratio for row in rows}
        return [
            one for one in incidents if not _tolerates(tolerated.get((one.asset, one.key)), one)
        ]

    async def resolve_all(
        self, asset: str, keys: Sequence[str] | None, *, why: str, at: datetime
    ) -> Sequence[Incident]:
        """Resolve the open incidents of an asset with these keys (None: of any key)."""
        statement = sa.update(Incident).where(Incident.asset == asset, OPEN)
        if keys is not None:
            if not keys:
                return []
            statement = statement.where(Incident.key.in_(keys))
        return await self._resolved(statement, why, at)

    async def resolve_source(self, source: str, *, why: str, at: datetime) -> Sequence[Incident]:
        """Resolve the open incidents of all assets of a source."""
        statement = sa.update(Incident).where(_of_source(source), OPEN)
        return await self._resolved(statement, why, at)

    async def _resolved(self, statement: sa.Update, why: str, at: datetime) -> Sequence[Incident]:
        found = await self.session.scalars(
            statement.values(
                state=IncidentState.RESOLVED.value,
                resolved_at=at,
                resolved_by="muniment",
                resolution=why,
                version=Incident.version + 1,
            )
            .returning(Incident)
            .execution_options(populate_existing=True)
        )
        return found.all()

    async def get(self, incident_id: UUID, seen: Visibility) -> Incident | None:
        return await self.session.scalar(
            sa.select(Incident)
            .outerjoin(Asset, Asset.ref == Incident.asset)
            .where(Incident.id == incident_id, seen.clause(Asset.domain))
        )

    async def change(
        self, incident_id: UUID, version: int, values: Mapping[str, Any]
    ) -> Incident | None:
        """Change an incident of that version; None when it is of another one by now."""
        return await self.session.scalar(
            sa.update(Incident)
            .where(Incident.id == incident_id, Incident.version == version)
            .values(**values, version=Incident.version + 1)
            .returning(Incident)
            .execution_options(populate_existing=True)
        )

    async def page(
        self, wanted: IncidentFilter, seen: Visibility, query: PageQuery
    ) -> Page[Incident]:
        """Incidents, the newest first."""
        statement = (
            sa.select(Incident)
            .outerjoin(Asset, Asset.ref == Incident.asset)
            .where(seen.clause(Asset.domain), *_clauses(wanted))
        )
        return await page_by(
            self.session, statement, Incident.opened_at, Incident.id, query=query, descending=True
        )

    async def counts(self, seen: Visibility) -> Sequence[Any]:
        """Open incidents by severity."""
        rows = await self.session.execute(
            sa.select(Incident.severity, sa.func.count().label("open"))
            .outerjoin(Asset, Asset.ref == Incident.asset)
            .where(OPEN, seen.clause(Asset.domain))
            .group_by(Incident.severity)
        )
        return rows.all()


def _clauses(wanted: IncidentFilter) -> list[sa.ColumnElement[bool]]:
    clauses: list[sa.ColumnElement[bool]] = []
    if wanted.open is not None:
        clauses.append(OPEN if wanted.open else sa.not_(OPEN))
    if wanted.state is not None:
        clauses.append(Incident.state == wanted.state.value)
    if wanted.severity is not None:
        clauses.append(Incident.severity == wanted.severity.value)
    if wanted.asset is not None:
        clauses.append(Incident.asset == wanted.asset)
    if wanted.source is not None:
        clauses.append(_of_source(wanted.source))
    return clauses


def _of_source(source: str) -> sa.ColumnElement[bool]:
    return sa.func.split_part(Incident.asset, "/", 1) == str(AssetRef(source))


def _tolerates(ratio: float | None, one: NewIncident) -> bool:
    return ratio is not None and one.ratio is not None and one.ratio >= ratio


def _row(one: NewIncident, run_id: UUID | None, at: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "asset": one.asset,
        "key": one.key,
        "kind": one.kind,
        "title": one.title,
        "detail": one.detail,
        "severity": one.severity.value,
        "state": IncidentState.NEW.value,
        "columns": list(one.columns),
        "check_type": one.check_type,
        "ratio": one.ratio,
        "occurrences": 1,
        "run_id": run_id,
        "opened_at": at,
        "last_seen_at": at,
        "version": 1,
    }
