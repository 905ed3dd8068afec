"""Follows scans in the terminal until they are over."""

import asyncio
import time
from collections.abc import Sequence
from uuid import UUID

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from muniment.cli.words import plain
from muniment.composition.product import Product
from muniment.contracts.scans import RunState
from muniment.kernel.errors import Unavailable
from muniment.scans.model import Progress as RunProgress

POLL_SECONDS = 0.4
PATIENCE_SECONDS = 60.0


async def follow(
    product: Product, run_ids: Sequence[UUID], *, console: Console, quiet: bool
) -> Sequence[RunProgress]:
    """Show how far the runs are until all are over; returns how each ended."""
    columns = (
        TextColumn("{task.description:<24}"),
        BarColumn(bar_width=28),
        TextColumn("{task.fields[words]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, disable=quiet, transient=False) as shown:
        bars: dict[UUID, TaskID] = {}
        silent_since = time.monotonic()
        while True:
            try:
                async with product.reading() as unit:
                    now = await unit.scans.runs.progress_of(run_ids)
            except Unavailable:
                # PostgreSQL is being started again; the scan goes on where it was.
                if time.monotonic() - silent_since > PATIENCE_SECONDS:
                    raise
                await asyncio.sleep(POLL_SECONDS)
                continue
            silent_since = time.monotonic()
            for each in now:
                if each.run_id not in bars:
                    bars[each.run_id] = shown.add_task(each.source, total=None, words="queued")
                _show(shown, bars[each.run_id], each)
            if all(each.state.over for each in now):
                return now
            await asyncio.sleep(POLL_SECONDS)


def _show(shown: Progress, bar: TaskID, run: RunProgress) -> None:
    ended = run.state.over
    total = run.chunks_total or None
    shown.update(
        bar,
        total=1 if ended else total,
        completed=1 if ended else run.chunks_done,
        words=_ending(run) if ended else _words(run),
    )
    if ended:
        shown.stop_task(bar)


def _words(run: RunProgress) -> str:
    if run.state is RunState.AWAITING_APPROVAL:
        return "waits for an approval"
    if run.held is not None:
        return plain(run.held)
    if not run.rows_read:
        return str(run.stage)
    pace = f", {run.rows_per_second:,.0f} rows/s" if run.rows_per_second else ""
    return f"{run.stage}: {run.assets_done}/{run.assets_total} assets, {run.rows_read:,} rows{pace}"


def _ending(run: RunProgress) -> str:
    if run.state in (RunState.SUCCEEDED, RunState.PARTIAL):
        failed = f", {run.assets_failed} failed" if run.assets_failed else ""
        return f"{run.assets_done} assets, {run.rows_read:,} rows{failed}"
    why = f": {plain(run.problem.sentence)}" if run.problem else ""
    return f"{run.state.value}{why}"
