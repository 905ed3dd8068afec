"""Derive and judge: lineage from code, labels along it, then controls for what changed."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import structlog

from muniment.contracts.scans import RunState
from muniment.kernel.errors import SourceTimeout
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import JsonObject
from muniment.scans.bench import Bench, Broken
from muniment.scans.codec import rules_from_json
from muniment.scans.jobs import LineageJob, Parsed
from muniment.scans.model import AssetState, Stage
from muniment.scans.ports import ComputeLost, ScanUnit
from muniment.scans.repository import runs
from muniment.scans.repository.signals import wake
from muniment.scans.steps.plan import GO, OVER
from muniment.scans.steps.relate import relate
from muniment.scans.tables import Run

log = structlog.get_logger(__name__)

AT_ONCE = 50
PARSE_WITHIN = timedelta(seconds=60)
PARSE_ONE_WITHIN = timedelta(seconds=15)


async def derive(bench: Bench, run_id: UUID) -> str:
    """Find relationships; parse the source's definitions, and let labels follow the edges."""
    await relate(bench, run_id)
    async with bench.open() as unit:
        run = await runs.get(unit.session, run_id)
        if run.state != RunState.RUNNING:
            return OVER
        if run.only is not None or not rules_from_json((run.plan or {})["rules"]).lineage:
            await _inherit(unit, run)
            return GO
        await runs.enter(unit.session, run_id, Stage.DERIVING)
        await wake(unit.session)
        jobs = await unit.deriver.statements(run.source)
    results: list[JsonObject] = []
    unread = 0
    for at in range(0, len(jobs), AT_ONCE):
        part = jobs[at : at + AT_ONCE]
        parsed = await _parse(bench, part)
        unread += len(part) - len(parsed)
        results.extend(parsed)
    async with bench.open() as unit:
        run = await runs.get(unit.session, run_id)
        if run.state != RunState.RUNNING:
            return OVER
        edges = await unit.deriver.publish_lineage(run.source, results, run_id=run_id)
        now = unit.clock.now()
        if jobs:
            await runs.log(
                unit.session,
                run_id,
                now,
                f"Derived {edges} lineage edges from {len(jobs)} definitions.",
            )
        if unread:
            await runs.log(
                unit.session,
                run_id,
                now,
                f"{unread} definitions ended their parser or took too long; "
                "they are left out of lineage.",
                level="warning",
            )
        await _inherit(unit, run)
    return GO


async def _inherit(unit: ScanUnit, run: Run) -> None:
    inherited = await unit.inheritor.inherit(run.source, run_id=run.id)
    if inherited:
        now = unit.clock.now()
        said = f"{inherited} labels are inherited along lineage."
        await runs.log(unit.session, run.id, now, said)


async def _parse(bench: Bench, jobs: Sequence[JsonObject]) -> Sequence[JsonObject]:
    """Parse together; when that kills or stalls the child, one by one, leaving out the culprit."""
    try:
        return await _parse_once(bench, jobs, PARSE_WITHIN)
    except (ComputeLost, SourceTimeout, Broken) as error:
        log.warning("lineage.not_parsed", jobs=len(jobs), reason=error.message)
        if len(jobs) == 1:
            return []
    found: list[JsonObject] = []
    for each in jobs:
        try:
            found.extend(await _parse_once(bench, [each], PARSE_ONE_WITHIN))
        except (ComputeLost, SourceTimeout, Broken) as error:
            log.warning("lineage.not_parsed", jobs=1, reason=error.message)
    return found


async def _parse_once(
    bench: Bench, jobs: Sequence[JsonObject], within: timedelta
) -> Sequence[JsonObject]:
    frames = await bench.frames(LineageJob(jobs), within)
    return [result for each in frames if isinstance(each, Parsed) for result in each.results]


async def judge(bench: Bench, run_id: UUID) -> str:
    """Re-evaluate every active check for what the run touched and what is made from it."""
    async with bench.open() as unit:
        run = await runs.get(unit.session, run_id)
        if run.state != RunState.RUNNING:
            return OVER
        await runs.enter(unit.session, run_id, Stage.JUDGING)
        await wake(unit.session)
        outcomes = await runs.assets_of(unit.session, run_id)
    touched = [
        AssetRef.parse(each.asset)
        for each in outcomes
        if each.state in (AssetState.PUBLISHED, AssetState.LISTED)
    ]
    touched += [AssetRef.parse(text) for text in (run.summary or {}).get("vanished", [])]
    async with bench.open() as unit:
        made_from = await unit.downstream.downstream(touched)
        assets = list(dict.fromkeys([*touched, *made_from]))
        found = await unit.judge.judge(assets, run_id=run_id)
        now = unit.clock.now()
        await runs.log(
            unit.session, run_id, now, f"Judged {len(assets)} assets: {found} findings are open."
        )
    return GO
