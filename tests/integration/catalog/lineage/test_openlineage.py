"""Producers of OpenLineage events: what they send is kept, merged, drawn and asked for."""

import asyncio
import gzip
import json
from typing import Any

import pytest
from httpx import AsyncClient
from tests.integration.catalog.lineage.estate import ESTATE

from muniment.composition.product import Product
from muniment.kernel.ids import new_id
from muniment.sources.model import NewSource

API = "/api/v1"
RUN = "3f5e83fa-3480-44ff-99c5-ff943904e5e8"
WAREHOUSE = "postgres://db.example:5432"


def dataset(name: str, namespace: str = WAREHOUSE, **facets: Any) -> dict[str, Any]:
    return {"namespace": namespace, "name": name, "facets": facets}


def event(kind: str, minute: int = 0, run: str = RUN, **more: Any) -> dict[str, Any]:
    return {
        "eventType": kind,
        "eventTime": f"2026-01-31T12:{minute:02d}:00Z",
        "run": {"runId": run},
        "job": {"namespace": "nightly", "name": "load.letters"},
        **more,
    }


COLUMNS = {
    "fields": {
        "recipient": {
            "inputFields": [
                {
                    "namespace": WAREHOUSE,
                    "name": "shop.crm.customers",
                    "field": "email",
                    "transformations": [{"type": "DIRECT", "subtype": "IDENTITY", "masking": True}],
                },
                {
                    "namespace": WAREHOUSE,
                    "name": "shop.crm.customers",
                    "field": "id",
                    "transformations": [{"type": "INDIRECT", "subtype": "JOIN"}],
                },
            ]
        }
    }
}


@pytest.fixture
async def estate(product: Product) -> None:
    """A source that producers know by its address."""
    settings = {"host": "db.example", "database": "shop", "user": "reader"}
    async with product.writing() as unit:
        await unit.sources.sources.register(NewSource("db", "postgresql", settings))
    async with product.writing() as unit:
        await unit.catalog.registrar.register("db", "sales", "ada", ESTATE, (), run_id=new_id())


async def asset_id(client: AsyncClient, ref: str) -> str:
    found: str = (await client.get(f"{API}/assets/by-ref", params={"ref": ref})).json()["id"]
    return found


async def test_events_of_a_run_are_drawn_between_the_assets_of_the_catalogue(
    client: AsyncClient, estate: None
) -> None:
    """Inputs come at the start, outputs at the end: neither event alone says what feeds what."""
    sent = [
        event("START", inputs=[dataset("shop.crm.customers")]),
        event("COMPLETE", 5, outputs=[dataset("shop.mart.letters", columnLineage=COLUMNS)]),
    ]
    for each in reversed(sent):
        answer = await client.post(f"{API}/lineage", json=each)
        assert (answer.status_code, answer.content) == (201, b""), answer.text
    letters = await asset_id(client, "db/mart/letters")
    upstream = (await client.get(f"{API}/lineage/{letters}/upstream")).json()
    assert [each["ref"] for each in upstream["assets"]] == ["db/crm/customers"]
    edges = (await client.get(f"{API}/lineage/{letters}/edges")).json()["items"]
    told = {(e["kind"], e["from_column"], e["to_column"], e["expression"]) for e in edges}
    assert told == {
        ("flow", None, None, None),
        ("transform", "email", "recipient", 'mask("email")'),
        ("influence", "id", None, None),
    }
    assert {(each["origin"], each["job_ref"]) for each in edges} == {
        ("event", "nightly/load.letters")
    }

    run = (await client.get(f"{API}/jobs/runs/{RUN}")).json()
    assert (run["state"], run["durationMs"]) == ("COMPLETED", 300_000)
    job = (await client.get(f"{API}/namespaces/nightly/jobs/load.letters")).json()
    assert [each["name"] for each in job["inputs"]] == ["shop.crm.customers"]
    assert [each["name"] for each in job["outputs"]] == ["shop.mart.letters"]
    assert job["latestRun"]["id"] == RUN

    again = await client.post(f"{API}/lineage", json=sent[0])
    assert again.status_code == 201
    kept = (await client.get(f"{API}/events/lineage")).json()
    assert kept["totalCount"] == 2, "the same event twice is one"


async def test_marquez_reads_are_answered(client: AsyncClient) -> None:
    made = event("COMPLETE", inputs=[dataset("raw/a.csv", "s3://lake")], outputs=[dataset("x.y")])
    assert (await client.post(f"{API}/lineage", json=made)).status_code == 201
    names = (await client.get(f"{API}/namespaces")).json()["namespaces"]
    assert [each["name"] for each in names] == ["nightly", WAREHOUSE, "s3://lake"]
    listed = (await client.get(f"{API}/namespaces/s3%3A%2F%2Flake/datasets")).json()
    assert [each["name"] for each in listed["datasets"]] == ["raw/a.csv"]
    one = await client.get(f"{API}/namespaces/s3%3A%2F%2Flake/datasets/raw%2Fa.csv")
    assert one.json()["ref"] == "s3%3A%2F%2Flake/raw/a.csv"
    jobs = (await client.get(f"{API}/namespaces/nightly/jobs")).json()
    assert (jobs["totalCount"], jobs["jobs"][0]["type"]) == (1, "BATCH")
    runs = (await client.get(f"{API}/namespaces/nightly/jobs/load.letters/runs")).json()
    assert [each["state"] for each in runs["runs"]] == ["COMPLETED"]
    asked = {"nodeId": "dataset:s3://lake:raw/a.csv", "depth": "20"}
    graph = (await client.get(f"{API}/lineage", params=asked)).json()["graph"]
    edges = {(e["origin"], e["destination"]) for node in graph for e in node["outEdges"]}
    job = "job:nightly:load.letters"
    assert edges == {
        ("dataset:s3://lake:raw/a.csv", job),
        (job, f"dataset:{WAREHOUSE}:x.y"),
    }
    assert {node["type"] for node in graph} == {"JOB", "DATASET"}
    missing = await client.get(f"{API}/lineage", params={"nodeId": "dataset:a:b"})
    assert missing.status_code == 404
    odd = await client.get(f"{API}/lineage", params={"nodeId": "b"})
    assert odd.status_code == 422


