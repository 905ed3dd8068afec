"""``muniment profile``: full statistics of a database, a file or a folder; no server."""

import asyncio
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn
from rich.table import Table

from muniment.catalog.analysis.results import ColumnProfile, ProfileResult
from muniment.catalog.relations.model import Join, RelationsResult, Twins
from muniment.cli.words import plain
from muniment.contracts.connectors import AssetMeta, SourceConnection
from muniment.contracts.figures import Basis, TableFigures
from muniment.contracts.sampling import Strategy, statement
from muniment.kernel.errors import Invalid
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import JsonObject
from muniment.platform.settings import load_settings
from muniment.scans.jobs import Tier
from muniment.scans.model import Failure
from muniment.sources import locators
from muniment.worker.pool import Pool, PoolLimits
from muniment.worker.relating import RELATIONS, related, relation_params
from muniment.worker.standalone import Outcome, Wanted, figures, profiled

app = typer.Typer(help="Profile a database, a file or a folder, without a server.")

PROFILE = "profile"
CLASSIFY = "classify"
STRONG = 0.5
SHOWN = 8


class Choice(StrEnum):
    """How a sample is chosen, as people say it."""

    SOURCE = Strategy.SOURCE.value
    ROWS = Strategy.ROWS.value
    RESERVOIR = Strategy.RESERVOIR.value


class Depth(StrEnum):
    """The tiers as people choose them."""

    METADATA = "metadata"
    CHEAP = "cheap"
    FULL = "full"


