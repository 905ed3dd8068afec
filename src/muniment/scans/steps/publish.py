"""Merge and publish: what was read of an asset becomes its new version, in one transaction."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog

from muniment.kernel.errors import MunimentError, NotFound, Unavailable
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import JsonObject
from muniment.platform.vault import SealedSecret, Vault
from muniment.scans.bench import Bench, Broken, patiently
from muniment.scans.codec import meta_from_json
from muniment.scans.folding import Fold, tree
from muniment.scans.jobs import Finished, FinishJob, Merged, MergeJob
from muniment.scans.model import Failure
from muniment.scans.ports import ComputeLost
from muniment.scans.repository import kept, outcomes, plans, runs
from muniment.scans.repository.signals import wake
from muniment.scans.steps.relate import RELATIONS, relation_params
from muniment.scans.tables import RunAsset

log = structlog.get_logger(__name__)

MERGE_WITHIN = timedelta(minutes=10)
CLASSIFY = "classify"
QUALITY = "quality"
GROUPS = "groups"
TRIES = 3


def seal(vault: Vault, raw: bytes, *, run_id: UUID, asset: str) -> bytes:
    """A state may hold values of the data: it is stored only under lock."""
    return vault.seal(raw, bound_to=f"{run_id}/{asset}").model_dump_json().encode()


def unseal(vault: Vault, sealed: bytes, *, run_id: UUID, asset: str) -> bytes:
    return vault.open(SealedSecret.model_validate_json(sealed), bound_to=f"{run_id}/{asset}")


async def publish(bench: Bench, asset: RunAsset) -> None:
    """Publish one asset that was read whole. A failure is the asset's own and never raised."""
    try:
        if await suspects(bench, asset):
            return
        told: Mapping[str, JsonObject] | None = asset.results
        results = told if told is not None else await _finish_with_tries(bench, asset)
        await patiently(lambda: _publish(bench, asset, results), what="publish")
    except Unavailable:
        raise
    except Exception as error:  # the border to five groups: told as the asset's failure
        failure = (
            error.failure
            if isinstance(error, Broken)
            else Failure.of(error, doing=f"publishing {AssetRef.parse(asset.asset).name}")
        )
        if not isinstance(error, MunimentError):
            log.exception("asset.not_published", asset=asset.asset, run_id=str(asset.run_id))
        await patiently(lambda: _fail(bench, asset, failure), what="publish.fail")


async def _finish_with_tries(bench: Bench, asset: RunAsset) -> Mapping[str, JsonObject]:
    for _ in range(TRIES - 1):
        try:
            return await _finish(bench, asset)
        except ComputeLost as error:
            log.warning("finish.lost", asset=asset.asset, reason=error.message)
    return await _finish(bench, asset)


async def _finish(bench: Bench, asset: RunAsset) -> Mapping[str, JsonObject]:
    """Merge the states of all partitions, as a tree, and finish them."""
    async with bench.open() as unit:
        members = await kept.members(unit.session, asset.run_id, asset.asset)
        known = await kept.fold_keys(unit.session, asset.asset)
    states = await _folded(bench, asset, tree(members), known)
    frames = await bench.frames(await _finish_job(bench, asset, states), MERGE_WITHIN)
    return next(each.results for each in frames if isinstance(each, Finished))


async def _folded(
    bench: Bench, asset: RunAsset, fold: Fold, known: Collection[str]
) -> Mapping[str, bytes]:
    """The merged states below a node, kept or made; what is made is kept for the next scan."""
    if fold.key in known:
        return await _load_fold(bench, asset, fold.key)
    states = [await _folded(bench, asset, each, known) for each in fold.below]
    if not fold.below:
        read = [each.partition for each in fold.members if each.partition is not None]
        carried = [each.key for each in fold.members if each.partition is None]
        states += await _load(bench, asset, read) if read else []
        states += (await _load_kept(bench, asset, carried)).values() if carried else []
    merged = await _merge(bench, states)
    if asset.keep is not None and len(states) > 1:
        async with bench.open() as unit:
            about = _of_fold(asset, fold.key)
            sealed = {
                name: unit.vault.seal(raw, bound_to=about).model_dump_json().encode()
                for name, raw in merged.items()
            }
            await kept.add_fold(unit.session, asset.asset, fold.key, sealed)
    return merged


async def _load_fold(bench: Bench, asset: RunAsset, key: str) -> Mapping[str, bytes]:
    about = _of_fold(asset, key)
    async with bench.open() as unit:
        return {
            name: unit.vault.open(SealedSecret.model_validate_json(sealed), bound_to=about)
            for name, sealed in await kept.fold_of(unit.session, asset.asset, key)
        }


def _of_fold(asset: RunAsset, key: str) -> str:
    return f"{key}/{asset.asset}"


