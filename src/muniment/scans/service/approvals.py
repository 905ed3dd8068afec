"""Approvals: somebody else than the requester says whether a sensitive scan may run."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.contracts.scans import ApprovalDecided, RunState
from muniment.kernel.clock import Clock
from muniment.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from muniment.kernel.events import Outbox
from muniment.kernel.principal import Principal
from muniment.platform.paging import Page, PageQuery, page_by
from muniment.platform.policy.visibility import EVERYTHING, Visibility
from muniment.scans.repository import runs
from muniment.scans.repository.signals import wake
from muniment.scans.tables import Approval, Run

SHORTEST_REASON = 3


@dataclass(frozen=True, slots=True)
class ApprovalService:
    """What waits for a decision, and the decision."""

    session: AsyncSession
    outbox: Outbox
    clock: Clock
    caller: Principal

    async def page(
        self, query: PageQuery, seen: Visibility = EVERYTHING, *, open_only: bool = True
    ) -> Page[Approval]:
        """Requests for approval, the latest first; only what still waits unless asked otherwise."""
        wanted = sa.select(Approval).where(seen.clause(Approval.domain))
        if open_only:
            waiting = sa.select(Run.id).where(Run.state == RunState.AWAITING_APPROVAL)
            wanted = wanted.where(Approval.approved.is_(None), Approval.run_id.in_(waiting))
        return await page_by(self.session, wanted, Approval.run_id, query=query, descending=True)

    async def get(self, run_id: UUID, seen: Visibility = EVERYTHING) -> Approval:
        found = await self.session.get(Approval, run_id)
        if found is None or not seen.allows(found.domain):
            raise NotFound("This run asked for no approval.", run_id=str(run_id))
        return found

    async def decide(
        self, run_id: UUID, *, approve: bool, reason: str, seen: Visibility = EVERYTHING
    ) -> Approval:
        """Approve or reject, with a reason that stays in the audit trail.

        Forbidden for the one who asked for the scan; Conflict when it was decided already.
        """
        asked = await self.get(run_id, seen)
        if len(reason.strip()) < SHORTEST_REASON:
            raise Invalid("Give a reason that will stand in the audit trail.")
        if asked.requested_by_id == self.caller.id:
            raise Forbidden(
                "Whoever asked for a scan cannot approve it. Ask somebody else to decide."
            )
        decided = await self.session.execute(
            sa.update(Approval)
            .where(Approval.run_id == run_id, Approval.approved.is_(None))
            .values(
                approved=approve,
                decided_by=self.caller.name,
                decided_by_id=self.caller.id,
                decided_at=self.clock.now(),
                reason=reason.strip(),
            )
            .returning(Approval.run_id)
        )
        if decided.first() is None:
            raise Conflict("Somebody has decided already.")
        if await runs.state_of(self.session, run_id) is not RunState.AWAITING_APPROVAL:
            raise Conflict("The run does not wait for an approval any more.")
        word = "approved" if approve else "rejected"
        said = f"{self.caller.name} {word} the run: {reason.strip()}"
        await runs.log(self.session, run_id, self.clock.now(), said)
        await self.outbox.publish(
            ApprovalDecided(
                run_id=run_id,
                source=asked.source,
                approved=approve,
                actor=self.caller.name,
                reason=reason.strip(),
            )
        )
        await wake(self.session)
        await self.session.refresh(asked)
        return asked
