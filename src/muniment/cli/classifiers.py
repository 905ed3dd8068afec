"""``muniment classifiers``: those of your own, their drafts and versions; mined ones to accept."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, TypeVar
from uuid import UUID

import typer
import yaml
from rich.console import Console
from rich.table import Table

from muniment.classification.engine.exact import exact_match_of
from muniment.classification.entries import ClassifierEntry, parse_entry
from muniment.classification.service.revaluation import Shown
from muniment.classification.trial import check_entry, matching
from muniment.cli import models
from muniment.cli.opened import with_product
from muniment.cli.words import plain
from muniment.composition.product import Product
from muniment.kernel.errors import Invalid
from muniment.platform.paging import PageQuery
from muniment.platform.policy import EVERYTHING

app = typer.Typer(
    help="Classifiers: your own, their drafts and versions; mined ones to accept.",
    no_args_is_help=True,
)
app.add_typer(models.app, name="model")

T = TypeVar("T")
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document for machines.")]
Proposal = Annotated[UUID, typer.Argument(help="The id of a proposal.")]
EntryFile = Annotated[Path, typer.Argument(help="A classifier as YAML or JSON.")]
Named = Annotated[str, typer.Argument(help="The id of a classifier, such as custom.berth.")]
Draft = Annotated[UUID, typer.Argument(help="The id of a draft.")]
Note = Annotated[str, typer.Option(help="What changes, and why.")]


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


@app.command()
def create(file: EntryFile, note: Note = "") -> None:
    """Add a classifier of your own at once; it must agree with its own examples."""
    entry = _entry(file)

    async def add(product: Product) -> str:
        async with product.writing() as unit:
            return (await unit.classification.classifiers.create(entry, note=note)).id

    typer.echo(f"{with_product(add)} takes part from the next scan on.")


@app.command()
def exact(
    file: Annotated[Path, typer.Argument(help="Values to be matched exactly, one a line.")],
) -> None:
    """Turn a list of values into salted hashes, as the part ``exact_match`` of a classifier."""
    try:
        values = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{file} cannot be read as text; give one value a line.") from error
    typer.echo(yaml.safe_dump({"exact_match": asdict(exact_match_of(values))}, width=1_000_000))


@app.command("test")
def try_entry(file: EntryFile) -> None:
    """Try a classifier on its examples, and on values from standard input, one a line.

    Nothing is saved, and no value is written back: only which lines hit.
    """
    entry = _entry(file)
    piped = typer.get_text_stream("stdin")
    values = [] if piped.isatty() else [line.rstrip("\n") for line in piped]

    async def look() -> list[bool]:
        await check_entry(entry)
        return await matching(entry.build(version=1, custom=True), values)

    hits = asyncio.run(look())
    typer.echo("It agrees with its examples.")
    if hits:
        lines = ", ".join(str(at) for at, hit in enumerate(hits, start=1) if hit) or "none"
        typer.echo(f"{sum(hits)} of {len(hits)} values hit; lines: {lines}")


@app.command()
def draft(file: EntryFile, note: Note = "") -> None:
    """Let a worker judge what a changed classifier would change; nothing changes by asking."""
    entry = _entry(file)

    async def ask(product: Product) -> Shown:
        async with product.writing() as unit:
            return await unit.classification.revaluations.propose(entry, note=note)

    made = with_product(ask).row
    typer.echo(f"Draft {made.id} waits for a worker. See: muniment classifiers result {made.id}")


@app.command()
def result(draft: Draft) -> None:
    """What a draft would change, and whether its gate is open, as JSON."""

    async def read(product: Product) -> dict[str, Any]:
        async with product.reading() as unit:
            judged = unit.classification.revaluations
            shown = await judged.get(draft)
            columns = await judged.columns(draft, EVERYTHING, PageQuery(limit=200), None)
            changes = [
                {"asset": c.asset, "column": c.column_name, "label": c.label, "change": c.change}
                for c in columns.items
            ]
            row = shown.row
            told = {"id": str(row.id), "state": row.state, "classifier": row.classifier}
            return {**told, **shown.counts, "gate": row.gate, "columns": changes}

    typer.echo(json.dumps(with_product(read), indent=2, ensure_ascii=False))


@app.command()
def publish(
    draft: Draft,
    despite: Annotated[
        str | None, typer.Option(help="Why it is published though its gate is shut.")
    ] = None,
) -> None:
    """Make a draft the next version, and apply it to what is kept."""

    async def decide(product: Product) -> tuple[str, int]:
        async with product.writing() as unit:
            made, _ = await unit.classification.revaluations.publish(draft, despite=despite)
            return made.id, made.version

    name, version = with_product(decide)
    typer.echo(f"Version {version} of {name} is in force.")


@app.command()
def discard(draft: Draft) -> None:
    """Give a draft up; nothing was changed."""

    async def decide(product: Product) -> None:
        async with product.writing() as unit:
            await unit.classification.revaluations.discard(draft)

    with_product(decide)
    typer.echo("The draft is given up.")


@app.command()
def versions(name: Named) -> None:
    """The versions saved of a classifier, the latest first."""

    async def read(product: Product) -> list[tuple[str, ...]]:
        async with product.reading() as unit:
            rows = await unit.classification.classifiers.versions(name)
            return [(str(r.version), r.author, f"{r.created_at:%Y-%m-%d}", r.note) for r in rows]

    table = Table("Version", "By", "On", "Note", box=None)
    for cells in with_product(read):
        table.add_row(*(plain(cell) for cell in cells))
    Console().print(table)


@app.command()
def rollback(
    name: Named,
    version: Annotated[int, typer.Argument(min=1, help="The version to be in force again.")],
    note: Note = "",
) -> None:
    """Put an earlier version in force and undo what later ones did; decisions stay."""

    async def decide(product: Product) -> tuple[int, int]:
        async with product.writing() as unit:
            made, labels = await unit.classification.rollback.roll_back(
                name, version, note=note, expected=None
            )
            return made.version, labels

    now, labels = with_product(decide)
    typer.echo(f"Version {now} is in force; {labels} labels are again what they were.")


def _entry(file: Path) -> ClassifierEntry:
    """The classifier in a file. Invalid when it cannot be read."""
    try:
        return parse_entry(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{file} cannot be read as text; give a YAML or JSON file.") from error


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
