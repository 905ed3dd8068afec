"""``muniment quality``: scores, checks and incidents."""

import json
from dataclasses import asdict
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from muniment.catalog.quality.model import FORMULA, OPEN_STATES, IncidentFilter
from muniment.cli.opened import with_product
from muniment.cli.words import plain
from muniment.composition.product import Product
from muniment.kernel.refs import AssetRef
from muniment.platform.paging import PageQuery
from muniment.platform.policy import EVERYTHING

app = typer.Typer(help="Scores, checks and incidents.", no_args_is_help=True)

T = TypeVar("T")
Row = dict[str, Any]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document for machines.")]
RESULT_FIELDS = (
    "key", "title", "columns", "status", "severity", "dimension", "origin", "ratio", "evaluated",
    "failed", "observed", "expected", "message", "examples", "exact", "error",
)  # fmt: skip
INCIDENT_FIELDS = ("id", "asset", "title", "severity", "state", "occurrences", "opened_at")
SIGNS = {"passed": "[green]ok[/]", "failed": "[red]no[/]", "error": "[yellow]??[/]"}


@app.command()
def estate(
    as_json: AsJson = False, worst: Annotated[int, typer.Option(min=0, max=100)] = 10
) -> None:
    """The quality of the whole estate, by dimension, with its worst assets."""

    async def ask(product: Product) -> tuple[Any, Any]:
        async with product.reading() as unit:
            score = await unit.quality.scores.estate()
            page = await unit.quality.scores.worst(EVERYTHING, PageQuery(limit=max(worst, 1)))
            return score, page.items[:worst]

    score, assets = with_product(ask)
    if as_json:
        _print_json({**asdict(score), "worst": [asdict(one) for one in assets], "formula": FORMULA})
        return
    if score.score is None:
        typer.echo("Nothing was checked yet. Scan a source: muniment scan URL-or-path")
        return
    console = Console()
    console.print(f"[bold]{score.score:.1f}[/] of 100 over {score.assets} assets")
    table = Table("Dimension", "Score", "Assets", box=None)
    for one in score.dimensions:
        table.add_row(one.dimension, f"{one.score:.1f}", str(one.assets))
    console.print(table)
    if assets:
        table = Table("Worst assets", "Score", "Failing checks", box=None)
        for asset in assets:
            table.add_row(plain(asset.asset), f"{asset.score:.1f}", str(asset.failed))
        console.print(table)


@app.command()
def show(
    asset: Annotated[str, typer.Argument(help="An asset such as warehouse/sales/orders.")],
    as_json: AsJson = False,
    failing: Annotated[bool, typer.Option(help="Only checks that fail.")] = False,
) -> None:
    """The score and the check results of one asset. Exit code 1 when a check fails."""
    ref = AssetRef.parse(asset)

    async def ask(product: Product) -> tuple[Row | None, list[Row]]:
        async with product.reading() as unit:
            score = await unit.quality.scores.of_asset(ref, EVERYTHING)
            page = await unit.quality.checks.results(
                ref, EVERYTHING, status="failed" if failing else None, query=PageQuery(limit=1000)
            )
            now = None if score is None else _row(score, ("score", "dimensions", "coverage"))
            return now, [_row(one, RESULT_FIELDS) for one in page.items]

    score, results = with_product(ask)
    if as_json:
        _print_json({"asset": str(ref), "quality": score, "checks": results})
    elif score is None:
        typer.echo("The asset was not checked yet. Scan its source.")
    else:
        _show_results(score, results)
    raise typer.Exit(1 if any(one["status"] == "failed" for one in results) else 0)


def _show_results(score: Row, results: list[Row]) -> None:
    console = Console()
    told = "not judged" if score["score"] is None else f"{score['score']:.1f} of 100"
    console.print(f"[bold]{told}[/]")
    table = Table("", "Check", "Columns", "Severity", "Failing", "Message", box=None)
    for one in results:
        share = "" if one["ratio"] in (None, 1) else f"{1 - one['ratio']:.2%}"
        table.add_row(
            SIGNS.get(one["status"], "[dim]--[/]"),
            one["title"],
            plain(", ".join(one["columns"])),
            one["severity"],
            share,
            plain(one["message"] or one["observed"] or ""),
        )
    console.print(table)


@app.command()
def incidents(
    as_json: AsJson = False,
    everything: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
) -> None:
    """Open incidents, the newest first. Exit code 1 when there are any."""

    wanted = IncidentFilter(open=None if everything else True)

    async def ask(product: Product) -> list[Row]:
        async with product.reading() as unit:
            page = await unit.quality.incidents.page(wanted, EVERYTHING, PageQuery(limit=1000))
            return [_row(one, INCIDENT_FIELDS) for one in page.items]

    found = with_product(ask)
    if as_json:
        _print_json(found)
    elif not found:
        typer.echo("No open incidents.")
    else:
        table = Table("Opened", "Severity", "State", "What", "Asset", box=None)
        for one in found:
            opened = f"{one['opened_at']:%Y-%m-%d %H:%M}"
            what, asset = plain(one["title"]), plain(one["asset"])
            table.add_row(opened, one["severity"], one["state"], what, asset)
        Console().print(table)
    raise typer.Exit(1 if any(one["state"] in OPEN_STATES for one in found) else 0)


def _row(stored: object, names: tuple[str, ...]) -> Row:
    """The named fields, read while the transaction is open."""
    return {name: getattr(stored, name) for name in names}


def _print_json(document: object) -> None:
    typer.echo(json.dumps(document, default=str, indent=2))
