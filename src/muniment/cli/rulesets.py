"""``muniment rulesets``: list, show, validate, effective view."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
import yaml
from pydantic import TypeAdapter
from rich.console import Console
from rich.table import Table

from muniment.cli.opened import with_product
from muniment.cli.words import plain
from muniment.composition.product import Product
from muniment.contracts.rulesets import EffectiveRules
from muniment.kernel.errors import Invalid
from muniment.platform.paging import PageQuery
from muniment.platform.policy import EVERYTHING
from muniment.rulesets.engine.validate import RuleProblem, Weight
from muniment.rulesets.model import Layer, RuleSet, RuleSetVersion

app = typer.Typer(
    help="Scan rule sets: list, show, validate, effective view.", no_args_is_help=True
)

T = TypeVar("T")
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document for machines.")]
RULES: TypeAdapter[EffectiveRules] = TypeAdapter(EffectiveRules)
SETTINGS = (
    ("scope.include", "include"),
    ("sampling.rows", "sample_rows"),
    ("sampling.rows_per_partition", "rows_per_partition"),
    ("sampling.metadata_only", "metadata_only"),
    ("classifiers", "classifiers"),
    ("min_confidence", "min_confidence"),
    ("suggest_quality", "suggest_quality"),
    ("lineage", "lineage"),
    ("limits.max_concurrency", "max_concurrency"),
    ("limits.statement_timeout_seconds", "statement_timeout_seconds"),
    ("limits.max_run_minutes", "max_run_minutes"),
)


@app.command("list")
def list_sets(
    as_json: AsJson = False,
    retired: Annotated[bool, typer.Option(help="Those out of force too.")] = False,
) -> None:
    """The rule sets there are, shipped ones included."""

    async def ask(product: Product) -> Sequence[RuleSet]:
        found: list[RuleSet] = []
        cursor: str | None = None
        while True:
            async with product.reading() as unit:
                query = PageQuery(limit=1000, cursor=cursor)
                page = await unit.rulesets.sets.page(query, retired=retired)
            found += page.items
            cursor = page.next_cursor
            if cursor is None:
                return found

    sets = with_product(ask)
    if as_json:
        _print_json(TypeAdapter(list[RuleSet]).dump_python(list(sets), mode="json"))
        return
    table = Table("Name", "Layer", "In force", "Applies to", "Title", box=None)
    for each in sorted(sets, key=lambda one: (one.layer.rank, one.position, one.name)):
        applies = each.applies_to
        where = ", ".join((*applies.kinds, *(s for s in applies.sources if s != "*")))
        force = "retired" if each.retired else f"v{each.published}" if each.published else "draft"
        table.add_row(each.name, each.layer.value, force, plain(where), plain(each.title))
    Console().print(table)


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="A rule set.")],
    number: Annotated[int | None, typer.Option("--version", help="Default: in force.")] = None,
    as_json: AsJson = False,
) -> None:
    """The body of a rule set."""

    async def ask(product: Product) -> RuleSetVersion:
        async with product.reading() as unit:
            known = await unit.rulesets.sets.get(name)
            wanted = number or known.published or known.draft or 1
            return await unit.rulesets.sets.get_version(name, wanted)

    version = with_product(ask)
    body = version.body.model_dump(mode="json", exclude_defaults=True)
    if as_json:
        _print_json({"name": name, "version": version.number, "body": body})
    else:
        typer.echo(f"# {name}, version {version.number} by {version.author}")
        typer.echo(yaml.safe_dump(body, sort_keys=False, allow_unicode=True).rstrip())


@app.command()
def validate(
    path: Annotated[Path, typer.Argument(help="A body as YAML or JSON.")],
    layer: Layer = Layer.OVERLAY,
    as_json: AsJson = False,
) -> None:
    """Check a body before it is saved; exit code 1 when something is wrong."""
    raw = _read(path)

    async def ask(product: Product) -> Sequence[RuleProblem]:
        async with product.reading() as unit:
            _, problems = await unit.rulesets.sets.validate(raw, layer)
            return problems

    problems = with_product(ask)
    wrong = any(each.weight is Weight.ERROR for each in problems)
    if as_json:
        found = TypeAdapter(list[RuleProblem]).dump_python(list(problems), mode="json")
        _print_json({"valid": not wrong, "problems": found})
    else:
        for each in problems:
            hint = f" {each.suggestion}" if each.suggestion else ""
            typer.echo(f"{each.weight.value}: {each.path}: {each.message}{hint}")
        if not wrong:
            typer.echo("It fits.")
    raise typer.Exit(1 if wrong else 0)


@app.command()
def effective(
    source: Annotated[str, typer.Argument(help="The name of a source.")], as_json: AsJson = False
) -> None:
    """What the next scan of a source does, each setting with where it comes from."""

    async def ask(product: Product) -> EffectiveRules:
        async with product.reading() as unit:
            return await unit.rulesets.effective.of_source(source, EVERYTHING)

    rules = with_product(ask)
    if as_json:
        _print_json(RULES.dump_python(rules, mode="json"))
        return
    table = Table("Setting", "Value", "From", box=None)
    for setting, field in SETTINGS:
        table.add_row(setting, _words(getattr(rules, field)), rules.origins.get(setting, ""))
    for number, pattern in enumerate(rules.exclude):
        table.add_row(
            "scope.exclude", plain(pattern), rules.origins.get(f"scope.exclude.{number}", "")
        )
    for number, mark in enumerate(rules.high_water):
        origin = rules.origins.get(f"high_water.{number}", "")
        table.add_row("high_water", plain(f"{mark.column} of {mark.assets}"), origin)
    for number, rule in enumerate(rules.quality_rules):
        where = f"label {rule.label}" if rule.label else rule.columns or "table"
        origin = rules.origins.get(f"quality_rules.{number}", "")
        table.add_row("quality_rules", plain(f"{rule.check} on {where}"), origin)
    Console().print(table)


def _words(value: object) -> str:
    match value:
        case None:
            return "no limit"
        case bool():
            return "yes" if value else "no"
        case tuple():
            return ", ".join(str(each) for each in value)
        case _:
            return str(value)


def _read(path: Path) -> dict[str, Any]:
    try:
        raw = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"The file {path} cannot be read: {error}.") from error
    except yaml.YAMLError as error:
        raise Invalid(f"The file {path} is neither YAML nor JSON: {error}.") from error
    if not isinstance(raw, dict):
        raise Invalid(f"The file {path} does not hold an object of settings.")
    return raw


def _print_json(document: object) -> None:
    typer.echo(json.dumps(document, indent=2, default=str))
