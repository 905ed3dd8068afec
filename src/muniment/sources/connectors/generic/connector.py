"""Any SQLAlchemy dialect behind the connector socket; Arrow is loaded when rows are first read."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

import sqlalchemy as sa

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
from muniment.kernel.errors import SourceError
from muniment.sources.connectors import settings as settings_of
from muniment.sources.connectors.generic import catalogue, figures
from muniment.sources.connectors.generic.session import Sessions
from muniment.sources.connectors.scope import ScopeFilter
from muniment.sources.connectors.steps import Stopwatch
from muniment.sources.connectors.types import SQLALCHEMY

if TYPE_CHECKING:  # Arrow is heavy, and an API node tests and discovers without it
    import pyarrow as pa

    from muniment.contracts.reading import ReadPlan
    from muniment.sources.connectors.generic.reading import Reader

NOT_TRIED = "Not tried, because an earlier step failed."


class SqlalchemyConnector:
    """One database that SQLAlchemy can speak to, read-only."""

    type: ClassVar[ConnectorType] = SQLALCHEMY

    def __init__(self, connection: SourceConnection, bounds: Bounds) -> None:
        given = settings_of.of_connection(settings_of.SqlalchemySettings, connection)
        named = (given.schemas or "").split(",")
        self._schemas = tuple(name.strip() for name in named if name.strip())
        self._bounds = bounds
        self._sessions = Sessions(given, bounds)
        self._reader: Reader | None = None

    @property
    def skipped_rows(self) -> int:
        """A driver decodes every row or fails: none is ever skipped."""
        return 0

    @property
    def remarks(self) -> Sequence[str]:
        return () if self._reader is None else self._reader.remarks

    def test(self) -> Iterator[TestStep]:
        watch = Stopwatch()
        try:
            dialect = self._sessions.engine.dialect
        except SourceError as error:
            remedy = str(error.context.get("remedy") or "Change the URL or the arguments.")
            yield watch.failed("Driver", error.message, remedy)
            yield watch.skipped("Sign in", NOT_TRIED)
            yield watch.skipped("Tables", NOT_TRIED)
            return
        yield watch.passed("Driver", f"{dialect.name} is spoken by {dialect.driver}.")
        try:
            connection = self._sessions.open()
        except SourceError as error:
            yield watch.failed("Sign in", error.message, "Check URL, user and password.")
            yield watch.skipped("Tables", NOT_TRIED)
            return
        try:
            yield watch.passed("Sign in", f"Signed in to {_version(connection)}.")
            with self._sessions.running(connection):
                names = catalogue.schemas(connection, self._schemas)
                tables = sum(len(sa.inspect(connection).get_table_names(name)) for name in names)
            yield self._tables(watch, names, tables)
        except SourceError as error:
            yield watch.failed("Tables", error.message, "Let the account see the catalogue.")
        finally:
            self._sessions.close(connection)

    def _tables(self, watch: Stopwatch, names: Sequence[str], tables: int) -> TestStep:
        missing = set(self._schemas) - set(names)
        if missing or not tables:
            return watch.warned(
                "Tables",
                f"The account sees {tables} tables in {len(names)} schemas.",
                f"Check these schemas: {', '.join(sorted(missing))}."
                if missing
                else "Grant the account select on what is to be scanned.",
            )
        return watch.passed("Tables", f"{tables} tables in {len(names)} schemas are seen.")

    def probe(self) -> None:
        self._sessions.close(self._sessions.open())

    def catalogue_statements(self) -> Sequence[str]:
        return catalogue.CALLS

    def discover(self, scope: Scope) -> Iterator[AssetMeta]:
        with self._sessions.lent() as connection:
            yield from catalogue.assets(connection, ScopeFilter(scope), self._schemas)

    def partitions(self, asset: AssetMeta, plan: "ReadPlan") -> Sequence[Partition]:
        return self._reading().partitions(asset, plan)

    def read(
        self, asset: AssetMeta, partition: Partition, plan: "ReadPlan"
    ) -> "Iterator[pa.RecordBatch]":
        yield from self._reading().read(asset, partition, plan)

    def summarise(self, asset: AssetMeta) -> TableFigures:
        with self._sessions.lent(asset=".".join(asset.path)) as connection:
            return figures.counted(connection, asset)

    def grant_script(self) -> str:
        """Dialects differ too much for more than the usual words."""
        user = self._sessions.url.username or "the account"
        return f"-- for each table that is to be scanned\ngrant select on <table> to {user};"

    def cancel(self) -> None:
        self._sessions.cancel()

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()

    def _reading(self) -> "Reader":
        if self._reader is None:
            from muniment.sources.connectors.generic.reading import Reader  # heavy: Arrow

            self._reader = Reader(self._sessions, self._bounds)
        return self._reader


def _version(connection: sa.Connection) -> str:
    numbers = connection.dialect.server_version_info or ()
    return f"{connection.dialect.name} {'.'.join(map(str, numbers))}".strip()