async def suspects(bench: Bench, asset: RunAsset) -> bool:
    """Compare what was read again with what would have been carried over.

    True when they differ and the rest of the asset has to be read first.
    """
    if not (asset.keep or {}).get("verify"):
        return False
    async with bench.open() as unit:
        compared = await kept.to_verify(unit.session, asset.run_id, asset.asset)
    if not compared:
        return False
    wrong = 0
    for partition, key, rows, before in compared:
        wrong += rows != before or not await _agree(bench, asset, partition, key)
    async with bench.open() as unit:
        now = unit.clock.now()
        again = 0
        if wrong:
            again = await outcomes.read_carried(unit.session, asset.run_id, asset.asset, now)
            said = (
                f"{wrong} of {len(compared)} parts read again to be compared had changed although "
                "the source told nothing. The asset is read whole."
            )
        else:
            said = f"{len(compared)} unchanged parts were read again and are as they were."
        await kept.settle_verified(unit.session, asset.run_id, asset.asset)
        level = "warning" if wrong else "info"
        await runs.log(unit.session, asset.run_id, now, said, level=level, asset=asset.asset)
        await wake(unit.session)
    return again > 0


async def _agree(bench: Bench, asset: RunAsset, partition: int, key: str) -> bool:
    """Whether the states of two readings of one partition say the same.

    What checks say is left out: some depend on the day they are asked.
    """
    [now] = await _load(bench, asset, [partition])
    before = (await _load_kept(bench, asset, [key]))[key]
    if now == before:
        return True
    told: list[Mapping[str, JsonObject]] = []
    for states in (now, before):
        job = await _finish_job(bench, asset, states)
        frames = await bench.frames(job, MERGE_WITHIN)
        told.append(next(each.results for each in frames if isinstance(each, Finished)))
    left, right = ({n: r for n, r in each.items() if n != QUALITY} for each in told)
    return left == right


async def _finish_job(bench: Bench, asset: RunAsset, states: Mapping[str, bytes]) -> FinishJob:
    return FinishJob(
        asset=AssetRef.parse(asset.asset),
        meta=meta_from_json(asset.meta or {}),
        params=await analyzer_params(bench, asset),
        states=states,
    )


async def analyzer_params(bench: Bench, asset: RunAsset) -> dict[str, JsonObject]:
    """What each analyzer was planned to do with an asset."""
    async with bench.open() as unit:
        run = await runs.get(unit.session, asset.run_id)
        plan = run.plan or {}
        relations = relation_params(unit.vault, plan)
        return {CLASSIFY: plan[CLASSIFY], RELATIONS: relations, **(asset.params or {})}


async def _load(
    bench: Bench, asset: RunAsset, partitions: Sequence[int]
) -> Sequence[Mapping[str, bytes]]:
    found: dict[int, dict[str, bytes]] = {}
    async with bench.open() as unit:
        rows = await plans.states_of(unit.session, asset.run_id, asset.asset, partitions)
        for partition, analyzer, sealed in rows:
            found.setdefault(partition, {})[analyzer] = unseal(
                unit.vault, sealed, run_id=asset.run_id, asset=asset.asset
            )
    return list(found.values())


async def _load_kept(
    bench: Bench, asset: RunAsset, keys: Sequence[str]
) -> Mapping[str, Mapping[str, bytes]]:
    """By key: states that were kept; each opens only for the run that read it."""
    found: dict[str, dict[str, bytes]] = {}
    async with bench.open() as unit:
        rows = await kept.states_of(unit.session, asset.asset, keys)
        for key, run_id, analyzer, sealed in rows:
            found.setdefault(key, {})[analyzer] = unseal(
                unit.vault, sealed, run_id=run_id, asset=asset.asset
            )
    if len(found) < len(keys):
        raise NotFound("What was kept of the last scan is gone. Scan the source again.")
    return found


async def _merge(bench: Bench, states: Sequence[Mapping[str, bytes]]) -> Mapping[str, bytes]:
    if len(states) == 1:
        return states[0]
    by_analyzer = {name: [each[name] for each in states if name in each] for name in states[0]}
    frames = await bench.frames(MergeJob(by_analyzer), MERGE_WITHIN)
    return next(each.states for each in frames if isinstance(each, Merged))


async def _publish(bench: Bench, asset: RunAsset, results: Mapping[str, Any]) -> None:
    ref = AssetRef.parse(asset.asset)
    async with bench.open() as unit:
        now = unit.clock.now()
        if not await plans.begin_publish(unit.session, asset.run_id, asset.asset, now):
            return
        labels = 0
        if CLASSIFY in results:
            told = {**results[CLASSIFY], "risk": results.get(GROUPS)}
            labels = await unit.labels.publish_labels(ref, told, run_id=asset.run_id)
        await unit.publisher.publish_analysis(ref, results, run_id=asset.run_id)
        await kept.replace(unit.session, asset, labels, now)
        await plans.end_publish(unit.session, asset.run_id, asset.asset, labels)


async def _fail(bench: Bench, asset: RunAsset, failure: Failure) -> None:
    async with bench.open() as unit:
        now = unit.clock.now()
        lost = outcomes.Lost(asset.asset, failure.as_json())
        await kept.forget(unit.session, [asset.asset])
        count = await outcomes.fail_assets(unit.session, asset.run_id, [lost], now)
        await outcomes.count_up(unit.session, asset.run_id, assets_failed=count)
        await runs.log(
            unit.session, asset.run_id, now, failure.sentence, level="error", asset=asset.asset
        )
        await wake(unit.session)
