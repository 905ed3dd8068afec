"""What people do with findings: look, assign, take up, resolve, reopen."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from muniment.compliance.model import (
    Check,
    Finding,
    FindingFilter,
    FindingState,
    Library,
    ensure_may_move,
)
from muniment.compliance.repository.findings import FindingRepository
from muniment.contracts.compliance import FindingChanged, FindingResolved
from muniment.kernel.clock import Clock
from muniment.kernel.errors import Conflict, NotFound, StaleVersion
from muniment.kernel.events import Event, Outbox
from muniment.platform.paging import Page, PageQuery
from muniment.platform.policy import Visibility

MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding with the check it comes from and the frameworks that ask for it."""

    finding: Finding
    check: Check | None
    """None when the check is no longer in the packs."""
    frameworks: tuple[str, ...]
    overdue: bool


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """What a change of many findings did; each id is in one of the two."""

    changed: tuple[UUID, ...]
    left: tuple[tuple[UUID, str], ...]
    """Ids that were left as they are, each with a sentence that says why."""


@dataclass(frozen=True, slots=True)
class FindingService:
    findings: FindingRepository
    outbox: Outbox
    clock: Clock
    library: Library
    actor: str

    async def page(
        self, wanted: FindingFilter, seen: Visibility, query: PageQuery, *, with_total: bool = False
    ) -> Page[FindingView]:
        page = await self.findings.page(wanted, seen, query, with_total=with_total)
        return page.map(self.view)

    async def get(self, finding_id: UUID, seen: Visibility) -> FindingView:
        finding = await self.findings.get(finding_id, seen)
        if finding is None:
            raise _not_found(finding_id)
        return self.view(finding)

    async def assign(self, ids: Sequence[UUID], owner: str | None, seen: Visibility) -> BulkOutcome:
        """Give findings to somebody; None gives them back to the asset's owner."""
        there = await self._lock(ids, seen)
        await self.findings.set_owner([each.id for each in there], owner, now=self.clock.now())
        await self._tell_changed(there, "owner")
        return self._outcome(ids, there, {})

    async def move(
        self,
        ids: Sequence[UUID],
        state: FindingState,
        seen: Visibility,
        *,
        reason: str | None = None,
    ) -> BulkOutcome:
        """Acknowledge, start, resolve or reopen; what cannot move is left and told."""
        there = await self._lock(ids, seen)
        refused: dict[UUID, str] = {}
        moving: list[Finding] = []
        for finding in there:
            try:
                ensure_may_move(finding.state, state)
            except Conflict as error:
                refused[finding.id] = error.message
            else:
                moving.append(finding)
        await self.findings.set_state(
            [each.id for each in moving],
            state,
            now=self.clock.now(),
            resolution=reason if state is FindingState.RESOLVED else None,
        )
        if state is FindingState.RESOLVED:
            events: list[Event] = [
                FindingResolved(
                    finding_id=each.id,
                    check=each.check,
                    subject_ref=each.subject,
                    resolution=reason or "",
                )
                for each in moving
            ]
            await self.outbox.publish(*events)
        await self._tell_changed(moving, "state")
        return self._outcome(ids, moving, refused)

    async def move_one(
        self,
        finding_id: UUID,
        state: FindingState,
        seen: Visibility,
        *,
        reason: str | None = None,
        version: int | None = None,
    ) -> FindingView:
        """The same for one finding; failures are raised, and ``version`` must be current."""
        finding = await self._current(finding_id, seen, version)
        ensure_may_move(finding.state, state)
        await self.move([finding_id], state, seen, reason=reason)
        return await self.get(finding_id, seen)

    async def assign_one(
        self, finding_id: UUID, owner: str | None, seen: Visibility, *, version: int | None = None
    ) -> FindingView:
        await self._current(finding_id, seen, version)
        await self.assign([finding_id], owner, seen)
        return await self.get(finding_id, seen)

    def view(self, finding: Finding) -> FindingView:
        return FindingView(
            finding,
            self.library.checks.get(finding.check),
            self.library.frameworks_of(finding.check),
            finding.is_overdue(self.clock.now()),
        )

    async def _current(self, finding_id: UUID, seen: Visibility, version: int | None) -> Finding:
        found = await self.findings.many([finding_id], seen)
        if not found:
            raise _not_found(finding_id)
        if version is not None and found[0].version != version:
            raise StaleVersion("The finding was changed by somebody else. Load it again.")
        return found[0]

    async def _lock(self, ids: Sequence[UUID], seen: Visibility) -> Sequence[Finding]:
        return await self.findings.many(list(dict.fromkeys(ids)), seen)

    async def _tell_changed(self, findings: Sequence[Finding], *fields: str) -> None:
        await self.outbox.publish(
            *(
                FindingChanged(finding_id=each.id, fields=fields, actor=self.actor)
                for each in findings
            )
        )

    def _outcome(
        self, ids: Sequence[UUID], changed: Sequence[Finding], refused: dict[UUID, str]
    ) -> BulkOutcome:
        done = {each.id for each in changed}
        return BulkOutcome(
            changed=tuple(id_ for id_ in dict.fromkeys(ids) if id_ in done),
            left=tuple(
                (id_, refused.get(id_, "There is no such finding."))
                for id_ in dict.fromkeys(ids)
                if id_ not in done
            ),
        )


def _not_found(finding_id: UUID) -> NotFound:
    return NotFound("There is no such finding.", finding=str(finding_id))
