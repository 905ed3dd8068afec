"""``muniment lineage``: where data comes from, and what a change would break."""

import contextlib
import gc
import json
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, TextIO

import typer
from rich.console import Console
from rich.table import Table

from muniment.catalog.assets.service import sensitivity_word
from muniment.catalog.lineage.checking import ChangeSeverity
from muniment.catalog.lineage.engine.lines import answer, nothing_of
from muniment.catalog.lineage.graph import Direction
from muniment.cli.catalog import AsJson, fields, print_json
from muniment.cli.migrations import report_of, told_of
from muniment.cli.opened import with_product
from muniment.cli.words import plain
from muniment.composition.product import Product
from muniment.kernel.errors import Invalid, MunimentError, NotFound
from muniment.platform.policy import EVERYTHING

app = typer.Typer(help="Where data comes from, and what a change breaks.", no_args_is_help=True)

STEP_FIELDS = ("ref", "column", "depth", "kind", "via_ref", "via_column", "job_ref")
Named = Annotated[str, typer.Argument(help="A ref, a dotted path, or a name.")]


@app.command()
def impact(
    asset: Annotated[str, typer.Argument(help="An asset, or one of its columns: orders.total")],
    as_json: AsJson = False,
) -> None:
    """What would be reached if an asset or a column went. Exit code 1 when anything is."""

    async def ask(product: Product) -> dict[str, Any]:
        async with product.reading() as unit:
            found, column = await _meant(unit, asset)
            told = await unit.catalog.lineage.impact(found.id, EVERYTHING, column=column)
            return {
                "asset": told.asset.ref,
                "column": told.column,
                "assets": [_reached(each) for each in told.reached],
                "columns": [fields(step, STEP_FIELDS) for step in told.columns],
                "owners": told.owners,
                "labels": told.labels,
            }

    told = with_product(ask)
    changed = told["asset"] + (f", column {told['column']}" if told["column"] else "")
    if as_json:
        print_json(told)
    elif not told["assets"]:
        typer.echo(f"Nothing is made from {changed}.")
    else:
        typer.echo(f"{len(told['assets'])} assets are made from {changed}:")
        _print_reached(told["assets"])
        if told["owners"]:
            typer.echo(f"Ask: {', '.join(told['owners'])}")
    raise typer.Exit(1 if told["assets"] else 0)


