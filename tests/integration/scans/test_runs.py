"""Stories of whole runs, over a real database, real processes and a small honest estate."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.integration.scans.estate import ANNA, BEN, REPEATED, Stage, read_twice

from muniment.contracts.scans import RunState
from muniment.kernel.errors import Conflict, Forbidden
from muniment.scans.live import Line, LiveRuns
from muniment.scans.model import Progress
from muniment.scans.service.runs import RunService


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


async def test_what_fails_is_told_by_name_and_costs_only_itself(
    stage: Stage, journal: Path
) -> None:
    tables = {
        "good": {"rows": 100},
        "dropped": {"rows": 100, "fail": "gone"},
        "torn": {"rows": 100, "fail": "unreadable"},
        "closed": {"rows": 100, "fail": "permission"},
        "buggy": {"rows": 100, "fail": "bug"},
        "stubborn": {"rows": 100},
        "flaky": {"rows": 3000, "partitions": 3, "fail": "unreachable", "fail_times": 2},
    }
    await stage.add("shop", journal, tables, unpublishable="stubborn")
    async with stage.worker():
        run_id = await stage.request("shop")
        run = await stage.ends(run_id)
    assert run.state == RunState.PARTIAL
    assert (run.assets_total, run.assets_done, run.assets_failed) == (7, 7, 5)
    outcomes = await stage.outcomes(run_id)
    assert {name: each.state for name, each in outcomes.items()} == {
        "good": "published",
        "dropped": "failed",
        "torn": "failed",
        "closed": "failed",
        "buggy": "failed",
        "stubborn": "failed",
        "flaky": "published",
    }
    slugs = {name: (each.failure or {}).get("slug") for name, each in outcomes.items()}
    assert slugs["dropped"] == "source-object-gone"
    assert slugs["torn"] == "source-data-unreadable"
    assert slugs["closed"] == "source-permission-missing"
    remedies = [each.failure["remedy"] for each in outcomes.values() if each.failure]
    assert all(remedies)
    everything = await stage.rows(
        "select cast(t as text) from scans.run_asset t union all "
        "select cast(t as text) from scans.log_line t"
    )
    assert "4111111111111111" not in str(everything)
    assert outcomes["flaky"].attempts > 1
    assert outcomes["flaky"].rows == 3000

    await stage.add("shop", journal, {**tables, "torn": {"rows": 50}})
    async with stage.worker():
        async with stage.services() as scans:
            again = await scans.runs.replay(run_id)
        await stage.ends(again)
    replayed = await stage.outcomes(again)
    assert set(replayed) == {"dropped", "torn", "closed", "buggy", "stubborn"}
    assert replayed["torn"].state == "published"


async def test_a_child_that_dies_costs_nothing_but_time(stage: Stage, journal: Path) -> None:
    tables = {
        "first": {"rows": 100},
        "killer": {"rows": 5000, "fail": "die", "fail_times": 1},
        "hungry": {"rows": 4000, "fail": "grow", "fail_times": 1},
        "cursed": {"rows": 3000, "fail": "die"},
        "last": {"rows": 10},
    }
    await stage.add("shop", journal, tables)
    async with stage.worker(memory_mb=300):
        run_id = await stage.request("shop")
        run = await stage.ends(run_id, within=60)
    assert run.state == RunState.PARTIAL
    outcomes = await stage.outcomes(run_id)
    assert {name: each.state for name, each in outcomes.items()} == {
        "first": "published",
        "killer": "published",
        "hungry": "published",
        "cursed": "failed",
        "last": "published",
    }
    assert outcomes["cursed"].failure is not None
    assert outcomes["cursed"].failure["slug"] == "worker-lost"
    assert read_twice(journal) == []


async def test_a_cancel_stops_the_source_long_before_it_would_end(
    stage: Stage, journal: Path
) -> None:
    """It would go on for minutes; how fast sources stop is measured by the conformance suite."""
    tables = {
        "quick": {"rows": 900_000},
        "endless": {"rows": 100_000_000, "seconds": 600},
        "waiting": {"rows": 600_000, "seconds": 600},
    }
    await stage.add("shop", journal, tables, max_concurrency=1)
    async with stage.worker():
        run_id = await stage.request("shop")
        await stage.reaches(run_id, RunState.RUNNING)
        while "begin endless" not in (journal.read_text() if journal.exists() else ""):
            await asyncio.sleep(0.05)
        began = time.monotonic()
        async with stage.services() as scans:
            await scans.runs.cancel(run_id)
        run = await stage.ends(run_id)
        while "stopped endless" not in journal.read_text() and time.monotonic() - began < 30.0:
            await asyncio.sleep(0.02)
    assert run.state == RunState.CANCELLED
    assert "stopped endless" in journal.read_text()
    states = {each.state for each in (await stage.outcomes(run_id)).values()}
    assert states <= {"published", "skipped"}
    assert await stage.rows("select 1 from scans.chunk where state in ('ready', 'running')") == []


async def test_a_sensitive_scan_waits_for_somebody_else_to_agree(
    stage: Stage, journal: Path
) -> None:
    await stage.add("hr", journal, {"salaries": {"rows": 10}}, sensitive=True)
    async with stage.worker():
        run_id = await stage.request("hr")
        await stage.reaches(run_id, RunState.AWAITING_APPROVAL)
        async with stage.services(BEN) as scans:
            asked = await scans.approvals.get(run_id)
            assert asked.quote["statements"] == ["select table_name from estate.tables"]
            assert asked.reasons
        assert not journal.exists()
        with pytest.raises(Forbidden, match="cannot approve"):
            async with stage.services(ANNA) as scans:
                await scans.approvals.decide(run_id, approve=True, reason="I want it")
        async with stage.services(BEN) as scans:
            await scans.approvals.decide(run_id, approve=True, reason="Agreed with the owner.")
        assert (await stage.ends(run_id)).state == RunState.SUCCEEDED
        with pytest.raises(Conflict):
            async with stage.services(BEN) as scans:
                await scans.approvals.decide(run_id, approve=False, reason="Too late.")

        refused = await stage.request("hr")
        await stage.reaches(refused, RunState.AWAITING_APPROVAL)
        async with stage.services(BEN) as scans:
            assert (await scans.approvals.get(refused)).quote["rows"] == 10
            await scans.approvals.decide(refused, approve=False, reason="Not this week.")
        assert (await stage.ends(refused)).state == RunState.REJECTED

        given_up = await stage.request("hr")
        await stage.reaches(given_up, RunState.AWAITING_APPROVAL)
        async with stage.services() as scans:
            await scans.runs.cancel(given_up)
        assert (await stage.ends(given_up)).state == RunState.CANCELLED


async def test_a_source_that_does_not_answer_ends_its_run_cleanly(
    stage: Stage, journal: Path
) -> None:
    down = {f"t{n}": {"rows": 600_000, "fail": "unreachable"} for n in range(8)}
    await stage.add("gone", journal, down)
    await stage.add("silent", journal, {}, settings={"down": True})
    async with stage.worker():
        run_id, silent = await stage.request("gone"), await stage.request("silent")
        run = await stage.ends(run_id)
        nothing = await stage.ends(silent)
    assert (run.state, nothing.state) == (RunState.FAILED, RunState.FAILED)
    assert run.problem is not None
    assert run.problem["slug"] == "source-unreachable"
    assert nothing.problem is not None
    assert nothing.problem["remedy"]
    assert len(journal.read_text().splitlines()) < 16


async def test_a_run_ends_at_its_time_limit_and_keeps_what_is_done(
    stage: Stage, journal: Path
) -> None:
    tables = {"a": {"rows": 10}, **{f"s{n}": {"rows": 600_000, "seconds": 1.0} for n in range(9)}}
    await stage.add("slow", journal, tables, max_run_minutes=2.0 / 60, max_concurrency=1)
    async with stage.worker():
        run = await stage.ends(await stage.request("slow"))
    assert run.state == RunState.PARTIAL
    assert run.problem is not None
    assert run.problem["slug"] == "limit-exceeded"
    states = [each.state for each in (await stage.outcomes(run.id)).values()]
    assert set(states) == {"published", "skipped"}


async def test_a_small_source_does_not_wait_for_a_large_one(stage: Stage, journal: Path) -> None:
    large = {f"l{n}": {"rows": 700_000, "seconds": 0.15} for n in range(14)}
    small = {f"s{n}": {"rows": 600_000, "seconds": 0.15} for n in range(3)}
    await stage.add("large", journal, large)
    await stage.add("small", journal, small)
    async with stage.worker(slots=1):
        first = await stage.request("large")
        while "begin l" not in (journal.read_text() if journal.exists() else ""):
            await asyncio.sleep(0.05)
        second = await stage.request("small")
        ended = await stage.ends(second, within=60)
        assert (await stage.run(first)).state == RunState.RUNNING
        assert (await stage.ends(first, within=60)).state == RunState.SUCCEEDED
    assert ended.state == RunState.SUCCEEDED


async def test_one_run_per_source_at_a_time(stage: Stage, journal: Path) -> None:
    await stage.add("shop", journal, {"a": {"rows": 1}})
    run_id = await stage.request("shop")
    with pytest.raises(Conflict, match="under way"):
        await stage.request("shop")
    async with stage.services() as scans:
        assert (await scans.runs.cancel(run_id)).state == RunState.CANCELLED
    await stage.request("shop")


async def test_a_worker_that_stops_hands_its_run_to_the_next(stage: Stage, journal: Path) -> None:
    tables = {f"t{n}": {"rows": 600_000, "seconds": 0.4} for n in range(6)}
    await stage.add("shop", journal, tables)
    async with stage.worker():
        run_id = await stage.request("shop")
        while not (await stage.run(run_id)).chunks_done:
            await asyncio.sleep(0.05)
    assert (await stage.run(run_id)).state == RunState.RUNNING
    async with stage.worker():
        assert (await stage.ends(run_id)).state == RunState.SUCCEEDED
    assert await stage.rows(REPEATED) == []
    published = await stage.rows("select count(*), count(distinct asset) from estate.published")
    assert published == [(6, 6)]


async def test_the_live_feed_tells_progress_and_ends_with_the_run(
    stage: Stage, journal: Path
) -> None:
    await stage.add("shop", journal, {"a": {"rows": 50_000, "seconds": 2.0}})

    @asynccontextmanager
    async def open_runs() -> AsyncIterator[RunService]:
        async with stage.services() as scans:
            yield scans.runs

    live = LiveRuns(open_runs)
    async with stage.worker():
        run_id = await stage.request("shop")
        async with asyncio.timeout(60):
            heard = [news async for news in live.watch(run_id)]
    progress = [each for each in heard if isinstance(each, Progress)]
    lines = [each.message for each in heard if isinstance(each, Line)]
    assert progress[-1].state is RunState.SUCCEEDED
    assert any(0 < each.rows_read < 50_000 for each in progress)
    assert any("shop/main/a" in each.current for each in progress)
    assert any(line.startswith("Listed 1 assets") for line in lines)


async def test_one_watcher_follows_several_runs_until_the_last_is_over(
    stage: Stage, journal: Path
) -> None:
    await stage.add("shop", journal, {"a": {"rows": 100}})
    await stage.add("mill", journal, {"b": {"rows": 20_000, "seconds": 1.0}})

    @asynccontextmanager
    async def open_runs() -> AsyncIterator[RunService]:
        async with stage.services() as scans:
            yield scans.runs

    live = LiveRuns(open_runs)
    async with stage.worker():
        run_ids = {await stage.request("shop"), await stage.request("mill")}
        async with asyncio.timeout(60):
            heard = [news async for news in live.watch(*run_ids)]
    over = [each.run_id for each in heard if isinstance(each, Progress) and each.state.over]
    assert set(over) == run_ids
    assert {each.run_id for each in heard if each is not None} == run_ids
