"""Discover: bulk metadata into snapshot and catalogue, and the backlog of what is to be read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from muniment.contracts.connectors import AssetMeta
from muniment.contracts.rulesets import EffectiveRules
from muniment.contracts.scans import RunState
from muniment.contracts.sources import SnapshotDiff
from muniment.kernel.ids import new_id
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import JsonObject
from muniment.scans.bench import Bench
from muniment.scans.chunking import Piece, bundle
from muniment.scans.codec import meta_to_json, reading_to_json, rules_from_json
from muniment.scans.jobs import DiscoverJob, Found, Listed, Reading, SourceLimits
from muniment.scans.model import AssetState, ChunkState, Stage
from muniment.scans.ports import ScanUnit
from muniment.scans.repository import plans, runs
from muniment.scans.repository.signals import wake
from muniment.scans.steps.plan import GO, OVER
from muniment.scans.tables import Run

DISCOVER_WITHIN = timedelta(minutes=60)
VIEW_SAMPLE_ROWS = 20_000


async def discover(bench: Bench, run_id: UUID) -> str:
    """List the source and write the backlog; GO, or OVER when the run was stopped meanwhile."""
    async with bench.open() as unit:
        run = await runs.get(unit.session, run_id)
        if run.state != RunState.RUNNING:
            return OVER
        if run.stage not in (Stage.PLANNING, Stage.APPROVAL, Stage.DISCOVERING):
            return GO
        plan = run.plan or {}
        rules = rules_from_json(plan["rules"])
        connection = await unit.connections.connection(run.source)
        await runs.enter(unit.session, run_id, Stage.DISCOVERING)
        await wake(unit.session)
    job = DiscoverJob(
        connection=connection,
        limits=SourceLimits(plan["statement_timeout_seconds"]),
        include=rules.include,
        exclude=rules.exclude,
        reading=Reading(rules.rows_per_partition, rules.sample_rows),
        view_sample_rows=VIEW_SAMPLE_ROWS,
        only=_only(run),
    )
    frames = await bench.frames(job, DISCOVER_WITHIN)
    listed = [each for frame in frames if isinstance(frame, Found) for each in frame.assets]
    async with bench.open() as unit:
        run = await runs.get(unit.session, run_id)
        if run.state != RunState.RUNNING:
            return OVER
        if run.stage != Stage.DISCOVERING:
            return GO
        await _keep(unit, run, rules, listed)
    return GO


def _only(run: Run) -> frozenset[tuple[str, ...]] | None:
    if run.only is None:
        return None
    return frozenset(AssetRef.parse(text).path for text in run.only)


async def _keep(unit: ScanUnit, run: Run, rules: EffectiveRules, listed: Sequence[Listed]) -> None:
    metas = [each.meta for each in listed]
    source = await unit.sources.source(run.source)
    whole = rules.include in ((), ("*",)) and not rules.exclude
    diff = await unit.snapshots.record(run.source, metas, run_id=run.id, complete=whole)
    await unit.registrar.register(
        run.source, source.domain, source.owner, metas, diff.removed, run_id=run.id
    )
    wanted = _wanted(run, listed)
    params = await unit.quality.quality_params(
        run.source,
        [each.meta for each in wanted if each.partitions],
        rules.quality_rules,
        suggest=rules.suggest_quality,
        sampled=rules.sample_rows is not None,
    )
    now = unit.clock.now()
    backlog = _backlog(_Draft(run, _changes(diff), params, now), wanted)
    await plans.write(unit.session, backlog)
    reading = sum(1 for each in backlog.assets if each["state"] == AssetState.PENDING)
    await runs.set_values(
        unit.session,
        run.id,
        stage=Stage.READING,
        assets_total=len(backlog.assets),
        assets_done=sum(1 for each in backlog.assets if each["state"] != AssetState.PENDING),
        assets_failed=sum(1 for each in backlog.assets if each["state"] == AssetState.FAILED),
        chunks_total=len(backlog.chunks),
        rows_expected=sum(each["rows_expected"] or 0 for each in backlog.assets) or None,
        summary={"appeared": len(diff.added), "vanished": [str(ref) for ref in diff.removed]},
    )
    await runs.log(
        unit.session,
        run.id,
        now,
        f"Listed {len(metas)} assets; {reading} of them hold data to read, "
        f"in {len(backlog.chunks)} chunks.",
    )
    await wake(unit.session)


def _wanted(run: Run, listed: Sequence[Listed]) -> Sequence[Listed]:
    only = _only(run)
    return listed if only is None else [each for each in listed if each.meta.path in only]


@dataclass(frozen=True, slots=True)
class _Draft:
    run: Run
    changes: Mapping[AssetRef, str]
    quality: Mapping[tuple[str, ...], JsonObject]
    now: datetime


def _changes(diff: SnapshotDiff) -> dict[AssetRef, str]:
    return dict.fromkeys(diff.changed, "changed") | dict.fromkeys(diff.added, "added")


def _backlog(draft: _Draft, listed: Sequence[Listed]) -> plans.Backlog:
    assets: list[dict[str, Any]] = []
    pieces: list[Piece] = []
    parts: dict[tuple[str, int], Any] = {}
    for each in listed:
        ref = AssetRef(draft.run.source, each.meta.path)
        assets.append(_asset_row(draft, ref, each))
        for partition in each.partitions:
            piece = Piece(
                str(ref), partition.index, partition.estimated_rows, len(each.meta.columns)
            )
            pieces.append(piece)
            parts[piece.asset, piece.partition] = partition
    chunks: list[dict[str, Any]] = []
    tasks: list[dict[str, Any]] = []
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
        for piece in bundled:
            partition = parts[piece.asset, piece.partition]
            tasks.append(
                {
                    "run_id": draft.run.id,
                    "asset": piece.asset,
                    "partition": piece.partition,
                    "chunk_id": chunk_id,
                    "spec": dict(partition.spec),
                    "rows_expected": partition.estimated_rows,
                    "fraction": partition.fraction,
                    "weight": piece.weight,
                }
            )
    return plans.Backlog(assets, chunks, tasks)


def _asset_row(draft: _Draft, ref: AssetRef, each: Listed) -> dict[str, Any]:
    state = AssetState.PENDING if each.partitions else AssetState.LISTED
    if each.failure is not None:
        state = AssetState.FAILED
    reads = state is AssetState.PENDING
    expected = [part.estimated_rows for part in each.partitions]
    return {
        "run_id": draft.run.id,
        "asset": str(ref),
        "kind": each.meta.kind.value,
        "state": state,
        "change": draft.changes.get(ref),
        "columns": _columns(each.meta),
        "meta": meta_to_json(each.meta) if reads else None,
        "params": {"quality": dict(draft.quality.get(each.meta.path, {}))} if reads else None,
        "reading": reading_to_json(each.reading) if reads else None,
        "rows_expected": sum(expected) if expected and None not in expected else None,
        "partitions": len(each.partitions),
        "partitions_left": len(each.partitions),
        "failure": each.failure.as_json() if each.failure is not None else None,
        "finished_at": None if reads else draft.now,
    }


def _columns(meta: AssetMeta) -> dict[str, str]:
    return {each.name: each.type for each in meta.columns}
