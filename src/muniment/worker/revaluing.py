"""Judges kept values anew in a process of its own, beside the scans and without a source."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from muniment.classification.service.revaluation import Judged, RevaluationService, Task
from muniment.contracts.connectors import AssetMeta, ColumnMeta
from muniment.kernel.errors import Unavailable
from muniment.kernel.values import AssetKind, JsonObject
from muniment.scans.jobs import Finished, FinishJob, Frame
from muniment.scans.ports import ComputeLost
from muniment.worker.pool import Pool, PoolLimits

log = structlog.get_logger(__name__)

OpenRevaluation = Callable[[], AbstractAsyncContextManager[RevaluationService]]
IDLE_SECONDS = 3.0
WITHIN = timedelta(minutes=2)
CLASSIFY = "classify"


@dataclass(slots=True)
class Revaluer:
    """Takes portions of revaluations one after another; several workers share them."""

    open_revaluation: OpenRevaluation
    idle_seconds: float = IDLE_SECONDS
    pool: Pool = field(default_factory=lambda: Pool(PoolLimits(children=1)))

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            while True:
                try:
                    busy = await self.turn()
                except Unavailable as error:
                    busy = False
                    log.warning("revaluation.waits", reason=error.message)
                except Exception:  # the worker's edge: a revaluation must never stop the scans
                    busy = False
                    log.exception("revaluation.failed")
                if not busy:
                    await asyncio.sleep(self.idle_seconds)
        finally:
            await self.pool.close()

    async def turn(self) -> bool:
        """Judge one portion; False when nothing waits."""
        async with self.open_revaluation() as service:
            portion = await service.take()
        if portion is None:
            return False
        judged = [await self._judge(task) for task in portion.tasks]
        async with self.open_revaluation() as service:
            await service.note(portion, judged)
        return True

    async def _judge(self, task: Task) -> Judged:
        try:
            result = await self._finish(task, task.params)
            base = None if task.base is None else await self._finish(task, task.base)
        except ComputeLost as error:
            log.warning("revaluation.lost", asset=str(task.asset), reason=error.message)
            return Judged(task, None, None)
        if result is None or (task.base is not None and base is None):
            return Judged(task, None, None)
        return Judged(task, result, base)

    async def _finish(self, task: Task, params: JsonObject) -> JsonObject | None:
        columns = tuple(ColumnMeta(name, "") for name in task.columns)
        meta = AssetMeta(task.asset.path, AssetKind.TABLE, columns)
        job = FinishJob(task.asset, meta, {CLASSIFY: params}, {CLASSIFY: task.state})
        frames: list[Frame] = []
        await self.pool.run(job, on_frame=frames.append, within=WITHIN)
        return next((f.results[CLASSIFY] for f in frames if isinstance(f, Finished)), None)
