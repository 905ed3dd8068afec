"""What producers told, for those who ask: namespaces, jobs, runs, datasets, and their graph."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.catalog.lineage.openlineage.events import Key
from muniment.catalog.lineage.openlineage.store import among
from muniment.catalog.tables import (
    ASSET,
    PipelineDataset,
    PipelineEventRow,
    PipelineJob,
    PipelineRun,
)
from muniment.kernel.errors import NotFound
from muniment.platform.policy import Visibility

MOST_NODES = 2_000
CHUNK = 200


@dataclass(frozen=True, slots=True)
class Namespace:
    name: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class JobWithRun:
    job: PipelineJob
    latest: PipelineRun | None


@dataclass(frozen=True, slots=True)
class PipelineGraph:
    """Jobs and datasets around one of them."""

    jobs: Sequence[JobWithRun]
    datasets: Sequence[PipelineDataset]


@dataclass(frozen=True, slots=True)
class PipelineService:
    """Reads only. Jobs, runs and events belong to no domain, so that only those who may see
    everything see them; datasets are seen by those who may see the asset that they are."""

    session: AsyncSession

    async def namespaces(self, seen: Visibility) -> Sequence[Namespace]:
        tables: list[Any] = [PipelineDataset, *([PipelineJob] if seen.everything else [])]
        told = sa.union_all(
            *(
                self._seen(
                    sa.select(
                        table.namespace.label("name"),
                        table.created_at.label("created_at"),
                        table.updated_at.label("updated_at"),
                    ),
                    table,
                    seen,
                )
                for table in tables
            )
        ).subquery()
        statement = (
            sa.select(told.c.name, sa.func.min(told.c.created_at), sa.func.max(told.c.updated_at))
            .group_by(told.c.name)
            .order_by(told.c.name)
        )
        return [Namespace(*row) for row in await self.session.execute(statement)]

    async def jobs(
        self, seen: Visibility, namespace: str | None, *, limit: int, offset: int
    ) -> tuple[Sequence[JobWithRun], int]:
        """Jobs, the one that was told of last first, and how many there are."""
        if not seen.everything:
            return [], 0
        statement = sa.select(PipelineJob)
        if namespace is not None:
            statement = statement.where(PipelineJob.namespace == namespace)
        total = await self.session.scalar(
            sa.select(sa.func.count()).select_from(statement.subquery())
        )
        page = statement.order_by(
            PipelineJob.updated_at.desc(), PipelineJob.namespace, PipelineJob.name
        )
        found = list(await self.session.scalars(page.limit(limit).offset(offset)))
        return await self._with_runs(found), total or 0

    async def job(self, seen: Visibility, key: Key) -> JobWithRun:
        found = await self.session.get(PipelineJob, key) if seen.everything else None
        if found is None:
            raise NotFound("No event told of such a job.", namespace=key[0], job=key[1])
        return (await self._with_runs([found]))[0]

    async def runs(
        self, seen: Visibility, key: Key, *, limit: int, offset: int
    ) -> tuple[Sequence[PipelineRun], int]:
        await self.job(seen, key)
        statement = sa.select(PipelineRun).where(
            PipelineRun.job_namespace == key[0], PipelineRun.job_name == key[1]
        )
        total = await self.session.scalar(
            sa.select(sa.func.count()).select_from(statement.subquery())
        )
        page = statement.order_by(PipelineRun.told_at.desc(), PipelineRun.id)
        return list(await self.session.scalars(page.limit(limit).offset(offset))), total or 0

    async def run(self, seen: Visibility, run_id: UUID) -> PipelineRun:
        found = await self.session.get(PipelineRun, run_id) if seen.everything else None
        if found is None:
            raise NotFound("No event told of such a run, or it is forgotten.", run=str(run_id))
        return found

    async def datasets(
        self, seen: Visibility, namespace: str, *, limit: int, offset: int
    ) -> tuple[Sequence[PipelineDataset], int]:
        statement = self._seen(
            sa.select(PipelineDataset).where(PipelineDataset.namespace == namespace),
            PipelineDataset,
            seen,
        )
        total = await self.session.scalar(
            sa.select(sa.func.count()).select_from(statement.subquery())
        )
        page = statement.order_by(PipelineDataset.name).limit(limit).offset(offset)
        return list(await self.session.scalars(page)), total or 0

    async def dataset(self, seen: Visibility, key: Key) -> PipelineDataset:
        found = await self._datasets(seen, [key])
        if not found:
            raise NotFound("No event told of such a dataset.", namespace=key[0], dataset=key[1])
        return found[0]

    async def events(
        self,
        seen: Visibility,
        *,
        after: datetime | None,
        before: datetime | None,
        limit: int,
        offset: int,
    ) -> tuple[Sequence[str], int]:
        """Events as they were sent, the latest first, and how many there are."""
        if not seen.everything:
            return [], 0
        table = PipelineEventRow
        wanted = [table.at >= after] if after is not None else []
        wanted += [table.at < before] if before is not None else []
        total = await self.session.scalar(
            sa.select(sa.func.count()).select_from(table).where(*wanted)
        )
        page = sa.select(table.body).where(*wanted).order_by(table.at.desc(), table.id)
        return list(await self.session.scalars(page.limit(limit).offset(offset))), total or 0

    async def graph(
        self, seen: Visibility, start: Key, *, of_job: bool, depth: int
    ) -> PipelineGraph:
        """Jobs and datasets at most ``depth`` steps away, both ways; a bounded part of them."""
        jobs: dict[Key, PipelineJob] = {}
        reached: set[Key] = set()
        if of_job:
            jobs[start] = (await self.job(seen, start)).job
            frontier = _touched(jobs[start])
        else:
            await self.dataset(seen, start)
            frontier = {start}
        for _ in range(depth):
            reached |= frontier
            if not frontier or not seen.everything or len(jobs) + len(reached) > MOST_NODES:
                break
            near = [job for job in await self._touching(frontier) if _key(job) not in jobs]
            jobs |= {_key(job): job for job in near}
            frontier = {key for job in near for key in _touched(job)} - reached
        datasets = await self._datasets(seen, reached)
        return PipelineGraph(await self._with_runs(list(jobs.values())), datasets)

    async def _touching(self, keys: set[Key]) -> Sequence[PipelineJob]:
        """Jobs that read or write one of the datasets."""
        listed = sorted(keys)
        found: dict[Key, PipelineJob] = {}
        for at in range(0, len(listed), CHUNK):
            wanted = [
                side.contains([[*key]])
                for key in listed[at : at + CHUNK]
                for side in (PipelineJob.inputs, PipelineJob.outputs)
            ]
            rows = await self.session.scalars(sa.select(PipelineJob).where(sa.or_(*wanted)))
            found |= {_key(job): job for job in rows if keys & _touched(job)}
        return list(found.values())

    async def _datasets(self, seen: Visibility, keys: Collection[Key]) -> Sequence[PipelineDataset]:
        table = PipelineDataset
        statement = sa.select(table).where(among((table.namespace, table.name), keys))
        ordered = self._seen(statement, table, seen).order_by(table.namespace, table.name)
        return list(await self.session.scalars(ordered))

    async def _with_runs(self, jobs: Sequence[PipelineJob]) -> Sequence[JobWithRun]:
        wanted = [job.latest_run_id for job in jobs if job.latest_run_id is not None]
        rows = await self.session.scalars(sa.select(PipelineRun).where(PipelineRun.id.in_(wanted)))
        runs: Mapping[UUID | None, PipelineRun] = {run.id: run for run in rows}
        return [JobWithRun(job, runs.get(job.latest_run_id)) for job in jobs]

    def _seen(self, statement: sa.Select[Any], table: Any, seen: Visibility) -> sa.Select[Any]:
        if seen.everything or table is not PipelineDataset:
            return statement
        return statement.join(ASSET, ASSET.c.ref == table.ref).where(seen.clause(ASSET.c.domain))


def _key(job: PipelineJob) -> Key:
    return job.namespace, job.name


def _touched(job: PipelineJob) -> set[Key]:
    return {(each[0], each[1]) for each in (*job.inputs, *job.outputs)}
