"""Scans over the API, with every group of the product at work."""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient
from tests.conftest import token_for

from muniment.composition.product import Product
from muniment.kernel.principal import RoleGrant
from muniment.worker.host import Host
from muniment.worker.wiring import unit_opener


@pytest.fixture(autouse=True)
def plugins() -> None:
    """The real plug-ins here, not those of the other stories."""


@asynccontextmanager
async def worker(product: Product) -> AsyncIterator[None]:
    host = Host(product.database.url, unit_opener(product), slots=2)
    await host.start()
    try:
        yield
    finally:
        await host.stop()


def events(body: str) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for block in body.strip().split("\n\n"):
        if block.startswith("event: "):
            name, data = block.split("\n", 1)
            found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def make_file(place: Path) -> None:
    with sqlite3.connect(place) as file:
        file.execute("create table people (id integer primary key, email text)")
        file.executemany(
            "insert into people values (?, ?)",
            [(n, f"person{n}@mail.example") for n in range(500)],
        )
        file.execute("create view everyone as select email from people")


async def test_a_scan_from_request_to_diff(
    client: AsyncClient, product: Product, tmp_path: Path
) -> None:
    place = tmp_path / "crm.db"
    make_file(place)
    source = {"name": "crm", "kind": "sqlite", "settings": {"path": str(place)}}
    assert (await client.post("/api/v1/sources", json=source)).status_code == 201
    assert (await client.post("/api/v1/scans", json={"source": "none"})).status_code == 404

    asked = await client.post("/api/v1/scans", json={"source": "crm"})
    assert asked.status_code == 202
    run = f"/api/v1/runs/{asked.json()['run_id']}"
    again = await client.post("/api/v1/scans", json={"source": "crm"})
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    assert again.json()["context"]["run_id"] == asked.json()["run_id"]

    async with worker(product):
        told = events((await client.get(f"{run}/events", timeout=60)).text)
        assert told[-1] == ("end", {"state": "succeeded"})
        assert told[-2][1]["rows_read"] == 500
        assert [name for name, _ in told].count("progress") > 1
        over = await client.get("/api/v1/runs/events", params={"run": asked.json()["run_id"]})
        assert (over.status_code, over.text) == (200, "")

        first = (await client.get(run)).json()
        assert (first["state"], first["assets_total"]) == ("succeeded", 2)
        assert first["rule_sets"]
        assert (await client.get(f"{run}/diff")).json()["changes"][0].startswith("first scan")
        assets = (await client.get(f"{run}/assets")).json()["items"]
        assert {each["asset"]: each["rows"] for each in assets} == {
            "crm/everyone": None,
            "crm/people": 500,
        }
        assert any(each["labels"] for each in assets)
        assert (await client.get(f"{run}/chunks")).json()["items"][0]["state"] == "done"
        assert len((await client.get(f"{run}/log")).json()["items"]) > 2
        assert (await client.post(f"{run}/cancel")).status_code == 409
        assert (await client.post(f"{run}/replay")).status_code == 422

        with sqlite3.connect(place) as file:
            file.execute("drop view everyone")
            file.execute("alter table people drop column email")
            file.execute("create table visits (at text)")
        retried = (await client.post(f"{run}/retry")).json()["run_id"]
        several = {"run": [retried, str(UUID(int=7))]}
        together = events(
            (await client.get("/api/v1/runs/events", params=several, timeout=60)).text
        )
        assert together[-1][0] == "progress"
        assert (together[-1][1]["run_id"], together[-1][1]["state"]) == (retried, "succeeded")
        changes = (await client.get(f"/api/v1/runs/{retried}/diff")).json()["changes"]
        assert changes[:3] == [
            "visits appeared",
            "everyone vanished",
            "column email was dropped from people",
        ]
        status = (await client.get("/api/v1/orchestrator")).json()
        assert (status["workers"], status["runs_running"]) == (1, 0)
        assert [each["state"] for each in (await client.get("/api/v1/workers")).json()] == ["alive"]
        assert (await client.get("/api/v1/queue")).json() == []
        assert (await client.get("/api/v1/chores")).status_code == 200


async def test_schedules_are_kept_by_version(client: AsyncClient, tmp_path: Path) -> None:
    make_file(tmp_path / "crm.db")
    settings = {"path": str(tmp_path / "crm.db")}
    await client.post(
        "/api/v1/sources", json={"name": "crm", "kind": "sqlite", "settings": settings}
    )
    body = {"source": "crm", "cron": "0 2 * * *", "time_zone": "Europe/Berlin"}
    made = await client.post("/api/v1/schedules", json=body)
    assert made.status_code == 201
    place = f"/api/v1/schedules/{made.json()['id']}"
    bad = await client.post("/api/v1/schedules", json={**body, "cron": "at two o'clock"})
    assert (bad.status_code, bad.json()["errors"][0]["field"]) == (422, "cron")
    etag = (await client.get(place)).headers["etag"]
    change = {"cron": "30 4 * * 1", "paused": False}
    assert (await client.put(place, json=change, headers={"If-Match": etag})).status_code == 200
    assert (await client.put(place, json=change, headers={"If-Match": etag})).status_code == 412
    assert len((await client.get(f"{place}/next?count=3")).json()["moments"]) == 3
    assert [s["source"] for s in (await client.get("/api/v1/schedules")).json()["items"]] == ["crm"]
    assert (await client.delete(place)).status_code == 204
    assert (await client.get(place)).status_code == 404


async def test_runs_of_other_domains_are_not_there(
    client: AsyncClient, anonymous: AsyncClient, product: Product, tmp_path: Path
) -> None:
    make_file(tmp_path / "crm.db")
    settings = {"path": str(tmp_path / "crm.db")}
    source = {"name": "crm", "kind": "sqlite", "settings": settings, "domain": "sales"}
    await client.post("/api/v1/sources", json=source)
    run_id = (await client.post("/api/v1/scans", json={"source": "crm"})).json()["run_id"]
    secret = await token_for(product, "vera", RoleGrant("engineer", "finance"))
    vera = {"Authorization": f"Bearer {secret}"}
    for path in ("", "/assets", "/log", "/events", "/progress", "/diff", "/chunks"):
        answer = await anonymous.get(f"/api/v1/runs/{run_id}{path}", headers=vera)
        assert answer.status_code == 404
    assert (await anonymous.get("/api/v1/runs", headers=vera)).json()["items"] == []
    asked = await anonymous.post("/api/v1/scans", json={"source": "crm"}, headers=vera)
    assert asked.status_code == 404
    stopped = await anonymous.post(f"/api/v1/runs/{run_id}/cancel", headers=vera)
    assert stopped.status_code == 404