@app.command()
def profile(
    target: Annotated[str, typer.Argument(help="A database URL, a file or a folder.")],
    tier: Annotated[
        Depth,
        typer.Option(
            help="metadata: what the source knows anyway; cheap: counted in one pass in the"
            " source; full: every row is read once."
        ),
    ] = Depth.FULL,
    sample: Annotated[
        int | None, typer.Option(min=1, help="Read about so many rows of each table.")
    ] = None,
    strategy: Annotated[
        Choice,
        typer.Option(
            help="How a sample is chosen. source: quickest, blocks mostly; rows: each row for"
            " itself; reservoir: exactly so many rows. The last two read everything."
        ),
    ] = Choice.SOURCE,
    table: Annotated[
        list[str] | None, typer.Option(help="Only these: patterns such as sales.*")
    ] = None,
    classify: Annotated[
        bool,
        typer.Option(help="Find sensitive columns, whose values are then hidden."),
    ] = True,
    relations: Annotated[
        bool,
        typer.Option(
            "--relations",
            help="Also what joins with what, correlations, and columns that settle others.",
        ),
    ] = False,
    jobs: Annotated[
        int, typer.Option(min=1, max=64, help="Processes that read at once.")
    ] = os.cpu_count() or 1,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Profile every column. Exit code 0 when everything was read, 1 when something was not."""
    located = locators.parse(target)
    if sample is not None and tier is not Depth.FULL:
        raise Invalid("Only the full tier reads rows: leave --sample out, or ask for --tier full.")
    if relations and tier is not Depth.FULL:
        raise Invalid("Relations are found in the rows: leave --tier out, or ask for --tier full.")
    if strategy is not Choice.SOURCE and sample is None:
        raise Invalid("A strategy is for a sample: say of how many rows with --sample.")
    connection = SourceConnection(
        UUID(int=0), located.name, located.kind, located.settings, located.secrets
    )
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("Listing the source")
        rows = 0

        def told(asset: str, read: int) -> None:
            nonlocal rows
            rows += read
            progress.update(task, description=f"{rows:,} rows read; {plain(asset)}")

        wanted = Wanted(
            connection,
            include=tuple(table or ["*"]),
            sample_rows=sample,
            strategy=None if strategy is Choice.SOURCE else Strategy(strategy.value),
            analyzers=frozenset(
                {PROFILE, *([CLASSIFY] if classify else []), *([RELATIONS] if relations else [])}
            ),
            params={CLASSIFY: _classify_params(), RELATIONS: relation_params()},
            told=told,
        )
        document = asyncio.run(_document(wanted, tier, jobs, hide=not classify))
    if as_json:
        sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
    else:
        _print(document, Console(highlight=False))
    raise typer.Exit(1 if any(each.get("problem") for each in document["assets"]) else 0)


def _classify_params() -> JsonObject:
    cache = load_settings().pattern_cache
    return {"classifiers": ["*"], "min_confidence": 0.5, "cache_dir": str(cache)}


async def _document(wanted: Wanted, tier: Depth, jobs: int, *, hide: bool) -> dict[str, Any]:
    began = time.monotonic()
    across: dict[str, Any] = {}
    pool = Pool(PoolLimits(children=jobs))
    try:
        if tier is Depth.FULL:
            told = await profiled(pool, wanted)
            assets = [_outcome(each, wanted, hide=hide) for each in told]
            if RELATIONS in (wanted.analyzers or ()):
                across = _across(*await related(pool, wanted.connection.name, told))
        else:
            metas, known = await figures(pool, wanted, Tier(tier.value))
            assets = [_known(meta, known) for meta in metas]
    finally:
        await pool.close()
    if not assets:
        raise Invalid("Nothing to profile was found there. Check the address and the pattern.")
    return {
        "source": wanted.connection.name,
        "tier": tier.value,
        "assets": assets,
        **across,
        "rows": sum(each.get("rows") or 0 for each in assets),
        "seconds": round(time.monotonic() - began, 3),
    }


def _across(joins: Sequence[Join], twins: Sequence[Twins]) -> dict[str, Any]:
    """What relates one asset to another."""
    return {
        "joins": [{**asdict(one), "likely": one.likely} for one in joins],
        "twins": [asdict(one) for one in twins],
    }


def _about(meta: AssetMeta) -> dict[str, Any]:
    return {"asset": ".".join(meta.path), "kind": meta.kind.value}


def _outcome(outcome: Outcome, wanted: Wanted, *, hide: bool) -> dict[str, Any]:
    """One asset that was read; figures of a sample say so."""
    said = _about(outcome.meta)
    if outcome.failure is not None:
        return {**said, **_problem(outcome.failure)}
    if outcome.results is None:  # routines, views without a sample: nothing holds rows
        return {**said, "rows": None, "columns": []}
    result = ProfileResult.from_json(outcome.results[PROFILE])
    labels = _labels(outcome.results.get(CLASSIFY, {}))
    basis = Basis.EXACT if outcome.fraction >= 1.0 else Basis.SAMPLED
    return {
        **said,
        "rows": outcome.rows,
        "basis": basis.value,
        "fraction": outcome.fraction,
        "sampling": _sampling(outcome, wanted.strategy or Strategy.SOURCE),
        "skipped_rows": outcome.skipped,
        "remarks": list(outcome.remarks),
        "partitions": outcome.parts,
        "seconds": round(outcome.seconds, 3),
        **_inside(outcome.results.get(RELATIONS)),
        "columns": [
            {**_column(each, hide=hide), "labels": labels.get(each.name, [])}
            for each in result.columns
        ],
    }


def _sampling(outcome: Outcome, strategy: Strategy) -> dict[str, Any] | None:
    """What figures of a sample are worth; None where everything was read."""
    if outcome.fraction >= 1.0:
        return None
    total = round(outcome.rows / outcome.fraction) if outcome.fraction else None
    told = statement(strategy, outcome.rows, total)
    return {**asdict(told), "words": told.words}


def _inside(told: JsonObject | None) -> dict[str, Any]:
    """What relates the columns of one asset to each other."""
    if told is None:
        return {}
    found = RelationsResult.from_json(told)
    return {
        "correlations": [asdict(one) for one in found.correlations],
        "dependencies": [asdict(one) for one in found.dependencies],
    }


def _labels(found: Mapping[str, Any]) -> dict[str, list[str]]:
    return {
        column["column"]: [label["label"] for label in column["labels"]]
        for column in found.get("columns", ())
    }


def _column(column: ColumnProfile, *, hide: bool) -> dict[str, Any]:
    """A column's figures; where nobody looked for sensitive data, texts are not shown."""
    said = asdict(column)
    if hide and column.kind == "text":
        said |= {"min": None, "max": None, "top": []}
    return said


def _known(
    meta: AssetMeta, known: Mapping[tuple[str, ...], TableFigures | Failure]
) -> dict[str, Any]:
    told = known.get(meta.path)
    if isinstance(told, Failure):
        return {**_about(meta), **_problem(told)}
    if told is None:
        return {**_about(meta), "rows": None, "columns": []}
    kinds = {column.name: column.type for column in meta.columns}
    return {
        **_about(meta),
        "rows": told.rows,
        "basis": told.basis.value,
        "origin": told.origin,
        "size_bytes": meta.size_bytes,
        "columns": [{**asdict(each), "type": kinds.get(each.name)} for each in told.columns],
    }


def _problem(failure: Failure) -> dict[str, Any]:
    return {"problem": failure.sentence, "remedy": failure.remedy}


def _print(document: Mapping[str, Any], console: Console) -> None:
    for asset in document["assets"]:
        if problem := asset.get("problem"):
            console.print(f"[red]{plain(asset['asset'])}[/]: {plain(problem)}")
            continue
        if not asset["columns"]:
            continue
        rows = "unknown" if asset["rows"] is None else f"{asset['rows']:,}"
        basis = asset.get("origin") or asset["basis"]
        console.print(f"\n[bold]{plain(asset['asset'])}[/]  {rows} rows, {plain(basis)}")
        if sampling := asset.get("sampling"):
            console.print(sampling["words"])
        for remark in asset.get("remarks", ()):
            console.print(f"[yellow]{plain(remark)}[/]")
        console.print(_table(asset["columns"], full=document["tier"] == Depth.FULL.value))
        for said in _relations_of(asset):
            console.print(f"  {plain(said)}")
    _print_relations(document, console)
    console.print(
        f"\n{len(document['assets']):,} assets, {document['rows']:,} rows,"
        f" {document['seconds']:.1f} s"
    )


def _relations_of(asset: Mapping[str, Any]) -> list[str]:
    """The strong correlations and the dependencies of an asset, in words."""
    strong = [
        f"{one['left']} and {one['right']} vary together: r = {one['coefficient']:+.2f}"
        for one in asset.get("correlations", ())
        if abs(one["coefficient"]) >= STRONG
    ]
    settled = [
        f"{one['determinant']} settles {one['dependent']}"
        + (f" but for {one['error']:.2%} of the rows" if one["error"] else "")
        + ("" if one["exact"] else f" (at most {one['bound']:.2%}, by {one['support']:,} rows)")
        for one in asset.get("dependencies", ())
    ]
    return [*strong[:SHOWN], *settled[:SHOWN]]


def _print_relations(document: Mapping[str, Any], console: Console) -> None:
    likely = [one for one in document.get("joins", ()) if one["likely"]]
    if likely:
        table = Table("\nColumn", "\nis in the key", "values", "sure", box=None, padding=(0, 2))
        for one in likely:
            column = f"{AssetRef.parse(one['asset']).name}.{one['column']}"
            key = f"{AssetRef.parse(one['other']).name}.{one['key']}"
            sure = "declared" if one["declared"] else f"{one['confidence']:.0%}"
            table.add_row(plain(column), plain(key), f"{one['containment']:.1%}", sure)
        console.print(table)
    for one in document.get("twins", ()):
        left, right = (AssetRef.parse(one[side]).name for side in ("left", "right"))
        console.print(f"{plain(left)} and {plain(right)} are {one['similarity']:.0%} alike")


def _table(columns: Sequence[Mapping[str, Any]], *, full: bool) -> Table:
    shown = Table(box=None, padding=(0, 2), header_style="dim")
    for title in ("column", "type"):
        shown.add_column(title)
    for title in ("nulls", "distinct", "min", "max"):
        shown.add_column(title, justify="right")
    if full:
        shown.add_column("mean", justify="right")
        shown.add_column("most frequent, or what values look like")
    for each in columns:
        cells = [
            each["name"],
            str(each.get("type") or each.get("kind") or ""),
            _number(each["nulls"]),
            _number(each["distinct"]) + ("" if each.get("distinct_exact", True) else " ~"),
            _short(each.get("low", each.get("min"))),
            _short(each.get("high", each.get("max"))),
        ]
        if full:
            cells += [_short(each["mean"]), _looks(each)]
        shown.add_row(*(plain(cell) for cell in cells))
    return shown


def _looks(column: Mapping[str, Any]) -> str:
    """The labels, else the frequent values, else the shapes of text."""
    if column["labels"]:
        return ", ".join(column["labels"])
    top = [f"{_short(each['value'])} {each['share']:.0%}" for each in column["top"][:3]]
    shapes = [f"{each['shape']} {each['share']:.0%}" for each in column["shapes"][:2]]
    return ", ".join(top or shapes)


def _number(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def _short(value: object) -> str:
    if value is None:
        return "–"
    text = f"{value:,.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 28 else f"{text[:27]}…"
