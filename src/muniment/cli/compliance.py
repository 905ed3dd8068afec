"""``muniment compliance``: how the frameworks stand, and reports for auditors."""

import json
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from muniment.cli.opened import with_product
from muniment.compliance.service.frameworks import FrameworkView
from muniment.compliance.service.overview import Overview
from muniment.compliance.service.reports import Report, as_csv, as_html, as_json
from muniment.composition.product import Product
from muniment.platform.policy import EVERYTHING

app = typer.Typer(help="Status and reports of frameworks.", no_args_is_help=True)

T = TypeVar("T")
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document for machines.")]


class Form(StrEnum):
    HTML = "html"
    JSON = "json"
    CSV = "csv"


_RENDER: dict[Form, Callable[[Report], str]] = {
    Form.HTML: as_html,
    Form.JSON: as_json,
    Form.CSV: as_csv,
}


@app.command()
def status(as_json_: AsJson = False) -> None:
    """Scores and open findings; exit code 1 when a finding of high or critical severity is open."""
    overview, views = with_product(_status)
    grave = sum(n for severity, n in overview.by_severity.items() if severity.weight >= 4)
    if as_json_:
        typer.echo(json.dumps(_document(overview, views), indent=2))
    else:
        _show(overview, views)
    raise typer.Exit(1 if grave else 0)


@app.command()
def report(
    target: Annotated[Path, typer.Argument(help="The file to write.")],
    framework: Annotated[str | None, typer.Option(help="One framework; default: all.")] = None,
    form: Annotated[
        Form | None, typer.Option("--format", help="Default: by the file's name.")
    ] = None,
) -> None:
    """Write the posture report as a page for people, as data or as a table."""
    by_name = target.suffix.removeprefix(".").lower()
    chosen = form or next((each for each in Form if each.value == by_name), Form.HTML)

    async def make(product: Product) -> Report:
        async with product.reading() as unit:
            return await unit.compliance.reports.posture(framework, EVERYTHING)

    target.write_text(_RENDER[chosen](with_product(make)), "utf-8")
    typer.echo(f"Wrote {target}.")


async def _status(product: Product) -> tuple[Overview, Sequence[FrameworkView]]:
    async with product.reading() as unit:
        return (
            await unit.compliance.overview.overview(EVERYTHING),
            await unit.compliance.frameworks.list(EVERYTHING),
        )


def _document(overview: Overview, views: Sequence[FrameworkView]) -> dict[str, object]:
    return {
        "open": overview.open,
        "overdue": overview.overdue,
        "waived": overview.waived,
        "by_severity": {severity.value: n for severity, n in overview.by_severity.items()},
        "formula": overview.formula,
        "frameworks": [
            {
                "id": view.framework.id,
                "active": view.activation.active,
                "score": view.score.score,
                "coverage": view.score.coverage,
                "met": view.score.met,
                "failing": view.score.failing,
                "manual": view.score.manual,
                "no_evidence": view.score.no_evidence,
                "open_findings": view.open_findings,
            }
            for view in views
        ],
    }


def _show(overview: Overview, views: Sequence[FrameworkView]) -> None:
    console = Console()
    table = Table("Framework", "Score", "Told by checks", "Met", "Failing", "Findings", box=None)
    for view in views:
        if not view.activation.active:
            continue
        score = view.score
        table.add_row(
            view.framework.title,
            "–" if score.score is None else f"{score.score:.0f}",
            f"{100 * score.coverage:.0f} %",
            str(score.met),
            str(score.failing),
            str(view.open_findings),
        )
    console.print(table)
    found = ", ".join(f"{n} {severity.value}" for severity, n in overview.by_severity.items() if n)
    console.print(
        f"{overview.open} findings are open{f' ({found})' if found else ''}, "
        f"{overview.overdue} overdue, {overview.waived} waived."
    )
