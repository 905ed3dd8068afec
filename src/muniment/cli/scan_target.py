"""``muniment scan TARGET``: the whole main job on one source, from an address to a report."""

import asyncio
import json
import os
import sys
from collections.abc import Coroutine
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console

from muniment.cli import report
from muniment.cli.live import follow
from muniment.cli.prepare import first_administrator
from muniment.cli.run import only_one
from muniment.cli.settled import until_settled
from muniment.cli.supervisor import WORKER, Supervisor
from muniment.composition.product import Product
from muniment.contracts.scans import RunState
from muniment.kernel.errors import Conflict, Invalid, Unavailable
from muniment.platform.migrate import prepared_store
from muniment.platform.settings import Settings, load_settings
from muniment.platform.store import embedded_of
from muniment.scans.model import Progress
from muniment.sources.locators import Located, parse
from muniment.sources.model import NewSource

POLL_SECONDS = 0.5

T = TypeVar("T")


def run(
    target: str,
    *,
    as_json: bool,
    html: Path | None,
    name: str | None,
    full: bool = False,
    verify: float | None = None,
) -> int:
    """Scan ``target``; 0 when it could be read, 1 when something in it could not."""
    settings = load_settings()
    located = parse(target)
    if html is not None and not html.absolute().parent.is_dir():
        raise Invalid(f"The directory {html.absolute().parent} does not exist.")
    console = Console(stderr=as_json, highlight=False)
    how = How(full=full, verify=verify, quiet=as_json)
    made = asyncio.run(_scan(settings, located, name or located.name, console, how))
    if html is not None:
        html.write_text(report.as_html(made), encoding="utf-8")
    if as_json:
        sys.stdout.write(json.dumps(made.as_json()) + "\n")
    else:
        report.show(made, console)
        if html is not None:
            console.print(f"\nThe report is in {html}.")
    return 0 if made.state == RunState.SUCCEEDED else 1


@dataclass(frozen=True, slots=True)
class How:
    """How a scan is asked for, and whether it is followed on the terminal."""

    full: bool
    verify: float | None
    quiet: bool


async def _scan(
    settings: Settings, located: Located, name: str, console: Console, how: How
) -> report.Report:
    with ExitStack() as stack:
        supervisor = await asyncio.to_thread(_start, settings, stack)
        url = await asyncio.to_thread(prepared_store, settings)
        product = Product.on(settings, url, pool_size=2, application_name="muniment-cli")
        try:
            await first_administrator(product)
            scan = _run(product, located, name, console, how)
            progress = await _beside(supervisor, scan)
            await until_settled(product)
            return await report.report_of(product, name, progress)
        finally:
            await product.close()


async def _beside(supervisor: Supervisor | None, work: Coroutine[Any, Any, T]) -> T:
    """The work's result; its end as soon as what it needs cannot be kept running."""
    doing = asyncio.ensure_future(work)
    try:
        while not doing.done():
            await asyncio.wait({doing}, timeout=POLL_SECONDS)
            if supervisor is not None:
                supervisor.wait(0)
        return doing.result()
    finally:
        doing.cancel()
        await asyncio.gather(doing, return_exceptions=True)


def _start(settings: Settings, stack: ExitStack) -> Supervisor | None:
    """Start what the scan needs, unless a running Muniment has it already."""
    try:
        stack.enter_context(only_one(settings.state_dir))
    except Conflict:
        return None
    os.environ["MUNIMENT_STATE_DIR"] = str(settings.state_dir)
    os.environ.setdefault("MUNIMENT_LOG_LEVEL", "error")
    embedded = embedded_of(settings)
    if embedded is not None:
        stack.callback(embedded.stop)
    prepared_store(settings)
    return stack.enter_context(Supervisor(embedded, {"worker": WORKER}))


async def _run(
    product: Product, located: Located, name: str, console: Console, how: How
) -> Progress:
    async with product.writing() as unit:
        await unit.sources.sources.ensure(
            NewSource(
                name=name, kind=located.kind, settings=located.settings, secrets=located.secrets
            )
        )
    async with product.writing() as unit:
        run_id = await unit.scans.runs.request(name, full=how.full, verify=how.verify)
    [ended] = await follow(product, [run_id], console=console, quiet=how.quiet)
    if ended.state is RunState.FAILED and not ended.assets_total:
        problem = ended.problem
        said = problem.sentence if problem else "The scan failed."
        remedy = f" {problem.remedy}" if problem and problem.remedy else ""
        raise Unavailable(said + remedy)
    return ended
