"""SQLite behind the connector socket; what needs Arrow is loaded when rows are first read."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from muniment.contracts.connectors import (
    AssetMeta,
    Bounds,
    ConnectorType,
    Partition,
    Scope,
    SourceConnection,
    TestStep,
)
from muniment.contracts.figures import TableFigures
from muniment.contracts.markers import KnownPart, MarkedPart
from muniment.kernel.errors import SourceError, Unavailable
from muniment.kernel.values import JsonObject
from muniment.sources.connectors import settings as settings_of
from muniment.sources.connectors.scope import ScopeFilter
from muniment.sources.connectors.sqlite import catalogue, figures, markers, water
from muniment.sources.connectors.sqlite.session import OLDEST, Session
from muniment.sources.connectors.steps import Stopwatch
from muniment.sources.connectors.types import SQLITE

if TYPE_CHECKING:  # Arrow is heavy, and an API node tests and discovers without it
    import pyarrow as pa

    from muniment.contracts.reading import ReadPlan
    from muniment.sources.connectors.sqlite.reading import Reader


class SqliteConnector:
    """One SQLite file, read-only."""

    type: ClassVar[ConnectorType] = SQLITE

    def __init__(self, connection: SourceConnection, bounds: Bounds) -> None:
        if sqlite3.sqlite_version_info < OLDEST:
            raise Unavailable("SQLite 3.37 or later is needed. Install a newer Python.")
        given = settings_of.of_connection(settings_of.SqliteSettings, connection)
        self._bounds = bounds
        self._session = Session(settings_of.expand(given.path), bounds)
        self._reader: Reader | None = None

    @property
    def skipped_rows(self) -> int:
        """Every row of a database file can be decoded."""
        return 0

    def test(self) -> Iterator[TestStep]:
        watch = Stopwatch()
        try:
            self._session.look()
        except SourceError as error:
            remedy = str(error.context.get("grant", "Check the path and its permissions."))
            yield watch.failed("File", error.message, remedy)
            yield watch.skipped("Open", "Not tried, because an earlier step failed.")
            yield watch.skipped("Tables", "Not tried, because an earlier step failed.")
            return
        yield watch.passed("File", f"{self._session.path} is there and can be read.")
        try:
            connection = self._session.open()
        except SourceError as error:
            yield watch.failed("Open", error.message, "Check the file with SQLite's own shell.")
            yield watch.skipped("Tables", "Not tried, because an earlier step failed.")
            return
        yield watch.passed("Open", f"Opened read-only by SQLite {sqlite3.sqlite_version}.")
        try:
            with self._session.explained():
                count = len(connection.execute(catalogue.TABLES).fetchall())
            yield watch.passed("Tables", f"{count} tables and views are there.")
        except SourceError as error:
            yield watch.failed("Tables", error.message, "Check the file with SQLite's own shell.")
        finally:
            self._session.close(connection)

    def probe(self) -> None:
        self._session.close(self._session.open())

    def catalogue_statements(self) -> Sequence[str]:
        return catalogue.STATEMENTS

    def discover(self, scope: Scope) -> Iterator[AssetMeta]:
        connection = self._session.open()
        try:
            self._session.start()
            with self._session.explained():
                yield from catalogue.assets(connection, ScopeFilter(scope))
        finally:
            self._session.close(connection)

    def partitions(self, asset: AssetMeta, plan: "ReadPlan") -> Sequence[Partition]:
        return self._reading().partitions(asset, plan)

    def read(
        self, asset: AssetMeta, partition: Partition, plan: "ReadPlan"
    ) -> "Iterator[pa.RecordBatch]":
        yield from self._reading().read(asset, partition, plan)

    def summarise(self, asset: AssetMeta) -> TableFigures:
        connection = self._session.open()
        try:
            self._session.start()
            with self._session.explained(asset=".".join(asset.path)):
                return figures.counted(connection, asset)
        finally:
            self._session.close(connection)

    def markers(self, assets: Sequence[AssetMeta]) -> Mapping[tuple[str, ...], str]:
        return markers.markers(self._session.path, assets)

    def settle(
        self, asset: AssetMeta, partitions: Sequence[Partition], known: Sequence[KnownPart]
    ) -> Sequence[MarkedPart]:
        return markers.settle(partitions)

    def uncut(self, spec: JsonObject) -> JsonObject:
        return water.uncut(spec)

    def highest(self, asset: AssetMeta, spec: JsonObject, column: str) -> str | None:
        return self._reading().highest(asset, column)

    def count(self, asset: AssetMeta, spec: JsonObject) -> int:
        return self._reading().count(asset, spec)

    def grant_script(self) -> str:
        return f"chmod g+r {self._session.path}  # for the account that scans"

    def cancel(self) -> None:
        self._session.cancel()

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()

    def _reading(self) -> "Reader":
        if self._reader is None:
            from muniment.sources.connectors.sqlite.reading import Reader  # heavy: Arrow

            self._reader = Reader(self._session, self._bounds)
        return self._reader
