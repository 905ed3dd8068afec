"""Runs: ask for one, watch it, stop it, try the rest again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from muniment.contracts.scans import RunCancelled, RunFinished, RunRequested, RunState, Trigger
from muniment.contracts.sources import SourceInfo, SourceReader
from muniment.kernel.clock import Clock
from muniment.kernel.errors import Conflict, Invalid, NotFound
from muniment.kernel.events import Outbox
from muniment.kernel.ids import new_id
from muniment.kernel.principal import Principal
from muniment.platform.paging import Page, PageQuery
from muniment.platform.policy.visibility import EVERYTHING, Visibility
from muniment.scans.codec import rules_from_json
from muniment.scans.forecast import Pace, arrival, rate
from muniment.scans.governor import SourcePace
from muniment.scans.limits import Limits, said
from muniment.scans.model import Failure, Priority, Progress, RunRequest, Stage
from muniment.scans.repository import kept, pace, runs
from muniment.scans.repository.signals import wake
from muniment.scans.tables import Chunk, LogLine, Run, RunAsset


@dataclass(frozen=True, slots=True)
class RunService:
    """What one can do with scan runs."""

    session: AsyncSession
    outbox: Outbox
    clock: Clock
    caller: Principal
    sources: SourceReader

    async def request(
        self,
        source: str,
        *,
        trigger: Trigger = Trigger.MANUAL,
        priority: Priority = Priority.INTERACTIVE,
        only: Sequence[str] | None = None,
        retry_of: UUID | None = None,
        full: bool = False,
        verify: float | None = None,
        seen: Visibility = EVERYTHING,
    ) -> UUID:
        """Ask for a scan; a worker begins it within a second.

        ``full`` reads what did not change as well; ``verify`` reads that share of it, to compare.

        NotFound when there is no such source; Conflict, naming the run, when one is active.
        """
        await visible_source(self.sources, source, seen)
        wanted = RunRequest(
            source,
            priority,
            None if only is None else tuple(only),
            retry_of=retry_of,
            full=full,
            verify=verify,
        )
        run_id = await self.request_unless_active(wanted, trigger)
        if run_id is None:
            active = await runs.active_of(self.session, source)
            raise Conflict(
                "A scan of this source is under way. Wait for its end, or cancel it first.",
                run_id=str(active.id) if active is not None else None,
            )
        return run_id

    async def request_unless_active(self, wanted: RunRequest, trigger: Trigger) -> UUID | None:
        """The same; None when a run of the source is active."""
        source = await self.sources.source(wanted.source)
        run_id = await runs.add(
            self.session,
            {
                "id": new_id(),
                "source": source.name,
                "domain": source.domain,
                "state": RunState.QUEUED,
                "stage": Stage.QUEUED,
                "trigger": trigger,
                "priority": wanted.priority,
                "requested_by": self.caller.name,
                "requested_by_id": self.caller.id,
                "requested_at": self.clock.now(),
                "only": None if wanted.only is None else list(wanted.only),
                "retry_of": wanted.retry_of,
                "schedule_id": wanted.schedule_id,
                "full": wanted.full,
                "verify": wanted.verify,
            },
        )
        if run_id is None:
            return None
        await self.outbox.publish(
            RunRequested(run_id=run_id, source=source.name, trigger=trigger, actor=self.caller.name)
        )
        await wake(self.session)
        return run_id

    async def get(self, run_id: UUID, seen: Visibility = EVERYTHING) -> Run:
        return await runs.get(self.session, run_id, seen)

    async def page(
        self,
        query: PageQuery,
        seen: Visibility = EVERYTHING,
        *,
        source: str | None = None,
        states: Sequence[RunState] = (),
    ) -> Page[Run]:
        """Runs, the latest first."""
        return await runs.page(self.session, query, seen, source=source, states=states)

    async def cancel(self, run_id: UUID, seen: Visibility = EVERYTHING) -> Run:
        """Stop a run; what runs on its source is stopped within two seconds.

        Cancelling again changes nothing; Conflict when the run is over.
        """
        run = await runs.get(self.session, run_id, seen)
        now = self.clock.now()
        by = {"cancelled_by": self.caller.name}
        if await self._cancel_unbegun(run, now):
            await wake(self.session)
            return await self._again(run)
        going = [RunState.QUEUED, RunState.AWAITING_APPROVAL, RunState.RUNNING]
        moved = await runs.move(
            self.session, run_id, to=RunState.CANCELLING, out_of=going, paused=False, **by
        )
        if moved:
            await runs.log(self.session, run_id, now, f"{self.caller.name} cancelled the run.")
            await wake(self.session)
        run = await self._again(run)
        if not moved and run.state != RunState.CANCELLING:
            raise Conflict(f"The run is over: it {_ended(run.state)}.")
        return run

    async def cancel_active(self, source: str) -> None:
        """Stop the run of a source that is under way or waits, if there is one."""
        active = await runs.active_of(self.session, source)
        if active is not None:
            await self.cancel(active.id)

    async def keep_limits(self, source: SourceInfo) -> None:
        """Let the run of a source that is under way heed the limits that hold now."""
        active = await runs.active_of(self.session, source.name)
        if active is None or active.plan is None:
            return
        limits = Limits.stricter(rules_from_json(active.plan["rules"]), source)
        if limits == Limits.of_plan(active.plan):
            return
        await runs.set_values(
            self.session,
            active.id,
            max_concurrency=limits.max_concurrency,
            plan=Run.plan.concat({"limits": limits.as_json()}),
        )
        if not limits.governed:
            await pace.let_go(self.session, source.name)
        told = f"The limits of {source.name} were changed; the run heeds them from now on."
        await runs.log(self.session, active.id, self.clock.now(), told)
        await wake(self.session)

    async def forget(self, source: str) -> None:
        """Drop what was kept of a source for its next scan."""
        await kept.forget_source(self.session, source)

    async def _cancel_unbegun(self, run: Run, now: datetime) -> bool:
        """A run that no worker has begun ends at once."""
        if run.state != RunState.QUEUED:
            return False
        ended = await runs.move(
            self.session,
            run.id,
            to=RunState.CANCELLED,
            out_of=[RunState.QUEUED],
            stage=Stage.FINISHED,
            ended_at=now,
            cancelled_by=self.caller.name,
        )
        if ended:
            await self.outbox.publish(
                RunCancelled(run_id=run.id, source=run.source, actor=self.caller.name),
                RunFinished(
                    run_id=run.id,
                    source=run.source,
                    state=RunState.CANCELLED,
                    assets=0,
                    failed_assets=0,
                    rows=0,
                ),
            )
        return ended

    async def _again(self, run: Run) -> Run:
        await self.session.refresh(run)
        return run

    async def pause(self, run_id: UUID, seen: Visibility = EVERYTHING) -> Run:
        """Start no further chunk of a run; those that run are finished."""
        return await self._set_paused(run_id, seen, paused=True)

    async def resume(self, run_id: UUID, seen: Visibility = EVERYTHING) -> Run:
        return await self._set_paused(run_id, seen, paused=False)

    async def _set_paused(self, run_id: UUID, seen: Visibility, *, paused: bool) -> Run:
        run = await runs.get(self.session, run_id, seen)
        if run.state != RunState.RUNNING:
            raise Conflict("Only a run that is under way can be paused or resumed.")
        if run.paused is not paused:
            await runs.set_values(self.session, run_id, paused=paused)
            word = "paused" if paused else "resumed"
            now = self.clock.now()
            await runs.log(self.session, run_id, now, f"{self.caller.name} {word} the run.")
            await wake(self.session)
        return await self._again(run)

    async def repeat(self, run_id: UUID, seen: Visibility = EVERYTHING) -> UUID:
        """Scan the source of a run again, whole."""
        run = await self._over(run_id, seen)
        return await self.request(run.source, trigger=Trigger.MANUAL, retry_of=run.id)

    async def replay(self, run_id: UUID, seen: Visibility = EVERYTHING) -> UUID:
        """Scan again only what failed in a run, or was not reached by it."""
        run = await self._over(run_id, seen)
        left = await runs.failed_assets(self.session, run_id)
        if not left:
            raise Invalid("Nothing failed in this run, so there is nothing to replay.")
        return await self.request(run.source, trigger=Trigger.MANUAL, only=left, retry_of=run.id)

    async def _over(self, run_id: UUID, seen: Visibility) -> Run:
        run = await runs.get(self.session, run_id, seen)
        if not RunState(run.state).over:
            raise Conflict("The run is still under way. Wait for its end, or cancel it first.")
        return run

    async def assets(
        self, run_id: UUID, query: PageQuery, seen: Visibility, *, state: str | None = None
    ) -> Page[RunAsset]:
        """What the run did to each asset, by name."""
        await runs.get(self.session, run_id, seen)
        return await runs.page_assets(self.session, run_id, query, state=state)

    async def chunks(self, run_id: UUID, query: PageQuery, seen: Visibility) -> Page[Chunk]:
        await runs.get(self.session, run_id, seen)
        return await runs.page_chunks(self.session, run_id, query)

    async def log(self, run_id: UUID, query: PageQuery, seen: Visibility) -> Page[LogLine]:
        await runs.get(self.session, run_id, seen)
        return await runs.page_log(self.session, run_id, query)

    async def progress(self, run_id: UUID, seen: Visibility = EVERYTHING) -> Progress:
        """How far one run is."""
        run = await runs.get(self.session, run_id, seen)
        return (await self._progress([run]))[0]

    async def progress_of(self, run_ids: Sequence[UUID]) -> Sequence[Progress]:
        """How far several runs are, in three statements."""
        return await self._progress(await runs.many(self.session, run_ids))

    async def last_line(self) -> int:
        """The newest log line of any run."""
        return await runs.last_line(self.session)

    async def lines_after(self, run_ids: Sequence[UUID], line_id: int) -> Sequence[LogLine]:
        return await runs.lines_after(self.session, run_ids, line_id)

    async def _progress(self, found: Sequence[Run]) -> Sequence[Progress]:
        live = await runs.live_rows(self.session, [run.id for run in found])
        now = self.clock.now()
        paces = await pace.of(self.session, [run.source for run in found])
        return [
            progress_of(run, live.get(run.id, (0, [])), paces.get(run.source), now) for run in found
        ]


async def visible_source(sources: SourceReader, name: str, seen: Visibility) -> SourceInfo:
    """The source; NotFound when there is none, or none that the caller may see."""
    found = await sources.source(name)
    if not seen.allows(found.domain):
        raise NotFound(f"There is no source named {name}.")
    return found


def progress_of(
    run: Run, live: tuple[int, Sequence[str]], known: SourcePace | None, now: datetime
) -> Progress:
    """The progress of a run from its row and from what its running chunks have read."""
    live_rows, current = live
    seconds = _elapsed(run, now).total_seconds()
    pace = Pace(
        rows_done=run.rows_done + live_rows,
        rows_expected=run.rows_expected,
        assets_done=run.assets_done,
        assets_total=run.assets_total,
        seconds=seconds,
        usual_seconds=run.usual_seconds,
    )
    under_way = run.state == RunState.RUNNING
    return Progress(
        run_id=run.id,
        source=run.source,
        state=RunState(run.state),
        stage=Stage(run.stage),
        assets_total=run.assets_total,
        assets_done=run.assets_done,
        assets_failed=run.assets_failed,
        chunks_total=run.chunks_total,
        chunks_done=run.chunks_done,
        rows_read=pace.rows_done,
        rows_estimated=run.rows_expected,
        rows_per_second=rate(pace),
        eta_at=arrival(pace, now) if under_way else None,
        current=tuple(current),
        started_at=run.started_at,
        ended_at=run.ended_at,
        problem=_failure(run.problem),
        held=_held(run, known, now) if under_way else None,
    )


def _held(run: Run, known: SourcePace | None, now: datetime) -> str | None:
    if run.stage not in (Stage.PLANNING, Stage.DISCOVERING, Stage.READING):
        return None
    return said(run.source, Limits.of_plan(run.plan), known, now)


def _elapsed(run: Run, now: datetime) -> timedelta:
    if run.started_at is None:
        return timedelta()
    return (run.ended_at or now) - run.started_at


def _failure(body: dict[str, Any] | None) -> Failure | None:
    return None if body is None else Failure.from_json(body)


def _ended(state: str) -> str:
    return {
        RunState.SUCCEEDED: "succeeded",
        RunState.PARTIAL: "ended in part",
        RunState.FAILED: "failed",
        RunState.CANCELLED: "was cancelled",
        RunState.REJECTED: "was rejected",
    }[RunState(state)]
