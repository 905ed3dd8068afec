"""Labels from the command line: listed, explained, decided in bulk, taken back, exported."""

import asyncio
import csv
import io
import json
from pathlib import Path
from typing import Any

from tests.integration.classification.conftest import Shop, emails
from typer.testing import CliRunner, Result

from muniment.cli.labels import app
from muniment.kernel.refs import AssetRef

CUSTOMERS = AssetRef("shop", ("main", "customers"))


async def test_labels_are_decided_in_bulk_and_taken_back(
    shop: Shop, database_url: str, state_dir: Path
) -> None:
    await shop.scan(CUSTOMERS, {"email": emails(60), "=backup_mail": emails(60)})

    async def labels(*arguments: str) -> Result:
        env = {"MUNIMENT_DATABASE_URL": database_url, "MUNIMENT_STATE_DIR": str(state_dir)}
        return await asyncio.to_thread(lambda: CliRunner().invoke(app, arguments, env=env))

    async def listed(*arguments: str) -> list[dict[str, Any]]:
        done = await labels("list", "--json", *arguments)
        found: list[dict[str, Any]] = json.loads(done.stdout)
        return found

    found = await listed("--source", "shop")
    assert {(one["column_name"], one["label"], one["state"]) for one in found} == {
        ("email", "contact.email", "suggested"),
        ("=backup_mail", "contact.email", "suggested"),
    }
    card = json.loads((await labels("show", found[0]["id"], "--json")).stdout)
    assert card["evidence"]["matched"] == 60
    assert "person1@" not in json.dumps(card)  # examples are masked

    assert (await labels("confirm")).exception is not None  # all labels there are, by mistake
    done = await labels("confirm", "--label", "contact.email", "--reason", "checked", "--yes")
    assert done.exit_code == 0
    assert "2 labels are confirmed" in done.stdout
    assert {one["state"] for one in await listed()} == {"confirmed"}
    told = json.loads((await labels("history", "--column", "email", "--json")).stdout)
    assert told[0]["column_name"] == "email"

    assert (await labels("undo", done.stdout.split()[-1])).exit_code == 0
    assert {one["state"] for one in await listed()} == {"suggested"}

    rows = [*csv.DictReader(io.StringIO((await labels("export")).stdout))]
    assert {row["column_name"] for row in rows} == {"email", "'=backup_mail"}
    assert (await listed("--source", "elsewhere")) == []
