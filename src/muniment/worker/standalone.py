"""The engine with no server and no database: lists a source, reads it on a pool, finishes it."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from muniment.contracts.connectors import AssetMeta, Partition, SourceConnection
from muniment.contracts.figures import TableFigures
from muniment.contracts.sampling import Strategy
from muniment.kernel.errors import MunimentError
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import AssetKind, JsonObject
from muniment.scans.chunking import Piece, bundle
from muniment.scans.jobs import (
    DiscoverJob,
    Figures,
    FiguresJob,
    Finished,
    FinishJob,
    Found,
    Frame,
    Job,
    JobFailed,
    Listed,
    Merged,
    MergeJob,
    Reading,
    ReadJob,
    ReadTask,
    SourceLimits,
    TaskDone,
    TaskFailed,
    Thinning,
    Tier,
)
from muniment.scans.model import Failure
from muniment.worker.pool import Pool

STATED_AT_ONCE = 100_000
COUNTED_AT_ONCE = 20
MERGE_AT_ONCE = 8
VIEW_ROWS = 10_000


def _nobody(asset: str, rows: int) -> None:
    """Nobody wants to hear how far it is."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be profiled and how."""

    connection: SourceConnection
    include: tuple[str, ...] = ("*",)
    exclude: tuple[str, ...] = ()
    rows_of_partition: int = 2_000_000
    sample_rows: int | None = None
    strategy: Strategy | None = None
    """How a sample is chosen; None leaves it to the source, which mostly reads blocks."""
    analyzers: frozenset[str] | None = None
    params: Mapping[str, JsonObject] = field(default_factory=dict)
    limits: SourceLimits = field(default_factory=lambda: SourceLimits(3600.0))
    within: timedelta = timedelta(hours=24)
    told: Callable[[str, int], None] = _nobody
    """Hears which asset is being read and how many of its rows were read at once."""


States = Mapping[str, bytes]
"""Dumped states by analyzer."""


@dataclass(slots=True)
class Outcome:
    """What became of one asset: results by analyzer, or the reason why there are none.

    ``fraction`` of its rows was read. ``skipped`` rows could not be decoded.
    """

    meta: AssetMeta
    rows: int = 0
    seconds: float = 0.0
    skipped: int = 0
    remarks: dict[str, None] = field(default_factory=dict)
    """Sentences about what was left out or changed; a dictionary for their order."""
    fraction: float = 1.0
    parts: int = 0
    results: Mapping[str, JsonObject] | None = None
    failure: Failure | None = None
    levels: list[list[States]] = field(default_factory=list)
    """States of partitions that wait to be merged, by how often they were merged already."""

    def fail(self, failure: Failure) -> None:
        self.failure = self.failure or failure
        self.levels.clear()

    def keep(self, states: States, level: int = 0) -> None:
        if self.failure is None:
            while len(self.levels) <= level:
                self.levels.append([])
            self.levels[level].append(states)


async def listed(pool: Pool, wanted: Wanted) -> Sequence[Listed]:
    """Every asset in scope with its partitions, in the source's order."""
    job = DiscoverJob(
        wanted.connection,
        wanted.limits,
        wanted.include,
        wanted.exclude,
        Reading(wanted.rows_of_partition, wanted.sample_rows if wanted.strategy is None else None),
        VIEW_ROWS,
    )
    frames = await _frames(pool, job, wanted.within)
    return [asset for frame in frames if isinstance(frame, Found) for asset in frame.assets]


async def figures(
    pool: Pool, wanted: Wanted, tier: Tier
) -> tuple[Sequence[AssetMeta], Mapping[tuple[str, ...], TableFigures | Failure]]:
    """Assets, and what is known of each without a profile."""
    known = await listed(pool, wanted)
    assets = [each.meta for each in known]
    # What could not even be cut into partitions cannot be counted either.
    found: dict[tuple[str, ...], TableFigures | Failure] = {
        each.meta.path: each.failure for each in known if each.failure is not None
    }
    holders = [
        meta
        for meta in assets
        if meta.columns and meta.kind is not AssetKind.VIEW and meta.path not in found
    ]
    size = STATED_AT_ONCE if tier is Tier.METADATA else COUNTED_AT_ONCE
    jobs = [
        FiguresJob(wanted.connection, wanted.limits, tuple(holders[at : at + size]), tier)
        for at in range(0, len(holders), size)
    ]

    def hear(frame: Frame) -> None:
        if isinstance(frame, Figures):
            found[frame.path] = frame.table or frame.failure or _LOST
            wanted.told(frame.path[-1], 0)

    failures = await asyncio.gather(*(_run(pool, job, hear, wanted.within) for job in jobs))
    for job, failure in zip(jobs, failures, strict=True):
        for asset in job.assets if failure is not None else ():
            found.setdefault(asset.path, failure or _LOST)
    return assets, found


