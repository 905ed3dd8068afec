"""What the terminal shows while the product starts: ``python -m muniment.cli.drive up|demo``."""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from uuid import UUID

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from muniment.cli import estate
from muniment.cli.accounts import base_url, make_sign_in_link
from muniment.cli.live import follow
from muniment.cli.settled import until_served, until_settled
from muniment.cli.summary import Summary, show, summarise
from muniment.composition.product import Product
from muniment.demo import stewardship
from muniment.demo.estate import ESTATE
from muniment.kernel.errors import MunimentError
from muniment.platform.paging import PageQuery
from muniment.platform.settings import Settings, load_settings
from muniment.platform.store import store_url
from muniment.scans.model import ACTIVE
from muniment.sources.model import NewSource


def main(arguments: list[str] | None = None) -> int:
    """0 when the act is done; 1 with a JSON line of the error on stderr."""
    parser = argparse.ArgumentParser(prog="python -m muniment.cli.drive")
    parser.add_argument("act", choices=["up", "demo"])
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--scale", type=float, default=1.0)
    wanted = parser.parse_args(arguments)
    try:
        asyncio.run(_act(wanted, load_settings()))
    except MunimentError as error:
        sys.stderr.write(json.dumps({"error": error.message}) + "\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


async def _act(wanted: argparse.Namespace, settings: Settings) -> None:
    console = Console(stderr=wanted.json, highlight=False)
    product = Product.on(
        settings, store_url(settings), pool_size=2, application_name="muniment-cli"
    )
    try:
        if wanted.act == "demo":
            summary = await _demo(wanted, settings, product, console)
            if wanted.json:
                sys.stdout.write(json.dumps(summary.as_json()) + "\n")
            else:
                show(summary, console)
        if not wanted.once:
            await until_served(base_url(settings))
            link = await make_sign_in_link(product)
            console.print(f"\nMuniment is at [bold]{base_url(settings)}[/]. Sign in once with")
            console.print(f"  {link}", soft_wrap=True)
            console.print("Another link: muniment sign-in-link. Stop with Ctrl-C.")
    finally:
        await product.close()


async def _demo(
    wanted: argparse.Namespace, settings: Settings, product: Product, console: Console
) -> Summary:
    began = time.monotonic()
    place = await asyncio.to_thread(_build, settings, wanted.scale, console, wanted.json)
    await _register(product, place)
    to_scan = await _unscanned(product)
    scanning = time.monotonic()
    if to_scan:
        await _scan(product, to_scan, console, quiet=wanted.json)
        scanned = time.monotonic() - scanning
        await until_settled(product)
        if await stewardship.apply(product):
            await until_settled(product)
    else:
        scanned = 0.0
        console.print("The estate is scanned already; `muniment runs` has the history.")
    total = time.monotonic() - began
    return await summarise(
        product, url=base_url(settings), scan_seconds=scanned, total_seconds=total
    )


def _build(settings: Settings, scale: float, console: Console, quiet: bool) -> estate.Place:
    columns = (TextColumn("{task.description:<40}"), BarColumn(bar_width=28))
    with Progress(*columns, console=console, disable=quiet, transient=True) as shown:
        bar = shown.add_task("demo estate", total=None)

        def told(part: str, done: int, total: int) -> None:
            shown.update(bar, description=f"demo estate, {part}", completed=done, total=total)

        return estate.build(settings, scale=scale, told=told)


async def _register(product: Product, place: estate.Place) -> None:
    """The three sources of the company; what is registered already stays as it is."""
    async with product.reading() as unit:
        known = {source.name for source in await unit.sources.sources.sources()}
    new = [source for source in _sources(place, known) if source.name not in known]
    async with product.writing() as unit:
        for source in new:
            await unit.sources.sources.ensure(source)


def _sources(place: estate.Place, known: set[str]) -> Sequence[NewSource]:
    company = ESTATE.company
    secrets = {} if ESTATE.database in known else {"password": estate.reader_password(place)}
    return (
        NewSource(
            name=ESTATE.database,
            kind="postgresql",
            title=f"{company}: operational database",
            settings={
                "host": place.server.host,
                "port": place.server.port,
                "database": ESTATE.database,
                "user": estate.READER,
            },
            secrets=secrets,
            domain="retail",
        ),
        NewSource(
            name="lake",
            kind="files",
            title=f"{company}: data lake",
            settings={"path": str(place.lake)},
            domain="analytics",
        ),
        NewSource(
            name="marketing",
            kind="sqlite",
            title=f"{company}: the marketing team's file",
            settings={"path": str(place.marketing)},
            domain="marketing",
        ),
    )


async def _unscanned(product: Product) -> Sequence[str]:
    async with product.reading() as unit:
        facts = await unit.scans.facts.scan_facts()
    done = {fact.source for fact in facts if fact.last_success_at is not None}
    return [name for name in (ESTATE.database, "lake", "marketing") if name not in done]


async def _scan(product: Product, sources: Sequence[str], console: Console, *, quiet: bool) -> None:
    runs: list[UUID] = []
    for source in sources:
        async with product.writing() as unit:
            active = await unit.scans.runs.page(PageQuery(limit=1), source=source, states=ACTIVE)
            runs.append(
                active.items[0].id if active.items else await unit.scans.runs.request(source)
            )
    await follow(product, runs, console=console, quiet=quiet)


if __name__ == "__main__":
    raise SystemExit(main())
