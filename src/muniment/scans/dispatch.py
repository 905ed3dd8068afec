"""Keeps this worker's pool busy with chunks, and settles each of them once."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import structlog

from muniment.contracts.connectors import Partition
from muniment.kernel.errors import (
    MunimentError,
    SourceAuthenticationFailed,
    SourceUnreachable,
    Unavailable,
)
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import JsonObject
from muniment.scans import sealing
from muniment.scans.bench import Bench, patiently
from muniment.scans.chunking import UNKNOWN_ROWS
from muniment.scans.codec import meta_from_json, reading_from_json
from muniment.scans.jobs import (
    Asks,
    Frame,
    JobFailed,
    Reached,
    ReadJob,
    ReadTask,
    Rest,
    TaskDone,
    TaskFailed,
)
from muniment.scans.limits import Limits
from muniment.scans.metering import keep_to_rates
from muniment.scans.model import WORKER_LOST, Failure
from muniment.scans.ports import OnFrame, Reins
from muniment.scans.repository import backlog, outcomes, pace, runs
from muniment.scans.repository.backlog import Claim, ClaimedTask, Reach
from muniment.scans.repository.signals import wake
from muniment.scans.retry import wait_for
from muniment.scans.steps.publish import CLASSIFY, seal
from muniment.scans.steps.relate import RELATIONS, relation_params

log = structlog.get_logger(__name__)

BUSY_LOOK_SECONDS = 1.0
IDLE_LOOK_SECONDS = 10.0
REACH_EVERY_SECONDS = 0.5
LEAF_WITHIN = timedelta(minutes=30)
MOST_ATTEMPTS = 6
"""A chunk that ended so many workers is not given to another."""


@dataclass(slots=True)
class _Leaf:
    """A chunk at work in this process."""

    claim: Claim
    reins: Reins = field(default_factory=Reins)
    rest: float = 0.0
    """What it was told to rest after each second of work."""
    task: asyncio.Task[None] | None = None
    cancelled: bool = False
    rows: int = 0
    current: str = ""
    told: tuple[int, str] = (0, "")

    def slow(self, rest: float) -> None:
        """Pass on how much the job is to rest, when that changed."""
        if rest != self.rest:
            self.rest = rest
            self.reins.tell(Rest(rest))

    def hear(self, frame: Frame) -> None:
        if isinstance(frame, Reached):
            self.rows, self.current = frame.rows, frame.current


@dataclass(slots=True)
class Dispatcher:
    """One per worker: claims, runs, settles; heeds cancels; tells how far chunks are."""

    bench: Bench
    worker_id: str
    slots: int
    chance: Random = field(default_factory=Random)
    _leaves: dict[UUID, _Leaf] = field(default_factory=dict)

    @property
    def busy(self) -> int:
        """How many chunks run here now."""
        return len(self._leaves)

    async def run(self) -> None:
        """Work until cancelled; then give back what is unfinished."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._tell())
                await self._admit(group)
        finally:
            await asyncio.shield(self._give_back())

    async def _admit(self, group: asyncio.TaskGroup) -> None:
        while True:
            heard = self.bench.ring.strikes
            try:
                claims = await self._claim()
                for claim in claims:
                    leaf = _Leaf(claim)
                    self._leaves[claim.chunk_id] = leaf
                    leaf.task = group.create_task(self._work(leaf))
                await self._heed_cancels()
            except Unavailable as error:
                log.warning("dispatch.waits", reason=error.slug)
                claims = []
            if not claims:
                patience = BUSY_LOOK_SECONDS if self._leaves else await self._patience()
                await self.bench.ring.wait(patience, since=heard)

    async def _patience(self) -> float:
        """Until the next back-off ends, at most the idle pause."""
        try:
            async with self.bench.open() as unit:
                due = await backlog.next_ready_at(unit.session)
                if due is None:
                    return IDLE_LOOK_SECONDS
                left = (due - unit.clock.now()).total_seconds()
        except Unavailable:
            return BUSY_LOOK_SECONDS
        # What is ready and was not given out is held by a cap, a window or a pause.
        return min(max(left, 0.05), IDLE_LOOK_SECONDS) if left > 0 else BUSY_LOOK_SECONDS

    async def _claim(self) -> Sequence[Claim]:
        free = self.slots - len(self._leaves)
        if free <= 0:
            return []
        async with self.bench.open() as unit:
            return await backlog.claim(
                unit.session, worker_id=self.worker_id, slots=free, now=unit.clock.now()
            )

    async def _heed_cancels(self) -> None:
        mine = {leaf.claim.run_id for leaf in self._leaves.values()}
        if not mine:
            return
        async with self.bench.open() as unit:
            stopping = set(await backlog.cancelling_runs(unit.session, list(mine)))
            sources = {leaf.claim.source for leaf in self._leaves.values()}
            paces = await pace.of(unit.session, list(sources))
            now = unit.clock.now()
        for leaf in self._leaves.values():
            known = paces.get(leaf.claim.source)
            leaf.slow(known.rest(now) if known is not None else 0.0)
            if leaf.claim.run_id in stopping and leaf.task is not None and not leaf.cancelled:
                leaf.cancelled = True
                leaf.task.cancel()

    async def _tell(self) -> None:
        """Store how far the running chunks are, twice a second at most."""
        while True:
            await asyncio.sleep(REACH_EVERY_SECONDS)
            moved = [
                leaf for leaf in self._leaves.values() if (leaf.rows, leaf.current) != leaf.told
            ]
            if not moved:
                continue
            reaches = [
                Reach(leaf.claim.chunk_id, leaf.claim.attempt, leaf.rows, leaf.current)
                for leaf in moved
            ]
            try:
                async with self.bench.open() as unit:
                    await backlog.record_reach(unit.session, reaches)
            except Unavailable:
                continue
            for leaf in moved:
                leaf.told = (leaf.rows, leaf.current)

    async def _work(self, leaf: _Leaf) -> None:
        claim = leaf.claim
        try:
            await self._read(leaf)
        except asyncio.CancelledError:
            if not leaf.cancelled:
                raise
            await asyncio.shield(patiently(lambda: self._cancelled(claim), what="chunk.cancel"))
        except Exception as error:  # the worker's edge: a bug costs one chunk, not the worker
            log.exception("chunk.failed", chunk_id=str(claim.chunk_id))
            failure = Failure.of(error, doing="running a chunk")
            await patiently(lambda: self._abandon(claim, failure), what="chunk.abandon")
        finally:
            if leaf.cancelled or not _stopping():
                self._leaves.pop(claim.chunk_id, None)
                self.bench.ring.strike()

    async def _read(self, leaf: _Leaf) -> None:
        claim = leaf.claim
        if claim.attempt > MOST_ATTEMPTS:
            await patiently(lambda: self._abandon(claim, _TOO_OFTEN), what="chunk.abandon")
            return
        job, tasks = await patiently(lambda: self._prepare(claim), what="chunk.prepare")
        heard: list[Frame] = []
        asked: asyncio.Queue[Asks] = asyncio.Queue()

        def on_frame(frame: Frame) -> None:
            leaf.hear(frame)
            if isinstance(frame, Asks):
                asked.put_nowait(frame)
            elif not isinstance(frame, Reached):
                heard.append(frame)

        lost: Failure | None = None
        if tasks:
            async with asyncio.TaskGroup() as group:
                answering = group.create_task(
                    keep_to_rates(self.bench, claim.run_id, claim.source, asked, leaf.reins)
                )
                lost = await self._compute(job, on_frame, leaf.reins)
                answering.cancel()
        settle = _Settlement.of(tasks, heard, lost)
        await patiently(lambda: self._settle(claim, settle), what="chunk.settle")

    async def _compute(self, job: ReadJob, on_frame: OnFrame, reins: Reins) -> Failure | None:
        """Run a chunk's job; why it was lost as a whole, if it was."""
        try:
            await self.bench.compute.run(job, on_frame=on_frame, within=_within(job), reins=reins)
        except MunimentError as error:
            return Failure.of(error, doing="reading the source")
        return None

    async def _prepare(self, claim: Claim) -> tuple[ReadJob, Sequence[ClaimedTask]]:
        async with self.bench.open() as unit:
            run = await runs.get(unit.session, claim.run_id)
            tasks = await backlog.tasks_of(unit.session, claim.chunk_id)
            connection = await unit.connections.connection(claim.source)
            tasks = [
                replace(each, spec=sealing.opened(unit.vault, each.spec, each.asset))
                for each in tasks
            ]
            plan = run.plan or {}
            asked = {CLASSIFY: plan[CLASSIFY], RELATIONS: relation_params(unit.vault, plan)}
        job = ReadJob(
            connection=connection,
            limits=Limits.of_plan(run.plan).for_job(_rows(tasks)),
            tasks=tuple(_read_task(each, asked) for each in tasks),
        )
        return job, tasks

    async def _settle(self, claim: Claim, settlement: "_Settlement") -> None:
        """Store all that a chunk brought, and that it is done, in one transaction."""
        async with self.bench.open() as unit:
            now = unit.clock.now()
            failure = settlement.lost.as_json() if settlement.lost is not None else None
            rows = sum(done.rows for _, done in settlement.done)
            held = await backlog.finish_chunk(
                unit.session, claim, rows=rows, failure=failure, now=now
            )
            if not held:
                log.warning("chunk.fenced", chunk_id=str(claim.chunk_id), attempt=claim.attempt)
                return
            done = [
                outcomes.DoneTask(
                    asset=task.asset,
                    partition=task.partition,
                    rows=frame.rows,
                    seconds=frame.seconds,
                    results=frame.results,
                    sealed={
                        name: seal(unit.vault, raw, run_id=claim.run_id, asset=task.asset)
                        for name, raw in (frame.states or {}).items()
                    },
                )
                for task, frame in settlement.done
            ]
            await outcomes.store_done(unit.session, claim.run_id, done)
            again, lost = settlement.sort(self.chance, now)
            await outcomes.try_again(unit.session, claim.run_id, claim.source, again)
            failed = await outcomes.fail_assets(unit.session, claim.run_id, lost, now)
            await outcomes.count_up(
                unit.session,
                claim.run_id,
                chunks_done=1,
                chunks_added=len(again),
                rows=rows,
                assets_failed=failed,
                reached=settlement.reached,
                refused=settlement.refused,
            )
            for task, frame in settlement.done:
                for told in _remarks(frame):
                    await runs.log(
                        unit.session, claim.run_id, now, told, level="warning", asset=task.asset
                    )
            for each in lost:
                await runs.log(
                    unit.session,
                    claim.run_id,
                    now,
                    Failure.from_json(each.failure).sentence,
                    level="error",
                    asset=each.asset,
                )
            await wake(unit.session)

    async def _cancelled(self, claim: Claim) -> None:
        async with self.bench.open() as unit:
            await backlog.cancel_chunk(unit.session, claim, unit.clock.now())
            await wake(unit.session)

    async def _abandon(self, claim: Claim, failure: Failure) -> None:
        """The chunk cannot be run at all: its assets fail with the reason."""
        async with self.bench.open() as unit:
            tasks = await backlog.tasks_of(unit.session, claim.chunk_id)
        settlement = _Settlement((), tuple((task, failure, 0.0) for task in tasks), failure)
        await self._settle(claim, settlement)

    async def _give_back(self) -> None:
        leaves = list(self._leaves.values())
        self._leaves.clear()
        for leaf in leaves:
            try:
                async with self.bench.open() as unit:
                    await backlog.give_back(unit.session, leaf.claim, "stopped", unit.clock.now())
                    await wake(unit.session)
            except Unavailable:
                # The lease of this worker will run out, and its chunks with it.
                return


