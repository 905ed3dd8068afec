"""``muniment classifiers``: mine new ones from unlabelled columns, accept or reject them."""

import json
from collections.abc import Sequence
from typing import Annotated, Any, TypeVar
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from muniment.cli.opened import with_product
from muniment.cli.words import plain
from muniment.composition.product import Product

app = typer.Typer(
    help="Classifiers mined from unlabelled columns: mine, accept, reject.", no_args_is_help=True
)

T = TypeVar("T")
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document for machines.")]
Proposal = Annotated[UUID, typer.Argument(help="The id of a proposal.")]


@app.command()
def mine(as_json: AsJson = False) -> None:
    """Look for forms that unlabelled columns share; no source is read, nothing takes part yet."""

    async def look(product: Product) -> list[dict[str, Any]]:
        async with product.writing() as unit:
            return [_plain(row) for row in await unit.assistant.mining.mine()]

    _print(with_product(look), as_json)


@app.command()
def proposals(as_json: AsJson = False) -> None:
    """What was mined and waits for a decision."""

    async def read(product: Product) -> list[dict[str, Any]]:
        async with product.reading() as unit:
            return [_plain(row) for row in await unit.assistant.mining.proposals()]

    _print(with_product(read), as_json)


@app.command()
def accept(
    proposal: Proposal,
    name: Annotated[str | None, typer.Option("--id", help="Another id: custom.…")] = None,
    title: Annotated[str | None, typer.Option(help="Another title.")] = None,
    category: Annotated[str | None, typer.Option(help="A category of the taxonomy.")] = None,
    sensitivity: Annotated[str | None, typer.Option(help="public … restricted.")] = None,
) -> None:
    """Make a proposal a classifier that takes part from the next scan on."""
    given = {"id": name, "title": title, "category": category, "sensitivity": sensitivity}
    changes = {field: value for field, value in given.items() if value is not None}

    async def decide(product: Product) -> str:
        async with product.writing() as unit:
            return (await unit.assistant.mining.accept(proposal, changes)).id

    typer.echo(f"{with_product(decide)} takes part from the next scan on.")


@app.command()
def reject(proposal: Proposal) -> None:
    """Do not propose this form again."""

    async def decide(product: Product) -> None:
        async with product.writing() as unit:
            await unit.assistant.mining.reject(proposal)

    with_product(decide)
    typer.echo("It is not proposed again.")


def _plain(row: Any) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "entry": row.entry,
        "columns": row.columns,
        "found_in": row.found_in,
        "looked": row.looked,
        "taken": row.taken,
        "wrong": row.wrong,
        "precision": row.precision,
        "other_labels": row.other_labels,
    }


def _print(found: Sequence[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    if not found:
        typer.echo("Nothing that unlabelled columns share tells enough to be proposed.")
        return
    table = Table("Id", "Proposal", "Pattern", "Check", "Columns", "Precision", box=None)
    for each in found:
        entry = each["entry"]
        table.add_row(
            each["id"],
            plain(entry["id"]),
            plain(entry["patterns"][0]),
            entry.get("validator") or "",
            f"{each['found_in']} of {each['taken']} alike",
            f">= {each['precision']:.2f}",
        )
    Console().print(table)
