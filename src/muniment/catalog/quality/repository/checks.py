"""SQL of declared checks and of the answers to all checks."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.catalog.analysis.results import CheckOutcome
from muniment.catalog.quality.tables import CheckDefinition, CheckResult
from muniment.kernel.values import JsonObject, Severity
from muniment.platform.paging import Page, PageQuery, page_by

KEPT_RUNS: Final = 30
_KEPT: Final = frozenset(column.name for column in sa.inspect(CheckResult).columns)


@dataclass(frozen=True, slots=True)
class CheckRepository:
    session: AsyncSession

    async def add(self, definition: CheckDefinition) -> None:
        self.session.add(definition)
        await self.session.flush()

    async def get(self, definition_id: UUID) -> CheckDefinition | None:
        return await self.session.get(CheckDefinition, definition_id)

    async def change(
        self, definition_id: UUID, version: int, values: Mapping[str, Any]
    ) -> CheckDefinition | None:
        """Change a definition of that version; None when it is of another one by now."""
        return await self.session.scalar(
            sa.update(CheckDefinition)
            .where(CheckDefinition.id == definition_id, CheckDefinition.version == version)
            .values(**values, version=CheckDefinition.version + 1)
            .returning(CheckDefinition)
            .execution_options(populate_existing=True)
        )

    async def remove(self, definition_id: UUID) -> bool:
        removed = await self.session.scalar(
            sa.delete(CheckDefinition)
            .where(CheckDefinition.id == definition_id)
            .returning(CheckDefinition.id)
        )
        return removed is not None

    async def page(self, asset: str, query: PageQuery) -> Page[CheckDefinition]:
        statement = sa.select(CheckDefinition).where(CheckDefinition.asset == asset)
        return await page_by(self.session, statement, CheckDefinition.id, query=query)

    async def declared(self, assets: Sequence[str]) -> Sequence[CheckDefinition]:
        """The definitions of many assets, in one statement."""
        found = await self.session.scalars(
            sa.select(CheckDefinition)
            .where(CheckDefinition.asset.in_(assets))
            .order_by(CheckDefinition.id)
        )
        return found.all()

    async def add_results(
        self, asset: str, run_id: UUID, at: datetime, outcomes: Sequence[CheckOutcome]
    ) -> None:
        """Store a run's answers as the latest; old runs' are forgotten."""
        await self.session.execute(
            sa.update(CheckResult)
            .where(CheckResult.asset == asset, CheckResult.latest)
            .values(latest=False)
        )
        if outcomes:
            await self.session.execute(
                sa.insert(CheckResult), [_row(asset, run_id, at, one) for one in outcomes]
            )
        oldest = (
            sa.select(CheckResult.at)
            .where(CheckResult.asset == asset)
            .group_by(CheckResult.at)
            .order_by(CheckResult.at.desc())
            .offset(KEPT_RUNS)
            .limit(1)
            .scalar_subquery()
        )
        await self.session.execute(
            sa.delete(CheckResult).where(CheckResult.asset == asset, CheckResult.at <= oldest)
        )

    async def of_run(self, asset: str, run_id: UUID) -> Sequence[CheckOutcome]:
        """A run's answers as they are stored."""
        rows = await self.session.scalars(
            sa.select(CheckResult).where(CheckResult.asset == asset, CheckResult.run_id == run_id)
        )
        return [_outcome(row) for row in rows]

    async def revise(self, asset: str, run_id: UUID, outcomes: Sequence[CheckOutcome]) -> None:
        """Store what came of checks that could not be answered at once."""
        for one in outcomes:
            values = _values(one)
            await self.session.execute(
                sa.update(CheckResult)
                .where(
                    CheckResult.asset == asset,
                    CheckResult.run_id == run_id,
                    CheckResult.key == values.pop("key"),
                )
                .values(**values)
            )

    async def results(self, asset: str, status: str | None, query: PageQuery) -> Page[CheckResult]:
        statement = sa.select(CheckResult).where(CheckResult.asset == asset, CheckResult.latest)
        if status is not None:
            statement = statement.where(CheckResult.status == status)
        return await page_by(self.session, statement, CheckResult.key, query=query)

    async def history(self, asset: str, key: str, query: PageQuery) -> Page[CheckResult]:
        """How one check came out over time, newest first."""
        statement = sa.select(CheckResult).where(CheckResult.asset == asset, CheckResult.key == key)
        return await page_by(
            self.session,
            statement,
            CheckResult.at,
            CheckResult.run_id,
            query=query,
            descending=True,
        )


def _row(asset: str, run_id: UUID, at: datetime, one: CheckOutcome) -> JsonObject:
    return {**_values(one), "asset": asset, "run_id": run_id, "at": at, "latest": True}


def _values(one: CheckOutcome) -> dict[str, Any]:
    row = asdict(one)
    row.pop("refers")
    row["observed"] = None if one.observed is None else _short(one.observed)
    row["columns"], row["examples"] = list(one.columns), list(one.examples)
    row["severity"] = Severity(one.severity).value
    return row


def _outcome(row: CheckResult) -> CheckOutcome:
    told = {one.name: getattr(row, one.name) for one in fields(CheckOutcome) if one.name in _KEPT}
    return CheckOutcome(**{**told, "columns": tuple(row.columns), "examples": tuple(row.examples)})


def _short(value: object) -> str:
    text = f"{value:,.6g}" if isinstance(value, float) else str(value)
    return text[:500]
