"""PostgreSQL behind the connector socket; what needs Arrow is loaded when rows are first read."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, ClassVar

import psycopg

from muniment.contracts.connectors import (
    AssetMeta,
    Bounds,
    ConnectorType,
    Partition,
    Scope,
    SourceConnection,
    TestStep,
)
from muniment.contracts.figures import Answers, Question, TableFigures
from muniment.contracts.markers import KnownPart, MarkedPart
from muniment.kernel.values import JsonObject
from muniment.sources.connectors import settings as settings_of
from muniment.sources.connectors.postgresql import (
    catalogue,
    checks,
    figures,
    markers,
    parts,
    questions,
    statements,
    water,
)
from muniment.sources.connectors.postgresql.session import Sessions
from muniment.sources.connectors.scope import ScopeFilter
from muniment.sources.connectors.types import POSTGRESQL

if TYPE_CHECKING:  # Arrow is heavy, and an API node tests and discovers without it
    import pyarrow as pa

    from muniment.contracts.reading import ReadPlan
    from muniment.sources.connectors.postgresql.reading import Reader


class PostgresConnector:
    """One database of a PostgreSQL server, read-only."""

    type: ClassVar[ConnectorType] = POSTGRESQL

    def __init__(self, connection: SourceConnection, bounds: Bounds) -> None:
        self._settings = settings_of.of_connection(settings_of.PostgresSettings, connection)
        self._bounds = bounds
        self._sessions = Sessions(self._settings, bounds)
        self._pages: catalogue.Pages = {}
        self._planning: psycopg.Connection | None = None
        self._counters: markers.Counters | None = None
        self._reader: Reader | None = None

    @property
    def skipped_rows(self) -> int:
        """A server decodes every row or fails: none is ever skipped."""
        return 0

    def test(self) -> Iterator[TestStep]:
        yield from checks.run(self._settings, self._sessions, self._bounds.connect_timeout_seconds)

    def probe(self) -> None:
        with closing(self._sessions.open()) as connection, self._sessions.explained():
            connection.execute("select 1")

    def catalogue_statements(self) -> Sequence[str]:
        return (self._sessions.prepare, *catalogue.STATEMENTS)

    def discover(self, scope: Scope) -> Iterator[AssetMeta]:
        within = ScopeFilter(scope)
        with closing(self._sessions.open()) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            with self._sessions.explained(), connection.transaction():
                yield from catalogue.assets(connection, within, self._settings.user, self._pages)

    def partitions(self, asset: AssetMeta, plan: "ReadPlan") -> Sequence[Partition]:
        pages = self._pages.get(asset.path)
        if pages and asset.row_estimate:
            return self._reading().cut(asset, pages, asset.row_estimate, plan)
        return self._reading().partitions(self._plan_connection(), asset, plan)

    def read(
        self, asset: AssetMeta, partition: Partition, plan: "ReadPlan"
    ) -> "Iterator[pa.RecordBatch]":
        yield from self._reading().read(asset, partition, plan)

    def statistics(self, assets: Sequence[AssetMeta]) -> Iterator[TableFigures]:
        with closing(self._sessions.open()) as connection, self._sessions.explained():
            yield from figures.known(connection, assets)

    def summarise(self, asset: AssetMeta) -> TableFigures:
        with self._sessions.explained(asset=".".join(asset.path)):
            return figures.counted(self._plan_connection(), asset)

    def answer(self, asset: AssetMeta, asked: Sequence[Question]) -> Answers | None:
        if not catalogue.holds_rows(asset):
            return None
        with self._sessions.explained(asset=".".join(asset.path)):
            return questions.answered(self._plan_connection(), asset, asked)

    def markers(self, assets: Sequence[AssetMeta]) -> Mapping[tuple[str, ...], str]:
        with self._sessions.explained():
            self._counters = markers.count(self._plan_connection())
        told = ((asset.path, self._counters.marker(asset.path)) for asset in assets)
        return {path: marker for path, marker in told if marker is not None}

    def settle(
        self, asset: AssetMeta, partitions: Sequence[Partition], known: Sequence[KnownPart]
    ) -> Sequence[MarkedPart]:
        if self._counters is None or not partitions:
            return [MarkedPart(partition) for partition in partitions]
        with self._sessions.explained(asset=".".join(asset.path)):
            return markers.settle(
                self._plan_connection(), self._counters, partitions, known, self._sessions.version
            )

    def uncut(self, spec: JsonObject) -> JsonObject:
        return parts.uncut(spec)

    def highest(self, asset: AssetMeta, spec: JsonObject, column: str) -> str | None:
        with self._sessions.explained(asset=".".join(asset.path)):
            return water.highest(self._plan_connection(), asset, spec, column)

    def count(self, asset: AssetMeta, spec: JsonObject) -> int:
        with self._sessions.explained(asset=".".join(asset.path)):
            return water.count(self._plan_connection(), spec)

    def grant_script(self) -> str:
        with closing(self._sessions.open()) as connection, self._sessions.explained():
            rows = connection.execute(statements.SCHEMAS).fetchall()
        return checks.grant_script(self._settings, [row[0] for row in rows])

    def cancel(self) -> None:
        self._sessions.cancel()

    def close(self) -> None:
        if self._planning is not None:
            self._planning.close()
        if self._reader is not None:
            self._reader.close()

    def _plan_connection(self) -> psycopg.Connection:
        if self._planning is None or self._planning.closed:
            self._planning = self._sessions.open()
        return self._planning

    def _reading(self) -> "Reader":
        if self._reader is None:
            from muniment.sources.connectors.postgresql.reading import Reader  # heavy: Arrow, ADBC

            self._reader = Reader(self._sessions, self._bounds)
        return self._reader
