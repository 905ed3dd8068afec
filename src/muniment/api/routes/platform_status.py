"""/health, /ready, /version, /metrics: what operators and their machines ask."""

from typing import Literal

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from pydantic import BaseModel

import muniment
from muniment.api.deps import Running
from muniment.api.problems import may_fail
from muniment.classification.service.assistant import Usage
from muniment.kernel.errors import Unavailable
from muniment.scans.service.facts import HeldBack

router = APIRouter(tags=["platform"])


class Status(BaseModel):
    status: Literal["ok"] = "ok"


class Version(BaseModel):
    name: Literal["muniment"] = "muniment"
    version: str


@router.get("/health")
async def get_health() -> Status:
    """The process answers."""
    return Status()


@router.get("/ready", responses=may_fail(Unavailable))
async def get_readiness(product: Running) -> Status:
    """The process and its database answer."""
    await product.database.wait_until_ready(seconds=1)
    return Status()


@router.get("/version")
async def get_version() -> Version:
    """The version that runs."""
    return Version(version=muniment.__version__)


@router.get("/metrics", response_class=Response)
async def get_metrics(product: Running) -> Response:
    """Counts and times in Prometheus' text format; no source is named."""
    try:
        async with product.reading() as unit:
            held = await unit.scans.facts.held_back(product.clock.now())
            usage = await unit.assistant.assistant.usage(days=1)
        told = generate_latest(_gauges(held)) + generate_latest(_spending(usage))
    except Unavailable:
        told = b""  # what this process counts is told all the same
    return Response(generate_latest() + told, media_type=CONTENT_TYPE_LATEST)


def _gauges(held: HeldBack) -> CollectorRegistry:
    """What the workers know, which no process of the API counts."""
    registry = CollectorRegistry()
    for name, described, value in (
        ("slowed", "Sources read slower than allowed, because they answer slowly.", held.slowed),
        ("paused", "Sources not read for a moment, because they answer slowly.", held.paused),
        ("slowness", "Answers of the slowest source over its usual ones.", held.slowness),
    ):
        Gauge(f"muniment_scan_sources_{name}", described, registry=registry).set(value)
    return registry


def _spending(usage: Usage) -> CollectorRegistry:
    """What the assistant was asked today (UTC); zero where it is off."""
    registry = CollectorRegistry()
    for name, described, value in (
        ("calls_today", "Requests to the assistant's endpoint today.", usage.today.calls),
        ("tokens_today", "Tokens that they took.", usage.today.tokens),
        ("cost_today", "What they cost, in the currency of the settings.", usage.today.cost),
        ("waiting", "Runs and assets that wait to be asked about.", usage.waiting),
        ("resting", "1 while the endpoint is left alone.", usage.resting),
    ):
        Gauge(f"muniment_assistant_{name}", described, registry=registry).set(value)
    return registry
