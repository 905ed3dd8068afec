"""The jobs a pool child runs: discover, read, merge, finish, parse."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from secrets import token_hex
from typing import Any

from muniment.contracts.connectors import AssetMeta, Partition, SourceConnection
from muniment.contracts.markers import WATER, KnownPart, MarkedPart, TellsChanges
from muniment.contracts.reading import Analyzer, Bounds, Connector, ReadPlan, Remarks, Scope
from muniment.kernel.errors import Cancelled, LimitExceeded, SourceError, SourceUnreachable
from muniment.kernel.values import AssetKind
from muniment.scans.engine import figures, plugins, water
from muniment.scans.engine.analysis import Analysis, merge, storable_object
from muniment.scans.engine.pacing import Brake, Pacer
from muniment.scans.engine.patience import Patience
from muniment.scans.engine.sampling import thinned
from muniment.scans.jobs import (
    DiscoverJob,
    FiguresJob,
    Finished,
    FinishJob,
    Found,
    Frame,
    Job,
    JobFailed,
    LineageJob,
    Listed,
    Merged,
    MergeJob,
    Parsed,
    Reached,
    Reading,
    ReadJob,
    ReadTask,
    Related,
    RelateJob,
    SourceLimits,
    Statements,
    StatementsJob,
    TaskDone,
    TaskFailed,
)
from muniment.scans.model import Failure

Send = Callable[[Frame], None]

HOLDS_DATA = (
    AssetKind.TABLE,
    AssetKind.MATERIALIZED_VIEW,
    AssetKind.DATASET,
    AssetKind.VIEW,
)
UNREAD = Partition(0, {}, estimated_rows=0)
"""The one part of an asset of which no row is read."""
PER_FRAME = 200
REACHED_EVERY_SECONDS = 0.4
UNREACHABLE_SLUGS = ("source-unreachable", "source-authentication-failed")


@dataclass(slots=True)
class Stop:
    """What stops a running job from another thread."""

    give_up: Callable[[Failure], None] | None = None
    """What ends a process whose source is silent; without it the statement is stopped only."""
    asked: threading.Event = field(default_factory=threading.Event)
    brake: Brake = field(default_factory=Brake)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _connector: Connector | None = None

    def now(self) -> None:
        """Ask the job to end, and stop the statement it runs on the source."""
        self.asked.set()
        self.brake.release()
        with self._lock:
            if self._connector is not None:
                self._connector.cancel()

    def silent(self, seconds: float) -> None:
        """The source was asked and sends nothing."""
        silence = SourceUnreachable(
            f"The source stopped answering: nothing came from it for {seconds:.0f} s.",
            remedy="Check its load and the network between, then replay what is left.",
        )
        if self.give_up is not None:
            self.give_up(Failure.of(silence, doing="reading the source"))
        self.now()

    def check(self) -> None:
        if self.asked.is_set():
            raise Cancelled("The scan was cancelled.")

    @contextmanager
    def watching(self, connector: Connector) -> Iterator[None]:
        with self._lock:
            self._connector = connector
        try:
            self.check()
            yield
        finally:
            with self._lock:
                self._connector = None


def run(job: Job, send: Send, stop: Stop) -> None:
    """Do one job; whatever goes wrong is told as a frame and never raised."""
    try:
        _run(job, send, stop)
    except Exception as error:  # noqa: BLE001  # the plug-in boundary: told as a failure
        send(JobFailed(_failure(error, doing=_doing(job))))


def _run(job: Job, send: Send, stop: Stop) -> None:
    match job:
        case StatementsJob():
            with _open(job.connection, job.limits, stop, send) as (connector, _):
                send(Statements(tuple(connector.catalogue_statements())))
        case DiscoverJob():
            _discover(job, send, stop)
        case ReadJob():
            _read(job, send, stop)
        case FiguresJob():
            with _open(job.connection, job.limits, stop, send) as (connector, pacer):
                figures.gather(connector, job, send, stop.check, pacer.asking)
        case MergeJob():
            by_name = plugins.analyzers_by_name(job.states)
            send(Merged({name: merge(by_name[name], raw) for name, raw in job.states.items()}))
        case FinishJob():
            analysis = Analysis(job.asset, job.meta, job.params, plugins.analyzers(job.states))
            analysis.load(job.states)
            send(Finished(analysis.finish()))
        case LineageJob():
            parse = plugins.lineage_parser()
            send(Parsed([storable_object(parse(each)) for each in job.jobs]))
        case RelateJob():
            send(Related(plugins.relation_comparer()(job.job)))


def _doing(job: Job) -> str:
    match job:
        case DiscoverJob() | StatementsJob():
            return "listing the source"
        case ReadJob() | FiguresJob():
            return "reading the source"
        case LineageJob():
            return "parsing definitions"
        case RelateJob():
            return "comparing columns"
        case _:
            return "finishing an analysis"


def _failure(error: Exception, *, doing: str) -> Failure:
    if isinstance(error, MemoryError):
        return Failure.of(
            LimitExceeded("The worker process ran out of the memory it is allowed."), doing=doing
        )
    return Failure.of(error, doing=doing)


@contextmanager
def _open(
    connection: SourceConnection, limits: SourceLimits, stop: Stop, send: Send
) -> Iterator[tuple[Connector, Pacer]]:
    bounds = Bounds(statement_timeout_seconds=limits.statement_timeout_seconds)
    connector = plugins.connector(connection.kind)(connection, bounds)
    patience = Patience(stop.silent)
    pacer = Pacer(limits, stop.brake, patience, send, stop.asked, stop.check)
    try:
        with stop.watching(connector):
            yield connector, pacer
    finally:
        with pacer.closing():
            connector.close()
        patience.end()


def _plan(reading: Reading, limits: SourceLimits) -> ReadPlan:
    plan = ReadPlan(reading.rows_per_partition, sample_rows=reading.sample_rows)
    if limits.rows_per_batch is None:
        return plan
    return replace(plan, rows_per_batch=min(plan.rows_per_batch, limits.rows_per_batch))


def _discover(job: DiscoverJob, send: Send, stop: Stop) -> None:
    with _open(job.connection, job.limits, stop, send) as (connector, pacer):
        # Listed whole before anything is cut: a connector may cut with statements of its own,
        # while the cursor of its listing is still open.
        scope = Scope(include=job.include, exclude=job.exclude)
        metas = list(pacer.each(iter(connector.discover(scope))))
        with pacer.asking():
            markers = _markers(connector, metas) if job.mark else {}
        engine = plugins.engine() if job.mark else ""
        part: list[Listed] = []
        for meta in metas:
            stop.check()
            with pacer.asking():
                part.append(_listed(connector, meta, job, markers.get(meta.path)))
            if len(part) >= PER_FRAME:
                send(Found(part, engine))
                part = []
        send(Found(part, engine))


def _markers(connector: Connector, metas: Sequence[AssetMeta]) -> Mapping[tuple[str, ...], str]:
    """What the source tells of its tables; nothing where it cannot, and then all is read."""
    if not isinstance(connector, TellsChanges):
        return {}
    holders = [
        meta for meta in metas if meta.kind in HOLDS_DATA and meta.kind is not AssetKind.VIEW
    ]
    try:
        return connector.markers(holders)
    except Cancelled:
        raise
    except SourceError:
        return {}


def _marks(
    connector: Connector,
    meta: AssetMeta,
    partitions: Sequence[Partition],
    known: Sequence[KnownPart],
) -> Sequence[MarkedPart]:
    """The partitions with their markers; unmarked where the source fails to tell."""
    known = [part for part in known if WATER not in part.spec]
    unmarked = [MarkedPart(each) for each in partitions]
    if not isinstance(connector, TellsChanges):
        return unmarked
    try:
        return connector.settle(meta, partitions, known)
    except Cancelled:
        raise
    except SourceError:
        return unmarked


def _listed(
    connector: Connector, meta: AssetMeta, job: DiscoverJob, marker: str | None = None
) -> Listed:
    if meta.kind not in HOLDS_DATA or not connector.type.capabilities.profile:
        return Listed(meta)
    if job.only is not None and meta.path not in job.only:
        return Listed(meta)
    reading = job.reading
    if reading.metadata_only:
        return Listed(meta, (UNREAD,), reading)
    if meta.kind is AssetKind.VIEW:
        # Reading a view runs its query on the source: a bounded sample tells what it shows.
        asked = reading.sample_rows or job.view_sample_rows
        reading = Reading(reading.rows_per_partition, min(asked, job.view_sample_rows))
    known = job.known.get(meta.path)
    if known is not None and marker is not None and known.marker == marker:
        return Listed(meta, reading=reading, marker=marker, unchanged=True)
    try:
        cut = connector.partitions(meta, _plan(reading, job.limits))
        before = known.parts if known else ()
        above = water.told(connector, meta, job, cut, before) if job.mark else water.Told()
        if marker is None and not above.marks:
            return Listed(meta, tuple(cut), reading, note=above.note)
        marks = above.marks or tuple(_marks(connector, meta, cut, before))
        cut = [each.partition for each in marks]
        return Listed(
            meta,
            tuple(cut),
            reading,
            marks=marks,
            marker=marker or token_hex(16),  # never told again: nothing speaks for the whole
            high_water=above.column,
            note=above.note,
        )
    except Exception as error:
        failure = _failure(error, doing="planning how to read an asset")
        if failure.slug in UNREACHABLE_SLUGS:
            raise
        return Listed(meta, reading=reading, failure=failure)


def _read(job: ReadJob, send: Send, stop: Stop) -> None:
    chosen = plugins.analyzers(job.analyzers)
    with _open(job.connection, job.limits, stop, send) as (connector, pacer):
        before = 0
        for index, task in enumerate(job.tasks):
            stop.check()
            started = time.monotonic()
            try:
                done = _read_one(connector, task, chosen, pacer, before=before)
                results = done.finish() if task.alone else None
                states = None if task.alone and not task.keep else done.dump()
            except Cancelled:
                raise
            except Exception as error:  # noqa: BLE001  # the plug-in boundary: told as a failure
                stop.check()
                seconds = time.monotonic() - started
                failure = _failure(error, doing=f"analysing {task.asset.name}")
                send(TaskFailed(index, failure, seconds))
                if failure.slug in UNREACHABLE_SLUGS:
                    _give_back(job, index + 1, failure, send)
                    return
            else:
                before += done.rows
                seconds = time.monotonic() - started
                skipped = connector.skipped_rows
                remarks = tuple(connector.remarks) if isinstance(connector, Remarks) else ()
                send(TaskDone(index, done.rows, seconds, results, states, skipped, remarks))


def _read_one(
    connector: Connector,
    task: ReadTask,
    analyzers: Sequence[Analyzer[Any]],
    pacer: Pacer,
    *,
    before: int,
) -> Analysis:
    analysis = Analysis(task.asset, task.meta, task.params, analyzers)
    if task.reading.metadata_only:
        analysis.declare()
        return analysis
    told = 0.0

    def reached(rows: int) -> None:
        nonlocal told
        pacer.check()
        now = time.monotonic()
        if now - told >= REACHED_EVERY_SECONDS:
            told = now
            pacer.send(Reached(before + rows, str(task.asset)))

    plan = _plan(task.reading, pacer.limits)
    batches = pacer.through(connector.read(task.meta, task.partition, plan))
    if task.thinning is not None:
        batches = thinned(batches, task.thinning)
    analysis.read(batches, reached)
    analysis.skip(connector.skipped_rows)
    return analysis


def _give_back(job: ReadJob, first: int, failure: Failure, send: Send) -> None:
    """The source is gone: what was not begun fails alike, without asking it again."""
    for index in range(first, len(job.tasks)):
        send(TaskFailed(index, failure, 0.0))