async def profiled(pool: Pool, wanted: Wanted) -> Sequence[Outcome]:
    """Read every asset in scope and finish it; what fails says why and stops nothing else."""
    outcomes: dict[str, Outcome] = {}
    tasks: dict[tuple[str, int], ReadTask] = {}
    for each in await listed(pool, wanted):
        ref = AssetRef(wanted.connection.name, each.meta.path)
        outcome = Outcome(each.meta, parts=len(each.partitions), failure=each.failure)
        outcomes[str(ref)] = outcome
        for partition in each.partitions:
            outcome.fraction = min(outcome.fraction, partition.fraction)
            alone = len(each.partitions) == 1
            tasks[str(ref), partition.index] = ReadTask(
                ref,
                each.meta,
                partition,
                each.reading,
                wanted.params,
                alone,
                thinning=_thinning(wanted, each, partition),
            )
    pieces = [
        Piece(asset, index, task.partition.estimated_rows, len(task.meta.columns))
        for (asset, index), task in tasks.items()
    ]
    chunks = [[tasks[piece.asset, piece.partition] for piece in chunk] for chunk in bundle(pieces)]
    await asyncio.gather(*(_read(pool, wanted, chunk, outcomes) for chunk in chunks))
    for outcome in outcomes.values():
        if wanted.strategy is not None and outcome.rows:
            outcome.fraction *= _fraction(outcome, wanted.sample_rows or outcome.rows)
    waiting = [outcome for outcome in outcomes.values() if any(outcome.levels)]
    await asyncio.gather(*(_finish(pool, wanted, outcome) for outcome in waiting))
    return list(outcomes.values())


def _thinning(wanted: Wanted, listed: Listed, partition: Partition) -> Thinning | None:
    """The partition's part of a sample that the source does not choose."""
    if wanted.strategy is None or wanted.sample_rows is None:
        return None
    guessed = [each.estimated_rows or 0 for each in listed.partitions]
    total = max(sum(guessed), 1)
    share = (partition.estimated_rows or 0) / total if sum(guessed) else 1 / len(guessed)
    rows = -(-round(wanted.sample_rows * share * 1_000) // 1_000)
    return Thinning(wanted.strategy, rows, min(1.0, wanted.sample_rows / total))


def _fraction(outcome: Outcome, asked: int) -> float:
    """Which part of an asset a sample of our own is; 0 where nobody knows how large the whole is.

    Where fewer rows than asked for came, those are all.
    """
    total = outcome.meta.row_estimate
    if total is not None:
        return min(1.0, outcome.rows / max(total, 1))
    return 1.0 if outcome.rows < asked else 0.0


async def _read(
    pool: Pool, wanted: Wanted, chunk: Sequence[ReadTask], outcomes: Mapping[str, Outcome]
) -> None:
    settled: set[int] = set()

    def hear(frame: Frame) -> None:
        if not isinstance(frame, TaskDone | TaskFailed):
            return
        settled.add(frame.index)
        task = chunk[frame.index]
        outcome = outcomes[str(task.asset)]
        outcome.seconds += frame.seconds
        if isinstance(frame, TaskFailed):
            outcome.fail(frame.failure)
            return
        outcome.rows += frame.rows
        outcome.skipped += frame.skipped
        outcome.remarks |= dict.fromkeys(frame.remarks)
        outcome.results = frame.results
        if frame.states is not None:
            outcome.keep(frame.states)
        wanted.told(task.asset.name, frame.rows)

    job = ReadJob(wanted.connection, wanted.limits, tuple(chunk), wanted.analyzers)
    failure = await _run(pool, job, hear, wanted.within)
    for index, task in enumerate(chunk):
        outcome = outcomes[str(task.asset)]
        if index not in settled:
            outcome.fail(failure or _LOST)
        await _fold(pool, wanted, outcome)


async def _fold(pool: Pool, wanted: Wanted, outcome: Outcome) -> None:
    """Merge what has gathered, so that few states are held; as a tree, since some lose a little."""
    for level, states in enumerate(outcome.levels):
        if len(states) >= MERGE_AT_ONCE:
            outcome.levels[level] = []
            try:
                outcome.keep(await _merged(pool, states, wanted.within), level + 1)
            except _Told as told:
                outcome.fail(told.failure)
                return


async def _finish(pool: Pool, wanted: Wanted, outcome: Outcome) -> None:
    """Merge what is left, the least merged first, and turn it into results."""
    levels, outcome.levels = outcome.levels, []
    try:
        merged: list[States] = []
        for states in levels:
            if merged or states:
                merged = [await _merged(pool, [*merged, *states], wanted.within)]
        ref = AssetRef(wanted.connection.name, outcome.meta.path)
        job = FinishJob(ref, outcome.meta, wanted.params, merged[0])
        frames = await _frames(pool, job, wanted.within)
    except _Told as told:
        outcome.fail(told.failure)
        return
    outcome.results = next(each.results for each in frames if isinstance(each, Finished))


async def _merged(pool: Pool, states: Sequence[States], within: timedelta) -> States:
    if len(states) == 1:
        return states[0]
    by_analyzer = {name: [each[name] for each in states] for name in states[0]}
    frames = await _frames(pool, MergeJob(by_analyzer), within)
    return next(each.states for each in frames if isinstance(each, Merged))


class _Told(MunimentError):
    """A job failed as a whole."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.sentence)
        self.failure = failure


_LOST = Failure.lost("The worker process ended before it told what it had read.")


async def _frames(pool: Pool, job: Job, within: timedelta) -> Iterable[Frame]:
    frames: list[Frame] = []
    if failure := await _run(pool, job, frames.append, within):
        raise _Told(failure)
    return frames


async def _run(
    pool: Pool, job: Job, hear: Callable[[Frame], None], within: timedelta
) -> Failure | None:
    """Run a job; why it failed as a whole, if it did."""
    whole: list[Failure] = []

    def heard(frame: Frame) -> None:
        if isinstance(frame, JobFailed):
            whole.append(frame.failure)
        else:
            hear(frame)

    try:
        await pool.run(job, on_frame=heard, within=within)
    except MunimentError as error:
        # A process that gave its source up said why before it ended.
        return whole[0] if whole else Failure.of(error, doing="reading the source")
    return whole[0] if whole else None
