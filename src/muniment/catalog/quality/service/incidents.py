"""What one can do with incidents, and what opens and closes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from muniment.catalog.quality.model import IncidentFilter, IncidentState, NewIncident
from muniment.catalog.quality.repository.incidents import IncidentRepository
from muniment.catalog.quality.tables import Incident
from muniment.contracts.catalog import IncidentOpened, IncidentResolved
from muniment.contracts.sources import ChangeKind, ColumnChange, SchemaChanged, SourceRemoved
from muniment.kernel.clock import Clock
from muniment.kernel.errors import Conflict, NotFound, StaleVersion
from muniment.kernel.events import Outbox
from muniment.kernel.principal import Principal
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import Severity
from muniment.platform.paging import Page, PageQuery
from muniment.platform.policy import Visibility

_GONE = "schema:asset"


@dataclass(frozen=True, slots=True)
class IncidentService:
    incidents: IncidentRepository
    outbox: Outbox
    clock: Clock
    caller: Principal

    async def page(
        self, wanted: IncidentFilter, seen: Visibility, query: PageQuery
    ) -> Page[Incident]:
        return await self.incidents.page(wanted, seen, query)

    async def open_by_severity(self, seen: Visibility) -> dict[str, int]:
        """How many incidents are open, by severity."""
        counts = {row.severity: int(row.open) for row in await self.incidents.counts(seen)}
        return {severity.value: counts.get(severity.value, 0) for severity in Severity}

    async def get(self, incident_id: UUID, seen: Visibility) -> Incident:
        """One incident; NotFound when there is none that the caller sees."""
        found = await self.incidents.get(incident_id, seen)
        if found is None:
            raise NotFound("There is no such incident.", incident=str(incident_id))
        return found

    async def acknowledge(
        self, incident_id: UUID, seen: Visibility, *, version: int | None = None
    ) -> Incident:
        """Say that somebody looks at it."""
        incident = await self._open(incident_id, seen, version)
        if incident.state != IncidentState.NEW:
            raise Conflict("The incident is acknowledged already.", incident=str(incident_id))
        return await self._change(
            incident,
            state=IncidentState.ACKNOWLEDGED.value,
            acknowledged_at=self.clock.now(),
            acknowledged_by=self.caller.name,
        )

    async def find_root_cause(
        self, incident_id: UUID, seen: Visibility, *, cause: str, version: int | None = None
    ) -> Incident:
        """Say why it happened; who says so looks at it."""
        incident = await self._open(incident_id, seen, version)
        return await self._change(
            incident,
            state=IncidentState.ROOT_CAUSE.value,
            root_cause=cause,
            acknowledged_at=incident.acknowledged_at or self.clock.now(),
            acknowledged_by=incident.acknowledged_by or self.caller.name,
        )

    async def resolve(
        self, incident_id: UUID, seen: Visibility, *, reason: str, version: int | None = None
    ) -> Incident:
        """Say that it is mended. The next scan opens it again if it is not."""
        return await self._close(incident_id, seen, IncidentState.RESOLVED, reason, version)

    async def call_false_positive(
        self, incident_id: UUID, seen: Visibility, *, reason: str, version: int | None = None
    ) -> Incident:
        """Say that nothing is wrong. It stays closed until the check comes out worse than now."""
        return await self._close(incident_id, seen, IncidentState.FALSE_POSITIVE, reason, version)

    async def open(self, found: Sequence[NewIncident], run_id: UUID | None) -> None:
        """Open what is not open yet, and tell it; what is open already is only refreshed."""
        new = await self.incidents.open_once(found, run_id, self.clock.now())
        await self.outbox.publish(
            *(
                IncidentOpened(
                    incident_id=one.id,
                    asset=AssetRef.parse(one.asset),
                    title=one.title,
                    severity=Severity(one.severity),
                )
                for one in new
            )
        )

    async def resolve_passed(self, asset: AssetRef, keys: Sequence[str]) -> None:
        """Resolve the incidents of checks that pass again."""
        await self._resolve(asset, keys, "The check passes again.")

    async def on_schema_changed(self, change: SchemaChanged) -> None:
        """A column that is gone or retyped, or a table that is gone, is an incident. Repeatable."""
        if change.kind is ChangeKind.REMOVED:
            await self._resolve(
                change.asset, None, "The asset is gone, so nothing is left to check."
            )
            await self.open([_gone(change.asset)], change.run_id)
            return
        back = [_key(one.column) for one in change.columns if one.kind is ChangeKind.ADDED]
        if change.kind is ChangeKind.ADDED:
            back.append(_GONE)
        await self._resolve(change.asset, back, "It is back.")
        broken = {one.column: one for one in change.columns if one.breaking}
        await self.open([_schema(change.asset, one) for one in broken.values()], change.run_id)

    async def on_source_removed(self, event: SourceRemoved) -> None:
        """Nothing of the source is left to be mended. Repeatable."""
        why = f"The source {event.name} was removed."
        closed = await self.incidents.resolve_source(event.name, why=why, at=self.clock.now())
        await self.outbox.publish(*(_closed(one) for one in closed))

    async def _resolve(self, asset: AssetRef, keys: Sequence[str] | None, why: str) -> None:
        closed = await self.incidents.resolve_all(str(asset), keys, why=why, at=self.clock.now())
        await self.outbox.publish(*(_closed(one) for one in closed))

    async def _open(self, incident_id: UUID, seen: Visibility, version: int | None) -> Incident:
        incident = await self.get(incident_id, seen)
        if version is not None and incident.version != version:
            raise StaleVersion("The incident was changed by somebody else. Read it again.")
        if not IncidentState(incident.state).open:
            raise Conflict("The incident is closed already.", incident=str(incident_id))
        return incident

    async def _close(
        self,
        incident_id: UUID,
        seen: Visibility,
        state: IncidentState,
        reason: str,
        version: int | None,
    ) -> Incident:
        incident = await self._open(incident_id, seen, version)
        closed = await self._change(
            incident,
            state=state.value,
            resolution=reason,
            resolved_at=self.clock.now(),
            resolved_by=self.caller.name,
        )
        await self.outbox.publish(
            IncidentResolved(
                incident_id=closed.id, asset=AssetRef.parse(closed.asset), actor=self.caller.name
            )
        )
        return closed

    async def _change(self, incident: Incident, **values: object) -> Incident:
        changed = await self.incidents.change(incident.id, incident.version, values)
        if changed is None:
            raise StaleVersion("The incident was changed by somebody else. Read it again.")
        return changed


def _closed(incident: Incident) -> IncidentResolved:
    return IncidentResolved(
        incident_id=incident.id, asset=AssetRef.parse(incident.asset), actor="muniment"
    )


def _key(column: str) -> str:
    return f"schema:{column}"


def _gone(asset: AssetRef) -> NewIncident:
    return NewIncident(
        asset=str(asset),
        key=_GONE,
        kind="schema",
        title=f"{asset.name} is gone",
        detail="The source does not list it any more.",
        severity=Severity.HIGH,
    )


def _schema(asset: AssetRef, change: ColumnChange) -> NewIncident:
    gone = change.kind is ChangeKind.REMOVED
    title = f"The column {asset.name}.{change.column} " + (
        "is gone" if gone else f"is {change.after or 'of another type'} now"
    )
    detail = f"It was {change.before}." if change.before else "Readers of it may fail."
    return NewIncident(
        asset=str(asset),
        key=_key(change.column),
        kind="schema",
        title=title,
        detail=detail,
        severity=Severity.HIGH,
        columns=(change.column,),
    )
