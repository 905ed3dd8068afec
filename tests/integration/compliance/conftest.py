"""Compliance on a real database; the other groups answer from facts a test writes down."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from muniment.compliance.audit.recorder import AuditRecorder
from muniment.composition.compliance import ComplianceServices, build_compliance
from muniment.composition.ground import Ground
from muniment.contracts.catalog import AssetFact
from muniment.contracts.classification import ColumnLabel, ReidentificationFact
from muniment.contracts.identity import AccountFact
from muniment.contracts.scans import ScanFact
from muniment.contracts.sources import SourceFact, SourceInfo
from muniment.kernel.clock import FixedClock
from muniment.kernel.errors import NotFound
from muniment.kernel.principal import Principal, PrincipalKind
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import AssetKind, JsonObject, LabelState, Sensitivity, Tier
from muniment.platform.db import Database
from muniment.platform.outbox import TransactionalOutbox
from muniment.platform.settings import Settings
from muniment.platform.vault import Vault

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class Estate:
    """What the other groups would say; a test changes it and judges again."""

    assets: dict[AssetRef, AssetFact] = field(default_factory=dict)
    labels: dict[AssetRef, list[ColumnLabel]] = field(default_factory=dict)
    risks: dict[AssetRef, ReidentificationFact] = field(default_factory=dict)
    made_from: dict[AssetRef, list[AssetRef]] = field(default_factory=dict)
    source_list: list[SourceFact] = field(default_factory=list)
    scan_list: list[ScanFact] = field(default_factory=list)
    accounts: list[AccountFact] = field(default_factory=list)
    required: dict[str, JsonObject] = field(default_factory=dict)
    asked_for: list[Sequence[AssetRef] | None] = field(default_factory=list)

    def table(self, ref: AssetRef, **facts: object) -> AssetRef:
        base: dict[str, object] = {
            "asset": ref,
            "kind": AssetKind.TABLE,
            "domain": "sales",
            "owner": "ada",
            "description": "One row for each of them.",
            "certified": False,
            "tags": (),
            "rows": 10,
            "size_bytes": 100,
            "columns": 3,
            "public_grants": (),
            "retention_days": 30,
            "purpose": "Orders",
            "quality_score": 99.0,
            "failed_checks": (),
            "open_incidents": 0,
            "upstream": 0,
            "downstream": 0,
            "lineage_complete": None,
            "first_seen_at": NOW,
            "last_scanned_at": NOW,
        }
        self.assets[ref] = AssetFact(**{**base, **facts})  # type: ignore[arg-type]  # names as above
        return ref

    def label(self, ref: AssetRef, column: str, label: str, **facts: object) -> None:
        base: dict[str, object] = {
            "column": column,
            "label": label,
            "title": label,
            "category": label.partition(".")[0],
            "sensitivity": Sensitivity.CONFIDENTIAL,
            "confidence": 0.97,
            "state": LabelState.CONFIRMED,
            "tier": Tier.RULE,
            "personal": True,
        }
        made = ColumnLabel(**{**base, **facts})  # type: ignore[arg-type]  # names as above
        self.labels.setdefault(ref, []).append(made)

    async def asset_facts(self, assets: Sequence[AssetRef] | None) -> Sequence[AssetFact]:
        self.asked_for.append(assets)
        wanted = self.assets if assets is None else [ref for ref in assets if ref in self.assets]
        return [self.assets[ref] for ref in wanted]

    async def labels_of(
        self, assets: Sequence[AssetRef] | None
    ) -> Mapping[AssetRef, Sequence[ColumnLabel]]:
        return {r: each for r, each in self.labels.items() if assets is None or r in assets}

    async def risks_of(
        self, assets: Sequence[AssetRef] | None
    ) -> Mapping[AssetRef, ReidentificationFact]:
        return {r: each for r, each in self.risks.items() if assets is None or r in assets}

    async def downstream(self, assets: Sequence[AssetRef]) -> Sequence[AssetRef]:
        return [made for ref in assets for made in self.made_from.get(ref, [])]

    async def source(self, name: str) -> SourceInfo:
        raise NotFound("No source is asked for by name here.")

    async def sources(self) -> Sequence[SourceInfo]:
        return []

    async def source_facts(self) -> Sequence[SourceFact]:
        return self.source_list

    async def scan_facts(self) -> Sequence[ScanFact]:
        return self.scan_list

    async def account_facts(self) -> Sequence[AccountFact]:
        return self.accounts

    async def require(self, name: str, title: str, body: JsonObject, *, reason: str) -> int:
        self.required[name] = body
        return 1

    async def withdraw(self, names: Sequence[str]) -> None:
        for name in names:
            self.required.pop(name, None)


Open = Callable[..., AbstractAsyncContextManager[ComplianceServices]]


@pytest.fixture
def estate() -> Estate:
    return Estate()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def compliance(database: Database, estate: Estate, clock: FixedClock, state_dir: Path) -> Open:
    """``async with compliance("eve") as services`` is one transaction in somebody's name."""
    settings = Settings(state_dir=state_dir)
    vault = Vault.from_file(settings.key_file)

    @asynccontextmanager
    async def open_as(name: str = "muniment") -> AsyncIterator[ComplianceServices]:
        async with database.writing() as session:
            caller = Principal(UUID(int=7), name, PrincipalKind.USER)
            outbox = TransactionalOutbox(session, name, (AuditRecorder(session, name),))
            yield build_compliance(
                Ground(session, outbox, clock, settings, vault, caller),
                assets=estate,
                labels=estate,
                risks=estate,
                lineage=estate,
                sources=estate,
                scans=estate,
                accounts=estate,
                rule_sets=estate,
            )

    return open_as