def _rows(tasks: Sequence[ClaimedTask]) -> int:
    """The most rows that one statement of a chunk is expected to bring."""
    return max((task.rows_expected or UNKNOWN_ROWS for task in tasks), default=0)


def _within(job: ReadJob) -> timedelta:
    """How long a chunk may take: the usual time, and what the rates of its source add to it."""
    return LEAF_WITHIN + timedelta(seconds=job.limits.statement_timeout_seconds * len(job.tasks))


def _stopping() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _read_task(task: ClaimedTask, asked: Mapping[str, JsonObject]) -> ReadTask:
    return ReadTask(
        asset=AssetRef.parse(task.asset),
        meta=meta_from_json(task.meta),
        partition=Partition(task.partition, task.spec, task.rows_expected, task.fraction),
        reading=reading_from_json(task.reading),
        params={**asked, **task.params},
        alone=task.alone,
        keep=task.keep,
    )


@dataclass(frozen=True, slots=True)
class _Settlement:
    """What became of each task of a chunk."""

    done: tuple[tuple[ClaimedTask, TaskDone], ...]
    failed: tuple[tuple[ClaimedTask, Failure, float], ...]
    lost: Failure | None

    @classmethod
    def of(
        cls, tasks: Sequence[ClaimedTask], heard: Sequence[Frame], lost: Failure | None
    ) -> "_Settlement":
        """Match frames with tasks. When the child died, the task it was at bears the blame; those
        after it are tried again without a count."""
        done = [(tasks[each.index], each) for each in heard if isinstance(each, TaskDone)]
        failed = [
            (tasks[each.index], each.failure, each.seconds)
            for each in heard
            if isinstance(each, TaskFailed)
        ]
        whole = next((each.failure for each in heard if isinstance(each, JobFailed)), lost)
        settled = {id(task) for task, _ in done} | {id(task) for task, _, _ in failed}
        failed += [(task, whole or _UNTOLD, 0.0) for task in tasks if id(task) not in settled]
        return cls(tuple(done), tuple(failed), whole)

    @property
    def reached(self) -> bool | None:
        """Whether the source answered; None when nothing was asked of it."""
        if self.done:
            return True
        slugs = {failure.slug for _, failure, _ in self.failed}
        if SourceUnreachable.slug in slugs:
            return False
        return True if slugs else None

    @property
    def refused(self) -> bool:
        """Whether the source turned the account away."""
        return any(each.slug == SourceAuthenticationFailed.slug for _, each, _ in self.failed)

    def sort(
        self, chance: Random, now: datetime
    ) -> tuple[list[outcomes.Again], list[outcomes.Lost]]:
        """Which tasks are tried again and when; which assets are lost for good."""
        again: list[outcomes.Again] = []
        lost: dict[str, outcomes.Lost] = {}
        together: list[ClaimedTask] = []
        ready_at = now
        blamed = False
        for task, failure, seconds in self.failed:
            if failure.slug == WORKER_LOST and blamed:
                together.append(task)
                continue
            blamed = blamed or failure.slug == WORKER_LOST
            wait = wait_for(failure, task.attempts + 1, chance)
            if wait is None:
                lost[task.asset] = outcomes.Lost(task.asset, failure.as_json(), seconds)
            elif failure.slug == SourceUnreachable.slug:
                # One attempt at an unreachable source is enough for all of them.
                together.append(task)
                ready_at = max(ready_at, now + wait)
            else:
                again.append(_again([task], now + wait))
        if together:
            again.append(_again(together, ready_at))
        return again, list(lost.values())


_TOO_OFTEN = Failure(
    WORKER_LOST,
    f"{MOST_ATTEMPTS} workers ended while they read this.",
    "Give the worker more memory, or exclude the object in the rule set.",
)
_UNTOLD = Failure.lost("The worker process ended before it told what it had read.")


def _remarks(frame: TaskDone) -> Sequence[str]:
    """What is to be known of what was read, in sentences."""
    return (*([_skipped(frame.skipped)] if frame.skipped else []), *frame.remarks)


def _skipped(rows: int) -> str:
    one = rows == 1
    return f"{rows:,} {'row was' if one else 'rows were'} left out: they cannot be decoded."


def _again(tasks: Sequence[ClaimedTask], ready_at: datetime) -> outcomes.Again:
    return outcomes.Again(
        tasks=tuple((task.asset, task.partition) for task in tasks),
        weight=sum(task.weight for task in tasks),
        ready_at=ready_at,
    )
