"""``muniment labels``: what columns hold, why, what happened to it, and decisions about it."""

import csv
import json
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from muniment.classification.history import HistoryFilter
from muniment.classification.model import LabelFilter, is_effective
from muniment.classification.service.decisions import Action
from muniment.cli.opened import with_product
from muniment.cli.words import plain
from muniment.composition.product import Product
from muniment.composition.unit import Unit
from muniment.kernel.errors import Invalid, NotFound
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import LabelState, Sensitivity
from muniment.platform.paging import PageQuery
from muniment.platform.policy import EVERYTHING

app = typer.Typer(
    help="Labels of columns: list, show, confirm, reject, history, export.", no_args_is_help=True
)

Row = dict[str, Any]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document for machines.")]
OfSource = Annotated[str | None, typer.Option("--source", help="Only of this source.")]
OfAsset = Annotated[
    str | None, typer.Option("--asset", help="Only of this asset, such as shop/sales/customers.")
]
OfColumn = Annotated[str | None, typer.Option("--column", help="Only of columns of this name.")]
OfLabel = Annotated[str | None, typer.Option("--label", help="Only this one, as contact.email.")]
InState = Annotated[LabelState | None, typer.Option("--state", help="Only in this state.")]
From = Annotated[
    float | None, typer.Option("--min-confidence", min=0, max=1, help="Only as sure as this.")
]
Reason = Annotated[str | None, typer.Option(help="Why; it is kept with the decision.")]
Ids = Annotated[list[UUID] | None, typer.Argument(help="Ids of labels, as the list shows them.")]
Yes = Annotated[bool, typer.Option("--yes", help="Decide without asking first.")]
AT_ONCE = 5_000
"""Labels of one decision; its batch takes all of them back together."""
FIELDS = (
    "id", "asset", "column_name", "label", "title", "category", "personal", "special", "tier",
    "confidence", "reason", "decided_by", "decided_at", "updated_at",
)  # fmt: skip


class Form(StrEnum):
    """How labels are written to a file."""

    CSV = "csv"
    NDJSON = "ndjson"


@app.command("list")
def list_labels(
    source: OfSource = None,
    asset: OfAsset = None,
    column: OfColumn = None,
    label: OfLabel = None,
    state: InState = None,
    min_confidence: From = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")] = 200,
    as_json: AsJson = False,
) -> None:
    """Labels by asset and column; all options must fit."""
    wanted = _filter(source, asset, column, label, state, min_confidence)

    async def ask(product: Product) -> list[Row]:
        async with product.reading() as unit:
            return [row async for row in _each(unit, wanted, limit + 1)]

    found = with_product(ask)
    shown = found[:limit]
    if as_json:
        typer.echo(json.dumps(shown, default=str, indent=2, ensure_ascii=False))
        return
    _table(shown)
    if len(found) > limit:
        typer.echo(f"There are more than {limit:,}: narrow the list, or raise --limit.", err=True)


@app.command()
def show(
    label: Annotated[UUID, typer.Argument(help="The id of a label.")], as_json: AsJson = False
) -> None:
    """The evidence card of a label: what speaks for and against it, and who decided what."""

    async def ask(product: Product) -> Row:
        async with product.reading() as unit:
            labels = unit.classification.labels
            row, decisions = await labels.label(label, EVERYTHING)
            evidence = (await labels.evidence_of([row], EVERYTHING))[row.id]
            told = [
                {"action": one.action, "actor": one.actor, "at": one.decided_at,
                 "reason": one.reason, "undone": one.undone}
                for one in decisions
            ]  # fmt: skip
            return {**_plain(row), "evidence": dict(evidence), "decisions": told}

    card = with_product(ask)
    if as_json:
        typer.echo(json.dumps(card, default=str, indent=2, ensure_ascii=False))
        return
    console = Console()
    console.print(f"[bold]{plain(card['title'])}[/] on {plain(_place(card))}", highlight=False)
    console.print(f"{card['state']}, {card['confidence']:.0%} sure, by {card['tier']}")
    for name, value in card["evidence"].items():
        said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        console.print(f"  [dim]{plain(name)}[/]  {plain(said)}", highlight=False)
    for one in card["decisions"]:
        undone = " (taken back)" if one["undone"] else ""
        why = f": {plain(one['reason'])}" if one["reason"] else ""
        by = f"{one['at']:%Y-%m-%d %H:%M}  {plain(one['actor'])}"
        console.print(f"{by}  {one['action']}{undone}{why}", highlight=False)


