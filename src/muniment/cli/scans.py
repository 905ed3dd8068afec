"""``muniment runs``: the history of scans, and what one can do with a run."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Column, Table

from muniment.cli.words import plain, plain_lines
from muniment.composition.product import Product
from muniment.contracts.scans import RunState
from muniment.platform.migrate import prepared_store
from muniment.platform.paging import PageQuery
from muniment.platform.policy.visibility import EVERYTHING
from muniment.platform.settings import load_settings
from muniment.scans.model import AssetState

app = typer.Typer(help="Scan runs: list, show, cancel, retry.", no_args_is_help=True)

T = TypeVar("T")
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document for machines.")]
RunId = Annotated[UUID, typer.Argument(help="The id of a run, as `muniment runs list` shows it.")]
Row = dict[str, Any]
RUN_FIELDS = (
    "id", "source", "state", "stage", "trigger", "priority", "requested_by", "requested_at",
    "started_at", "ended_at", "assets_total", "assets_done", "assets_failed", "rows_done",
    "problem", "changes", "full", "verify", "partitions_total", "partitions_carried",
    "rows_carried", "assets_unchanged",
)  # fmt: skip
ASSET_FIELDS = (
    "asset", "kind", "state", "change", "rows", "labels", "seconds", "failure", "partitions",
    "partitions_carried", "rows_carried", "reason",
)  # fmt: skip
GOOD = (RunState.SUCCEEDED,)


@app.command("list")
def list_runs(
    source: Annotated[str | None, typer.Option(help="Only runs of this source.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    as_json: AsJson = False,
) -> None:
    """The latest runs."""

    async def ask(product: Product) -> list[Row]:
        async with product.reading() as unit:
            page = await unit.scans.runs.page(PageQuery(limit=limit), source=source)
            return [_row(run, RUN_FIELDS) for run in page.items]

    runs = _run(ask)
    if as_json:
        _print_json(runs)
        return
    if not runs:
        typer.echo("Nothing was scanned yet. Scan a source: muniment scan URL-or-path")
        return
    identifier = Column("Run", no_wrap=True, min_width=36)
    table = Table(identifier, "Source", "State", "Assets", "Rows", "Took", box=None)
    for run in runs:
        failed = f" ({run['assets_failed']} failed)" if run["assets_failed"] else ""
        table.add_row(
            str(run["id"]),
            plain(run["source"]),
            run["state"],
            f"{run['assets_done']}/{run['assets_total']}{failed}",
            f"{run['rows_done']:,}",
            _took(run),
        )
    Console().print(table)


@app.command()
def show(run_id: RunId, as_json: AsJson = False) -> None:
    """One run: what it came to, what changed, what failed and why. Exit code 1 when it failed."""

    async def ask(product: Product) -> tuple[Row, list[Row]]:
        async with product.reading() as unit:
            run = await unit.scans.runs.get(run_id)
            failed = await unit.scans.runs.assets(
                run_id, PageQuery(limit=100), EVERYTHING, state=AssetState.FAILED
            )
            return _row(run, RUN_FIELDS), [_row(each, ASSET_FIELDS) for each in failed.items]

    run, failed = _run(ask)
    if as_json:
        _print_json({**run, "failed": failed})
    else:
        _show(run, failed)
    state = RunState(run["state"])
    if state.over and state not in GOOD:
        raise typer.Exit(1)


def _show(run: Row, failed: list[Row]) -> None:
    console = Console(highlight=False)
    console.print(f"[bold]{plain(run['source'])}[/]: {run['state']}, {_took(run) or run['stage']}")
    console.print(
        f"{run['assets_done']} of {run['assets_total']} assets, {run['rows_done']:,} rows"
    )
    if run["partitions_carried"]:
        read = run["partitions_total"] - run["partitions_carried"]
        console.print(
            f"{read:,} of {run['partitions_total']:,} partitions read; "
            f"{run['partitions_carried']:,} unchanged ({run['rows_carried']:,} rows)"
        )
    for change in run["changes"] or []:
        console.print(f"  {plain(change)}")
    if run["problem"]:
        _show_failure(console, run["problem"])
    for each in failed:
        console.print(f"[red]failed[/] {plain(each['asset'])}")
        _show_failure(console, each["failure"])


def _show_failure(console: Console, failure: Row) -> None:
    console.print(f"  {plain(failure['sentence'])}")
    if failure.get("remedy"):
        console.print(f"  [dim]{plain_lines(failure['remedy'])}[/]")


@app.command()
def cancel(run_id: RunId, as_json: AsJson = False) -> None:
    """Stop a run; what it runs on the source is stopped within two seconds."""

    async def act(product: Product) -> Row:
        async with product.writing() as unit:
            return _row(await unit.scans.runs.cancel(run_id), RUN_FIELDS)

    _tell(_run(act), as_json)


@app.command()
def retry(
    run_id: RunId,
    failed_only: Annotated[bool, typer.Option("--failed", help="Only what failed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Scan the source of a run again, whole or only what failed."""

    async def act(product: Product) -> Row:
        async with product.writing() as unit:
            runs = unit.scans.runs
            again = await (runs.replay(run_id) if failed_only else runs.repeat(run_id))
            return _row(await runs.get(again), RUN_FIELDS)

    _tell(_run(act), as_json)


def _tell(run: Row, as_json: bool) -> None:
    if as_json:
        _print_json(run)
    else:
        typer.echo(f"{run['source']}: {run['state']}. Follow it: muniment watch {run['id']}")


def _run(ask: Callable[[Product], Awaitable[T]]) -> T:
    async def asking() -> T:
        settings = load_settings()
        url = await asyncio.to_thread(prepared_store, settings)
        product = Product.on(settings, url, pool_size=1, application_name="muniment-cli")
        try:
            return await ask(product)
        finally:
            await product.close()

    return asyncio.run(asking())


def _row(found: object, fields: tuple[str, ...]) -> Row:
    return {name: getattr(found, name) for name in fields}


def _print_json(body: object) -> None:
    typer.echo(json.dumps(body, default=str))


def _took(run: Row) -> str:
    if run["started_at"] is None or run["ended_at"] is None:
        return ""
    return f"{(run['ended_at'] - run['started_at']).total_seconds():.1f} s"