@app.command()
def check(
    file: Annotated[
        Path | None, typer.Argument(help="A migration as SQL; standard input if left out.")
    ] = None,
    dialect: Annotated[str, typer.Option(help="Such as postgres, snowflake, tsql.")] = "postgres",
    source: Annotated[str | None, typer.Option(help="The source that is migrated.")] = None,
    fail_on: Annotated[
        ChangeSeverity, typer.Option(help="Exit code 1 from this severity on.")
    ] = ChangeSeverity.MEDIUM,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="A report for a pull request.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """What a migration would break: its drops, renames and new types, and what is made from it."""
    with contextlib.nullcontext(sys.stdin) if file is None else _opened(file) as given:
        sql = given.read()

    async def ask(product: Product) -> list[dict[str, Any]]:
        async with product.reading() as unit:
            found = await unit.catalog.changes.check(sql, dialect, EVERYTHING, source=source)
            return [told_of(each) for each in found]

    told = with_product(ask)
    if as_json:
        print_json(told)
    elif markdown:
        typer.echo(report_of(told))
    elif not told:
        typer.echo("Nothing is dropped, renamed or given another type.")
    else:
        table = Table("Line", "Change", "Severity", "Reaches", "Ask", box=None)
        for each in told:
            table.add_row(
                str(each["line"]),
                plain(each["change"]),
                each["severity"],
                plain(each["problem"] or ", ".join(each["reached"])),
                plain(", ".join(each["owners"])),
            )
        Console().print(table)
    worst = max((ChangeSeverity(each["severity"]).weight for each in told), default=0)
    raise typer.Exit(1 if 0 < fail_on.weight <= worst else 0)


@app.command()
def upstream(asset: Named, as_json: AsJson = False) -> None:
    """Everything an asset is made from, nearest first."""
    _walk(asset, Direction.UPSTREAM, as_json=as_json)


@app.command()
def downstream(asset: Named, as_json: AsJson = False) -> None:
    """Everything that is made from an asset, nearest first."""
    _walk(asset, Direction.DOWNSTREAM, as_json=as_json)


@app.command()
def parse(
    file: Annotated[
        Path | None, typer.Argument(help="SQL to read; standard input if left out.")
    ] = None,
    dialect: Annotated[str, typer.Option(help="Such as postgres, snowflake, tsql.")] = "postgres",
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Each line of the input is one JSON question.")
    ] = False,
    seconds: Annotated[
        float, typer.Option(min=0.01, help="How long one line of the input may take.")
    ] = 30.0,
) -> None:
    """Read the lineage of SQL text; starts no server and opens no database."""
    with contextlib.nullcontext(sys.stdin) if file is None else _opened(file) as lines:
        if not jsonl:
            print_json(answer({"sql": lines.read(), "dialect": dialect}))
            return
        for told in _answers(lines, dialect, seconds):
            sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
            sys.stdout.flush()


def _opened(file: Path) -> TextIO:
    try:
        return file.open(encoding="utf-8")
    except OSError as error:
        raise Invalid(f"{file} cannot be read: {error.strerror}.") from error


def _answers(lines: Iterable[str], dialect: str, seconds: float) -> Iterable[Any]:
    """An answer for each line, whatever is in it; a line that cannot be answered says why."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        question: Any = {}
        try:
            question = json.loads(line)
            if not isinstance(question, dict):
                raise Invalid("A line is one JSON object.")
            with _within(seconds):
                told = answer({"dialect": dialect, **question})
            yield told
        except json.JSONDecodeError as error:
            yield {"line": number, "problem": f"The line is not JSON: {error.msg}."}
        except MunimentError as error:
            yield {"line": number, "problem": error.message}
        except _TooLongError:
            yield nothing_of(question, f"It was not read within {seconds:g} seconds.")
        except Exception as error:  # noqa: BLE001  whatever one line does, the others are answered
            yield nothing_of(question, f"It could not be read ({type(error).__name__}).")


class _TooLongError(BaseException):
    """Past everything on its way that catches errors of the parser."""


@contextlib.contextmanager
def _within(seconds: float) -> Iterator[None]:
    """Give up after so many seconds; parsing is all Python, so that it can be interrupted."""

    def give_up(_number: int, frame: FrameType | None) -> None:
        if _collects_garbage(frame):  # what is raised there is lost: wait until it is over
            signal.setitimer(signal.ITIMER_REAL, 0.01)
            return
        raise _TooLongError

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _collects_garbage(frame: FrameType | None) -> bool:
    """Whether a callback of the garbage collector is being run."""
    callbacks = {getattr(callback, "__code__", None) for callback in gc.callbacks}
    while frame is not None:
        if frame.f_code in callbacks:
            return True
        frame = frame.f_back
    return False


def _walk(asset: str, direction: Direction, *, as_json: bool) -> None:
    async def ask(product: Product) -> list[dict[str, Any]]:
        async with product.reading() as unit:
            found = await unit.catalog.assets.meant(asset, EVERYTHING)
            reached, _ = await unit.catalog.lineage.closure(
                found.id, EVERYTHING, direction, depth=50
            )
            return [_reached(each) for each in reached]

    found = with_product(ask)
    if as_json:
        print_json(found)
    elif not found:
        typer.echo(f"Nothing is known {direction.value} of {asset}.")
    else:
        _print_reached(found)


async def _meant(unit: Any, text: str) -> tuple[Any, str | None]:
    """The asset, or the asset and column, that a text names."""
    try:
        return await unit.catalog.assets.meant(text, EVERYTHING), None
    except NotFound:
        table, dot, column = text.rpartition(".")
        if not dot:
            table, dot, column = text.rpartition("/")
        if not table:
            raise
        return await unit.catalog.assets.meant(table, EVERYTHING), column


def _reached(each: Any) -> dict[str, Any]:
    asset = each.asset
    return {
        "ref": each.ref,
        "depth": each.depth,
        "kind": asset.kind if asset else None,
        "owner": asset.owner if asset else None,
        "sensitivity": sensitivity_word(asset.sensitivity) if asset else None,
        "quality_score": asset.quality_score if asset else None,
        "how": each.how,
        "columns": each.columns,
    }


def _print_reached(reached: Sequence[dict[str, Any]]) -> None:
    table = Table("Hops", "Asset", "Kind", "Owner", "Sensitivity", "Columns", box=None)
    for each in reached:
        columns = ", ".join(each["columns"])
        table.add_row(
            str(each["depth"]),
            plain(each["ref"]),
            each["kind"],
            plain(each["owner"]),
            each["sensitivity"],
            plain(columns),
        )
    Console().print(table)
