"""Discover: bulk metadata into snapshot and catalogue, and the backlog of what is to be read."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Any
from uuid import UUID

from muniment.contracts.connectors import AssetMeta
from muniment.contracts.markers import KnownPart
from muniment.contracts.rulesets import EffectiveRules
from muniment.contracts.scans import RunState
from muniment.contracts.sources import SnapshotDiff
from muniment.kernel.ids import new_id
from muniment.kernel.refs import AssetRef
from muniment.platform.vault import Vault
from muniment.scans import sealing
from muniment.scans.bench import Bench, Broken
from muniment.scans.carrying import (
    Decision,
    KeptAsset,
    Mode,
    Part,
    decide,
    fingerprint,
    tied,
    to_verify,
)
from muniment.scans.chunking import Piece, bundle
from muniment.scans.codec import meta_to_json, reading_to_json, rules_from_json
from muniment.scans.jobs import DiscoverJob, Found, Frame, KnownAsset, Listed, Reading
from muniment.scans.limits import Limits
from muniment.scans.model import AssetState, ChunkState, Stage
from muniment.scans.ports import ScanUnit
from muniment.scans.repository import kept as kept_states
from muniment.scans.repository import plans, runs
from muniment.scans.repository.signals import wake
from muniment.scans.retry import Retry
from muniment.scans.steps.heed import opened, unless_stopped
from muniment.scans.steps.plan import GO, OVER
from muniment.scans.tables import Run

DISCOVER_WITHIN = timedelta(minutes=60)
VIEW_SAMPLE_ROWS = 20_000
CLASSIFY = "classify"
CHANCE = SystemRandom()
AGAIN = Retry(first=timedelta(seconds=0.5))
"""Who asked for a scan waits for its listing: a lost connection is tried again soon, not long."""
NO_CHUNK = UUID(int=0)
"""The chunk of a partition that is not read."""
STATES = {
    Mode.READ: AssetState.PENDING,
    Mode.PARTLY: AssetState.PENDING,
    Mode.CARRIED: AssetState.READ,
    Mode.UNCHANGED: AssetState.UNCHANGED,
}


async def discover(bench: Bench, run_id: UUID) -> str:
    """List the source and write the backlog; GO, or OVER when the run was stopped meanwhile."""
    if not await opened(bench, run_id):
        return OVER
    async with bench.open() as unit:
        run = await runs.get(unit.session, run_id)
        if run.state != RunState.RUNNING:
            return OVER
        if run.stage not in (Stage.PLANNING, Stage.APPROVAL, Stage.DISCOVERING):
            return GO
        plan = run.plan or {}
        rules = rules_from_json(plan["rules"])
        limits = Limits.of_plan(plan)
        connection = await unit.connections.connection(run.source)
        await runs.enter(unit.session, run_id, Stage.DISCOVERING)
        await wake(unit.session)
        kept = _opened(unit, await kept_states.known(unit.session, run.source, run.only))
    job = DiscoverJob(
        connection=connection,
        limits=limits.for_job(),
        include=rules.include,
        exclude=rules.exclude,
        reading=Reading(
            limits.rows_per_partition(rules.rows_per_partition),
            rules.sample_rows,
            rules.metadata_only,
        ),
        view_sample_rows=VIEW_SAMPLE_ROWS,
        only=_only(run),
        known={} if run.full else _known(kept),
        mark=not rules.metadata_only,
        high_water=tuple((each.assets, each.column) for each in rules.high_water),
    )
    found = await unless_stopped(bench, run_id, _list(bench, job))
    if found is None:
        return OVER
    listed, engine = found
    recut = await _to_be_cut(bench, run, rules, listed, kept, engine)
    if recut:
        again = replace(job, only=recut, known={})
        found = await unless_stopped(bench, run_id, _list(bench, again))
        if found is None:
            return OVER
        fresh = {each.meta.path: each for each in found[0]}
        listed = [
            fresh.get(each.meta.path, each) if each.meta.path in recut else each for each in listed
        ]
    async with bench.open() as unit:
        run = await runs.get(unit.session, run_id)
        if run.state != RunState.RUNNING:
            return OVER
        if run.stage != Stage.DISCOVERING:
            return GO
        await _keep(unit, run, rules, listed, _Known(kept, engine))
    return GO


@dataclass(frozen=True, slots=True)
class _Known:
    """What is kept of the last scans, and the engine of this one."""

    kept: Mapping[str, KeptAsset]
    engine: str


def _only(run: Run) -> frozenset[tuple[str, ...]] | None:
    if run.only is None:
        return None
    return frozenset(AssetRef.parse(text).path for text in run.only)


def _known(kept: Mapping[str, KeptAsset]) -> dict[tuple[str, ...], KnownAsset]:
    return {
        AssetRef.parse(asset).path: KnownAsset(
            each.marker,
            tuple(
                KnownPart(part.spec, part.marker, part.rows)
                for part in each.parts.values()
                if part.marker is not None and part.fraction == 1.0
            ),
        )
        for asset, each in kept.items()
    }


async def _list(bench: Bench, job: DiscoverJob) -> tuple[list[Listed], str]:
    frames = await _frames(bench, job)
    found = [frame for frame in frames if isinstance(frame, Found)]
    engine = next((frame.engine for frame in found), "")
    return [each for frame in found for each in frame.assets], engine


async def _frames(bench: Bench, job: DiscoverJob) -> Sequence[Frame]:
    """Nothing is stored before all is listed, so a connection that is lost costs one more try."""
    attempt = 1
    while True:
        try:
            return await bench.frames(job, DISCOVER_WITHIN)
        except Broken as error:
            wait = AGAIN.wait(attempt, CHANCE) if error.failure.retryable else None
            if wait is None:
                raise
        attempt += 1
        await asyncio.sleep(wait.total_seconds())


async def _to_be_cut(
    bench: Bench,
    run: Run,
    rules: EffectiveRules,
    listed: Sequence[Listed],
    kept: Mapping[str, KeptAsset],
    engine: str,
) -> frozenset[tuple[str, ...]]:
    """Assets whose data did not change, while what is asked of them did."""
    if not any(each.unchanged or each.high_water for each in listed):
        return frozenset()
    async with bench.open() as unit:
        decisions = await _decide(unit, run, rules, _wanted(run, listed), _Known(kept, engine))
    return frozenset(
        each.listed.meta.path
        for each in decisions
        if each.mode is Mode.READ and _cut_as_known(each.listed)
    )


def _cut_as_known(listed: Listed) -> bool:
    return listed.unchanged or (
        listed.high_water is not None and any(mark.unchanged for mark in listed.marks)
    )


def _opened(unit: ScanUnit, kept: Mapping[str, KeptAsset]) -> Mapping[str, KeptAsset]:
    """With descriptions as connectors read them."""
    return {
        asset: replace(
            each,
            parts={
                key: replace(part, spec=sealing.opened(unit.vault, part.spec, asset))
                for key, part in each.parts.items()
            },
        )
        for asset, each in kept.items()
    }


async def _decide(
    unit: ScanUnit,
    run: Run,
    rules: EffectiveRules,
    wanted: Sequence[Listed],
    known: _Known,
) -> Sequence[Decision]:
    """What is done with each asset that holds rows."""
    holders = [each for each in wanted if each.holds_rows]
    params = await unit.quality.quality_params(
        run.source,
        [each.meta for each in holders],
        rules.quality_rules,
        suggest=rules.suggest_quality,
        sampled=rules.sample_rows is not None,
    )
    classify = (run.plan or {})[CLASSIFY]
    found: list[Decision] = []
    for each in holders:
        quality = params.get(each.meta.path, {})
        print_ = fingerprint(each.meta, each.reading, classify, quality, known.engine)
        kept = known.kept.get(str(AssetRef(run.source, each.meta.path)))
        found.append(decide(each, kept, quality, print_, now=unit.clock.now(), full=run.full))
    return found


async def _keep(
    unit: ScanUnit, run: Run, rules: EffectiveRules, listed: Sequence[Listed], known: _Known
) -> None:
    metas = [each.meta for each in listed]
    source = await unit.sources.source(run.source)
    whole = rules.include in ((), ("*",)) and not rules.exclude
    diff = await unit.snapshots.record(run.source, metas, run_id=run.id, complete=whole)
    await unit.registrar.register(
        run.source, source.domain, source.owner, metas, diff.removed, run_id=run.id
    )
    await kept_states.forget(unit.session, [str(ref) for ref in diff.removed])
    wanted = _wanted(run, listed)
    decided = tied(await _decide(unit, run, rules, wanted, known))
    if run.verify is not None:
        decided = to_verify(decided, run.verify, SystemRandom())
    now = unit.clock.now()
    decisions = {each.listed.meta.path: each for each in decided}
    draft = _Draft(run, _changes(diff), decisions, now, known.engine, unit.vault)
    backlog = _backlog(draft, wanted)
    await plans.write(unit.session, backlog)
    reading = sum(1 for each in backlog.assets if each["partitions_left"])
    parts = sum(each["partitions"] for each in backlog.assets)
    carried = sum(each["partitions_carried"] for each in backlog.assets)
    settled = [each for each in backlog.assets if not AssetState(each["state"]).open]
    await runs.set_values(
        unit.session,
        run.id,
        stage=Stage.READING,
        assets_total=len(backlog.assets),
        assets_done=len(settled),
        assets_failed=sum(1 for each in backlog.assets if each["state"] == AssetState.FAILED),
        assets_unchanged=sum(1 for each in backlog.assets if each["state"] == AssetState.UNCHANGED),
        partitions_total=parts,
        partitions_carried=carried,
        rows_carried=sum(each["rows_carried"] for each in backlog.assets),
        chunks_total=len(backlog.chunks),
        rows_expected=sum(each["rows_expected"] or 0 for each in backlog.assets) or None,
        summary={"appeared": len(diff.added), "vanished": [str(ref) for ref in diff.removed]},
    )
    told = f" {carried:,} of {parts:,} parts are unchanged and not read." if carried else ""
    await runs.log(
        unit.session,
        run.id,
        now,
        f"Listed {len(metas)} assets; {reading} of them hold data to read, "
        f"in {len(backlog.chunks)} chunks.{told}",
    )
    await wake(unit.session)


def _wanted(run: Run, listed: Sequence[Listed]) -> Sequence[Listed]:
    only = _only(run)
    return listed if only is None else [each for each in listed if each.meta.path in only]


@dataclass(frozen=True, slots=True)
class _Draft:
    run: Run
    changes: Mapping[AssetRef, str]
    decisions: Mapping[tuple[str, ...], Decision]
    now: datetime
    engine: str
    vault: Vault


def _changes(diff: SnapshotDiff) -> dict[AssetRef, str]:
    return dict.fromkeys(diff.changed, "changed") | dict.fromkeys(diff.added, "added")


def _backlog(draft: _Draft, listed: Sequence[Listed]) -> plans.Backlog:
    assets: list[dict[str, Any]] = []
    pieces: list[Piece] = []
    parts: dict[tuple[str, int], Part] = {}
    tasks: list[dict[str, Any]] = []
    for each in listed:
        ref = AssetRef(draft.run.source, each.meta.path)
        decision = draft.decisions.get(each.meta.path)
        assets.append(_asset_row(draft, ref, each, decision))
        if decision is None or decision.mode is Mode.UNCHANGED:
            continue
        for part in decision.parts:
            partition = part.partition
            piece = Piece(
                str(ref), partition.index, partition.estimated_rows, len(each.meta.columns)
            )
            parts[piece.asset, piece.partition] = part
            if part.carried:
                tasks.append(_task_row(draft, piece, part, NO_CHUNK))
            else:
                pieces.append(piece)
    chunks: list[dict[str, Any]] = []
    for seq, bundled in enumerate(bundle(pieces), start=1):
        chunk_id = new_id()
        chunks.append(
            {
                "id": chunk_id,
                "run_id": draft.run.id,
                "source": draft.run.source,
                "state": ChunkState.READY,
                "seq": seq,
                "weight": sum(piece.weight for piece in bundled),
                "ready_at": draft.now,
            }
        )
        tasks += [
            _task_row(draft, piece, parts[piece.asset, piece.partition], chunk_id)
            for piece in bundled
        ]
    return plans.Backlog(assets, chunks, tasks)


def _task_row(draft: _Draft, piece: Piece, part: Part, chunk_id: UUID) -> dict[str, Any]:
    return {
        "run_id": draft.run.id,
        "asset": piece.asset,
        "partition": piece.partition,
        "chunk_id": chunk_id,
        "spec": dict(sealing.sealed(draft.vault, part.partition.spec, piece.asset)),
        "rows_expected": part.partition.estimated_rows,
        "fraction": part.partition.fraction,
        "weight": piece.weight,
        "key": part.key,
        "marker": part.marker,
        "carried": part.carried,
        "verify": part.verify,
        "done": part.carried,
    }


def _asset_row(
    draft: _Draft, ref: AssetRef, each: Listed, decision: Decision | None
) -> dict[str, Any]:
    state = AssetState.LISTED if each.failure is None else AssetState.FAILED
    if decision is not None:
        state = STATES[decision.mode]
    reads = state.open
    parts = decision.parts if decision is not None else ()
    carried = decision.carried if decision is not None else ()
    kept = decision.kept if decision is not None else None
    rows_carried = sum(kept.parts[part.key].rows for part in carried) if kept is not None else 0
    expected = [part.partition.estimated_rows for part in parts if not part.carried]
    known = decision is not None and state is AssetState.UNCHANGED and kept is not None
    return {
        "run_id": draft.run.id,
        "asset": str(ref),
        "kind": each.meta.kind.value,
        "state": state,
        "change": draft.changes.get(ref),
        "columns": _columns(each.meta),
        "meta": meta_to_json(each.meta) if reads else None,
        "params": {"quality": dict(decision.quality)} if reads and decision else None,
        "reading": reading_to_json(each.reading) if reads else None,
        "rows_expected": sum(n or 0 for n in expected)
        if expected and None not in expected
        else None,
        "partitions": len(parts),
        "partitions_left": len(parts) - len(carried),
        "partitions_carried": len(carried),
        "rows": rows_carried if carried else None,
        "rows_carried": rows_carried,
        "labels": kept.labels if known and kept is not None else None,
        "reason": decision.reason if decision is not None else None,
        "keep": _to_keep(draft, each, decision) if reads and decision else None,
        "failure": each.failure.as_json() if each.failure is not None else None,
        "finished_at": None if reads else draft.now,
    }


def _to_keep(draft: _Draft, each: Listed, decision: Decision) -> dict[str, Any] | None:
    """What the next scan compares with; nothing where the source cannot tell what changed."""
    if each.marker is None:
        return None
    return {
        "marker": each.marker,
        "fingerprint": decision.fingerprint,
        "engine": draft.engine,
        "whole": decision.whole,
        "verify": any(part.verify for part in decision.parts),
    }


def _columns(meta: AssetMeta) -> dict[str, str]:
    return {each.name: each.type for each in meta.columns}
