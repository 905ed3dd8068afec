"""Returns of orders that do not exist: both tables are read in one run, in either order."""

import dataclasses
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from tests.integration.catalog.quality.conftest import Estate, analysed

from muniment.catalog.quality.tables import KeyValues
from muniment.contracts.connectors import AssetMeta, KeyKind, KeyMeta
from muniment.kernel.ids import new_id
from muniment.kernel.refs import AssetRef
from muniment.platform.paging import PageQuery
from muniment.platform.policy import EVERYTHING

PAGE = PageQuery(limit=100)
ORDERS: Mapping[str, Any] = {"order_id": list(range(300)), "note": ["x"] * 300}
RETURNS: Mapping[str, Any] = {"return_id": list(range(100)), "order_id": [*range(98), 900, 901]}


async def tables(estate: Estate) -> tuple[AssetMeta, AssetMeta]:
    orders = await estate.register("orders", {"order_id": "bigint", "note": "text"})
    keyed = dataclasses.replace(orders, keys=(KeyMeta(KeyKind.PRIMARY, ("order_id",)),))
    return keyed, await estate.register("returns", {"return_id": "bigint", "order_id": "bigint"})


async def run(
    estate: Estate, *parts: tuple[AssetMeta, Mapping[str, Any]], sampled: bool = False
) -> UUID:
    """One run over several tables, published in the order given."""
    run_id = new_id()
    async with estate.open() as quality:
        plans = await quality.planner.quality_params(
            "shop", [meta for meta, _ in parts], [], suggest=False, sampled=sampled
        )
    for meta, rows in parts:
        ref = AssetRef("shop", meta.path)
        await estate.publish(ref, analysed(ref, meta, plans[meta.path], rows, {}), run_id)
    return run_id


async def answer(estate: Estate, meta: AssetMeta) -> Any:
    async with estate.open() as quality:
        page = await quality.checks.results(
            AssetRef("shop", meta.path), EVERYTHING, status=None, query=PAGE
        )
        return next((one for one in page.items if one.type == "foreign_key"), None)


@pytest.mark.parametrize("first", ["orders", "returns"])
async def test_lost_references_are_found_whichever_table_comes_first(
    estate: Estate, first: str
) -> None:
    orders, returns = await tables(estate)
    parts = [(orders, ORDERS), (returns, RETURNS)]
    run_id = await run(estate, *(parts if first == "orders" else parts[::-1]))

    found = await answer(estate, returns)
    assert (found.status, found.evaluated, found.failed, found.exact) == ("failed", 100, 2, True)
    assert found.observed == "2.0000% lead nowhere"

    ref = AssetRef("shop", returns.path)
    async with estate.open() as quality:
        score = await quality.scores.of_asset(ref, EVERYTHING)
        assert score is not None
        assert "foreign_key:order_id" in score.failed_keys
        assert score.dimensions["consistency"] == 45.0
    told = [
        one
        for one in await estate.told("quality-evaluated")
        if one["asset"]["path"][-1] == "returns"
    ]
    assert "foreign_key:order_id" in told[-1]["failed"]

    async with estate.open() as quality:
        await quality.references.forget(run_id)
    async with estate.database.reading() as session:
        assert await session.scalar(sa.select(sa.func.count()).select_from(KeyValues)) == 0


async def test_nothing_is_concluded_from_a_table_that_was_not_read_or_only_in_part(
    estate: Estate,
) -> None:
    orders, returns = await tables(estate)
    await run(estate, (orders, ORDERS), (returns, RETURNS), sampled=True)
    assert await answer(estate, returns) is None

    await run(estate, (returns, RETURNS))
    assert await answer(estate, returns) is None


async def test_values_that_hardly_meet_are_no_reference(estate: Estate) -> None:
    orders, returns = await tables(estate)
    strange: Mapping[str, Any] = {"return_id": [1, 2, 3], "order_id": [1, 5_000, 6_000]}
    await run(estate, (orders, ORDERS), (returns, strange))
    found = await answer(estate, returns)
    assert (found.status, found.ratio) == ("skipped", None)
    assert found.message.startswith("Only 33% of the values are in sales.orders")
