"""Waivers: exceptions with a reason, an owner and an end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from muniment.compliance.model import (
    FindingState,
    Waiver,
    WaiverState,
    ensure_may_move,
    ensure_waivable,
)
from muniment.compliance.repository.findings import FindingRepository
from muniment.compliance.repository.waivers import WaiverRepository
from muniment.contracts.compliance import WaiverEnded, WaiverGranted
from muniment.kernel.clock import Clock
from muniment.kernel.errors import Conflict, Forbidden, NotFound
from muniment.kernel.events import Outbox
from muniment.kernel.ids import new_id
from muniment.platform.paging import Page, PageQuery
from muniment.platform.policy import EVERYTHING, Visibility


@dataclass(frozen=True, slots=True)
class WaiverService:
    waivers: WaiverRepository
    findings: FindingRepository
    outbox: Outbox
    clock: Clock
    actor: str

    async def grant(
        self,
        finding_id: UUID,
        seen: Visibility,
        *,
        reason: str,
        owner: str,
        expires_at: datetime,
    ) -> Waiver:
        """Accept a finding until ``expires_at``.

        Forbidden to the one the finding is assigned to: whoever must mend it does not excuse it.
        """
        now = self.clock.now()
        ensure_waivable(now=now, expires_at=expires_at)
        found = await self.findings.many([finding_id], seen)
        if not found:
            raise NotFound("There is no such finding.", finding=str(finding_id))
        finding = found[0]
        if finding.owner == self.actor:
            raise Forbidden(
                "You own this finding, so somebody else must grant the waiver.",
                finding=str(finding_id),
            )
        ensure_may_move(finding.state, FindingState.WAIVED)
        waiver = Waiver(
            id=new_id(),
            check=finding.check,
            subject=finding.subject,
            domain=finding.domain,
            state=WaiverState.ACTIVE,
            reason=reason.strip(),
            owner=owner,
            granted_by=self.actor,
            granted_at=now,
            expires_at=expires_at,
        )
        if not await self.waivers.add(waiver):
            raise Conflict("A waiver for this check and subject is in force already.")
        await self.findings.set_state([finding.id], FindingState.WAIVED, now=now)
        await self.outbox.publish(
            WaiverGranted(
                waiver_id=waiver.id,
                check=waiver.check,
                subject_ref=waiver.subject,
                reason=waiver.reason,
                actor=self.actor,
                expires_at=expires_at,
            )
        )
        return waiver

    async def revoke(self, waiver_id: UUID, seen: Visibility, *, reason: str) -> Waiver:
        """End a waiver now; its finding is open again."""
        known = await self.get(waiver_id, seen)
        ended = await self._end([known.id], WaiverState.REVOKED, reason)
        if not ended:
            raise Conflict(f"The waiver is {known.state.value}; it cannot be revoked.")
        return ended[0]

    async def end_expired(self) -> int:
        """End every waiver whose time is over; returns how many. Run by a job."""
        ids = await self.waivers.past_their_end(self.clock.now())
        ended = await self._end(ids, WaiverState.EXPIRED, "Its time is over.") if ids else []
        return len(ended)

    async def get(self, waiver_id: UUID, seen: Visibility = EVERYTHING) -> Waiver:
        waiver = await self.waivers.get(waiver_id, seen)
        if waiver is None:
            raise NotFound("There is no such waiver.", waiver=str(waiver_id))
        return waiver

    async def page(
        self,
        seen: Visibility,
        query: PageQuery,
        *,
        state: WaiverState | None = None,
        check: str | None = None,
        subject: str | None = None,
    ) -> Page[Waiver]:
        return await self.waivers.page(state, check, subject, seen, query)

    async def _end(self, ids: Sequence[UUID], state: WaiverState, why: str) -> Sequence[Waiver]:
        now = self.clock.now()
        ended = await self.waivers.end(ids, state, why=why, now=now)
        if ended:
            waived = [
                finding.id
                for finding in await self.findings.by_keys([(w.check, w.subject) for w in ended])
                if finding.state is FindingState.WAIVED
            ]
            await self.findings.set_state(waived, FindingState.OPEN, now=now)
        await self.outbox.publish(
            *(
                WaiverEnded(waiver_id=w.id, check=w.check, subject_ref=w.subject, why=why)
                for w in ended
            )
        )
        return ended
