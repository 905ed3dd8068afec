"""/health, /ready, /version, /metrics: what operators and their machines ask."""

from typing import Literal

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

import muniment
from muniment.api.deps import Running
from muniment.api.problems import may_fail
from muniment.kernel.errors import Unavailable

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
async def get_metrics() -> Response:
    """Counts and times in Prometheus' text format."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
