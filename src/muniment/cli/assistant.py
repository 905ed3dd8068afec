"""``muniment assistant``: what it may do, its key, what would be sent, what it cost."""

import json
from typing import Annotated, Any, TypeVar

import typer
from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.table import Table

from muniment.classification.assistant.settings import AssistantSettings
from muniment.classification.service.assistant import AssistantState, Usage
from muniment.cli.opened import with_product
from muniment.cli.words import plain
from muniment.composition.product import Product
from muniment.kernel.errors import Invalid
from muniment.kernel.refs import AssetRef
from muniment.platform.chat import EndpointFailed
from muniment.platform.chat_client import check
from muniment.platform.policy import EVERYTHING

app = typer.Typer(
    help="The assistant for open columns: settings, key, preview, usage.", no_args_is_help=True
)

T = TypeVar("T")
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document for machines.")]
Asset = Annotated[str, typer.Argument(help="An asset, such as shop/sales/customers.")]
STATE: TypeAdapter[AssistantState] = TypeAdapter(AssistantState)
USAGE: TypeAdapter[Usage] = TypeAdapter(Usage)


@app.command()
def show(as_json: AsJson = False) -> None:
    """What the assistant may do, and how its endpoint is doing."""

    async def read(product: Product) -> AssistantState:
        async with product.reading() as unit:
            return await unit.assistant.assistant.state()

    _show(with_product(read), as_json)


@app.command("set")
def change(
    changes: Annotated[
        list[str], typer.Argument(help="Such as enabled=true model=small base_url=http://host/v1.")
    ],
    as_json: AsJson = False,
) -> None:
    """Change settings; what is not named stays. Values are JSON, or text as it stands."""
    named = dict(_pair(each) for each in changes)

    async def save(product: Product) -> AssistantState:
        async with product.writing() as unit:
            assistant = unit.assistant.assistant
            state = await assistant.state()
            body = {**state.settings.model_dump(mode="json"), **named}
            return await assistant.save(_settings(body), expected=state.version)

    _show(with_product(save), as_json)


@app.command()
def key(
    forget: Annotated[bool, typer.Option("--forget", help="Forget the stored key.")] = False,
) -> None:
    """Store the endpoint's key, asked for or read from standard input; it is never shown."""
    given = "" if forget else typer.prompt("Key", hide_input=True).strip()
    if not forget and not given:
        raise Invalid("No key was given.")

    async def keep(product: Product) -> None:
        async with product.writing() as unit:
            if forget:
                await unit.assistant.assistant.forget_key()
            else:
                await unit.assistant.assistant.keep_key(given)

    with_product(keep)
    typer.echo("The key is forgotten." if forget else "The key is stored, sealed.")


@app.command("test")
def try_endpoint(as_json: AsJson = False) -> None:
    """Ask the endpoint a question that holds no data; exit code 1 when it fails."""

    async def ask(product: Product) -> dict[str, Any]:
        async with product.reading() as unit:
            settings = (await unit.assistant.assistant.state()).settings
            secret = await unit.assistant.assistant.key()
        if not (settings.base_url and settings.model):
            raise Invalid("Set base_url and model first: muniment assistant set base_url=…")
        try:
            said = await check(settings.endpoint, secret)
        except EndpointFailed as error:
            return {"passed": False, "message": error.message}
        return {"passed": True, "message": "It answers.", "milliseconds": said.milliseconds}

    told = with_product(ask)
    typer.echo(json.dumps(told) if as_json else told["message"])
    raise typer.Exit(0 if told["passed"] else 1)


@app.command()
def preview(asset: Asset) -> None:
    """The exact requests about an asset's open columns as JSON; nothing is sent."""

    async def read(product: Product) -> list[dict[str, Any]]:
        async with product.reading() as unit:
            found = await unit.assistant.assistant.preview(AssetRef.parse(asset), EVERYTHING)
            return [
                {"messages": [dict(m) for m in r.messages], "samples": r.samples} for r in found
            ]

    typer.echo(json.dumps(with_product(read), indent=2, ensure_ascii=False))


@app.command()
def ask(asset: Asset) -> None:
    """Let a worker ask about an asset's open columns soon."""

    async def wait(product: Product) -> str:
        async with product.writing() as unit:
            return str(await unit.assistant.assistant.ask_about(AssetRef.parse(asset), EVERYTHING))

    typer.echo(f"It waits for a worker as task {with_product(wait)}.")


@app.command()
def usage(days: Annotated[int, typer.Option(min=1, max=90)] = 14, as_json: AsJson = False) -> None:
    """Calls, tokens and cost by day, and what came of them."""

    async def read(product: Product) -> tuple[Usage, str]:
        async with product.reading() as unit:
            assistant = unit.assistant.assistant
            return await assistant.usage(days), (await assistant.state()).settings.currency

    told, currency = with_product(read)
    if as_json:
        typer.echo(json.dumps(USAGE.dump_python(told, mode="json"), indent=2))
        return
    table = Table("Day", "Calls", "Failed", "Columns", "Labelled", "Tokens", "Cost", box=None)
    for day in told.days:
        tokens = day.prompt_tokens + day.completion_tokens
        numbers = (day.calls, day.failed, day.columns, day.labelled, tokens)
        table.add_row(
            f"{day.day:%Y-%m-%d}", *(f"{n:,}" for n in numbers), f"{day.cost:.4f} {currency}"
        )
    Console().print(table)


def _show(state: AssistantState, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(STATE.dump_python(state, mode="json"), indent=2))
        return
    table = Table("Setting", "Value", box=None)
    for name, value in state.settings.model_dump(mode="json").items():
        table.add_row(name, plain(json.dumps(value, ensure_ascii=False)))
    table.add_row("key", state.key)
    if state.last_problem:
        table.add_row("last problem", plain(state.last_problem))
    Console().print(table)


def _pair(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or name not in AssistantSettings.model_fields:
        known = ", ".join(AssistantSettings.model_fields)
        raise Invalid(f"“{text}” is no setting. Write name=value; names are {known}.")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _settings(body: dict[str, Any]) -> AssistantSettings:
    try:
        return AssistantSettings.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Invalid(f"{where or 'The settings'}: {first['msg']}.") from None
