"""What the people of the demo company did before the visitor came: all through the services."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from muniment.catalog.assets.annotations import Annotation
from muniment.catalog.quality.model import IncidentFilter
from muniment.classification.model import LabelFilter
from muniment.classification.service.decisions import Action
from muniment.compliance.model import FindingFilter, FindingState
from muniment.compliance.service.findings import FindingView
from muniment.composition.product import Product
from muniment.composition.unit import Unit
from muniment.kernel.errors import Conflict
from muniment.kernel.principal import ANY_DOMAIN, Principal, PrincipalKind, RoleGrant
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import LabelState
from muniment.platform.paging import PageQuery
from muniment.platform.policy import Visibility
from muniment.scans.service.schedules import Timing

_ALL = PageQuery(limit=1_000)
_ANNOTATED = (
    "owner",
    "domain",
    "description",
    "purpose",
    "retention_days",
    "certification",
    "tags",
)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Role(_Strict):
    role: str
    domain: str = ANY_DOMAIN


class _Account(_Strict):
    name: str
    title: str
    roles: tuple[_Role, ...]


class _Asset(_Strict):
    ref: str
    description: str | None = None
    purpose: str | None = None
    retention_days: int | None = None
    certification: str | None = None
    tags: tuple[str, ...] = ()
    columns: dict[str, str] = {}


class _Corner(_Strict):
    """Assets that one person keeps."""

    by: str
    owner: str
    domain: str | None = None
    of: tuple[_Asset, ...]


class _Label(_Strict):
    column: str
    label: str
    reason: str


class _Labels(_Strict):
    by: str
    asset: str
    confirm: bool = False
    reason: str | None = None
    reject: tuple[_Label, ...] = ()
    add: tuple[_Label, ...] = ()


class _Finding(_Strict):
    by: str
    check: str
    subject: str
    assign: str
    state: FindingState | None = None


class _Waiver(_Strict):
    by: str
    check: str
    subject: str
    owner: str
    days: int
    reason: str


class _Incident(_Strict):
    by: str
    asset: str
    key: str
    cause: str | None = None


class _Schedule(_Strict):
    by: str
    source: str
    cron: str
    time_zone: str


class Stewardship(_Strict):
    """Everything that was done, in the order in which it is done again."""

    accounts: tuple[_Account, ...]
    last_account: _Account
    assets: tuple[_Corner, ...]
    labels: tuple[_Labels, ...]
    findings: tuple[_Finding, ...]
    waivers: tuple[_Waiver, ...]
    incidents: tuple[_Incident, ...]
    schedules: tuple[_Schedule, ...]


@cache
def written() -> Stewardship:
    """The content of stewardship.yaml."""
    text = files("muniment.demo").joinpath("stewardship.yaml").read_text("utf-8")
    return Stewardship.model_validate(yaml.safe_load(text))


async def apply(product: Product) -> bool:
    """Do it all once; False when it was done before.

    Each person acts in transactions of their own, so that the audit trail names them. What is
    not there, because an estate is small or was scanned in part, is passed over. Safe to repeat
    after an interruption: the last account is made last.
    """
    done = written()
    async with product.reading() as unit:
        known = {view.account.name for view in (await unit.identity.page(_ALL)).items}
    if done.last_account.name in known:
        return False
    people = await _people(product, done.accounts)
    stage = _Stage(product, people)
    for corner in done.assets:
        await _annotate(stage, corner)
    for schedule in done.schedules:
        await _schedule(stage, schedule)
    for labels in done.labels:
        await _label(stage, labels)
    for incident in done.incidents:
        await _incident(stage, incident)
    await _findings(stage, done)
    await _people(product, [done.last_account])
    return True


@dataclass(frozen=True, slots=True)
class _Stage:
    """Lets people act, each with the rights their roles give."""

    product: Product
    people: Mapping[str, Principal]

    @asynccontextmanager
    async def as_(self, name: str, permission: str) -> AsyncIterator[tuple[Unit, Visibility]]:
        """A transaction of that person, and what they may do it to."""
        person = self.people[name]
        seen = self.product.decider.visibility(person, permission)
        if seen is None:
            raise Conflict(f"{name} lacks the permission {permission} for what the demo has done.")
        async with self.product.writing(person) as unit:
            yield unit, seen


async def _people(product: Product, accounts: Sequence[_Account]) -> Mapping[str, Principal]:
    """Accounts that sign in by link only; those that are there already stay as they are."""
    people: dict[str, Principal] = {}
    async with product.writing() as unit:
        known = {view.account.name: view for view in (await unit.identity.page(_ALL)).items}
        for one in accounts:
            roles = tuple(RoleGrant(each.role, each.domain) for each in one.roles)
            view = known.get(one.name) or await unit.identity.create(
                one.name, title=one.title, roles=roles
            )
            people[one.name] = Principal(
                view.account.id, one.name, PrincipalKind.USER, tuple(view.roles)
            )
    return people


async def _annotate(stage: _Stage, corner: _Corner) -> None:
    async with stage.as_(corner.by, "catalog.annotate") as (unit, seen):
        found = {
            asset.ref: asset.id
            for asset in await unit.catalog.assets.assets.of_refs([one.ref for one in corner.of])
        }
        there = [one for one in corner.of if one.ref in found]
        outcomes = await unit.catalog.annotations.annotate_many(
            [Annotation(found[one.ref], _said(corner, one)) for one in there], seen
        )
        for problem in (outcome.problem for outcome in outcomes):
            if problem is not None:
                raise problem
        for one in there:
            for name, text in one.columns.items():
                await unit.catalog.annotations.describe_column(found[one.ref], name, text, seen)


def _said(corner: _Corner, one: _Asset) -> Mapping[str, Any]:
    said = {**one.model_dump(), "owner": corner.owner, "domain": corner.domain}
    return {name: said[name] for name in _ANNOTATED if said[name] not in (None, ())}


async def _schedule(stage: _Stage, one: _Schedule) -> None:
    async with stage.as_(one.by, "scans.manage") as (unit, seen):
        if one.source not in {source.name for source in await unit.sources.sources.sources()}:
            return
        scheduled = {each.source for each in (await unit.scans.schedules.page(_ALL)).items}
        if one.source not in scheduled:
            await unit.scans.schedules.create(one.source, Timing(one.cron, one.time_zone), seen)


async def _label(stage: _Stage, one: _Labels) -> None:
    async with stage.as_(one.by, "classification.decide") as (unit, seen):
        decisions = unit.classification.decisions
        waiting = LabelFilter(asset=one.asset, state=LabelState.SUGGESTED.value)
        rows = (await unit.classification.labels.page(seen, waiting, _ALL)).items
        if one.confirm and rows:
            await decisions.decide_many(
                [row.id for row in rows], Action.CONFIRM, reason=one.reason, seen=seen
            )
        suggested = {(row.column_name, row.label): row.id for row in rows}
        for wrong in one.reject:
            if (label := suggested.get((wrong.column, wrong.label))) is not None:
                await decisions.decide(label, Action.REJECT, reason=wrong.reason, seen=seen)
        asset = AssetRef.parse(one.asset)
        labelled = await unit.classification.labels.labels_of([asset])
        present = {(label.column, label.label) for label in labelled.get(asset, ())}
        for missing in one.add:
            if (
                await unit.catalog.assets.assets.of_refs([one.asset])
                and (
                    missing.column,
                    missing.label,
                )
                not in present
            ):
                await decisions.set_manually(
                    asset, missing.column, missing.label, reason=missing.reason, seen=seen
                )


async def _incident(stage: _Stage, one: _Incident) -> None:
    async with stage.as_(one.by, "quality.manage") as (unit, seen):
        found = await unit.quality.incidents.page(
            IncidentFilter(open=True, asset=one.asset), seen, _ALL
        )
        for incident in found.items:
            if incident.key != one.key or incident.acknowledged_by is not None:
                continue
            if one.cause is None:
                await unit.quality.incidents.acknowledge(incident.id, seen)
            else:
                await unit.quality.incidents.find_root_cause(incident.id, seen, cause=one.cause)


async def _findings(stage: _Stage, done: Stewardship) -> None:
    for one in done.findings:
        async with stage.as_(one.by, "compliance.manage") as (unit, seen):
            view = await _open(unit, one.check, one.subject, seen)
            if view is not None:
                ids = [view.finding.id]
                await unit.compliance.findings.assign(ids, one.assign, seen)
                if one.state is not None:
                    await unit.compliance.findings.move(ids, one.state, seen)
    for waiver in done.waivers:
        async with stage.as_(waiver.by, "compliance.waive") as (unit, seen):
            view = await _open(unit, waiver.check, waiver.subject, seen)
            if view is not None:
                await unit.compliance.waivers.grant(
                    view.finding.id,
                    seen,
                    reason=waiver.reason,
                    owner=waiver.owner,
                    expires_at=stage.product.clock.now() + timedelta(days=waiver.days),
                )


async def _open(unit: Unit, check: str, subject: str, seen: Visibility) -> FindingView | None:
    """The finding of that check on that subject, where nobody has taken it up."""
    wanted = FindingFilter(states=(FindingState.OPEN,), checks=(check,))
    page = await unit.compliance.findings.page(wanted, seen, _ALL)
    return next((view for view in page.items if view.finding.subject == subject), None)
