"""``muniment sources``: connect, test and list data sources."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from muniment.cli.opened import with_product
from muniment.cli.words import plain
from muniment.composition.product import Product
from muniment.contracts.connectors import SourceConnection, StepOutcome, TestStep
from muniment.kernel.errors import Invalid
from muniment.kernel.ids import new_id
from muniment.kernel.windows import EXAMPLE
from muniment.platform.paging import PageQuery
from muniment.sources import locators, registry
from muniment.sources.model import NewSource, SourceRecord
from muniment.sources.service import trials
from muniment.sources.service.sources import LIMITS

app = typer.Typer(help="Connect, test and list data sources.", no_args_is_help=True)

T = TypeVar("T")
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document for machines.")]
PASSWORD_VARIABLES = {"mysql": "MYSQL_PWD", "sqlalchemy": "DATABASE_PASSWORD"}
"""Where the clients of a kind look for a password that nobody gave; PostgreSQL's elsewhere."""

SIGNS = {
    StepOutcome.PASSED: "[green]ok[/]",
    StepOutcome.WARNED: "[yellow]!![/]",
    StepOutcome.FAILED: "[red]no[/]",
    StepOutcome.SKIPPED: "[dim]--[/]",
}


@app.command("list")
def list_sources(as_json: AsJson = False) -> None:
    """List the registered sources with their health."""

    async def work(product: Product) -> Sequence[SourceRecord]:
        found: list[SourceRecord] = []
        cursor: str | None = None
        while True:
            async with product.reading() as unit:
                page = await unit.sources.sources.page(PageQuery(limit=1000, cursor=cursor))
            found += page.items
            cursor = page.next_cursor
            if cursor is None:
                return found

    records = with_product(work)
    if as_json:
        _print_json([_shown(record) for record in records])
        return
    if not records:
        typer.echo("No source is registered yet. Add one: muniment sources add URL-or-path")
        return
    table = Table("Name", "Kind", "Domain", "Owner", "Health", "Latency", box=None)
    for record in records:
        latency = "" if record.latency_ms is None else f"{record.latency_ms:.0f} ms"
        table.add_row(
            record.name,
            record.kind,
            record.domain,
            plain(record.owner),
            record.health.value,
            latency,
        )
    Console().print(table)


