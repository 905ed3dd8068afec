"""The client that producers use, over a socket."""

import asyncio
import warnings
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import uvicorn
from fastapi import FastAPI
from httpx import AsyncClient
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import (
    InputDataset,
    Job,
    JobEvent,
    OutputDataset,
    Run,
    RunEvent,
    RunState,
)
from openlineage.client.facet_v2 import column_lineage_dataset, schema_dataset
from openlineage.client.transport.http import HttpConfig, HttpTransport
from tests.conftest import token_for

from muniment.composition.product import Product
from muniment.kernel.principal import RoleGrant

COLUMNS = column_lineage_dataset.ColumnLineageDatasetFacet(
    fields={
        "total": column_lineage_dataset.Fields(
            inputFields=[
                column_lineage_dataset.InputField(
                    namespace="duckdb://shop",
                    name="main.orders",
                    field="amount",
                    transformations=[
                        column_lineage_dataset.Transformation(type="DIRECT", subtype="AGGREGATION")
                    ],
                )
            ]
        )
    }
)


@pytest.fixture
async def address(app: FastAPI) -> AsyncIterator[str]:
    config = uvicorn.Config(app, host="127.0.0.1", port=0, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await serving


@pytest.mark.parametrize("compression", [None, "gzip"])
async def test_events_of_the_official_client_are_taken(
    address: str, product: Product, client: AsyncClient, compression: str | None
) -> None:
    token = await token_for(product, "airflow", RoleGrant("steward"))
    told = {
        "type": "http",
        "url": address,
        "auth": {"type": "api_key", "apiKey": token},
        "compression": compression,
    }
    transport = HttpTransport(HttpConfig.from_dict(told))
    run, job = Run(runId=str(uuid4())), Job(namespace="airflow", name="daily.totals")
    facet = schema_dataset.SchemaDatasetFacet(
        fields=[schema_dataset.SchemaDatasetFacetFields(name="total", type="double")]
    )
    output = OutputDataset(
        "duckdb://shop", "main.totals", facets={"columnLineage": COLUMNS, "schema": facet}
    )

    def send() -> None:
        emitter = OpenLineageClient(transport=transport)
        now = datetime.now(UTC).isoformat()
        for state in (RunState.START, RunState.COMPLETE):
            emitter.emit(
                RunEvent(
                    eventType=state,
                    eventTime=now,
                    run=run,
                    job=job,
                    inputs=[InputDataset("duckdb://shop", "main.orders")],
                    outputs=[output],
                    producer="https://example.com/airflow",
                )
            )
        emitter.emit(JobEvent(eventTime=now, job=job, producer="https://example.com/airflow"))
        emitter.close(5)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        await asyncio.to_thread(send)
    found = (await client.get(f"/api/v1/jobs/runs/{run.runId}")).json()
    assert found["state"] == "COMPLETED"
    dataset = (
        await client.get("/api/v1/namespaces/duckdb%3A%2F%2Fshop/datasets/main.totals")
    ).json()
    assert [(each["name"], each["type"]) for each in dataset["fields"]] == [("total", "double")]
    async with product.reading() as unit:
        told_edges = await unit.catalog.lineage.graph_.columns_among(
            [dataset["ref"], "duckdb%3A%2F%2Fshop/main/orders"], 10
        )
    assert [(e.from_column, e.to_column, e.kind) for e in told_edges] == [
        ("amount", "total", "aggregate")
    ]
