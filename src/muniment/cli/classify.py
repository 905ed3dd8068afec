"""``muniment classify``: what the columns of a file, a folder or a database hold; no server."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Annotated, Any, cast
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from muniment.classification.engine.sequential import ERROR
from muniment.classification.looking import look
from muniment.cli.words import plain
from muniment.contracts.connectors import AssetMeta, SourceConnection
from muniment.contracts.reading import Bounds, Connector, ConnectorFactory, Scope
from muniment.kernel.errors import Invalid, MunimentError
from muniment.kernel.values import JsonObject
from muniment.platform.settings import load_settings
from muniment.sources import locators

app = typer.Typer(help="Say what columns hold, without a server or a database.")

ROWS = 200_000
"""Rows of an asset that are looked at unless told otherwise."""
COLOURS = {"restricted": "red", "confidential": "yellow", "internal": "cyan", "public": "dim"}


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one asset: columns with labels, or the reason why not."""

    asset: str
    columns: Sequence[JsonObject] = ()
    problem: str | None = None
    cells: int = 0
    """Values read, of ``cells_asked`` in a sample of every column."""
    cells_asked: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """How assets are looked at."""

    rows: int
    early: bool
    params: JsonObject


@app.command()
def classify(
    targets: Annotated[list[str], typer.Argument(help="Files, folders or database URLs.")],
    table: Annotated[
        str | None, typer.Option(help="Only these assets: a pattern such as sales.*")
    ] = None,
    rows: Annotated[int, typer.Option(min=1, help="Rows of each asset to look at.")] = ROWS,
    thorough: Annotated[
        bool,
        typer.Option(help="Read all these rows of each column, also where it is certain before."),
    ] = False,
    min_confidence: Annotated[float, typer.Option(min=0, max=1)] = 0.5,
    classifier: Annotated[
        list[str] | None, typer.Option(help="Only these classifiers, such as contact.*")
    ] = None,
    all_columns: Annotated[
        bool, typer.Option("--all", help="Show unlabelled columns too.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON list for machines.")] = False,
) -> None:
    """Say what the columns hold, with how sure it is and why.

    Exit code 0 when everything was read, 1 when something could not be read.
    """
    params: JsonObject = {
        "classifiers": list(classifier or ["*"]),
        "min_confidence": min_confidence,
        "cache_dir": str(load_settings().state_dir / "cache" / "classifiers"),
    }
    scope = Scope(include=(table,)) if table else Scope()
    asked = Asked(rows, not thorough, params)
    told = list(_with_progress(targets, scope, asked))
    if not told:
        raise Invalid("Nothing to classify was found there. Check the path and the pattern.")
    if as_json:
        sys.stdout.write(json.dumps(_document(told), ensure_ascii=False, indent=1) + "\n")
    else:
        _print(told, all_columns=all_columns)
    raise typer.Exit(1 if any(each.problem for each in told) else 0)


def _with_progress(targets: Sequence[str], scope: Scope, asked: Asked) -> Iterator[Told]:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        for target in targets:
            with _opened(target) as connector:
                assets = [each for each in connector.discover(scope) if each.columns]
                task = progress.add_task(target, total=len(assets))
                for meta in assets:
                    progress.update(task, description=".".join(meta.path))
                    yield _classified(connector, meta, asked)
                    progress.advance(task)


class _opened:  # noqa: N801 - used as a context manager, like a function
    """An open connector that is closed at the end."""

    def __init__(self, target: str) -> None:
        located = locators.parse(target)
        found = entry_points(group="muniment.connectors", name=located.kind)
        if not found:
            raise Invalid(f"The connector '{located.kind}' is not installed.")
        factory = cast(ConnectorFactory, next(iter(found)).load())
        connection = SourceConnection(
            UUID(int=0), located.name, located.kind, located.settings, located.secrets
        )
        self._connector: Connector = factory(connection, Bounds())

    def __enter__(self) -> Connector:
        return self._connector

    def __exit__(self, *_: object) -> None:
        self._connector.close()


def _classified(connector: Connector, meta: AssetMeta, asked: Asked) -> Told:
    """One asset; what cannot be read is said and does not stop the rest."""
    name = ".".join(meta.path)
    try:
        found = look(connector, meta, rows=asked.rows, params=asked.params, early=asked.early)
    except MunimentError as error:
        return Told(name, problem=error.message)
    if found is None:
        return Told(name)
    columns = cast(Sequence[JsonObject], found.result["columns"])
    return Told(name, columns, cells=found.cells, cells_asked=found.cells_asked)


def _document(told: Sequence[Told]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for each in told:
        if each.problem is not None:
            found.append({"file": each.asset, "error": each.problem})
        for column in each.columns:
            labels = [_label(label) for label in _labels(column)]
            found.append({"file": each.asset, "column": column["column"], "labels": labels})
    return found


def _label(label: Mapping[str, Any]) -> dict[str, Any]:
    names = ("label", "title", "category", "sensitivity", "personal", "special", "tier", "evidence")
    return {"score": label["confidence"], **{name: label[name] for name in names}}


def _labels(column: JsonObject) -> Sequence[Mapping[str, Any]]:
    return cast(Sequence[Mapping[str, Any]], column["labels"])


def _print(told: Sequence[Told], *, all_columns: bool) -> None:
    console = Console()
    for each in told:
        if each.problem is not None:
            Console(stderr=True).print(
                f"[red]{plain(each.asset)}[/]: {plain(each.problem)}", highlight=False
            )
        rows = [row for column in each.columns for row in _rows(column, all_columns=all_columns)]
        if rows:
            console.print(f"[bold]{plain(each.asset)}[/]", highlight=False)
            shown = Table(box=None, padding=(0, 2), show_header=False)
            for row in rows:
                shown.add_row(*map(plain, row))
            console.print(shown)
    columns = sum(len(each.columns) for each in told)
    labelled = sum(1 for each in told for column in each.columns if column["labels"])
    console.print(f"{labelled} of {columns} columns in {len(told)} assets are labelled.")
    cells, asked = sum(each.cells for each in told), sum(each.cells_asked for each in told)
    if cells < asked:
        console.print(
            f"Reading stopped where the labels were certain (wrong in at most {ERROR:.0%} of"
            f" columns): {cells / asked:.0%} of the values were read."
        )


def _rows(column: JsonObject, *, all_columns: bool) -> Iterator[tuple[str, ...]]:
    """Column, label, sensitivity, confidence and reasons, one row a label."""
    name, labels = str(column["column"]), _labels(column)
    if all_columns and not labels:
        yield name, "[dim]nothing special[/]"
    for label in labels:
        colour = COLOURS[label["sensitivity"]]
        sure = f"{label['confidence']:.0%}"
        level = f"[{colour}]{label['sensitivity']}[/]"
        yield name, label["label"], level, sure, f"[dim]{_because(label['evidence'])}[/]"


def _because(evidence: Mapping[str, Any]) -> str:
    reasons = []
    if evidence["matched"]:
        reasons.append(f"{evidence['matched']} of {evidence['tested']} values")
    if evidence["header"]:
        reasons.append(f"named “{evidence['header'][0]}”")
    return ", ".join(reasons + [f"but {each}" for each in evidence["against"]])