@app.command()
def add(
    target: Annotated[str, typer.Argument(help="A database URL, a file or a folder.")],
    name: Annotated[str | None, typer.Option(help="What it is to be called.")] = None,
    title: Annotated[str, typer.Option(help="What people call it.")] = "",
    domain: Annotated[str | None, typer.Option(help="The domain it belongs to.")] = None,
    owner: Annotated[str | None, typer.Option(help="Who answers for it.")] = None,
    sensitive: Annotated[bool, typer.Option(help="Scans wait for an approval.")] = False,
    untested: Annotated[bool, typer.Option(help="Register without testing it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Test a connection and register it as a source."""
    located = _located(target)
    if not untested:
        tested = asyncio.run(trials.test(_connection(located)))
        if not tested.passed:
            _show_steps(tested.steps, as_json=as_json)
            raise typer.Exit(1)
    new = NewSource(
        name=name or located.name,
        kind=located.kind,
        settings=located.settings,
        secrets=located.secrets,
        title=title,
        domain=domain,
        owner=owner,
        sensitive=sensitive,
    )

    async def work(product: Product) -> SourceRecord:
        async with product.writing() as unit:
            return await unit.sources.sources.register(new)

    record = with_product(work)
    if as_json:
        _print_json(_shown(record))
    else:
        typer.echo(f"Registered '{record.name}' ({record.kind}).")


@app.command("test")
def try_source(
    target: Annotated[str, typer.Argument(help="A registered name, a URL or a path.")],
    as_json: AsJson = False,
) -> None:
    """Test a connection step by step; each failure says what to do."""
    connection = _registered_or_located(target)
    tested = asyncio.run(trials.test(connection))
    _show_steps(tested.steps, as_json=as_json)
    raise typer.Exit(0 if tested.passed else 1)


@app.command()
def health(
    name: Annotated[str, typer.Argument(help="A registered source.")],
    probes: Annotated[int, typer.Option(min=1, max=1000, help="How many to show.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Probe a source now and show how it did lately."""

    async def work(product: Product) -> Sequence[Mapping[str, Any]]:
        async with product.reading() as unit:
            connection = await unit.sources.sources.connection(name)
        found = await trials.probe(connection)
        async with product.writing() as unit:
            await unit.sources.health.record(name, found)
        async with product.reading() as unit:
            page = await unit.sources.health.history(name, PageQuery(limit=probes))
            return [
                {
                    "probed_at": probe.probed_at.isoformat(),
                    "health": probe.health,
                    "milliseconds": round(probe.milliseconds, 1),
                    "error": probe.error,
                    "message": probe.message,
                }
                for probe in page.items
            ]

    history = with_product(work)
    if as_json:
        _print_json({"name": name, "health": history[0]["health"], "probes": history})
    else:
        table = Table("When", "Health", "Latency", "What", box=None)
        for probe in history:
            latency = f"{probe['milliseconds']:.0f} ms"
            table.add_row(probe["probed_at"], probe["health"], latency, plain(probe["message"]))
        Console().print(table)
    raise typer.Exit(1 if history[0]["error"] else 0)


Rate = Annotated[float | None, typer.Option(min=0, help="0 takes the limit away.")]


@app.command()
def limits(
    name: Annotated[str, typer.Argument(help="A registered source.")],
    reads: Annotated[
        int | None, typer.Option(min=1, max=64, help="Chunks that are read at once.")
    ] = None,
    statement_timeout: Annotated[
        float | None, typer.Option(min=1, max=86_400, help="Seconds for one statement.")
    ] = None,
    idle_timeout: Annotated[
        float | None, typer.Option(min=5, max=3600, help="Seconds of silence until it is given up.")
    ] = None,
    rows_per_second: Rate = None,
    megabytes_per_second: Rate = None,
    statements_per_minute: Rate = None,
    back_off: Annotated[
        bool | None,
        typer.Option("--back-off/--no-back-off", help="Ask less while its answers are slow."),
    ] = None,
    blackout: Annotated[
        list[str] | None,
        typer.Option(help=f"Hours in which nothing is read: '{EXAMPLE}'. Repeat for several."),
    ] = None,
    no_blackouts: Annotated[bool, typer.Option(help="Read at any hour.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show, or change, what a scan may do to a source; a scan under way heeds it as well."""
    given: dict[str, Any] = {
        "max_concurrency": reads,
        "statement_timeout_seconds": statement_timeout,
        "idle_timeout_seconds": idle_timeout,
        "governed": back_off,
        "blackouts": [] if no_blackouts else blackout or None,
    }
    changes = {key: value for key, value in given.items() if value is not None}
    rates = {
        "rows_per_second": None if rows_per_second is None else int(rows_per_second),
        "megabytes_per_second": megabytes_per_second,
        "statements_per_minute": None
        if statements_per_minute is None
        else int(statements_per_minute),
    }
    changes |= {key: rate or None for key, rate in rates.items() if rate is not None}

    async def work(product: Product) -> SourceRecord:
        if not changes:
            async with product.reading() as unit:
                return await unit.sources.sources.get(name)
        async with product.writing() as unit:
            return await unit.sources.sources.update(name, changes, expected=None)

    record = with_product(work)
    shown = {field: getattr(record, field) for field in LIMITS}
    if as_json:
        _print_json({"name": name, **shown})
        return
    table = Table(box=None, show_header=False)
    for field, value in shown.items():
        table.add_row(field.replace("_", " "), _limit(value))
    Console().print(table)


def _limit(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return plain("; ".join(value) or "none")
    return "no limit" if value is None else f"{value:,}"


@app.command()
def remove(
    name: Annotated[str, typer.Argument(help="A registered source.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Forget a source, its credential and its history; the data itself is untouched."""
    if not yes:
        typer.confirm(f"Forget the source '{name}' and all that is known of it?", abort=True)

    async def work(product: Product) -> None:
        async with product.writing() as unit:
            await unit.sources.sources.remove(name, expected=None)

    with_product(work)
    typer.echo(f"Removed '{name}'.")


def _located(target: str) -> locators.Located:
    """What the target means; a missing password comes from the surroundings or the person."""
    located = locators.parse(target)
    wanted = registry.connector_type(located.kind).secret_fields
    if "password" in wanted and "password" not in located.secrets:
        given = os.environ.get(PASSWORD_VARIABLES.get(located.kind, "PGPASSWORD"))
        if given is None and sys.stdin.isatty():
            given = typer.prompt("Password", hide_input=True, default="", show_default=False)
        if given:
            return replace(located, secrets={**located.secrets, "password": given})
    return located


def _registered_or_located(target: str) -> SourceConnection:
    try:
        return _connection(_located(target))
    except Invalid:
        if "/" in target:
            raise

    async def work(product: Product) -> SourceConnection:
        async with product.reading() as unit:
            return await unit.sources.sources.connection(target)

    return with_product(work)


def _connection(located: locators.Located) -> SourceConnection:
    return SourceConnection(new_id(), located.name, located.kind, located.settings, located.secrets)


def _show_steps(steps: Sequence[TestStep], *, as_json: bool) -> None:
    if as_json:
        passed = all(step.outcome is not StepOutcome.FAILED for step in steps)
        _print_json({"passed": passed, "steps": [asdict(step) for step in steps]})
        return
    console = Console(highlight=False)
    for step in steps:
        console.print(f" {SIGNS[step.outcome]}  {step.name}: ", end="")
        console.print(step.message, markup=False)
        if step.remedy:
            for line in step.remedy.splitlines():
                console.print(f"       {line}", markup=False, style="dim", soft_wrap=True)


def _shown(record: SourceRecord) -> dict[str, Any]:
    return {
        "name": record.name,
        "kind": record.kind,
        "title": record.title,
        "domain": record.domain,
        "owner": record.owner,
        "sensitive": record.sensitive,
        "settings": dict(record.settings),
        "credential_fields": list(record.credential_fields),
        "health": record.health.value,
        "latency_ms": record.latency_ms,
        "version": record.version,
    }


def _print_json(document: object) -> None:
    typer.echo(json.dumps(document, indent=2, default=str, ensure_ascii=False))
