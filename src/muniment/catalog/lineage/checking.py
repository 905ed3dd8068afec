"""What a migration would break: each of its changes, and what the catalogue knows of it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from muniment.catalog.lineage.engine.proposal import Action, ProposedChange, Unread, proposed
from muniment.catalog.lineage.service import Impact, LineageService
from muniment.catalog.model import Certification
from muniment.catalog.tables import Asset
from muniment.kernel.errors import NotFound
from muniment.kernel.values import Sensitivity
from muniment.platform.policy import Visibility


class ChangeSeverity(StrEnum):
    """How bad a change is.

    High: something made from it would fail that is certified or confidential. Medium: something
    made from it would fail. Low: its type changes under something that is made from it. None:
    nothing is known to be made from it.
    """

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NONE = "none"

    @property
    def weight(self) -> int:
        return [
            ChangeSeverity.NONE,
            ChangeSeverity.LOW,
            ChangeSeverity.MEDIUM,
            ChangeSeverity.HIGH,
        ].index(self)


@dataclass(frozen=True, slots=True)
class CheckedChange:
    """A change with what it reaches, or with the reason why that cannot be told."""

    change: ProposedChange | Unread
    severity: ChangeSeverity
    impact: Impact | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class ChangeChecker:
    lineage: LineageService

    async def check(
        self, sql: str, dialect: str, seen: Visibility, *, source: str | None = None
    ) -> Sequence[CheckedChange]:
        """Every drop, rename and retyping in the text; ``source`` says which source is migrated."""
        changes = await asyncio.to_thread(proposed, sql, dialect)
        return [
            await self._checked(change, seen, source)
            if isinstance(change, ProposedChange)
            else CheckedChange(change, ChangeSeverity.NONE, problem=change.reason)
            for change in changes
        ]

    async def _checked(
        self, change: ProposedChange, seen: Visibility, source: str | None
    ) -> CheckedChange:
        meant = await self._meant(change.table, seen, source)
        if len(meant) > 1:
            named = ", ".join(asset.ref for asset in meant)
            problem = f"{'.'.join(change.table)} could be one of these: {named}"
            return CheckedChange(change, ChangeSeverity.NONE, problem=problem)
        if not meant:
            problem = f"{'.'.join(change.table)} is not in the catalogue."
            return CheckedChange(change, ChangeSeverity.NONE, problem=problem)
        try:
            impact = await self.lineage.impact(
                meant[0].id, seen, column=await self._column(meant[0], change.column)
            )
        except NotFound as error:
            return CheckedChange(change, ChangeSeverity.NONE, problem=error.message)
        return CheckedChange(change, severity_of(change, impact), impact)

    async def _meant(
        self, table: Sequence[str], seen: Visibility, source: str | None
    ) -> Sequence[Asset]:
        """The assets that a name in a migration may mean: as long a part of it as is known."""
        for at in range(len(table)):
            found = await self.lineage.assets.named(".".join(table[at:]), seen)
            chosen = [asset for asset in found if source is None or asset.source == source]
            if chosen:
                return chosen
        return ()

    async def _column(self, asset: Asset, name: str | None) -> str | None:
        """The stored spelling of a column; the name as it is where there is none."""
        if name is None or await self.lineage.assets.column(asset.id, name) is not None:
            return name
        for spelled in (name.lower(), name.upper()):
            if await self.lineage.assets.column(asset.id, spelled) is not None:
                return spelled
        return name


def severity_of(change: ProposedChange, impact: Impact) -> ChangeSeverity:
    """How bad it is, from what the change does to what it reaches directly."""
    if not impact.reached and not impact.hidden:
        return ChangeSeverity.NONE
    if change.action is Action.RETYPE:
        return ChangeSeverity.LOW
    for each in impact.reached:
        asset = each.asset
        if asset is not None and each.depth == 1 and _matters(asset):
            return ChangeSeverity.HIGH
    return ChangeSeverity.MEDIUM


def _matters(asset: Asset) -> bool:
    confidential = asset.sensitivity is not None and asset.sensitivity >= Sensitivity.CONFIDENTIAL
    return asset.certification == Certification.CERTIFIED or confidential
