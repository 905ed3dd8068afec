"""``muniment catalog``: search and show what the catalogue knows."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from muniment.catalog.assets.service import sensitivity_word
from muniment.catalog.relations.model import Join
from muniment.catalog.relations.service import Related
from muniment.catalog.search.index import SearchIndex
from muniment.catalog.search.query import SearchRequest
from muniment.cli.opened import with_product
from muniment.cli.words import plain
from muniment.composition.product import Product
from muniment.kernel.refs import AssetRef
from muniment.platform.paging import PageQuery
from muniment.platform.policy import EVERYTHING

app = typer.Typer(help="Search and show what the catalogue knows.", no_args_is_help=True)

T = TypeVar("T")
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document for machines.")]
ASSET_FIELDS = (
    "ref", "kind", "domain", "owner", "description", "comment", "tags", "certification", "labels",
    "rows", "size_bytes", "columns", "quality_score", "open_incidents", "copy_of", "version",
    "last_scanned_at",
)  # fmt: skip
COLUMN_FIELDS = ("name", "type", "nullable", "description", "comment", "is_primary", "references")


@app.command()
def search(
    text: Annotated[str, typer.Argument(help="A name, a column, a label, or words about it.")],
    limit: Annotated[int, typer.Option(min=1, max=100)] = 20,
    kind: Annotated[str | None, typer.Option(help="Such as table or view.")] = None,
    as_json: AsJson = False,
) -> None:
    """Find assets, exact name first. Exit code 1 when there is none."""

    async def ask(product: Product) -> Any:
        index = SearchIndex()
        await index.build(product.database)
        request = SearchRequest(text, {"kind": [kind]} if kind else {}, limit)
        async with product.reading() as unit:
            return await unit.catalog.search.search(index, request, EVERYTHING, facets=False)

    results = with_product(ask)
    if as_json:
        print_json(
            [
                {**fields(r.asset, ASSET_FIELDS), "score": r.score, "why": _why(r.why)}
                for r in results.items
            ]
        )
    elif not results.items:
        typer.echo(f"Nothing in the catalogue fits {text}.")
    else:
        table = Table("Asset", "Kind", "Owner", "Sensitivity", "Why", box=None)
        for result in results.items:
            asset = result.asset
            why = "; ".join(f"{reason.field} {reason.term}" for reason in result.why)
            table.add_row(
                plain(asset.ref),
                asset.kind,
                plain(asset.owner),
                sensitivity_word(asset.sensitivity),
                plain(why),
            )
        if results.partial:
            typer.echo(f"{results.complete} of {results.total} have all these words.")
        Console().print(table)
    raise typer.Exit(0 if results.items else 1)


@app.command()
def show(
    asset: Annotated[str, typer.Argument(help="A ref, a dotted path, or a name.")],
    as_json: AsJson = False,
) -> None:
    """Show one asset with its columns."""

    async def ask(product: Product) -> tuple[Any, Sequence[Any]]:
        async with product.reading() as unit:
            found = await unit.catalog.assets.meant(asset, EVERYTHING)
            columns = await unit.catalog.assets.columns(found.id, EVERYTHING, PageQuery(limit=1000))
            return fields(found, ASSET_FIELDS), [_column(column) for column in columns.items]

    known, columns = with_product(ask)
    if as_json:
        print_json({**known, "columns": columns})
        return
    console = Console()
    console.print(f"[bold]{plain(known['ref'])}[/]  {known['kind']}, version {known['version']}")
    for name in ("domain", "owner", "description", "comment", "rows", "quality_score", "copy_of"):
        if known[name] is not None:
            console.print(f"  {name.replace('_', ' ')}: {plain(str(known[name]))}")
    table = Table("Column", "Type", "Labels", "Sensitivity", "Meaning", box=None)
    for column in columns:
        labels = ", ".join(column["labels"])
        said = column["description"] or column["comment"]
        table.add_row(
            plain(column["name"]),
            plain(column["type"]),
            plain(labels),
            column["sensitivity"],
            plain(said),
        )
    console.print(table)


@app.command()
def joins(
    asset: Annotated[str, typer.Argument(help="A ref, a dotted path, or a name.")],
    every: Annotated[
        bool, typer.Option("--all", help="Also what is possible, but not likely.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what an asset joins with by values and names, and its near-duplicates."""

    async def ask(product: Product) -> tuple[str, Related]:
        async with product.reading() as unit:
            found = await unit.catalog.assets.meant(asset, EVERYTHING)
            related = await unit.catalog.relations.related(AssetRef.parse(found.ref), EVERYTHING)
            return found.ref, related

    ref, related = with_product(ask)
    mine = [one for one in related.joins if every or one.likely]
    others = [one for one in related.joined_by if every or one.likely]
    if as_json:
        print_json(
            {
                "asset": ref,
                "joins": [{**asdict(one), "likely": one.likely} for one in mine],
                "joined_by": [{**asdict(one), "likely": one.likely} for one in others],
                "twins": [asdict(one) for one in related.twins],
            }
        )
        return
    console = Console()
    if not (mine or others or related.twins):
        typer.echo(f"Nothing is known that {ref} joins with. Scan its source, or ask with --all.")
        return
    for title, found in (("Joins with", mine), ("Is joined by", others)):
        if found:
            console.print(_joins(title, found))
    for twins in related.twins:
        other = twins.right if twins.left == ref else twins.left
        console.print(f"Near-duplicate of {plain(other)}: {twins.similarity:.0%} alike")


def _joins(title: str, found: Sequence[Join]) -> Table:
    table = Table(title, "Key", "Values in it", "Names fit", "Sure", "Why", box=None)
    for one in found:
        margin = f" ± {one.containment_error:.1%}" if one.containment_error else ""
        table.add_row(
            plain(f"{AssetRef.parse(one.asset).name}.{one.column}"),
            plain(f"{AssetRef.parse(one.other).name}.{one.key}"),
            f"{one.containment:.1%}{margin}",
            f"{one.name:.0%}",
            "declared" if one.declared else f"{one.confidence:.0%}",
            plain(", ".join(one.reasons)),
        )
    return table


def print_json(document: Any) -> None:
    typer.echo(json.dumps(document, indent=2, default=str, ensure_ascii=False))


def fields(row: Any, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _column(column: Any) -> dict[str, Any]:
    labels = [label["label"] for label in column.labels]
    level = None if column.sensitivity is None else sensitivity_word(column.sensitivity)
    return {**fields(column, COLUMN_FIELDS), "labels": labels, "sensitivity": level}


def _why(reasons: Sequence[Any]) -> list[dict[str, str]]:
    return [fields(reason, ("field", "term", "how")) for reason in reasons]
