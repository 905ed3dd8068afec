"""What compliance listens to: the whole wiring of the group to its siblings is this file.

A run judges what it changed by itself, as its last step, so facts that carry a ``run_id`` are left
to it; what happens outside a run is judged here.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import get_args

from muniment.compliance.service.judging import JudgeService
from muniment.contracts.catalog import (
    AssetAnnotated,
    AssetPublished,
    AssetVanished,
    IncidentOpened,
    IncidentResolved,
    QualityEvaluated,
)
from muniment.contracts.classification import AssetLabelled, LabelDecided
from muniment.contracts.compliance import (
    FrameworkActivated,
    FrameworkDeactivated,
    WaiverEnded,
    WaiverGranted,
)
from muniment.contracts.identity import AccountChanged
from muniment.contracts.scans import RunFinished, ScheduleChanged
from muniment.contracts.sources import (
    ChangeKind,
    CredentialStored,
    HealthChanged,
    SchemaChanged,
    SourceChanged,
    SourceRegistered,
    SourceRemoved,
)
from muniment.kernel.events import Event
from muniment.platform.bus import Bus

OpenJudge = Callable[[], AbstractAsyncContextManager[JudgeService]]

NAME = "compliance.judge"

OfAnAsset = (
    AssetAnnotated
    | AssetLabelled
    | AssetPublished
    | AssetVanished
    | IncidentOpened
    | IncidentResolved
    | QualityEvaluated
    | SchemaChanged
)

ABOUT_AN_ASSET: tuple[type[OfAnAsset], ...] = get_args(OfAnAsset)

ABOUT_THE_REST: tuple[type[Event], ...] = (
    SourceRegistered,
    SourceRemoved,
    CredentialStored,
    HealthChanged,
    ScheduleChanged,
    RunFinished,
    AccountChanged,
    WaiverGranted,
    WaiverEnded,
)

ABOUT_EVERYTHING: tuple[type[Event], ...] = (
    SourceChanged,
    FrameworkActivated,
    FrameworkDeactivated,
)
"""A source's owner and domain are inherited by its assets; a framework brings checks for all."""


def subscribe(bus: Bus, open_judge: OpenJudge) -> None:
    """Each delivery runs in its own unit of work: one bad fact cannot spoil its neighbours."""

    async def on_decided(fact: LabelDecided) -> None:
        async with open_judge() as judge:
            await judge.judge_with_downstream([fact.asset])

    async def on_asset(fact: OfAnAsset) -> None:
        if not _is_left_to_its_run(fact):
            async with open_judge() as judge:
                await judge.judge([fact.asset], run_id=None)

    async def on_the_rest(_: Event) -> None:
        async with open_judge() as judge:
            await judge.judge_the_rest()

    async def on_everything(_: Event) -> None:
        async with open_judge() as judge:
            await judge.judge(None, run_id=None)

    bus.on(LabelDecided, on_decided, name=NAME)
    for about_asset in ABOUT_AN_ASSET:
        bus.on(about_asset, on_asset, name=NAME)
    for about_rest in ABOUT_THE_REST:
        bus.on(about_rest, on_the_rest, name=NAME)
    for about_all in ABOUT_EVERYTHING:
        bus.on(about_all, on_everything, name=NAME)


def _is_left_to_its_run(fact: OfAnAsset) -> bool:
    """Whether the run that told this judges the asset itself; a vanished one it does not."""
    match fact:
        case AssetLabelled() | AssetPublished() | QualityEvaluated():
            return fact.run_id is not None
        case SchemaChanged():
            return fact.run_id is not None and fact.kind is not ChangeKind.REMOVED
        case _:
            return False
