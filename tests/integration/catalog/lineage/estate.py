"""A small estate with views and a procedure, derived through the real engine."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession
from tests.integration.catalog.assets.spy import SpyOutbox

from muniment.catalog.assets.copyfinder import CopyFinder
from muniment.catalog.assets.registrar import Registrar
from muniment.catalog.assets.store import AssetStore
from muniment.catalog.lineage.deriver import Deriver
from muniment.catalog.lineage.engine.job import parse_job
from muniment.catalog.lineage.graph import LineageGraph
from muniment.catalog.lineage.service import LineageService
from muniment.catalog.lineage.store import EdgeStore
from muniment.catalog.repository import CatalogRepository
from muniment.contracts.connectors import AssetMeta, ColumnMeta
from muniment.contracts.sources import SourceFact, SourceInfo
from muniment.kernel.clock import SystemClock
from muniment.kernel.ids import new_id
from muniment.kernel.principal import SYSTEM
from muniment.kernel.refs import AssetRef
from muniment.kernel.values import AssetKind
from muniment.platform.db import Database


def table(path: str, *columns: str) -> AssetMeta:
    return AssetMeta(
        tuple(path.split(".")), AssetKind.TABLE, tuple(ColumnMeta(c, "text") for c in columns)
    )


def view(path: str, sql: str, *columns: str) -> AssetMeta:
    return AssetMeta(
        tuple(path.split(".")),
        AssetKind.VIEW,
        tuple(ColumnMeta(c, "text") for c in columns),
        definition=sql,
    )


def procedure(schema: str, name: str, sql: str, language: str = "plpgsql") -> AssetMeta:
    return AssetMeta(
        (schema, f"{name}()"),
        AssetKind.PROCEDURE,
        definition=sql,
        properties={"routine": name, "arguments": "", "language": language},
    )


ESTATE = (
    table("crm.customers", "id", "email", "country"),
    table("shop.orders", "id", "customer_id", "total"),
    table("mart.daily", "country", "revenue"),
    view(
        "mart.people",
        " SELECT c.id, lower(c.email) AS address FROM crm.customers c WHERE c.country = 'DE'",
        "id",
        "address",
    ),
    view("mart.letters", "SELECT p.address AS recipient FROM mart.people p", "recipient"),
    procedure(
        "mart",
        "refresh",
        """CREATE PROCEDURE mart.refresh() LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO mart.daily
        SELECT c.country, sum(o.total) FROM shop.orders o
        JOIN crm.customers c ON c.id = o.customer_id GROUP BY 1;
        EXECUTE some_text; END $$""",
    ),
)


class OneSource:
    """A source reader that knows every source as PostgreSQL."""

    async def source(self, name: str) -> SourceInfo:
        return SourceInfo(new_id(), name, "postgresql", name, None, None, False, "postgres")

    async def sources(self) -> Sequence[SourceInfo]:
        return [await self.source("db")]

    async def source_facts(self) -> Sequence[SourceFact]:
        return []


@dataclass
class Estate:
    database: Database
    outbox: SpyOutbox

    async def scan(
        self, *metas: AssetMeta, vanished: Sequence[str] = (), domain: str | None = "sales"
    ) -> int:
        """Register, derive, publish: what a scan does of lineage."""
        run = new_id()
        gone = [AssetRef.parse(ref) for ref in vanished]
        async with self.database.writing() as session:
            registrar = Registrar(AssetStore(session), self.outbox, SystemClock())
            await registrar.register("db", domain, "ada", metas, gone, run_id=run)
        async with self.database.writing() as session:
            jobs = await self.deriver(session).statements("db")
            results = [parse_job(job) for job in jobs]
            return await self.deriver(session).publish_lineage("db", results, run_id=run)

    def deriver(self, session: AsyncSession) -> Deriver:
        copies = CopyFinder(AssetStore(session))
        return Deriver(EdgeStore(session), copies, OneSource(), self.outbox, SystemClock())

    def service(self, session: AsyncSession) -> LineageService:
        return LineageService(
            LineageGraph(session),
            CatalogRepository(session),
            EdgeStore(session),
            self.outbox,
            SystemClock(),
            SYSTEM,
        )
