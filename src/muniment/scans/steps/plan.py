"""Plan and gate: what a run will do, and whether somebody has to agree first."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from muniment.contracts.compliance import ScanVerdict
from muniment.contracts.connectors import SourceConnection
from muniment.contracts.rulesets import EffectiveRules
from muniment.contracts.scans import ApprovalRequested, RunState
from muniment.contracts.sources import SourceInfo
from muniment.kernel.values import Tier
from muniment.scans.bench import Bench
from muniment.scans.codec import rules_to_json
from muniment.scans.jobs import SourceLimits, Statements, StatementsJob
from muniment.scans.limits import Limits
from muniment.scans.model import Stage
from muniment.scans.ports import ScanUnit
from muniment.scans.repository import runs
from muniment.scans.repository.signals import wake
from muniment.scans.tables import Approval, Run

GO = "go"
ASK = "ask"
OVER = "over"

STATEMENTS_WITHIN = timedelta(seconds=60)
BUILT_IN_REASON = "The source is marked as sensitive."


async def plan(bench: Bench, run_id: UUID) -> str:
    """Fix the rules of a run; GO, or ASK when somebody has to approve it first."""
    async with bench.open() as unit:
        run = await runs.get(unit.session, run_id)
        if run.state != RunState.QUEUED:
            return _already(run)
        source = await unit.sources.source(run.source)
        rules = await unit.rules.effective(source.name, source.kind, source.domain)
        verdict = await unit.policy.judge_scan(source.name, sensitive=source.sensitive)
        needed = verdict.approval_needed or source.sensitive
        connection = await unit.connections.connection(source.name) if needed else None
    statements = await _statements(bench, connection, rules) if connection is not None else []
    async with bench.open() as unit:
        run = await runs.get(unit.session, run_id)
        if run.state != RunState.QUEUED:
            return _already(run)
        await _keep_plan(unit, run, source, rules)
        if connection is not None:
            await _ask(unit, run, verdict, statements)
            return ASK
        return GO


def _already(run: Run) -> str:
    """Where a run stands that was planned, or stopped, before this body ran."""
    return {RunState.RUNNING: GO, RunState.AWAITING_APPROVAL: ASK}.get(RunState(run.state), OVER)


async def _statements(
    bench: Bench, connection: SourceConnection, rules: EffectiveRules
) -> list[str]:
    # Nothing is asked of the source: it is the connector that tells.
    job = StatementsJob(connection, SourceLimits(rules.statement_timeout_seconds))
    frames = await bench.frames(job, STATEMENTS_WITHIN)
    return [text for each in frames if isinstance(each, Statements) for text in each.texts]


async def _keep_plan(unit: ScanUnit, run: Run, source: SourceInfo, rules: EffectiveRules) -> None:
    classify = await unit.classification.classify_params(rules.classifiers, rules.min_confidence)
    if rules.metadata_only:
        classify = {**classify, "tiers": [Tier.RULE.value]}  # the model judges by values
    limits = Limits.stricter(rules, source)
    now = unit.clock.now()
    before = await runs.previous_ended(unit.session, run)
    await runs.set_values(
        unit.session,
        run.id,
        state=RunState.RUNNING,
        stage=Stage.PLANNING,
        started_at=now,
        domain=source.domain,
        deadline_at=_deadline(rules, now),
        max_concurrency=limits.max_concurrency,
        usual_seconds=_seconds(before),
        plan={
            "rules": rules_to_json(rules),
            "classify": dict(classify),
            "limits": limits.as_json(),
        },
    )
    named = ", ".join(f"{name} v{version}" for name, version in rules.versions.items())
    await runs.log(
        unit.session, run.id, now, f"Planned with the rules of {named or 'the source type'}."
    )


def _deadline(rules: EffectiveRules, now: Any) -> Any:
    minutes = rules.max_run_minutes
    return None if minutes is None else now + timedelta(minutes=minutes)


def _seconds(run: Run | None) -> float | None:
    if run is None or run.started_at is None or run.ended_at is None:
        return None
    return (run.ended_at - run.started_at).total_seconds()


async def _ask(unit: ScanUnit, run: Run, verdict: ScanVerdict, statements: list[str]) -> None:
    reasons = list(verdict.reasons) or [BUILT_IN_REASON]
    before = await runs.previous_ended(unit.session, run)
    quote = {
        "assets": before.assets_total if before is not None else None,
        "rows": before.rows_done if before is not None else None,
        "seconds": _seconds(before),
        "statements": statements,
        "based_on": str(before.id) if before is not None else None,
    }
    now = unit.clock.now()
    await unit.session.execute(
        insert(Approval)
        .values(
            run_id=run.id,
            source=run.source,
            domain=run.domain,
            requested_by=run.requested_by,
            requested_by_id=run.requested_by_id,
            requested_at=now,
            reasons=reasons,
            quote=quote,
        )
        .on_conflict_do_nothing()
    )
    await runs.set_values(
        unit.session, run.id, state=RunState.AWAITING_APPROVAL, stage=Stage.APPROVAL
    )
    await runs.log(unit.session, run.id, now, "Waits for an approval: " + " ".join(reasons))
    await unit.outbox.publish(
        ApprovalRequested(run_id=run.id, source=run.source, reasons=tuple(reasons))
    )
    await wake(unit.session)


async def gate(bench: Bench, run_id: UUID) -> str:
    """What became of the request: GO, ASK while nobody has decided, OVER when refused."""
    async with bench.open() as unit:
        approved = await unit.session.scalar(
            sa.select(Approval.approved).where(Approval.run_id == run_id)
        )
        state = await runs.state_of(unit.session, run_id)
        if state is RunState.RUNNING:
            return GO
        if state is not RunState.AWAITING_APPROVAL or approved is False:
            return OVER
        if approved is None:
            return ASK
        now = unit.clock.now()
        run = await runs.get(unit.session, run_id)
        limit = run.plan["rules"]["max_run_minutes"] if run.plan else None
        await runs.move(
            unit.session,
            run_id,
            to=RunState.RUNNING,
            out_of=[RunState.AWAITING_APPROVAL],
            started_at=now,
            deadline_at=None if limit is None else now + timedelta(minutes=limit),
        )
        await wake(unit.session)
        return GO
