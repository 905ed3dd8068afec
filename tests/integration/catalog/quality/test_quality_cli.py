"""``muniment quality`` on a real database."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from tests.integration.catalog.quality.conftest import Estate
from tests.integration.catalog.quality.test_quality_story import ORDERS, UNIQUE, rows
from typer.testing import CliRunner

from muniment.cli.quality import app


async def run(*arguments: str) -> Any:
    return await asyncio.to_thread(lambda: CliRunner().invoke(app, arguments))


async def test_a_steward_reads_quality_in_the_terminal(
    estate: Estate, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUNIMENT_DATABASE_URL", database_url)
    monkeypatch.setenv("MUNIMENT_STATE_DIR", str(tmp_path))
    empty = await run("estate")
    assert empty.exception is None, empty.exception
    assert (empty.exit_code, "Nothing was checked yet" in empty.stdout) == (0, True)
    meta = await estate.register("orders", ORDERS)
    await estate.scan(meta, rows(bad=20), UNIQUE)
    told = await run("estate", "--json")
    assert told.exit_code == 0, (told.exception, told.output)
    assert json.loads(told.stdout)["assets"] == 1
    shown = await run("show", "shop/sales/orders", "--json", "--failing")
    assert shown.exit_code == 1
    assert "unique:order_id" in [one["key"] for one in json.loads(shown.stdout)["checks"]]
    assert "No repeated values" in (await run("show", "shop/sales/orders")).stdout
    incidents = await run("incidents", "--json")
    assert (incidents.exit_code, len(json.loads(incidents.stdout))) == (1, 1)
