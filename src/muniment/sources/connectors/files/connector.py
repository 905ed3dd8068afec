"""Files behind the connector socket; what needs Arrow is loaded when it is first needed."""

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
from muniment.kernel.errors import Cancelled, SourceError, SourceObjectGone
from muniment.sources.connectors import settings as settings_of
from muniment.sources.connectors.files import layout, markers
from muniment.sources.connectors.files.discovery import Discovery
from muniment.sources.connectors.files.layout import Dataset, File
from muniment.sources.connectors.files.local import LocalStore
from muniment.sources.connectors.files.stores import Store
from muniment.sources.connectors.scope import ScopeFilter
from muniment.sources.connectors.settings import TextSettings
from muniment.sources.connectors.steps import Stopwatch
from muniment.sources.connectors.types import FILES

if TYPE_CHECKING:  # Arrow is heavy, and an API node tests and discovers text without it
    import pyarrow as pa

    from muniment.contracts.reading import ReadPlan
    from muniment.sources.connectors.files.reading import Reader


class Halt:
    """Whether somebody wants the connector to stop."""

    def __init__(self) -> None:
        self._cancelled = False

    def cancel(self) -> None:
        self._cancelled = True

    def check(self) -> None:
        if self._cancelled:
            raise Cancelled("The reading of the source was cancelled.")


class StoreConnector:
    """Data files of a store, wherever that is."""

    def __init__(self, store: Store, given: TextSettings, bounds: Bounds, halt: Halt) -> None:
        self._store = store
        self._bounds = bounds
        self._halt = halt
        self._stop = halt.check
        self._discovery = Discovery(store, given, halt.check)
        self._datasets: dict[tuple[str, ...], Dataset] | None = None
        self._reader: Reader | None = None

    @property
    def skipped_rows(self) -> int:
        return 0 if self._reader is None else self._reader.tally.skipped

    @property
    def remarks(self) -> Sequence[str]:
        """What the last ``read`` could not decode: which part of which file, how many rows."""
        return () if self._reader is None else tuple(self._reader.tally.remarks)

    def probe(self) -> None:
        self._store.look()

    def catalogue_statements(self) -> Sequence[str]:
        return ()

    def discover(self, scope: Scope) -> Iterator[AssetMeta]:
        self._store.look()
        within = ScopeFilter(scope)
        for path, dataset in self._known().items():
            self._stop()
            if within.matches(path):
                yield self._discovery.asset(dataset)

    def partitions(self, asset: AssetMeta, plan: "ReadPlan") -> Sequence[Partition]:
        return self._reading().partitions(self._dataset(asset.path), asset, plan)

    def read(
        self, asset: AssetMeta, partition: Partition, plan: "ReadPlan"
    ) -> "Iterator[pa.RecordBatch]":
        yield from self._reading().read(asset, partition, plan)

    def statistics(self, assets: Sequence[AssetMeta]) -> Iterator[TableFigures]:
        from muniment.sources.connectors.files import figures  # heavy: Arrow

        for asset in assets:
            self._stop()
            yield figures.known(self._store, self._dataset(asset.path), asset)

    def markers(self, assets: Sequence[AssetMeta]) -> Mapping[tuple[str, ...], str]:
        known = self._known()
        told = (
            (a.path, markers.marker(self._store, known[a.path])) for a in assets if a.path in known
        )
        return {path: marker for path, marker in told if marker is not None}

    def settle(
        self, asset: AssetMeta, partitions: Sequence[Partition], known: Sequence[KnownPart]
    ) -> Sequence[MarkedPart]:
        return markers.settle(self._store, partitions, known)

    def cancel(self) -> None:
        self._halt.cancel()

    def close(self) -> None:
        self._datasets = None

    def _known(self) -> dict[tuple[str, ...], Dataset]:
        if self._datasets is None:
            self._datasets = {
                found.path: found
                for each in layout.datasets(self._store)
                for found in self._discovery.assets_of(each)
            }
        return self._datasets

    def _dataset(self, path: tuple[str, ...]) -> Dataset:
        """The files of an asset; a plain file is found without walking the folder."""
        self._store.look()
        for inside, sheet in ((path, None), (path[:-1], path[-1])):
            kind = layout.format_of(inside[-1]) if inside else None
            if (
                self._datasets is not None
                or kind is None
                or (kind == "xlsx") != (sheet is not None)
            ):
                continue
            single = "/".join(inside)
            if (size := self._store.size_of(single)) is not None:
                return Dataset(path, kind, (File(single, size),), sheet=sheet)
        found = self._known().get(path)
        if found is None:
            raise SourceObjectGone("The file is not there any more. Scan the source again.")
        return found

    def _reading(self) -> "Reader":
        if self._reader is None:
            from muniment.sources.connectors.files.reading import Reader  # heavy: Arrow, Polars

            self._reader = Reader(self._store, self._discovery, self._bounds, self._stop)
        return self._reader


class FilesConnector(StoreConnector):
    """A folder of data files, or one of them."""

    type: ClassVar[ConnectorType] = FILES

    def __init__(self, connection: SourceConnection, bounds: Bounds) -> None:
        given = settings_of.of_connection(settings_of.FilesSettings, connection)
        self._root = settings_of.expand(given.path)
        super().__init__(LocalStore(self._root), given, bounds, Halt())

    def test(self) -> Iterator[TestStep]:
        watch = Stopwatch()
        try:
            self._store.look()
        except SourceError as error:
            remedy = str(error.context.get("grant", "Check the path on the machine that scans."))
            yield watch.failed("Folder", error.message, remedy)
            yield watch.skipped("Data sets", "Not tried, because an earlier step failed.")
            return
        yield watch.passed("Folder", f"{self._root} is there and can be read.")
        try:
            found = layout.datasets(self._store)
        except SourceError as error:
            yield watch.failed("Data sets", error.message, "Register a part of the folder.")
            return
        files = sum(len(dataset.files) for dataset in found)
        if found:
            yield watch.passed("Data sets", f"{len(found)} data sets in {files} files.")
        else:
            yield watch.warned(
                "Data sets",
                "There is no file of a known format.",
                layout.KNOWN,
            )

    def grant_script(self) -> str:
        return f"chmod -R g+rX {self._root}  # for the account that scans"
