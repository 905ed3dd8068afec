"""The other five groups as a scan sees them, small and honest: over real tables."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.composition.ground import Ground
from muniment.composition.scans import ScansServices, build_scans
from muniment.contracts.catalog import AssetFact, RelationBlocks
from muniment.contracts.compliance import ScanVerdict
from muniment.contracts.connectors import AssetMeta, SourceConnection
from muniment.contracts.rulesets import EffectiveRules, HighWater, QualityRule
from muniment.contracts.scans import RunState
from muniment.contracts.sources import SnapshotDiff, SourceFact, SourceInfo
from muniment.kernel.clock import Clock, SystemClock
from muniment.kernel.errors import NotFound
from muniment.kernel.ids import new_id
from muniment.kernel.principal import SYSTEM, Principal, PrincipalKind
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import JsonObject
from muniment.platform.db import Database
from muniment.platform.outbox import TransactionalOutbox
from muniment.platform.settings import Settings
from muniment.platform.vault import Vault
from muniment.scans.ports import AnswerTimer, ScanUnit
from muniment.scans.tables import Run, RunAsset
from muniment.worker.host import Host
from muniment.worker.pool import PoolLimits

PLUGINS = Path(__file__).parent / "plugins"
VAULT = Vault(bytes(32))
ANNA = Principal(UUID(int=1), "anna", PrincipalKind.USER)
BEN = Principal(UUID(int=2), "ben", PrincipalKind.USER)

DDL = """
create schema if not exists estate;
create table if not exists estate.source (name text primary key, body jsonb not null);
create table if not exists estate.registered (run_id uuid, asset text);
create table if not exists estate.published (run_id uuid, asset text, results jsonb);
create table if not exists estate.judged (run_id uuid, assets jsonb);
"""


REPEATED = """
select chunk_id from scans.chunk_attempt group by chunk_id
having count(*) filter (where outcome = 'done') <> 1
    or max(attempt) <> max(attempt) filter (where outcome = 'done')
