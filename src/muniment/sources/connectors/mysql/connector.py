"""MySQL and MariaDB behind the connector socket; Arrow is loaded when rows are first read."""

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
from muniment.kernel.values import JsonObject
from muniment.sources.connectors import settings as settings_of
from muniment.sources.connectors.mysql import catalogue, checks, markers, session, statements, water
from muniment.sources.connectors.mysql.session import Sessions
from muniment.sources.connectors.scope import ScopeFilter
from muniment.sources.connectors.types import MYSQL

if TYPE_CHECKING:  # Arrow is heavy, and an API node tests and discovers without it
    import pyarrow as pa

    from muniment.contracts.reading import ReadPlan
    from muniment.sources.connectors.mysql.reading import Reader


class MysqlConnector:
    """One database of a MySQL or MariaDB server, or all that the account sees; read-only."""

    type: ClassVar[ConnectorType] = MYSQL

    def __init__(self, connection: SourceConnection, bounds: Bounds) -> None:
        self._settings = settings_of.of_connection(settings_of.MysqlSettings, connection)
        self._bounds = bounds
        self._sessions = Sessions(self._settings, bounds)
        self._counters: markers.Counters | None = None
        self._reader: Reader | None = None

    @property
    def skipped_rows(self) -> int:
        """A server decodes every row or fails: none is ever skipped."""
        return 0

    def test(self) -> Iterator[TestStep]:
        yield from checks.run(self._settings, self._sessions, self._bounds.connect_timeout_seconds)

    def probe(self) -> None:
        with self._sessions.lent() as connection:
            list(session.rows(connection, "select 1"))

    def catalogue_statements(self) -> Sequence[str]:
        return (self._sessions.prepare, *statements.catalogue(self._settings.database))

    def discover(self, scope: Scope) -> Iterator[AssetMeta]:
        with self._sessions.lent() as connection:
            yield from catalogue.assets(connection, ScopeFilter(scope), self._settings.database)

    def partitions(self, asset: AssetMeta, plan: "ReadPlan") -> Sequence[Partition]:
        return self._reading().partitions(asset, plan)

    def read(
        self, asset: AssetMeta, partition: Partition, plan: "ReadPlan"
    ) -> "Iterator[pa.RecordBatch]":
        yield from self._reading().read(asset, partition, plan)

    def statistics(self, assets: Sequence[AssetMeta]) -> Iterator[TableFigures]:
        from muniment.sources.connectors.mysql import figures  # heavy: Arrow, for its types

        with self._sessions.lent() as connection:
            yield from figures.known(connection, assets, self._settings.database)

    def summarise(self, asset: AssetMeta) -> TableFigures:
        from muniment.sources.connectors.mysql import figures  # heavy: Arrow, for its types

        with self._sessions.lent(asset=".".join(asset.path)) as connection:
            return figures.counted(connection, asset)

    def markers(self, assets: Sequence[AssetMeta]) -> Mapping[tuple[str, ...], str]:
        self._counters = markers.count(self._sessions, self._settings.database, assets)
        told = ((asset.path, self._counters.marker(asset)) for asset in assets)
        return {path: marker for path, marker in told if marker is not None}

    def settle(
        self, asset: AssetMeta, partitions: Sequence[Partition], known: Sequence[KnownPart]
    ) -> Sequence[MarkedPart]:
        if self._counters is None:
            return [MarkedPart(partition) for partition in partitions]
        return markers.settle(self._counters, asset, partitions, known)

    def uncut(self, spec: JsonObject) -> JsonObject:
        return water.uncut(spec)

    def highest(self, asset: AssetMeta, spec: JsonObject, column: str) -> str | None:
        return self._reading().highest(asset, column)

    def count(self, asset: AssetMeta, spec: JsonObject) -> int:
        return self._reading().count(asset, spec)

    def grant_script(self) -> str:
        with self._sessions.lent() as connection:
            return checks.grant_script(self._settings, connection)

    def cancel(self) -> None:
        self._sessions.cancel()

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()

    def _reading(self) -> "Reader":
        if self._reader is None:
            from muniment.sources.connectors.mysql.reading import Reader  # heavy: Arrow, NumPy

            self._reader = Reader(self._sessions, self._bounds)
        return self._reader
