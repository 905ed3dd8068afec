"""A client with a registered source, and results as the analyzer makes them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import UUID, uuid4

import pyarrow as pa
import pytest
import sqlalchemy as sa

from muniment.classification.direct import classify_table
from muniment.composition.product import Product
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import JsonObject
from muniment.platform.settings import Settings
from muniment.sources.model import NewSource

CACHE = {"cache_dir": str(Settings().pattern_cache)}
CUSTOMERS = AssetRef("shop", ("sales", "customers"))
PEOPLE = AssetRef("shop", ("crm", "people"))


def found_in(ref: AssetRef, columns: Mapping[str, Sequence[object]]) -> JsonObject:
    """What the ``classify`` analyzer says of a table."""
    return classify_table(pa.table({name: list(v) for name, v in columns.items()}), ref, CACHE)


def emails(count: int) -> list[str]:
    return [f"person{n}@mail.example" for n in range(count)]


class Shop:
    """One registered source, and scans that find what a test says."""

    def __init__(self, product: Product) -> None:
        self.product = product

    async def scan(self, ref: AssetRef, columns: Mapping[str, Sequence[object]]) -> int:
        return await self.publish(ref, found_in(ref, columns))

    async def publish(self, ref: AssetRef, result: JsonObject, run_id: UUID | None = None) -> int:
        async with self.product.writing() as unit:
            return await unit.classification.publisher.publish_labels(
                ref, result, run_id=run_id or uuid4()
            )

    async def told(self, topic: str) -> list[dict[str, object]]:
        """Payloads of the events told on one topic, the oldest first."""
        async with self.product.reading() as unit:
            rows = await unit.ground.session.execute(
                sa.text("select payload from platform.outbox where topic = :topic order by seq"),
                {"topic": topic},
            )
            return [row.payload for row in rows]


@pytest.fixture
async def shop(product: Product, tmp_path: Path) -> Shop:
    async with product.writing() as unit:
        await unit.sources.sources.register(
            NewSource("shop", "sqlite", {"path": str(tmp_path / "shop.db")}, domain="sales")
        )
    return Shop(product)
