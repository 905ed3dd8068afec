"""``muniment classify``: what the columns of a file, a folder or a database hold; no server."""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Any, Self, cast
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from muniment.classification.engine.sequential import ERROR
from muniment.classification.looking import by_metadata, look
from muniment.cli.classify_documents import document_columns, is_document
from muniment.cli.classify_text import classify_text
from muniment.cli.words import plain
from muniment.contracts.connectors import AssetMeta, SourceConnection
from muniment.contracts.reading import Bounds, Connector, ConnectorFactory, Scope
from muniment.kernel.errors import Invalid, MunimentError
from muniment.kernel.values import JsonObject, Tier
from muniment.platform.settings import load_settings
from muniment.sources import locators

app = typer.Typer(help="Say what columns hold, without a server or a database.")

FILES = frozenset({"files", "azure", "gcs", "s3"})
"""Kinds of sources whose assets are files and are named by their paths."""
ROWS = 200_000
"""Rows of an asset that are looked at unless told otherwise."""
COLOURS = {"restricted": "red", "confidential": "yellow", "internal": "cyan", "public": "dim"}


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one file or table: columns with labels, or the reason why there are none."""

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
    metadata_only: bool = False


@app.command()
def classify(
    targets: Annotated[
        list[str] | None, typer.Argument(help="Files, folders or database URLs.")
    ] = None,
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
    no_headers: Annotated[
        bool, typer.Option("--no-headers", help="Judge by values alone, not by column names.")
    ] = False,
    rules_only: Annotated[
        bool, typer.Option("--rules-only", help="Leave the trained model out.")
    ] = False,
    metadata_only: Annotated[
        bool,
        typer.Option("--metadata-only", help="Judge by names and declared types; read no value."),
    ] = False,
    all_columns: Annotated[
        bool, typer.Option("--all", help="Show unlabelled columns too.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON list for machines.")] = False,
    text: Annotated[
        bool,
        typer.Option("--text", help="Read JSON lines {id, text}; tell the entities of each."),
    ] = False,
) -> None:
    """Say what the columns hold, with how sure it is and why.

    Exit code 0 when everything was read, 1 when something could not be read; what and why goes to
    the standard error, and the rest is told all the same.
    """
    if text:
        raise typer.Exit(classify_text(targets or (), least=min_confidence))
    if not targets:
        raise Invalid("Say what to classify: files, folders or database URLs.")
    if metadata_only and no_headers:
        raise Invalid("Without names and without values nothing can be judged: leave one out.")
    params: JsonObject = {
        "classifiers": list(classifier or ["*"]),
        "min_confidence": min_confidence,
        "headers": not no_headers,
        "tiers": [Tier.RULE] if rules_only else [Tier.RULE, Tier.MODEL],
        "cache_dir": str(load_settings().pattern_cache),
    }
    scope = Scope(include=(table,)) if table else Scope()
    asked = Asked(rows, not thorough, params, metadata_only)
    told = _with_progress(targets, scope, asked)
    tell = _write if as_json else partial(_print, all_columns=all_columns)
    raise typer.Exit(1 if tell(told) else 0)


def _with_progress(targets: Sequence[str], scope: Scope, asked: Asked) -> Iterator[Told]:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    alike = Counter(Path(target).name for target in targets)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        for target in targets:
            name = target if alike[Path(target).name] > 1 else None
            try:
                yield from _of_target(target, name, scope, asked, progress)
            except MunimentError as error:
                yield Told(target, problem=error.message)


def _of_target(
    target: str, name: str | None, scope: Scope, asked: Asked, progress: Progress
) -> Iterator[Told]:
    """Everything that one target holds; ``name`` tells targets apart that are called the same."""
    with _opened(target) as opened:
        assets = list(opened.connector.discover(scope))
        if not assets:
            yield Told(target, problem="There is nothing to classify. Check path and pattern.")
        task = progress.add_task(target, total=len(assets))
        for meta in assets:
            own = opened.named(meta)
            progress.update(task, description=own)
            if name is not None:
                own = f"{name.rstrip('/')}/{own}" if Path(name).is_dir() else name
            yield _classified(opened.connector, meta, own, asked)
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
        self.connector: Connector = factory(connection, Bounds())
        self._between = "/" if located.kind in FILES else "."

    def named(self, meta: AssetMeta) -> str:
        """What an asset is called: a file by its path, a table by its schema and name."""
        return self._between.join(meta.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connector.close()


def _classified(connector: Connector, meta: AssetMeta, name: str, asked: Asked) -> Told:
    """One asset; what cannot be read is said and does not stop the rest."""
    problem = meta.properties.get("problem")
    if not meta.columns:
        return Told(name, problem=problem)
    try:
        if asked.metadata_only:
            declared = cast(Sequence[JsonObject], by_metadata(meta, asked.params)["columns"])
            return Told(name, declared, problem)
        if is_document(meta):
            least = float(str(asked.params["min_confidence"]))
            told, _ = document_columns(connector, meta, rows=asked.rows, least=least)
            return Told(name, told, problem)
        found = look(connector, meta, rows=asked.rows, params=asked.params, early=asked.early)
    except MunimentError as error:
        return Told(name, problem=error.message)
    if found is None:
        empty = [{"column": column.name, "labels": []} for column in meta.columns]
        return Told(name, empty, problem)
    columns = cast(Sequence[JsonObject], found.result["columns"])
    return Told(name, columns, problem, found.cells, found.cells_asked)


def _write(told: Iterable[Told]) -> bool:
    """One JSON list, column by column as they are known; whether something could not be read."""
    before, failed = "[", False
    for each in told:
        failed = _complain(each) or failed
        for column in each.columns:
            labels = [_label(label) for label in _labels(column)]
            one = {"file": each.asset, "column": column["column"], "labels": labels}
            sys.stdout.write(f"{before}\n {json.dumps(one, ensure_ascii=False)}")
            sys.stdout.flush()
            before = ","
    sys.stdout.write("[]\n" if before == "[" else "\n]\n")
    return failed


def _complain(told: Told) -> bool:
    """Say on the standard error why something could not be read."""
    if told.problem is not None:
        sys.stderr.write(f"{told.asset}: {told.problem}\n")
    return told.problem is not None


def _label(label: Mapping[str, Any]) -> dict[str, Any]:
    names = ("label", "title", "category", "sensitivity", "personal", "special", "tier", "evidence")
    return {"score": label["confidence"], **{name: label[name] for name in names}}


def _labels(column: JsonObject) -> Sequence[Mapping[str, Any]]:
    return cast(Sequence[Mapping[str, Any]], column["labels"])


def _print(told: Iterable[Told], *, all_columns: bool) -> bool:
    """Tables for people as files are done; whether something could not be read."""
    console = Console()
    columns = labelled = assets = cells = asked = 0
    failed = False
    for each in told:
        failed = _complain(each) or failed
        rows = [row for column in each.columns for row in _rows(column, all_columns=all_columns)]
        if rows:
            console.print(f"[bold]{plain(each.asset)}[/]", highlight=False)
            shown = Table(box=None, padding=(0, 2), show_header=False)
            for row in rows:
                shown.add_row(*row)
            console.print(shown)
        assets += 1
        columns += len(each.columns)
        labelled += sum(1 for column in each.columns if column["labels"])
        cells, asked = cells + each.cells, asked + each.cells_asked
    console.print(f"{labelled} of {columns} columns in {assets} assets are labelled.")
    if cells < asked:
        console.print(
            f"Reading stopped where the labels were certain (wrong in at most {ERROR:.0%} of"
            f" columns): {cells / asked:.0%} of the values were read."
        )
    return failed


def _rows(column: JsonObject, *, all_columns: bool) -> Iterator[tuple[str, ...]]:
    """Column, label, sensitivity, confidence and reasons as Rich prints them, one row a label."""
    name, labels = plain(str(column["column"])), _labels(column)
    if all_columns and not labels:
        yield name, "[dim]nothing special[/]"
    for label in labels:
        colour = COLOURS[label["sensitivity"]]
        sure = f"{label['confidence']:.0%}"
        level = f"[{colour}]{label['sensitivity']}[/]"
        why = plain(_because(label["evidence"]))
        yield name, plain(label["label"]), level, sure, f"[dim]{why}[/]"


def _because(evidence: Mapping[str, Any]) -> str:
    reasons = []
    if evidence.get("matched"):
        reasons.append(f"{evidence['matched']} of {evidence['tested']} values")
    if evidence.get("where"):
        reasons[-1:] = [f"{evidence['matched']} times, as on {evidence['where'][0]}"]
    if evidence.get("header"):
        reasons.append(f"named “{evidence['header'][0]}”")
    reasons += evidence.get("because", ())
    return ", ".join(reasons + [f"but {each}" for each in evidence.get("against", ())])