async def test_a_body_may_be_compressed_and_is_kept_byte_for_byte(client: AsyncClient) -> None:
    raw = json.dumps(event("START", custom={"b": 1, "a": [1.50, "é"]}), indent=3)
    packed = {"content-encoding": "gzip", "content-type": "application/json"}
    sent = await client.post(f"{API}/lineage", content=gzip.compress(raw.encode()), headers=packed)
    assert sent.status_code == 201, sent.text
    kept = await client.get(f"{API}/events/lineage")
    assert raw in kept.text
    for broken in (raw.encode(), gzip.compress(raw.encode())[:-9], gzip.compress(b"\xff")):
        refused = await client.post(f"{API}/lineage", content=broken, headers=packed)
        assert refused.status_code == 422, refused.text
    bomb = gzip.compress(b" " * (17 * 1024 * 1024))
    refused = await client.post(f"{API}/lineage", content=bomb, headers=packed)
    assert refused.status_code == 413


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"[1]", "the event must be an object"),
        (b"{", "not JSON"),
        (b'{"eventTime": "2026-01-31T12:00:00Z"}', "none is there"),
        (b'{"eventTime": "soon", "job": {"namespace": "a", "name": "b"}}', "eventTime"),
        (b'{"eventTime": "2026-01-31T12:00:00Z", "job": {"namespace": "a"}}', "job.name"),
        (b'{"eventTime": "2026-01-31T12:00:00Z", "run": {"runId": "r"}}', "job"),
        (b'{"eventTime": "2026-01-31T12:00:00Z", "job": {"x": NaN}}', "not JSON"),
    ],
)
async def test_what_is_no_event_is_refused_with_what_is_wrong(
    client: AsyncClient, body: bytes, said: str
) -> None:
    refused = await client.post(f"{API}/lineage", content=body)
    assert refused.status_code == 422
    assert said in refused.json()["detail"]


async def test_producers_may_leave_much_out(client: AsyncClient) -> None:
    bare = {
        "eventTime": "2026-01-31T12:00:00.123456",
        "run": {"runId": "scheduled__2026-01-31"},
        "job": {"namespace": "a", "name": "b", "facets": None},
        "inputs": None,
        "outputs": [{"namespace": "n", "name": "o", "facets": {"odd": "\x00\ud800"}}],
    }
    assert (await client.post(f"{API}/lineage", content=json.dumps(bare))).status_code == 201
    told = (await client.get(f"{API}/namespaces/a/jobs/b")).json()
    assert told["latestRun"]["state"] == "NEW"


async def test_a_batch_tells_what_became_of_each_event(client: AsyncClient) -> None:
    good = [event("START", run=str(new_id())) for _ in range(3)]
    batch = [good[0], {"eventTime": "never"}, good[1], 7, good[2]]
    told = await client.post(f"{API}/lineage/batch", json=batch)
    assert told.status_code == 200, told.text
    assert told.json()["summary"] == {
        "received": 5,
        "successful": 3,
        "failed": 2,
        "retriable": 0,
        "non_retriable": 2,
    }
    assert [each["index"] for each in told.json()["failed_events"]] == [1, 3]
    lines = "\n".join(json.dumps(event("FAIL", run=str(new_id()))) for _ in range(2))
    assert (await client.post(f"{API}/lineage/batch", content=lines)).json()["status"] == "success"
    runs = (await client.get(f"{API}/namespaces/nightly/jobs/load.letters/runs")).json()
    assert runs["totalCount"] == 5
    cut = await client.post(f"{API}/lineage/batch", content=b"[" + json.dumps(good[0]).encode())
    assert cut.status_code == 422


async def test_many_producers_at_once_lose_nothing(client: AsyncClient) -> None:
    sent = [
        event(kind, run=str(run), inputs=[dataset("a.b")], outputs=[dataset(f"c.d{at % 7}")])
        for at, run in enumerate(new_id() for _ in range(60))
        for kind in ("START", "COMPLETE")
    ]
    answers = await asyncio.gather(*(client.post(f"{API}/lineage", json=each) for each in sent))
    assert {answer.status_code for answer in answers} == {201}
    runs = (
        await client.get(f"{API}/namespaces/nightly/jobs/load.letters/runs", params={"limit": 1000})
    ).json()
    assert [each["state"] for each in runs["runs"]] == ["COMPLETED"] * 60


async def test_what_was_told_long_ago_is_forgotten_and_lineage_stays(
    client: AsyncClient, product: Product, estate: None
) -> None:
    told = event("COMPLETE", inputs=[dataset("crm.customers")], outputs=[dataset("mart.letters")])
    assert (await client.post(f"{API}/lineage", json=told)).status_code == 201
    async with product.writing() as unit:
        assert await unit.catalog.intake.forget_old() == 0
        later = unit.catalog.intake.clock.now().replace(year=2100)
        assert await unit.catalog.intake.stored.forget(later) == 1
    assert (await client.get(f"{API}/jobs/runs/{RUN}")).status_code == 404
    letters = await asset_id(client, "db/mart/letters")
    upstream = (await client.get(f"{API}/lineage/{letters}/upstream")).json()
    assert [each["ref"] for each in upstream["assets"]] == ["db/crm/customers"]