"""
"""Chunks that broke the law: each is done once, and never runs again after that."""


class NoWait(Random):
    """Chance as it falls luckiest: every back-off ends at once."""

    def random(self) -> float:
        return 0.0


@dataclass(frozen=True, slots=True)
class Estate:
    """Implements every port a scan asks, on one session."""

    session: AsyncSession

    async def _body(self, name: str) -> dict[str, Any]:
        found = await self.session.scalar(
            sa.text("select body from estate.source where name = :name"), {"name": name}
        )
        if found is None:
            raise NotFound(f"There is no source named {name}.")
        return dict(found)

    async def source(self, name: str) -> SourceInfo:
        body = await self._body(name)
        return SourceInfo(
            id=UUID(int=7),
            name=name,
            kind="estate",
            title=name,
            domain=body.get("domain"),
            owner=None,
            sensitive=body.get("sensitive", False),
            dialect=None,
            max_concurrency=body.get("max_concurrency", 2),
            statement_timeout_seconds=body.get("statement_timeout_seconds", 120.0),
            idle_timeout_seconds=body.get("idle_timeout_seconds", 60.0),
            rows_per_second=body.get("rows_per_second"),
            governed=body.get("governed", True),
            blackouts=tuple(body.get("blackouts", ())),
        )

    async def sources(self) -> Sequence[SourceInfo]:
        return []

    async def source_facts(self) -> Sequence[SourceFact]:
        return []

    async def connection(self, name: str) -> SourceConnection:
        body = await self._body(name)
        return SourceConnection(
            UUID(int=7),
            name,
            body.get("kind", "estate"),
            body["settings"],
            body.get("secrets", {"password": "open sesame"}),
        )

    async def record(
        self, name: str, assets: Sequence[AssetMeta], *, run_id: UUID | None, complete: bool
    ) -> SnapshotDiff:
        return SnapshotDiff(new_id(), True, (), (), (), len(assets))

    async def effective(self, source: str, kind: str, domain: str | None) -> EffectiveRules:
        body = await self._body(source)
        return EffectiveRules(
            max_concurrency=body.get("max_concurrency", 2),
            max_run_minutes=body.get("max_run_minutes"),
            rows_per_partition=body.get("rows_per_partition", 500_000),
            quality_rules=(QualityRule("not_null"),),
            high_water=tuple(HighWater(*each) for each in body.get("high_water", ())),
            versions={"base": 3},
        )

    async def classify_params(
        self, classifiers: Sequence[str], min_confidence: float
    ) -> JsonObject:
        return {"cache_dir": str(Settings().pattern_cache)}

    async def publish_labels(self, asset: AssetRef, result: JsonObject, *, run_id: UUID) -> int:
        return 0

    async def register(
        self,
        source: str,
        domain: str | None,
        owner: str | None,
        assets: Sequence[AssetMeta],
        vanished: Sequence[AssetRef],
        *,
        run_id: UUID,
    ) -> None:
        await self.session.execute(
            sa.text("insert into estate.registered values (:run, :asset)"),
            [{"run": run_id, "asset": str(AssetRef(source, meta.path))} for meta in assets],
        )

    async def quality_params(
        self,
        source: str,
        assets: Sequence[AssetMeta],
        rules: Sequence[QualityRule],
        *,
        suggest: bool,
        sampled: bool = False,
    ) -> Mapping[tuple[str, ...], JsonObject]:
        return {}

    async def asset_facts(self, assets: Sequence[AssetRef] | None) -> Sequence[AssetFact]:
        return []

    async def publish_analysis(
        self, asset: AssetRef, results: Mapping[str, JsonObject], *, run_id: UUID
    ) -> None:
        if (await self._body(asset.source)).get("unpublishable") == asset.name:
            raise KeyError("4111111111111111")
        await self.session.execute(
            sa.text("insert into estate.published values (:run, :asset, cast(:results as jsonb))"),
            {"run": run_id, "asset": str(asset), "results": json.dumps(results)},
        )

    async def statements(self, source: str) -> Sequence[JsonObject]:
        return []

    async def publish_lineage(
        self, source: str, results: Sequence[JsonObject], *, run_id: UUID
    ) -> int:
        return 0

    async def relation_blocks(self, *, run_id: UUID) -> Sequence[RelationBlocks]:
        return []

    async def relation_job(self, blocks: RelationBlocks) -> JsonObject:
        return {}

    async def publish_relations(self, results: Sequence[JsonObject], *, run_id: UUID) -> int:
        return 0

    async def inherit(self, source: str, *, run_id: UUID) -> int:
        return 0

    async def downstream(self, assets: Sequence[AssetRef]) -> Sequence[AssetRef]:
        return [AssetRef("mart", ("made", "from", "it"))]

    async def judge_scan(self, source: str, *, sensitive: bool) -> ScanVerdict:
        return ScanVerdict(False)

    async def judge(self, assets: Sequence[AssetRef] | None, *, run_id: UUID | None) -> int:
        await self.session.execute(
            sa.text("insert into estate.judged values (:run, cast(:assets as jsonb))"),
            {"run": run_id, "assets": json.dumps([str(each) for each in assets or []])},
        )
        return 0


@dataclass(slots=True)
class Stage:
    """A database with an estate on it, and workers to start."""

    database: Database
    clock: Clock = field(default_factory=SystemClock)

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[ScanUnit]:
        async with self.database.writing() as session:
            estate = Estate(session)
            yield ScanUnit(
                session=session,
                outbox=TransactionalOutbox(session, SYSTEM.name),
                clock=self.clock,
                vault=VAULT,
                sources=estate,
                connections=estate,
                snapshots=estate,
                rules=estate,
                classification=estate,
                labels=estate,
                registrar=estate,
                quality=estate,
                assets=estate,
                publisher=estate,
                deriver=estate,
                relations=estate,
                inheritor=estate,
                downstream=estate,
                policy=estate,
                judge=estate,
            )

    @asynccontextmanager
    async def services(self, caller: Principal = ANNA) -> AsyncIterator[ScansServices]:
        async with self.database.writing() as session:
            ground = Ground(
                session=session,
                outbox=TransactionalOutbox(session, caller.name),
                clock=self.clock,
                settings=Settings(),
                vault=VAULT,
                caller=caller,
            )
            yield build_scans(ground, sources=Estate(session))

    @asynccontextmanager
    async def worker(self, slots: int = 2, **limits: Any) -> AsyncIterator[Host]:
        host = self.host(slots, **limits)
        await host.start()
        try:
            yield host
        finally:
            await host.stop()

    def host(self, slots: int = 2, timer: AnswerTimer | None = None, **limits: Any) -> Host:
        return Host(
            self.database.url,
            self.unit,
            slots=slots,
            chance=NoWait(),
            timer=timer,
            measure_every=0.2,
            pool_limits=PoolLimits(children=slots, **limits),
        )

    async def prepare(self) -> None:
        async with self.database.writing() as session:
            for statement in DDL.strip().split(";"):
                if statement.strip():
                    await session.execute(sa.text(statement))

    async def add(self, name: str, journal: Path, tables: Mapping[str, Any], **body: Any) -> None:
        settings = {"journal": str(journal), "tables": tables, **body.pop("settings", {})}
        async with self.database.writing() as session:
            await session.execute(
                sa.text(
                    "insert into estate.source values (:name, cast(:body as jsonb)) "
                    "on conflict (name) do update set body = excluded.body"
                ),
                {"name": name, "body": json.dumps({"settings": settings, **body})},
            )

    async def request(self, source: str, **how: Any) -> UUID:
        async with self.services() as scans:
            return await scans.runs.request(source, **how)

    async def run(self, run_id: UUID) -> Run:
        async with self.database.reading() as session:
            found = await session.get(Run, run_id)
            assert found is not None
            session.expunge(found)
            return found

    async def ends(self, run_id: UUID, within: float = 30.0) -> Run:
        return await self.reaches(run_id, *(each for each in RunState if each.over), within=within)

    async def reaches(self, run_id: UUID, *states: RunState, within: float = 30.0) -> Run:
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            run = await self.run(run_id)
            if run.state in states:
                return run
            await asyncio.sleep(0.05)
        run = await self.run(run_id)
        raise AssertionError(f"the run is {run.state} in {run.stage}: {run.problem}")

    async def outcomes(self, run_id: UUID) -> dict[str, RunAsset]:
        async with self.database.reading() as session:
            found = (
                await session.scalars(sa.select(RunAsset).where(RunAsset.run_id == run_id))
            ).all()
            session.expunge_all()
            return {AssetRef.parse(each.asset).name: each for each in found}

    async def rows(self, statement: str, **values: Any) -> list[Any]:
        async with self.database.reading() as session:
            return list((await session.execute(sa.text(statement), values)).all())


def read_twice(journal: Path) -> list[str]:
    """Partitions whose reading came to its end more than once."""
    ends = [
        " ".join(line.split()[1:3])
        for line in journal.read_text().splitlines()
        if line.startswith("end ")
    ]
    return sorted({each for each in ends if ends.count(each) > 1})