@app.command()
def confirm(
    labels: Ids = None,
    source: OfSource = None,
    asset: OfAsset = None,
    column: OfColumn = None,
    label: OfLabel = None,
    min_confidence: From = None,
    reason: Reason = None,
    yes: Yes = False,
) -> None:
    """Say that labels are right: by id, or all suggested ones that the options fit."""
    wanted = _filter(source, asset, column, label, LabelState.SUGGESTED, min_confidence)
    _decide(labels, wanted, Action.CONFIRM, reason, yes=yes)


@app.command()
def reject(
    labels: Ids = None,
    source: OfSource = None,
    asset: OfAsset = None,
    column: OfColumn = None,
    label: OfLabel = None,
    min_confidence: From = None,
    reason: Reason = None,
    yes: Yes = False,
) -> None:
    """Say that labels are wrong: by id, or all suggested ones that the options fit."""
    wanted = _filter(source, asset, column, label, LabelState.SUGGESTED, min_confidence)
    _decide(labels, wanted, Action.REJECT, reason, yes=yes)


@app.command()
def undo(batch: Annotated[UUID, typer.Argument(help="The id of a batch of decisions.")]) -> None:
    """Take a decision about many labels back, where they were not decided anew since."""

    async def take_back(product: Product) -> int:
        async with product.writing() as unit:
            return len(await unit.classification.decisions.undo_batch(batch, seen=EVERYTHING))

    typer.echo(f"{with_product(take_back)} labels are as they were before.")


