"""The SQL of events, jobs, runs and datasets: whole batches at a time."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.catalog.assets.recordset import fields_of, ids, recordset, texts
from muniment.catalog.lineage.openlineage.events import Key, PipelineEvent
from muniment.catalog.lineage.openlineage.merging import DatasetState, JobState, RunState
from muniment.catalog.tables import (
    ASSET,
    PIPELINE_DATASET,
    PIPELINE_EVENT,
    PIPELINE_JOB,
    PIPELINE_RUN,
)

_WRITERS = 0x6D756E69
"""The advisory lock of those who write what events told: one batch after the other."""


@dataclass(frozen=True, slots=True)
class PipelineStore:
    session: AsyncSession

    async def lock(self) -> None:
        await self.session.execute(sa.select(sa.func.pg_advisory_xact_lock(_WRITERS)))

    async def keep(self, told: Sequence[tuple[PipelineEvent, str]], now: datetime) -> set[UUID]:
        """Insert events with who sent them; returns the ids of those that were not known."""
        rows = {
            event.id: {
                "id": str(event.id),
                "kind": event.kind.value,
                "at": event.at.isoformat(),
                "type": event.type,
                "run_id": None if event.run_id is None else str(event.run_id),
                "body": event.raw,
                "received_at": now.isoformat(),
                "received_by": by,
            }
            for event, by in told
        }
        names = [column.name for column in PIPELINE_EVENT.c]
        given = recordset(list(rows.values()), "given", fields_of(PIPELINE_EVENT, *names))
        statement = insert(PIPELINE_EVENT).from_select(names, sa.select(*given.c))
        found = await self.session.scalars(
            statement.on_conflict_do_nothing().returning(PIPELINE_EVENT.c.id)
        )
        return set(found)

    async def known_refs(self, candidates: Iterable[str]) -> Collection[str]:
        """Which of the refs are assets that are there."""
        statement = sa.select(ASSET.c.ref).where(
            ASSET.c.ref.in_(texts(list(dict.fromkeys(candidates)))), ASSET.c.vanished_at.is_(None)
        )
        return set(await self.session.scalars(statement))

    async def datasets(self, keys: Collection[Key]) -> dict[Key, DatasetState]:
        table = PIPELINE_DATASET
        rows = await self.session.execute(
            sa.select(table).where(among((table.c.namespace, table.c.name), keys))
        )
        return {
            (row.namespace, row.name): DatasetState(
                (row.namespace, row.name), row.told_at, row.facets, row.ref
            )
            for row in rows
        }

    async def runs(self, run_ids: Collection[UUID]) -> dict[UUID, RunState]:
        table = PIPELINE_RUN
        rows = await self.session.execute(
            sa.select(table).where(table.c.id.in_(ids(list(run_ids))))
        )
        return {
            row.id: RunState(
                row.id,
                (row.job_namespace, row.job_name),
                row.told_at,
                row.state,
                row.started_at,
                row.ended_at,
                row.facets,
                _keys(row.inputs),
                _keys(row.outputs),
            )
            for row in rows
        }

    async def jobs(self, keys: Collection[Key]) -> dict[Key, JobState]:
        table = PIPELINE_JOB
        rows = await self.session.execute(
            sa.select(table).where(among((table.c.namespace, table.c.name), keys))
        )
        return {
            (row.namespace, row.name): JobState(
                (row.namespace, row.name),
                row.told_at,
                row.facets,
                _keys(row.inputs),
                _keys(row.outputs),
                row.latest_run_id,
            )
            for row in rows
        }

    async def put_datasets(self, states: Iterable[DatasetState], now: datetime) -> None:
        rows = [
            {
                **_named(state.key),
                "ref": state.ref,
                "facets": state.facets,
                **_moments(state.told_at, now),
            }
            for state in states
        ]
        await self._put(PIPELINE_DATASET, rows)

    async def put_runs(self, states: Iterable[RunState], now: datetime) -> None:
        rows = [
            {
                "id": str(state.id),
                "job_namespace": state.job[0],
                "job_name": state.job[1],
                "state": state.state,
                "started_at": _iso(state.started_at),
                "ended_at": _iso(state.ended_at),
                "facets": state.facets,
                "inputs": state.inputs,
                "outputs": state.outputs,
                **_moments(state.told_at, now),
            }
            for state in states
        ]
        await self._put(PIPELINE_RUN, rows)

    async def put_jobs(self, states: Iterable[JobState], now: datetime) -> None:
        rows = [
            {
                **_named(state.key),
                "facets": state.facets,
                "inputs": state.inputs,
                "outputs": state.outputs,
                "latest_run_id": None if state.latest_run_id is None else str(state.latest_run_id),
                **_moments(state.told_at, now),
            }
            for state in states
        ]
        await self._put(PIPELINE_JOB, rows)

    async def _put(self, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        if not rows:
            return
        names = [column.name for column in table.c]
        given = recordset(rows, "given", fields_of(table, *names))
        statement = insert(table).from_select(names, sa.select(*given.c))
        primary = [column.name for column in table.primary_key]
        changed = [name for name in names if name not in (*primary, "created_at")]
        said = statement.excluded
        await self.session.execute(
            statement.on_conflict_do_update(
                index_elements=primary, set_={name: said[name] for name in changed}
            )
        )

    async def forget(self, before: datetime) -> int:
        """Delete events and runs that were told before a moment; jobs and datasets stay."""
        await self.session.execute(
            sa.delete(PIPELINE_RUN).where(PIPELINE_RUN.c.updated_at < before)
        )
        result = await self.session.execute(
            sa.delete(PIPELINE_EVENT).where(PIPELINE_EVENT.c.received_at < before)
        )
        return int(getattr(result, "rowcount", 0))


def among(pair: tuple[Any, Any], keys: Collection[Key]) -> Any:
    """Whether a pair of columns is one of the keys: two array parameters, however many."""
    listed = [
        sa.func.unnest(sa.literal([key[at] for key in keys], sa.ARRAY(sa.Text()))) for at in (0, 1)
    ]
    wanted = sa.select(
        sa.collate(listed[0], "C").label("namespace"), sa.collate(listed[1], "C").label("name")
    )
    return sa.tuple_(*pair).in_(wanted)


def _keys(stored: Sequence[Sequence[str]]) -> list[Key]:
    return [(each[0], each[1]) for each in stored]


def _named(key: Key) -> dict[str, str]:
    return {"namespace": key[0], "name": key[1]}


def _moments(told_at: datetime, now: datetime) -> dict[str, str]:
    moment = now.isoformat()
    return {"told_at": told_at.isoformat(), "created_at": moment, "updated_at": moment}


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
