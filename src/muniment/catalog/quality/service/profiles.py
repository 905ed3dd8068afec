"""What one can ask of profiles; what may not be shown leaves as a shape."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from muniment.catalog.analysis.results import (
    ColumnProfile,
    Histogram,
    ProfileResult,
    Shown,
)
from muniment.catalog.quality.repository.assets import AssetGate
from muniment.catalog.quality.repository.profiles import ProfileMark, ProfileRepository
from muniment.catalog.quality.tables import Profile
from muniment.kernel.errors import NotFound
from muniment.kernel.masking import mask
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import JsonObject, Sensitivity
from muniment.platform.paging import Page, PageQuery
from muniment.platform.policy import Visibility


@dataclass(frozen=True, slots=True)
class ShownProfile:
    """A stored profile as the caller may see it."""

    stored: Profile
    result: ProfileResult


@dataclass(frozen=True, slots=True)
class ProfileService:
    """``profile_of`` answers ``catalog.model.ProfileReader``."""

    profiles: ProfileRepository
    assets: AssetGate

    async def shown(
        self,
        asset: AssetRef,
        seen: Visibility,
        *,
        run_id: UUID | None = None,
        values: Visibility | None = None,
    ) -> ShownProfile:
        """The latest profile, or a run's; NotFound when there is none.

        Values are shown only where ``values`` sees the asset, and never of a column that is
        confidential by now, whatever it was when it was profiled.
        """
        await self.assets.check(str(asset), seen)
        stored = (
            await self.profiles.latest(str(asset))
            if run_id is None
            else await self.profiles.of_run(str(asset), run_id)
        )
        if stored is None:
            raise NotFound("The asset has no profile yet. Scan its source.", asset=str(asset))
        levels = await self.profiles.sensitivities(str(asset))
        may_see = values is not None and await self._sees(asset, values)
        result = ProfileResult.from_json(stored.body)
        columns = tuple(
            column if may_see and _harmless(column, levels) else without_values(column)
            for column in result.columns
        )
        return ShownProfile(stored, replace(result, columns=columns))

    async def _sees(self, asset: AssetRef, values: Visibility) -> bool:
        try:
            await self.assets.check(str(asset), values)
        except NotFound:
            return False
        return True

    async def history(
        self, asset: AssetRef, seen: Visibility, query: PageQuery
    ) -> Page[ProfileMark]:
        """When the asset was profiled, the newest first."""
        await self.assets.check(str(asset), seen)
        return await self.profiles.history(str(asset), query)

    async def profile_of(self, ref: str) -> JsonObject | None:
        """The latest profile as the analyzer gave it; None where there is none."""
        stored = await self.profiles.latest(ref)
        return None if stored is None else stored.body

    async def sparks_of(self, refs: Sequence[str]) -> Mapping[str, Mapping[str, Sequence[int]]]:
        """By asset and column: the bins of the histogram, in one statement for all assets."""
        return await self.profiles.sparks(refs)


def _harmless(column: ColumnProfile, levels: Mapping[str, Sensitivity]) -> bool:
    return levels.get(column.name, Sensitivity.PUBLIC) < Sensitivity.CONFIDENTIAL


def without_values(column: ColumnProfile) -> ColumnProfile:
    """The same profile with shapes instead of values."""
    if column.sensitive:
        return column
    bins = column.histogram
    boolean = column.kind == "boolean"
    return replace(
        column,
        min=_masked(column.min),
        max=_masked(column.max),
        quantiles={},
        histogram=None if bins is None else Histogram(bins.counts),
        top=tuple(
            top if top.masked or boolean else replace(top, value=_masked(top.value), masked=True)
            for top in column.top
        ),
        sensitive=True,
    )


def _masked(value: Shown) -> Shown:
    return value if value is None or isinstance(value, bool) else mask(str(value))
