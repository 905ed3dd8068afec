"""What one can do with checks: see which types there are, declare, change, drop, read answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from muniment.catalog.quality.content import CheckType, check_types, validated
from muniment.catalog.quality.repository.assets import AssetGate
from muniment.catalog.quality.repository.checks import CheckRepository
from muniment.catalog.quality.tables import CheckDefinition, CheckResult
from muniment.kernel.clock import Clock
from muniment.kernel.errors import Invalid, NotFound, StaleVersion
from muniment.kernel.ids import new_id
from muniment.kernel.principal import Principal
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import JsonObject, Severity
from muniment.platform.paging import Page, PageQuery
from muniment.platform.policy import Visibility


@dataclass(frozen=True, slots=True)
class Declaration:
    """A check as a person writes it. Not ``enabled``, it switches the automatic one off."""

    type: str
    columns: tuple[str, ...] = ()
    params: JsonObject = field(default_factory=dict)
    severity: Severity | None = None
    title: str | None = None
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class CheckService:
    checks: CheckRepository
    assets: AssetGate
    clock: Clock
    caller: Principal

    def types(self) -> Sequence[CheckType]:
        """Every check type there is."""
        return list(check_types().values())

    async def declared(
        self, asset: AssetRef, seen: Visibility, query: PageQuery
    ) -> Page[CheckDefinition]:
        await self.assets.check(str(asset), seen)
        return await self.checks.page(str(asset), query)

    async def get(self, definition_id: UUID, seen: Visibility) -> CheckDefinition:
        """One declared check; NotFound when there is none on an asset that the caller sees."""
        found = await self.checks.get(definition_id)
        if found is None:
            raise NotFound("There is no such check.", check=str(definition_id))
        await self.assets.check(found.asset, seen)
        return found

    async def declare(
        self, asset: AssetRef, wanted: Declaration, seen: Visibility
    ) -> CheckDefinition:
        """Declare a check; the next scan answers it."""
        await self.assets.check(str(asset), seen)
        values = await self._checked(str(asset), wanted)
        now = self.clock.now()
        definition = CheckDefinition(
            id=new_id(),
            asset=str(asset),
            version=1,
            created_by=self.caller.name,
            created_at=now,
            updated_at=now,
            **values,
        )
        await self.checks.add(definition)
        return definition

    async def change(
        self,
        definition_id: UUID,
        wanted: Declaration,
        seen: Visibility,
        *,
        version: int | None = None,
    ) -> CheckDefinition:
        """Replace a declared check; StaleVersion when somebody else was quicker."""
        known = await self.get(definition_id, seen)
        if version is not None and known.version != version:
            raise StaleVersion("The check was changed by somebody else. Read it again.")
        values = await self._checked(known.asset, wanted)
        changed = await self.checks.change(
            definition_id, known.version, {**values, "updated_at": self.clock.now()}
        )
        if changed is None:
            raise StaleVersion("The check was changed by somebody else. Read it again.")
        return changed

    async def drop(self, definition_id: UUID, seen: Visibility) -> None:
        await self.get(definition_id, seen)
        await self.checks.remove(definition_id)

    async def results(
        self, asset: AssetRef, seen: Visibility, *, status: str | None, query: PageQuery
    ) -> Page[CheckResult]:
        """The answers of the last scan."""
        await self.assets.check(str(asset), seen)
        return await self.checks.results(str(asset), status, query)

    async def history(
        self, asset: AssetRef, key: str, seen: Visibility, query: PageQuery
    ) -> Page[CheckResult]:
        """How one check came out over time, the newest first."""
        await self.assets.check(str(asset), seen)
        return await self.checks.history(str(asset), key, query)

    async def _checked(self, asset: str, wanted: Declaration) -> Mapping[str, object]:
        kind = validated(wanted.type, wanted.columns, wanted.params)
        known = await self.assets.columns(asset)
        missing = [name for name in wanted.columns if name not in known]
        if known and missing and wanted.type != "column_exists":
            raise Invalid(f"The asset has no column {missing[0]!r}.", columns=missing)
        return {
            "type": wanted.type,
            "columns": list(wanted.columns),
            "params": dict(wanted.params),
            "severity": (wanted.severity or kind.severity).value,
            "title": wanted.title,
            "enabled": wanted.enabled,
        }
