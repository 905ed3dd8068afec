"""How what was read without a server relates: joins and near-duplicates among the assets."""

from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from secrets import token_hex

from muniment.catalog.relations.judging import ranked
from muniment.catalog.relations.model import (
    Join,
    KnownColumn,
    RelationsResult,
    Twins,
    join_of,
    twins_of,
)
from muniment.catalog.relations.names import bare_names
from muniment.contracts.connectors import AssetMeta, KeyKind
from muniment.kernel.errors import MunimentError
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import JsonObject
from muniment.scans.jobs import Frame, JobFailed, Related, RelateJob
from muniment.worker.pool import Pool
from muniment.worker.standalone import Outcome

RELATIONS = "relations"
WITHIN = timedelta(minutes=10)


def relation_params() -> JsonObject:
    """What the analyzer is asked; the key is made anew and forgotten with the run."""
    return {"key": token_hex(32), "rows": True}


async def related(
    pool: Pool, source: str, outcomes: Sequence[Outcome]
) -> tuple[Sequence[Join], Sequence[Twins]]:
    """Compare all columns that were read with all; MunimentError when the comparison fails."""
    columns = [column.to_json() for one in outcomes for column in _columns(source, one)]
    frames: list[Frame] = []
    job = RelateJob({"block": columns, "others": columns})
    await pool.run(job, on_frame=frames.append, within=WITHIN)
    for frame in frames:
        if isinstance(frame, JobFailed):
            raise MunimentError(frame.failure.sentence)
    told = [frame.result for frame in frames if isinstance(frame, Related)]
    joins = [join_of(one) for each in told for one in _objects(each, "joins")]
    by_column: dict[tuple[str, str], list[Join]] = {}
    for join in joins:
        by_column.setdefault((join.asset, join.column), []).append(join)
    twins = {one.pair: one for each in told for one in map(twins_of, _objects(each, "twins"))}
    return [one for found in by_column.values() for one in ranked(found)], [*twins.values()]


def _columns(source: str, outcome: Outcome) -> Iterator[KnownColumn]:
    if outcome.results is None or RELATIONS not in outcome.results:
        return
    result = RelationsResult.from_json(outcome.results[RELATIONS])
    bare = bare_names([one.column for one in result.sketches])
    keys, foreign = _declared(source, outcome.meta)
    for one in result.sketches:
        yield KnownColumn(
            asset=str(AssetRef(source, outcome.meta.path)),
            column=one.column,
            kind=one.kind,
            level=one.level,
            at=one.at,
            repeated=one.repeated,
            nulls=one.nulls,
            whole=outcome.fraction >= 1.0,
            primary=one.column in keys,
            bare=bare[one.column],
            hash=one.hash,
            values=b64decode(one.values),
            references=foreign.get(one.column),
        )


def _declared(source: str, meta: AssetMeta) -> tuple[frozenset[str], Mapping[str, str]]:
    """Columns that are keys by themselves, and by column the key that it is declared to lead to."""
    own: set[str] = set()
    foreign: dict[str, str] = {}
    for key in meta.keys:
        if key.kind is not KeyKind.FOREIGN:
            own |= {*key.columns} if len(key.columns) == 1 else set()
            continue
        for column, there in zip(key.columns, key.referenced_columns, strict=False):
            foreign[column] = str(AssetRef(source, (*key.references, there)))
    return frozenset(own), foreign


def _objects(told: JsonObject, name: str) -> Sequence[JsonObject]:
    found = told.get(name)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
