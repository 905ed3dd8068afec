"""SQL of verdicts: what changed is written, tallies are counted by the database."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.compliance.engine.judge import Result
from muniment.compliance.engine.scoring import Tally
from muniment.compliance.model import Entity, FindingState, Verdict
from muniment.compliance.tables import FindingRow, ResultRow
from muniment.kernel.refs import AssetRef
from muniment.platform.paging import Page, PageQuery, page_by
from muniment.platform.policy import Visibility

JUDGE_LOCK = 0x6D75_6E6A_7564


@dataclass(frozen=True, slots=True)
class Stored:
    """A verdict as it is stored, as far as the comparison needs it."""

    verdict: str
    domain: str | None
    owner: str | None


@dataclass(frozen=True, slots=True)
class ResultRepository:
    session: AsyncSession

    async def lock(self) -> None:
        """One judge at a time: two must not open the same finding, or miss each other's."""
        await self.session.execute(sa.select(sa.func.pg_advisory_xact_lock(JUDGE_LOCK)))

    async def stored(
        self, *, assets: Sequence[AssetRef] | None, entities: Iterable[Entity]
    ) -> Mapping[tuple[str, str], Stored]:
        """Stored verdicts on these assets (None: on all) among the given kinds of subject."""
        rows = await self.session.execute(
            sa.select(
                ResultRow.check_id,
                ResultRow.subject,
                ResultRow.verdict,
                ResultRow.domain,
                ResultRow.owner,
            ).where(judged(ResultRow.entity, ResultRow.asset, assets, entities))
        )
        return {(row[0], row[1]): Stored(row[2], row[3], row[4]) for row in rows}

    async def write(self, results: Sequence[Result], *, now: datetime) -> None:
        """Insert or overwrite verdicts."""
        if not results:
            return
        statement = insert(ResultRow)
        new = statement.excluded
        await self.session.execute(
            statement.on_conflict_do_update(
                index_elements=["check_id", "subject"],
                set_={
                    "verdict": new.verdict,
                    "domain": new.domain,
                    "owner": new.owner,
                    "why": new.why,
                    "judged_at": new.judged_at,
                },
            ),
            [_row(result, now) for result in results],
        )

    async def forget(self, keys: Sequence[tuple[str, str]]) -> None:
        """Delete verdicts on what is out of scope now, in one statement."""
        if not keys:
            return
        checks, subjects = zip(*keys, strict=True)
        gone = (
            sa.func.unnest(
                sa.literal(list(checks), ARRAY(sa.Text)), sa.literal(list(subjects), ARRAY(sa.Text))
            )
            .table_valued("check_id", "subject")
            .render_derived(name="gone")
        )
        await self.session.execute(
            sa.delete(ResultRow).where(
                ResultRow.check_id == gone.c.check_id, ResultRow.subject == gone.c.subject
            )
        )

    async def tallies(self, seen: Visibility) -> Mapping[str, Tally]:
        """How every check stands over all that the caller may see."""
        rows = await self.session.execute(_tally_query(seen, None))
        return {row[0]: Tally(*map(int, row[1:])) for row in rows}

    async def tallies_by(
        self, dimension: str, seen: Visibility
    ) -> Mapping[str | None, Mapping[str, Tally]]:
        """The same for each domain, source or owner."""
        column = {
            "domain": ResultRow.domain,
            "source": ResultRow.source,
            "owner": ResultRow.owner,
        }[dimension]
        found: dict[str | None, dict[str, Tally]] = defaultdict(dict)
        for row in await self.session.execute(_tally_query(seen, column)):
            found[row[-1]][row[0]] = Tally(*map(int, row[1:-1]))
        return found

    async def subjects_in_source(self, source: str, checks: Sequence[str]) -> Mapping[str, int]:
        """How many subjects of one source fall under each of the checks."""
        rows = await self.session.execute(
            sa.select(ResultRow.check_id, sa.func.count())
            .where(ResultRow.source == source, ResultRow.check_id.in_(checks))
            .group_by(ResultRow.check_id)
        )
        return {row[0]: row[1] for row in rows}

    async def page_subjects(
        self,
        check_ids: Sequence[str],
        verdict: Verdict | None,
        seen: Visibility,
        query: PageQuery,
    ) -> Page[ResultRow]:
        """What falls under some checks, and how it stands."""
        statement = sa.select(ResultRow).where(
            ResultRow.check_id.in_(check_ids), seen.clause(ResultRow.domain)
        )
        if verdict is not None:
            statement = statement.where(ResultRow.verdict == verdict.value)
        return await page_by(
            self.session, statement, ResultRow.check_id, ResultRow.subject, query=query
        )


def judged(
    entity: Any, asset: Any, assets: Sequence[AssetRef] | None, entities: Iterable[Entity]
) -> sa.ColumnElement[bool]:
    """Which stored rows a judging speaks about."""
    of_kind: sa.ColumnElement[bool] = entity.in_([each.value for each in entities])
    if assets is None:
        return of_kind
    return sa.and_(
        of_kind, asset == sa.any_(sa.literal([str(ref) for ref in assets], ARRAY(sa.Text)))
    )


def _tally_query(seen: Visibility, dimension: Any | None) -> sa.Select[Any]:
    waived = sa.and_(
        ResultRow.verdict == Verdict.BROKEN.value, FindingRow.state == FindingState.WAIVED.value
    )
    columns: list[Any] = [
        ResultRow.check_id,
        sa.func.count(),
        sa.func.count().filter(ResultRow.verdict == Verdict.HOLDS.value),
        sa.func.count().filter(waived),
        sa.func.count().filter(ResultRow.verdict == Verdict.UNDECIDED.value),
    ]
    groups: list[Any] = [ResultRow.check_id]
    if dimension is not None:
        columns.append(dimension)
        groups.append(dimension)
    return (
        sa.select(*columns)
        .outerjoin(
            FindingRow,
            sa.and_(
                FindingRow.check_id == ResultRow.check_id, FindingRow.subject == ResultRow.subject
            ),
        )
        .where(seen.clause(ResultRow.domain))
        .group_by(*groups)
    )


def _row(result: Result, now: datetime) -> dict[str, Any]:
    return {
        "check_id": result.check,
        "subject": result.subject,
        "entity": result.entity.value,
        "verdict": result.verdict.value,
        "asset": str(result.asset) if result.asset else None,
        "source": result.source,
        "domain": result.domain,
        "owner": result.owner,
        "why": result.why_undecided,
        "judged_at": now,
    }
