"""``muniment classifiers model``: what the model learned from decisions, in force or not."""

import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from muniment.classification.service.models import ModelNow, ModelVersion
from muniment.cli.opened import with_product
from muniment.cli.words import plain
from muniment.composition.product import Product
from muniment.platform.paging import PageQuery

app = typer.Typer(
    help="What the model learned from decisions: train, show, promote, roll back.",
    no_args_is_help=True,
)

Version = Annotated[int, typer.Argument(min=1, help="A version that was learned.")]
Earlier = Annotated[int, typer.Argument(min=0, help="An earlier version; 0 is the shipped model.")]
MOST = 50


@app.command("list")
def list_versions() -> None:
    """The versions learned here, the latest first, and what there is to learn."""

    async def read(product: Product) -> tuple[ModelNow, list[tuple[str, ...]]]:
        async with product.reading() as unit:
            models = unit.classification.models
            page = await models.page(PageQuery(limit=MOST))
            return await models.now(), [_cells(version) for version in page.items]

    now, versions = with_product(read)
    table = Table("Version", "Gate", "Columns", "Decisions right", "By", "On", "Note", box=None)
    for cells in versions:
        table.add_row(*cells)
    if versions:
        Console().print(table)
    if now.version == 0:
        typer.echo(f"The shipped model is in force (version {now.shipped}).")
    elif now.outdated:
        typer.echo("What was learned belongs to an earlier shipped model and is not used: train.")
    typer.echo(f"{now.decided} decided columns can be learned from; {now.fresh} of them are new.")


@app.command()
def train(
    note: Annotated[str, typer.Option(help="Why it is to learn now.")] = "",
) -> None:
    """Let a worker learn from all decisions; nothing changes before a version is promoted."""

    async def ask(product: Product) -> int:
        async with product.writing() as unit:
            return (await unit.classification.models.train(note=note)).row.version

    version = with_product(ask)
    typer.echo(
        f"Version {version} waits for a worker. See: muniment classifiers model show {version}"
    )


@app.command()
def show(version: Version) -> None:
    """What a version learned from and how it compares with the shipped model, as JSON."""

    async def read(product: Product) -> dict[str, Any]:
        async with product.reading() as unit:
            found = await unit.classification.models.get(version)
            row = found.row
            told = {"version": row.version, "state": row.state, "in_force": row.active}
            return {
                **told,
                "outdated": found.outdated,
                "problem": row.problem,
                "report": row.report,
            }

    typer.echo(json.dumps(with_product(read), indent=2, ensure_ascii=False))


@app.command()
def promote(version: Version) -> None:
    """Put a version in force whose gate is open, and judge what is kept by it."""

    async def decide(product: Product) -> None:
        async with product.writing() as unit:
            await unit.classification.models.promote(version)

    with_product(decide)
    typer.echo(f"Version {version} of the model is in force; labels follow as it is applied.")


@app.command()
def rollback(version: Earlier) -> None:
    """Put an earlier version in force again, or the shipped model; decisions stay."""

    async def decide(product: Product) -> None:
        async with product.writing() as unit:
            await unit.classification.models.roll_back(version)

    with_product(decide)
    which = f"Version {version} of the model" if version else "The shipped model"
    typer.echo(f"{which} is in force again; labels follow as it is applied.")


def _cells(version: ModelVersion) -> tuple[str, ...]:
    row, report = version.row, version.row.report or {}
    return (
        f"{row.version}{' (in force)' if row.active else ''}",
        _gate(version),
        str(report.get("columns", "")),
        _right(report),
        plain(row.requested_by),
        f"{row.requested_at:%Y-%m-%d}",
        plain(row.note),
    )


def _gate(version: ModelVersion) -> str:
    row = version.row
    if row.state != "ready":
        return row.state
    if version.outdated:
        return "outdated"
    return "open" if (row.report or {}).get("passes") else "shut"


def _right(report: dict[str, Any]) -> str:
    """Decisions that it did not learn from: how many it knows, and how many were known before."""
    told = report.get("decisions")
    return f"{told['before']} -> {told['after']} of {told['of']}" if told else ""