@app.command()
def history(
    source: OfSource = None,
    asset: OfAsset = None,
    column: OfColumn = None,
    label: OfLabel = None,
    alerts: Annotated[
        bool, typer.Option("--alerts", help="Only what deserves a look. Exit code 1 when any.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 100,
    as_json: AsJson = False,
) -> None:
    """What happened to labels, the latest first."""
    wanted = HistoryFilter(
        asset=_ref(asset), column=column, source=source, label=label, alerts=alerts or None
    )

    async def ask(product: Product) -> list[Row]:
        async with product.reading() as unit:
            record = unit.classification.record
            page = await record.page(EVERYTHING, wanted, PageQuery(limit=limit))
            names = ("id", "at", "asset", "column_name", "label", "kind", "cause", "actor", "said")
            return [{name: getattr(one, name) for name in names} for one in page.items]

    found = with_product(ask)
    if as_json:
        typer.echo(json.dumps(found, default=str, indent=2, ensure_ascii=False))
    elif not found:
        typer.echo("Nothing deserves a look." if alerts else "Nothing has happened yet.")
    else:
        table = Table("When", "Column", "Label", "What happened", box=None)
        for one in found:
            when, said = f"{one['at']:%Y-%m-%d %H:%M}", one["said"] or one["kind"]
            table.add_row(when, plain(_place(one)), plain(one["label"]), plain(said))
        Console().print(table)
    raise typer.Exit(1 if alerts and found else 0)


@app.command()
def export(
    form: Annotated[Form, typer.Option("--format", help="How they are written.")] = Form.CSV,
    source: OfSource = None,
    label: OfLabel = None,
    state: InState = None,
) -> None:
    """Write all labels to the standard output, page by page: no value of the data is in them."""
    wanted = _filter(source, None, None, label, state, None)
    names = (*FIELDS, "sensitivity", "state", "effective")

    async def write(product: Product) -> None:
        sheet = csv.DictWriter(sys.stdout, names)
        if form is Form.CSV:
            sheet.writeheader()
        async with product.reading() as unit:
            async for row in _each(unit, wanted):
                if form is Form.CSV:
                    sheet.writerow({name: _harmless(value) for name, value in row.items()})
                else:
                    sys.stdout.write(json.dumps(row, default=str, ensure_ascii=False) + "\n")

    with_product(write)


def _harmless(value: Any) -> Any:
    """A cell that a spreadsheet does not take for a formula: names are somebody else's words."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value else value


def _filter(
    source: str | None,
    asset: str | None,
    column: str | None,
    label: str | None,
    state: LabelState | None,
    min_confidence: float | None,
) -> LabelFilter:
    return LabelFilter(
        source=source,
        asset=_ref(asset),
        column=column,
        label=label,
        state=state,
        min_confidence=min_confidence,
    )


def _ref(asset: str | None) -> str | None:
    return None if asset is None else str(AssetRef.parse(asset))


async def _each(unit: Unit, wanted: LabelFilter, most: int | None = None) -> AsyncIterator[Row]:
    """Labels page by page, at most so many."""
    cursor: str | None = None
    left = most
    while left is None or left > 0:
        query = PageQuery(limit=1000 if left is None else min(left, 1000), cursor=cursor)
        page = await unit.classification.labels.page(EVERYTHING, wanted, query)
        for row in page.items:
            yield _plain(row)
        cursor = page.next_cursor
        if cursor is None:
            return
        left = None if left is None else left - len(page.items)


def _plain(row: Any) -> Row:
    """A label as it is told, read while the transaction is open."""
    state = LabelState(row.state)
    return {
        **{name: getattr(row, name) for name in FIELDS},
        "sensitivity": Sensitivity(row.sensitivity).word,
        "state": state.value,
        "effective": is_effective(state, row.confidence),
    }


def _place(row: Row) -> str:
    return f"{row['asset']} . {row['column_name']}"


def _table(rows: Sequence[Row]) -> None:
    if not rows:
        typer.echo("No label fits. Scan a source first, or ask for less.")
        return
    table = Table("Id", "Column", "Label", "Sensitivity", "State", "Sure", "By", box=None)
    for row in rows:
        sure = f"{row['confidence']:.0%}"
        table.add_row(
            str(row["id"]), plain(_place(row)), plain(row["label"]), row["sensitivity"],
            row["state"], sure, row["tier"],
        )  # fmt: skip
    Console().print(table)


def _decide(
    ids: Sequence[UUID] | None,
    wanted: LabelFilter,
    action: Action,
    reason: str | None,
    *,
    yes: bool,
) -> None:
    narrowed = any(value is not None for key, value in asdict(wanted).items() if key != "state")
    if bool(ids) == narrowed:
        raise Invalid(
            "Name the labels by their ids, or say by options which suggested ones are meant: "
            "one of both."
        )

    async def chosen(product: Product) -> list[UUID]:
        async with product.reading() as unit:
            return [row["id"] async for row in _each(unit, wanted, AT_ONCE + 1)]

    meant = [*dict.fromkeys(ids or ())] or with_product(chosen)
    if not meant:
        raise NotFound("No suggested label fits; see muniment labels list --state suggested.")
    if len(meant) > AT_ONCE:
        raise Invalid(f"More than {AT_ONCE:,} labels fit. Narrow them, by --source or --label.")
    if not (yes or ids):
        typer.confirm(f"{action.value.capitalize()} {len(meant):,} labels?", abort=True)

    async def decide(product: Product) -> tuple[UUID, int, list[str]]:
        async with product.writing() as unit:
            batch = await unit.classification.decisions.decide_many(
                meant, action, reason=reason, seen=EVERYTHING
            )
            problems = [f"{one.label_id}: {one.problem}" for one in batch.results if not one.done]
            return batch.id, len(batch.results) - len(problems), problems

    batch, done, problems = with_product(decide)
    for each in problems:
        typer.echo(each, err=True)
    said = "confirmed" if action is Action.CONFIRM else "rejected"
    typer.echo(f"{done:,} labels are {said}. Take it back: muniment labels undo {batch}")
    if problems:
        raise typer.Exit(1)
