"""``muniment watch``: follows a run in the terminal until it is over."""

import asyncio
import json
from dataclasses import asdict
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console

from muniment.cli.live import follow
from muniment.composition.product import Product
from muniment.contracts.scans import RunState
from muniment.kernel.errors import NotFound
from muniment.platform.migrate import prepared_store
from muniment.platform.paging import PageQuery
from muniment.platform.settings import load_settings
from muniment.scans.model import ACTIVE, Progress

app = typer.Typer()


@app.command()
def watch(
    run_id: Annotated[
        UUID | None, typer.Argument(help="The run to follow; absent: all that go on.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document at the end.")] = False,
) -> None:
    """Show how far a run is until it is over. Exit code 1 when it did not succeed."""
    ended = asyncio.run(_watch(run_id, quiet=as_json))
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in ended], default=str))
    if any(each.state is not RunState.SUCCEEDED for each in ended):
        raise typer.Exit(1)


async def _watch(run_id: UUID | None, *, quiet: bool) -> list[Progress]:
    settings = load_settings()
    url = await asyncio.to_thread(prepared_store, settings)
    product = Product.on(settings, url, pool_size=1, application_name="muniment-cli")
    try:
        async with product.reading() as unit:
            if run_id is not None:
                wanted = [(await unit.scans.runs.get(run_id)).id]
            else:
                going = await unit.scans.runs.page(PageQuery(limit=20), states=ACTIVE)
                wanted = [run.id for run in going.items]
        if not wanted:
            raise NotFound("Nothing is being scanned. See `muniment runs list` for the history.")
        return list(await follow(product, wanted, console=Console(), quiet=quiet))
    finally:
        await product.close()
