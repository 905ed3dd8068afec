"""Close: the end of a run, whatever it came to, told once."""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from muniment.contracts.scans import RunCancelled, RunFinished, RunState
from muniment.kernel.refs import AssetRef
from muniment.scans.bench import Bench
from muniment.scans.diff import AssetFacts, RunFacts, in_words
from muniment.scans.model import AssetState, Failure, Stage
from muniment.scans.ports import ScanUnit
from muniment.scans.repository import kept, plans, runs
from muniment.scans.repository.signals import wake
from muniment.scans.tables import Run, RunAsset

Compare = Callable[[ScanUnit, Run, Sequence[RunAsset], RunState], Awaitable[Sequence[str]]]

GOOD = (AssetState.PUBLISHED, AssetState.UNCHANGED, AssetState.LISTED)
CANCELLED = Failure("cancelled", "The run was cancelled before its turn came.")
STOPPED = Failure(
    "run-failed",
    "The run ended before its turn came.",
    remedy="See the problem of the run, then replay what is left.",
)


async def fail(bench: Bench, run_id: UUID, failure: Failure) -> None:
    """Remember why a run cannot go on; ``close`` ends it."""
    async with bench.open() as unit:
        await runs.set_values(unit.session, run_id, problem=failure.as_json())
        now = unit.clock.now()
        await runs.log(unit.session, run_id, now, failure.sentence, level="error")


async def close(bench: Bench, run_id: UUID) -> str:
    """Settle the state of a run that came to its end. Safe to repeat."""
    return await _close(bench, run_id, _changes)


async def close_plainly(bench: Bench, run_id: UUID) -> str:
    """The same without asking the catalogue what changed, for when that failed."""
    return await _close(bench, run_id, None)


async def _close(bench: Bench, run_id: UUID, compare: Compare | None) -> str:
    async with bench.open() as unit:
        run = await runs.get(unit.session, run_id)
        if RunState(run.state).over:
            return run.state
        now = unit.clock.now()
        cancelled = run.state == RunState.CANCELLING
        left = CANCELLED if cancelled else STOPPED
        await plans.skip_open(unit.session, run_id, left.as_json(), now)
        assets = await runs.assets_of(unit.session, run_id)
        state = _end_state(run, assets)
        changes = await compare(unit, run, assets, state) if compare is not None else []
        await runs.move(
            unit.session,
            run_id,
            to=state,
            out_of=[RunState(run.state)],
            stage=Stage.FINISHED,
            ended_at=now,
            changes=list(changes),
            assets_done=len(assets),
            assets_failed=_failed(assets),
            paused=False,
        )
        await plans.drop_scaffold(unit.session, run_id, now)
        await runs.log(unit.session, run_id, now, _sentence(state, assets))
        if cancelled:
            if run.source not in {source.name for source in await unit.sources.sources()}:
                # A version that was published while the source was removed kept its states.
                await kept.forget_source(unit.session, run.source)
            await unit.outbox.publish(
                RunCancelled(run_id=run_id, source=run.source, actor=run.cancelled_by or "")
            )
        await unit.outbox.publish(
            RunFinished(
                run_id=run_id,
                source=run.source,
                state=state,
                assets=len(assets),
                failed_assets=_failed(assets),
                rows=run.rows_done,
            )
        )
        await wake(unit.session)
        return state.value


def _failed(assets: Sequence[RunAsset]) -> int:
    return sum(1 for each in assets if each.state == AssetState.FAILED)


def _end_state(run: Run, assets: Sequence[RunAsset]) -> RunState:
    if run.state == RunState.CANCELLING:
        return RunState.CANCELLED
    if run.state == RunState.AWAITING_APPROVAL:
        return RunState.REJECTED
    worked = [each for each in assets if each.state in GOOD]
    whole = all(each.state in GOOD for each in assets)
    if run.problem is None:
        if whole:
            return RunState.SUCCEEDED
        return RunState.PARTIAL if worked else RunState.FAILED
    done = (AssetState.PUBLISHED, AssetState.UNCHANGED)
    published = any(each.state in done for each in assets)
    return RunState.PARTIAL if published else RunState.FAILED


def _sentence(state: RunState, assets: Sequence[RunAsset]) -> str:
    failed = _failed(assets)
    said = f"The run ended: {state.value}, {len(assets)} assets"
    return f"{said}, {failed} of them failed." if failed else f"{said}."


async def _changes(
    unit: ScanUnit, run: Run, assets: Sequence[RunAsset], state: RunState
) -> Sequence[str]:
    """The run diff; what a later run compares with is kept in the summary."""
    if state not in (RunState.SUCCEEDED, RunState.PARTIAL):
        return []
    refs = [AssetRef.parse(each.asset) for each in assets]
    facts = await unit.assets.asset_facts(refs)
    scores = [each.quality_score for each in facts if each.quality_score is not None]
    quality = sum(scores) / len(scores) if scores else None
    summary = {
        **(run.summary or {}),
        "quality": quality,
        "columns": sum(len(each.columns) for each in assets),
        "labels": sum(each.labels or 0 for each in assets),
    }
    await runs.set_values(unit.session, run.id, summary=summary)
    if run.only is not None:
        return []
    before = await runs.previous_ended(unit.session, run)
    known = None
    if before is not None:
        earlier = await runs.assets_of(unit.session, before.id)
        known = _facts(earlier, (before.summary or {}).get("quality"))
    return in_words(known, _facts(assets, quality))


def _facts(assets: Sequence[RunAsset], quality: float | None) -> RunFacts:
    return RunFacts(
        assets={
            each.asset: AssetFacts(
                columns=each.columns,
                labels=each.labels,
                rows=each.rows,
                failed=each.state == AssetState.FAILED,
            )
            for each in assets
        },
        quality=quality,
    )
