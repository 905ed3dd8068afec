"""Puts the six groups together as a scan needs them, and lists the product's periodic jobs."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

from muniment.compliance.jobs import background_jobs
from muniment.composition.listeners import opener
from muniment.composition.product import Product
from muniment.composition.unit import Unit
from muniment.contracts.connectors import SourceConnection
from muniment.platform.idempotency import forget_old_answers
from muniment.platform.identity.repository import AccountRepository
from muniment.platform.relay import forget_old_events
from muniment.scans.ports import OpenUnit, ScanUnit
from muniment.sources.jobs import forget_old_probes, probe_all
from muniment.sources.service import trials
from muniment.worker.chores import Chore


def scan_unit(unit: Unit) -> ScanUnit:
    """The ports of a scan, answered by the groups of one unit of work."""
    ground = unit.ground
    return ScanUnit(
        session=ground.session,
        outbox=ground.outbox,
        clock=ground.clock,
        vault=ground.vault,
        sources=unit.sources.sources,
        connections=unit.sources.sources,
        snapshots=unit.sources.snapshots,
        rules=unit.rulesets.effective,
        classification=unit.classification.planner,
        labels=unit.classification.publisher,
        registrar=unit.catalog.registrar,
        quality=unit.quality.planner,
        assets=unit.catalog.facts,
        publisher=unit.catalog.publisher,
        deriver=unit.catalog.deriver,
        relations=unit.catalog.relation_finder,
        inheritor=unit.inheritance,
        downstream=unit.catalog.lineage,
        policy=unit.compliance.scan_policy,
        judge=unit.compliance.judge,
    )


def unit_opener(product: Product) -> OpenUnit:
    """Opens a scan's unit of work on the running product, as Muniment itself."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[ScanUnit]:
        async with product.writing() as unit:
            yield scan_unit(unit)

    return opened


async def answer_time(connection: SourceConnection) -> float | None:
    """Milliseconds of a cheap round trip to a source; None when it did not answer."""
    probe = await trials.probe(connection)
    return probe.milliseconds if probe.error is None else None


def chores_of(product: Product) -> Sequence[Chore]:
    """What the groups want done now and then."""
    open_health = opener(product, lambda unit: unit.sources.health)
    open_schedules = opener(product, lambda unit: unit.scans.schedules)

    async def fire_schedules() -> None:
        async with open_schedules() as schedules:
            await schedules.fire_due()

    async def forget_calls() -> None:
        async with product.writing() as unit:
            await unit.assistant.assistant.forget_old()

    async def forget_label_history() -> None:
        async with product.writing() as unit:
            await unit.classification.record.forget_old()

    async def forget_pipeline_events() -> None:
        async with product.writing() as unit:
            await unit.catalog.intake.forget_old()

    async def learn() -> None:
        async with product.writing() as unit:
            await unit.classification.models.train_if_worth_it()

    async def forget_sign_ins() -> None:
        async with product.writing() as unit:
            await AccountRepository(unit.ground.session).forget_expired(product.clock.now())

    jobs = background_jobs(
        open_trail=opener(product, lambda unit: unit.compliance.trail),
        open_waivers=opener(product, lambda unit: unit.compliance.waivers),
        open_judge=opener(product, lambda unit: unit.compliance.judge),
    )
    return [
        Chore("scans.schedules", timedelta(seconds=10), fire_schedules),
        Chore("sources.probe", timedelta(seconds=15), lambda: probe_all(open_health)),
        Chore("sources.forget-probes", timedelta(hours=6), lambda: forget_old_probes(open_health)),
        Chore("classification.forget-assistant-calls", timedelta(hours=6), forget_calls),
        Chore("classification.learn", timedelta(minutes=15), learn),
        Chore("classification.forget-history", timedelta(hours=24), forget_label_history),
        Chore("catalog.forget-pipeline-events", timedelta(hours=6), forget_pipeline_events),
        Chore("identity.forget-sign-ins", timedelta(hours=1), forget_sign_ins),
        Chore(
            "platform.forget-answers",
            timedelta(hours=1),
            lambda: forget_old_answers(product.database),
        ),
        Chore(
            "platform.forget-events",
            timedelta(hours=6),
            lambda: forget_old_events(product.database),
        ),
        *(Chore(job.name, job.every, job.run) for job in jobs),
    ]
