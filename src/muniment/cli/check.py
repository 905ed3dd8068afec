"""``muniment check``: the checks of a file, answered by a database or files; no server."""

import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import pyarrow as pa
import typer
from rich.console import Console
from rich.table import Table

from muniment.catalog.analysis import pushdown
from muniment.catalog.analysis.quality import QualityAnalyzer
from muniment.catalog.analysis.results import CheckOutcome, QualityResult
from muniment.catalog.analysis.spec import QualityPlan
from muniment.catalog.quality import checkfile
from muniment.cli.words import plain
from muniment.contracts.connectors import AssetMeta, SourceConnection
from muniment.contracts.figures import AnswersQuestions
from muniment.contracts.reading import AnalysisContext, Bounds, Connector, ReadPlan, Scope
from muniment.kernel.clock import SystemClock
from muniment.kernel.errors import Invalid, MunimentError
from muniment.kernel.refs import AssetRef
from muniment.scans.engine import plugins
from muniment.sources import locators

app = typer.Typer(help="Answer quality checks of a file, without a server or a database.")

STATEMENT_TIMEOUT_SECONDS = 3600.0
SIGNS = {"passed": "[green]ok[/]", "failed": "[red]no[/]", "error": "[yellow]??[/]"}


@app.command()
def check(
    target: Annotated[str, typer.Argument(help="A database URL, a file or a folder.")],
    checks: Annotated[Path, typer.Argument(help="A YAML file: checks by table.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Run the checks. Exit code 0 when all hold, 1 when one fails or cannot be answered."""
    plans = checkfile.read(checks, SystemClock().now())
    located = locators.parse(target)
    source = SourceConnection(
        UUID(int=0), located.name, located.kind, located.settings, located.secrets
    )
    connector = plugins.connector(located.kind)(source, Bounds(STATEMENT_TIMEOUT_SECONDS))
    with closing(connector):
        assets = {
            ".".join(asset.path): asset for asset in connector.discover(Scope(include=tuple(plans)))
        }
        if unknown := [name for name in plans if name not in assets]:
            raise Invalid(
                f"There is no {unknown[0]} there. Write names as 'muniment profile' does."
            )
        told = [
            {"asset": name, **_checked(connector, located.name, assets[name], plan)}
            for name, plan in plans.items()
        ]
    if as_json:
        sys.stdout.write(json.dumps({"source": located.name, "assets": told}) + "\n")
    else:
        _print(told, Console(highlight=False))
    good = all(one["status"] in ("passed", "skipped") for each in told for one in each["checks"])
    raise typer.Exit(0 if good and not any("problem" in each for each in told) else 1)


def _checked(
    connector: Connector, source: str, asset: AssetMeta, plan: QualityPlan
) -> dict[str, Any]:
    try:
        outcomes = answered(connector, source, asset, plan)
    except MunimentError as error:
        return {"checks": [], "problem": error.message, "remedy": error.context.get("remedy")}
    return {"checks": [asdict(outcomes[spec.key]) for spec in plan.checks]}


def answered(
    connector: Connector, source: str, asset: AssetMeta, plan: QualityPlan
) -> Mapping[str, CheckOutcome]:
    """By key: how each check came out; counted by the source where it can, else from its rows."""
    known: dict[str, CheckOutcome] = {}
    if isinstance(connector, AnswersQuestions) and not _missing(plan, asset):
        answers = connector.answer(asset, pushdown.questions(plan))
        known |= pushdown.settled(plan, answers) if answers is not None else {}
    rest = pushdown.remaining(plan, known)
    return {**known, **read_answers(connector, source, asset, rest)} if rest.checks else known


def read_answers(
    connector: Connector, source: str, asset: AssetMeta, plan: QualityPlan
) -> Mapping[str, CheckOutcome]:
    """By key: the same from the rows alone, of which only the columns of the checks are read."""
    context = AnalysisContext(AssetRef(source, asset.path), asset, plan.to_json())
    analyzer = QualityAnalyzer()
    state = analyzer.start(context, pa.schema([(each.name, pa.null()) for each in asset.columns]))
    if pushdown.needs_rows(plan):
        reading = ReadPlan(columns=pushdown.needed(plan))
        for partition in connector.partitions(asset, reading):
            for batch in connector.read(asset, partition, reading):
                state = analyzer.feed(state, batch)
            state = analyzer.skip(state, connector.skipped_rows)
    result = QualityResult.from_json(analyzer.finish(state, context))
    return {one.key: one for one in result.checks}


def _missing(plan: QualityPlan, asset: AssetMeta) -> bool:
    """Whether a check is of a column that is not there, which the analyzer knows how to tell."""
    return not pushdown.needed(plan) <= {column.name for column in asset.columns}


def _print(told: Sequence[Mapping[str, Any]], console: Console) -> None:
    for each in told:
        console.print(f"\n[bold]{plain(each['asset'])}[/]")
        if problem := each.get("problem"):
            console.print(f"[red]{plain(problem)}[/]")
            continue
        table = Table("", "Check", "Columns", "Severity", "Observed", "Expected", box=None)
        for one in each["checks"]:
            table.add_row(
                SIGNS.get(one["status"], "[dim]--[/]"),
                plain(one["title"]),
                plain(", ".join(one["columns"])),
                one["severity"],
                plain(str(one["message"] or one["observed"] or "")),
                plain(one["expected"]),
            )
        console.print(table)
