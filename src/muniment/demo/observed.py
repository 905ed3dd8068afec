"""What the product says of the demo estate, read through its services."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from muniment.compliance.model import FindingFilter, FindingState
from muniment.composition.product import Product
from muniment.composition.unit import Unit
from muniment.contracts.catalog import AssetFact
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import AssetKind, Sensitivity, Tier
from muniment.platform.paging import PageQuery
from muniment.platform.policy import EVERYTHING

NEEDS_WORK = tuple(state for state in FindingState if state.needs_work)
_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class FailedCheck:
    """A quality check that failed, as its key tells it: ``in_range:amount``."""

    type: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Observed:
    """Labels by asset and column, failed checks and findings by asset and by subject.

    Labels that people set are left out: they say nothing of what the product finds by itself.
    """

    labels: Mapping[AssetRef, Mapping[str, Mapping[str, Sensitivity]]]
    failed: Mapping[AssetRef, Sequence[FailedCheck]]
    findings: Mapping[AssetRef, Sequence[tuple[str, str]]]
    """By asset: the check that is broken and the subject that breaks it."""
    incidents: Mapping[AssetRef, int]
    views: Mapping[AssetRef, bool]
    """By view: whether its lineage is known."""


async def observe(product: Product) -> Observed:
    """Everything that can be compared with the truth."""
    async with product.reading() as unit:
        facts = await unit.catalog.facts.asset_facts(None)
        findings: dict[AssetRef, list[tuple[str, str]]] = {}
        async for asset, check, subject in _findings(unit):
            findings.setdefault(asset, []).append((check, subject))
        return Observed(
            labels=await _labels(unit),
            failed={fact.asset: _failed(fact) for fact in facts if fact.failed_checks},
            findings=findings,
            incidents={fact.asset: fact.open_incidents for fact in facts if fact.open_incidents},
            views={fact.asset: fact.upstream > 0 for fact in facts if fact.kind is AssetKind.VIEW},
        )


async def _labels(unit: Unit) -> Mapping[AssetRef, Mapping[str, Mapping[str, Sensitivity]]]:
    found: dict[AssetRef, dict[str, dict[str, Sensitivity]]] = {}
    for asset, labels in (await unit.classification.labels.labels_of(None)).items():
        columns = found.setdefault(asset, {})
        for label in labels:
            if label.tier is Tier.MANUAL:
                continue
            columns.setdefault(label.column, {})[label.label] = label.sensitivity
    return found


def _failed(fact: AssetFact) -> Sequence[FailedCheck]:
    return tuple(_parsed(key) for key in fact.failed_checks)


def _parsed(key: str) -> FailedCheck:
    type_, _, columns = key.partition("#")[0].partition(":")
    return FailedCheck(type_, tuple(columns.split(",")) if columns else ())


async def _findings(unit: Unit) -> AsyncIterator[tuple[AssetRef, str, str]]:
    cursor: str | None = None
    while True:
        page = await unit.compliance.findings.page(
            FindingFilter(states=NEEDS_WORK), EVERYTHING, PageQuery(limit=_PAGE, cursor=cursor)
        )
        for view in page.items:
            if view.finding.asset is not None:
                found = view.finding
                yield AssetRef.parse(view.finding.asset), found.check, found.subject
        cursor = page.next_cursor
        if cursor is None:
            return
