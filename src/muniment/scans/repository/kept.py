"""What is kept of assets between runs: replaced whole with each version that is published."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.kernel.refs import AssetRef
from muniment.scans import carrying
from muniment.scans.folding import Member, tree
from muniment.scans.tables import (
    KeptAsset,
    KeptFold,
    KeptPart,
    KeptState,
    RunAsset,
    Task,
    TaskState,
)


async def known(
    session: AsyncSession, source: str, only: Sequence[str] | None
) -> Mapping[str, carrying.KeptAsset]:
    """By asset, in two statements."""
    wanted = KeptAsset.source == source
    if only is not None:
        wanted = sa.and_(wanted, KeptAsset.asset.in_(only))
    assets = (await session.scalars(sa.select(KeptAsset).where(wanted))).all()
    rows = await session.execute(
        sa.select(
            KeptPart.asset,
            KeptPart.key,
            KeptPart.spec,
            KeptPart.marker,
            KeptPart.rows,
            KeptPart.fraction,
        )
        .join(KeptAsset, KeptAsset.asset == KeptPart.asset)
        .where(wanted)
        .order_by(KeptPart.asset, KeptPart.key)
    )
    parts: dict[str, dict[str, carrying.KeptPart]] = {}
    for asset, key, *told in rows:
        parts.setdefault(asset, {})[key] = carrying.KeptPart(*told)
    return {
        each.asset: carrying.KeptAsset(
            marker=each.marker,
            fingerprint=each.fingerprint,
            engine=each.engine,
            quality=each.quality,
            labels=each.labels,
            rows=each.rows,
            read_at=each.read_at,
            whole_at=each.whole_at,
            parts=parts[each.asset],
        )
        for each in assets
        if each.asset in parts
    }


async def replace(session: AsyncSession, asset: RunAsset, labels: int, now: datetime) -> None:
    """Keep what this version was made of, in the transaction that publishes it."""
    if asset.keep is None:
        await forget(session, [asset.asset])
        return
    values: dict[str, Any] = {
        "asset": asset.asset,
        "source": AssetRef.parse(asset.asset).source,
        **{name: asset.keep[name] for name in ("marker", "fingerprint", "engine")},
        "quality": (asset.params or {}).get("quality", {}),
        "labels": labels,
        "rows": asset.rows or 0,
        "read_at": now,
        "whole_at": now,
    }
    news = {name: value for name, value in values.items() if name not in ("asset", "whole_at")}
    if asset.keep["whole"]:
        news["whole_at"] = now
    await session.execute(
        insert(KeptAsset).values(values).on_conflict_do_update(index_elements=["asset"], set_=news)
    )
    mine = sa.and_(Task.run_id == asset.run_id, Task.asset == asset.asset)
    carried = sa.select(Task.key).where(mine, Task.carried)
    await session.execute(
        sa.delete(KeptPart).where(KeptPart.asset == asset.asset, KeptPart.key.not_in(carried))
    )
    await session.execute(
        sa.update(KeptPart)
        .where(mine, Task.carried, KeptPart.asset == Task.asset, KeptPart.key == Task.key)
        .values(marker=Task.marker),
        execution_options={"synchronize_session": False},
    )
    names = ["asset", "key", "spec", "marker", "rows", "fraction", "run_id"]
    await session.execute(
        insert(KeptPart).from_select(
            names,
            sa.select(
                Task.asset,
                Task.key,
                Task.spec,
                Task.marker,
                sa.func.coalesce(Task.rows, 0),
                Task.fraction,
                Task.run_id,
            ).where(mine, sa.not_(Task.carried)),
        )
    )
    await session.execute(
        insert(KeptState).from_select(
            ["asset", "key", "analyzer", "sealed"],
            sa.select(Task.asset, Task.key, TaskState.analyzer, TaskState.sealed)
            .join(
                TaskState,
                sa.and_(
                    TaskState.run_id == Task.run_id,
                    TaskState.asset == Task.asset,
                    TaskState.partition == Task.partition,
                ),
            )
            .where(mine, sa.not_(Task.carried)),
        )
    )
    await _drop_other_folds(session, asset.asset)


async def members(session: AsyncSession, run_id: UUID, asset: str) -> Sequence[Member]:
    """The partitions of an asset in a run whose states are there: read in it, or carried over."""
    has_states = sa.exists().where(
        TaskState.run_id == Task.run_id,
        TaskState.asset == Task.asset,
        TaskState.partition == Task.partition,
    )
    found = await session.execute(
        sa.select(Task.key, Task.partition, Task.carried, KeptPart.run_id)
        .outerjoin(
            KeptPart,
            sa.and_(KeptPart.asset == Task.asset, KeptPart.key == Task.key, Task.carried),
        )
        .where(Task.run_id == run_id, Task.asset == asset, sa.or_(Task.carried, has_states))
    )
    return [_member(run_id, *each) for each in found]


def _member(run_id: UUID, key: str, partition: int, carried: bool, read_in: UUID | None) -> Member:
    if not carried:
        return Member(key, run_id, partition)
    return Member(key, run_id if read_in is None else read_in)


async def fold_keys(session: AsyncSession, asset: str) -> frozenset[str]:
    found = await session.scalars(sa.select(KeptFold.key).where(KeptFold.asset == asset).distinct())
    return frozenset(found.all())


async def fold_of(session: AsyncSession, asset: str, key: str) -> Sequence[tuple[str, bytes]]:
    """Analyzer and sealed state."""
    found = await session.execute(
        sa.select(KeptFold.analyzer, KeptFold.sealed).where(
            KeptFold.asset == asset, KeptFold.key == key
        )
    )
    return [(analyzer, sealed) for analyzer, sealed in found]


async def add_fold(
    session: AsyncSession, asset: str, key: str, sealed: Mapping[str, bytes]
) -> None:
    """A fold is the same whoever makes it: one that is there stays."""
    source = AssetRef.parse(asset).source
    await session.execute(
        insert(KeptFold)
        .values(
            [
                {"asset": asset, "key": key, "analyzer": name, "source": source, "sealed": raw}
                for name, raw in sealed.items()
            ]
        )
        .on_conflict_do_nothing()
    )


async def _drop_other_folds(session: AsyncSession, asset: str) -> None:
    """Only those of the parts that are kept now can be of use again."""
    parts = await session.execute(
        sa.select(KeptPart.key, KeptPart.run_id).where(KeptPart.asset == asset)
    )
    current = tree([Member(key, run_id) for key, run_id in parts])
    await session.execute(
        sa.delete(KeptFold).where(
            KeptFold.asset == asset, KeptFold.key.not_in(list(current.keys()))
        )
    )


async def states_of(
    session: AsyncSession, asset: str, keys: Sequence[str]
) -> Sequence[tuple[str, UUID, str, bytes]]:
    """Key, the run that the state is bound to, analyzer and sealed state."""
    found = await session.execute(
        sa.select(KeptState.key, KeptPart.run_id, KeptState.analyzer, KeptState.sealed)
        .join(KeptPart, sa.and_(KeptPart.asset == KeptState.asset, KeptPart.key == KeptState.key))
        .where(KeptState.asset == asset, KeptState.key.in_(keys))
        .order_by(KeptState.key, KeptState.analyzer)
    )
    return [(key, run_id, analyzer, sealed) for key, run_id, analyzer, sealed in found]


async def forget(session: AsyncSession, assets: Sequence[str]) -> None:
    """These are read whole the next time."""
    if assets:
        await session.execute(sa.delete(KeptAsset).where(KeptAsset.asset.in_(assets)))
        await session.execute(sa.delete(KeptFold).where(KeptFold.asset.in_(assets)))


async def forget_source(session: AsyncSession, source: str) -> None:
    await session.execute(sa.delete(KeptAsset).where(KeptAsset.source == source))
    await session.execute(sa.delete(KeptFold).where(KeptFold.source == source))


async def to_verify(
    session: AsyncSession, run_id: UUID, asset: str
) -> Sequence[tuple[int, str, int, int]]:
    """Partition, key, rows now and rows before of what was read again to be compared."""
    found = await session.execute(
        sa.select(Task.partition, Task.key, sa.func.coalesce(Task.rows, 0), KeptPart.rows)
        .join(KeptPart, sa.and_(KeptPart.asset == Task.asset, KeptPart.key == Task.key))
        .where(Task.run_id == run_id, Task.asset == asset, Task.verify, Task.done)
        .order_by(Task.partition)
    )
    return [(partition, key, rows, before) for partition, key, rows, before in found]


async def settle_verified(session: AsyncSession, run_id: UUID, asset: str) -> None:
    await session.execute(
        sa.update(Task)
        .where(Task.run_id == run_id, Task.asset == asset, Task.verify)
        .values(verify=False)
    )
