"""Durable work carried by DBOS on our own PostgreSQL; the only module that knows DBOS."""

import asyncio
import logging
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from dbos import DBOS, DBOSConfig, SetWorkflowID, _workflow_commands
from dbos._dbos import _get_dbos_instance
from dbos._utils import INTERNAL_QUEUE_NAME

from muniment.kernel.errors import Unavailable
from muniment.kernel.values import JsonValue
from muniment.platform.db import IDLE_SECONDS, sqlalchemy_url
from muniment.platform.durable.port import DurableFunction, Flow, Step, Work, WorkState
from muniment.platform.processes import session_name

SCHEMA = "dbos"
APPLICATION = "muniment"
VERSION = "1"
"""Constant: DBOS recovers work of its own version only, and ours must survive an upgrade."""
POOL = 3
EXECUTOR_THREADS = 8
POLL_SECONDS = 2.0
BACKGROUND_SECONDS = 20.0
AGAIN_SECONDS = 0.5

_STATES = {
    "PENDING": WorkState.PENDING,
    "ENQUEUED": WorkState.WAITING,
    "DELAYED": WorkState.WAITING,
    "SUCCESS": WorkState.SUCCEEDED,
    "ERROR": WorkState.FAILED,
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": WorkState.FAILED,
    "CANCELLED": WorkState.CANCELLED,
}
_ENDED = ["SUCCESS", "ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "CANCELLED"]
MOST_RECOVERIES = 1000
"""A long scan outlives many restarts; what cannot end is stopped by its own limits."""


@dataclass(frozen=True, slots=True)
class _DbosFlow:
    id: str

    async def step(self, name: str, body: Step) -> JsonValue:
        async def carried() -> JsonValue:  # DBOS looks whether it is a coroutine function
            return await body()

        return cast(JsonValue, await DBOS.run_step_async({"name": name}, carried))

    async def receive(self, topic: str, within: timedelta) -> JsonValue:
        message = await DBOS.recv_async(topic, timeout_seconds=within.total_seconds())
        return cast(JsonValue, message)

    async def sleep(self, duration: timedelta) -> None:
        await DBOS.sleep_async(duration.total_seconds())


@dataclass(slots=True)
class DbosWork:
    """One DBOS executor in this process. DBOS allows one at a time per process."""

    url: str
    executor: str
    patience: timedelta = timedelta(seconds=60)
    """How long ``launch`` waits for a database that does not answer."""
    _functions: dict[str, DurableFunction] = field(default_factory=dict)
    _started: dict[str, Any] = field(default_factory=dict)
    _engine: sa.Engine | None = None
    _idle: set[str] = field(default_factory=set)

    def define(self, name: str, function: DurableFunction) -> None:
        self._functions[name] = function

    async def launch(self) -> None:
        """Begin; waits for a database that is being started, Unavailable when it does not come."""
        deadline = asyncio.get_running_loop().time() + self.patience.total_seconds()
        while True:
            try:
                self._launch()
            except sa.exc.DBAPIError as error:
                await self.stop()
                if asyncio.get_running_loop().time() > deadline:
                    raise Unavailable(
                        "The database did not answer when the worker wanted to start."
                    ) from error
                await asyncio.sleep(AGAIN_SECONDS)
            else:
                return

    def _launch(self) -> None:
        # An engine of our own, so that DBOS does not look for a database to create, and its pool
        # stays small.
        self._engine = sa.create_engine(
            sqlalchemy_url(self.url, driver="psycopg"),
            pool_size=POOL,
            max_overflow=2,
            pool_timeout=30,
            pool_pre_ping=True,
            connect_args={
                "application_name": session_name("muniment-durable"),
                "connect_timeout": 10,
                "options": f"-c idle_in_transaction_session_timeout={IDLE_SECONDS * 1000}",
            },
        )
        config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_url": self.url,
            "system_database_engine": self._engine,
            "dbos_system_schema": SCHEMA,
            "application_version": VERSION,
            "executor_id": self.executor,
            "max_executor_threads": EXECUTOR_THREADS,
            "notification_listener_polling_interval_sec": POLL_SECONDS,
            "notification_coalesce_sec": 0.25,
            "scheduler_polling_interval_sec": 3600.0,
            "log_level": "WARNING",
            "enable_otlp": False,
        }
        DBOS(config=config)
        # What DBOS has to say about an outage, our own steps say shorter.
        logging.getLogger("dbos").setLevel(logging.CRITICAL)
        for name, function in self._functions.items():
            self._started[name] = _registered(name, function)
        _rest_more()
        # On the loop's own thread: DBOS adopts the running loop and runs recovered work on it.
        DBOS.launch()

    async def stop(self) -> None:
        # DBOS leaves work that runs on our loop running; a cancelled task writes no outcome.
        tasks: list[asyncio.Task[None]] = list(_get_dbos_instance()._workflow_tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # DBOS made its own threads those of the loop, for everybody, and is about to end them.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())
        await asyncio.to_thread(DBOS.destroy, destroy_registry=True)
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    async def start(self, name: str, work_id: str, argument: Mapping[str, JsonValue]) -> None:
        with SetWorkflowID(work_id):
            await DBOS.start_workflow_async(self._started[name], dict(argument))

    async def signal(self, work_id: str, topic: str, message: JsonValue) -> None:
        await DBOS.send_async(work_id, message, topic)

    async def cancel(self, work_id: str) -> None:
        await DBOS.cancel_workflow_async(work_id)

    async def status(self, work_id: str) -> Work | None:
        found = await DBOS.get_workflow_status_async(work_id)
        return None if found is None else _work(found)

    async def pending(self) -> Sequence[Work]:
        found = await DBOS.list_workflows_async(
            status=["PENDING", "ENQUEUED"], load_input=False, load_output=False
        )
        return [_work(each) for each in found]

    async def recover(self, executors: Sequence[str]) -> Sequence[str]:
        if not executors:
            return []
        with _outages():
            handles = await asyncio.to_thread(DBOS._recover_pending_workflows, list(executors))
            left = await _pending_of(executors)
        if left:  # DBOS passes over what it could not hand back, and tells nobody
            raise Unavailable("Some work of ended workers could not be taken over yet.")
        return [handle.get_workflow_id() for handle in handles]

    async def resume_idle(self) -> Sequence[str]:
        with _outages():
            mine = await _pending_of([self.executor])
            running = _get_dbos_instance()._active_workflows_set.activeList()
            idle = mine.difference(running)
            # What was taken from the queue a moment ago is about to run; by the next look it does.
            stuck, self._idle = sorted(idle & self._idle), idle
            for work_id in stuck:
                await asyncio.to_thread(
                    _get_dbos_instance()._sys_db.reenqueue_for_recovery,
                    work_id,
                    [self.executor],
                    INTERNAL_QUEUE_NAME,
                )
        return stuck

    async def forget(self, ended_before: datetime, *, at_most: int = 500) -> int:
        found = await DBOS.list_workflows_async(
            status=_ENDED,
            completed_before=ended_before.isoformat(),
            limit=at_most,
            load_input=False,
            load_output=False,
        )
        ids = [each.workflow_id for each in found]
        if ids:
            await DBOS.delete_workflows_async(ids)
        return len(ids)


@contextmanager
def _outages() -> Iterator[None]:
    """Unavailable instead of what the driver raises when the database is away."""
    try:
        yield
    except sa.exc.SQLAlchemyError as error:
        raise Unavailable("The database does not answer.") from error


async def _pending_of(executors: Sequence[str]) -> set[str]:
    """Ids of the work that is some executors' to run, by what is stored."""
    found = await DBOS.list_workflows_async(
        status="PENDING", executor_id=list(executors), load_input=False, load_output=False
    )
    return {each.workflow_id for each in found}


def _rest_more() -> None:
    """Let DBOS look less often for what we hardly use, recovered and delayed work.

    Its own pace of once a second costs more than the rest of an idle worker. Private names, so
    the exact pin of the version matters.
    """
    _workflow_commands._BACKGROUND_JOBS_INTERVAL_SEC = BACKGROUND_SECONDS
    _get_dbos_instance()._registry._register_internal_queue(
        INTERNAL_QUEUE_NAME, polling_interval_sec=POLL_SECONDS
    )


def _registered(name: str, function: DurableFunction) -> Any:
    async def carried(argument: dict[str, JsonValue]) -> None:
        flow: Flow = _DbosFlow(cast(str, DBOS.workflow_id))
        done: Awaitable[None] = function(flow, argument)
        await done

    carried.__qualname__ = name
    return DBOS.workflow(name=name, max_recovery_attempts=MOST_RECOVERIES)(carried)


def _work(status: Any) -> Work:
    return Work(
        id=status.workflow_id,
        name=status.name,
        state=_STATES[status.status],
        executor=status.executor_id,
        started_at=datetime.fromtimestamp(status.created_at / 1000, UTC),
    )
