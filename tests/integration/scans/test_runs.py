"""Stories of whole runs, over a real database, real processes and a small honest estate."""

from pathlib import Path

from tests.integration.scans.estate import Stage, read_twice

from muniment.contracts.scans import RunState


async def test_a_scan_reads_every_partition_once_and_publishes_every_asset(
    stage: Stage, journal: Path
) -> None:
    tables = {
        "orders": {"rows": 30_000, "partitions": 3},
        "customers": {"rows": 500},
        "empty": {"rows": 0},
        "total": {"rows": 0, "kind": "function"},
    }
    await stage.add("shop", journal, tables)
    async with stage.worker():
        run_id = await stage.request("shop")
        run = await stage.ends(run_id)
    assert (run.state, run.problem) == (RunState.SUCCEEDED, None)
    assert run.rows_done == 30_500
    outcomes = await stage.outcomes(run_id)
    assert {name: each.state for name, each in outcomes.items()} == {
        "orders": "published",
        "customers": "published",
        "empty": "published",
        "total": "listed",
    }
    published = await stage.rows("select asset, results from estate.published")
    assert {asset: results["count"]["rows"] for asset, results in published} == {
        "shop/main/orders": 30_000,
        "shop/main/customers": 500,
        "shop/main/empty": 0,
    }
    assert read_twice(journal) == []
    assert await stage.rows("select * from scans.task_state") == []
