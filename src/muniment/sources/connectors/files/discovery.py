"""Data sets as assets: their columns, learnt from heads and footers."""

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import reduce

from muniment.contracts.connectors import AssetMeta, ColumnMeta
from muniment.kernel.errors import SourceDataUnreadable, SourceError
from muniment.kernel.values import AssetKind
from muniment.sources.connectors.files import delimited, documents, inference, lake, limits, text
from muniment.sources.connectors.files.evolution import Evolution, widened
from muniment.sources.connectors.files.failures import explained, named
from muniment.sources.connectors.files.layout import COLUMNAR, LAKES, Dataset, File
from muniment.sources.connectors.files.stores import DataFile, Store
from muniment.sources.connectors.settings import TextSettings


@dataclass(frozen=True, slots=True)
class Looked:
    """What one file shows: its columns (name, type, nullable), its rows, facts about it."""

    columns: Sequence[tuple[str, str, bool]]
    rows: int
    facts: dict[str, str]
    damage: str | None = None


class Discovery:
    """Looks at files of one root."""

    def __init__(self, store: Store, settings: TextSettings, stop: Callable[[], None]) -> None:
        self._store = store
        self._settings = settings
        self._stop = stop

    def assets_of(self, dataset: Dataset) -> Iterator[Dataset]:
        """The data set itself; of a workbook one for each sheet, barred when it does not open."""
        if dataset.format in LAKES:
            yield self._table(dataset)
            return
        if dataset.format != "xlsx" or dataset.barred is not None:
            yield dataset
            return
        from muniment.sources.connectors.files import sheets  # heavy: the library for workbooks

        try:
            with explained():
                names = sheets.names(self._store.file(dataset.files[0].path))
        except SourceError as error:
            yield replace(dataset, barred=error)
            return
        for name in names:
            yield replace(dataset, path=(*dataset.path, name), sheet=name)

    def _table(self, dataset: Dataset) -> Dataset:
        """The live files of a table in a lake; barred when its log cannot be followed."""
        from muniment.sources.connectors.files import logs  # heavy: Arrow

        try:
            with explained():
                table, files = logs.read(self._store, dataset)
        except SourceError as error:
            return replace(dataset, barred=error)
        return replace(dataset, format=logs.FILES, files=files, table=table)

    def asset(self, dataset: Dataset) -> AssetMeta:
        """The data set as an asset; one that cannot be decoded says so in its properties."""
        if dataset.table is not None:
            return lake.asset(dataset.path, dataset.table, len(dataset.files), dataset.size)
        facts = {"format": dataset.format}
        if len(dataset.files) > 1 or dataset.partition_columns:
            facts["files"] = str(len(dataset.files))
        if dataset.partition_columns:
            facts["partition_columns"] = ",".join(dataset.partition_columns)
        try:
            looked, problem = self._looks(dataset)
        except SourceError as error:
            facts |= {"readable": "false", "problem": error.message}
            told = ("grant", "remedy")
            facts |= {name: str(error.context[name]) for name in told if name in error.context}
            return AssetMeta(dataset.path, AssetKind.DATASET, properties=facts)
        facts |= looked[0][1].facts
        if problem is not None:
            facts["problem"] = problem
        evolution = Evolution()
        for _, look in looked:
            evolution.add(look.columns)
        facts |= evolution.facts()
        return AssetMeta(
            path=dataset.path,
            kind=AssetKind.DATASET,
            columns=(*_united(evolution), *_folders(dataset, evolution.kinds)),
            row_estimate=_rows(dataset, looked),
            size_bytes=dataset.size,
            properties=facts,
        )

    def _looks(self, dataset: Dataset) -> tuple[Sequence[tuple[File, Looked]], str | None]:
        """What files show, and what is wrong with some of them; raises when all are wrong."""
        if dataset.barred is not None:
            raise dataset.barred
        looked: list[tuple[File, Looked]] = []
        wrong: list[SourceError] = []
        most = limits.FOOTERS if dataset.format in COLUMNAR else limits.HEADS
        for file in spread(dataset.files, most):
            self._stop()
            try:
                with named(file.path, len(dataset.files)), explained():
                    looked.append((file, self._look(self._store.file(file.path), dataset)))
            except SourceDataUnreadable as error:
                if dataset.format not in COLUMNAR:
                    raise
                wrong.append(error)
        if not looked:
            raise wrong[0]
        if wrong:
            return looked, f"{len(wrong)} files are left out: {wrong[0].message}"
        return looked, next((look.damage for _, look in looked if look.damage), None)

    def _look(self, file: DataFile, dataset: Dataset) -> Looked:
        if dataset.format in COLUMNAR:
            return self._columnar(file, dataset.format)
        if dataset.format == "csv":
            return self._delimited(file)
        if dataset.format == "xlsx":
            return self._sheet(file, dataset.sheet or "")
        if dataset.format == "prose":
            from muniment.sources.connectors.files import prose  # heavy: readers of documents

            return Looked(prose.COLUMNS, prose.head(file, self._stop), {})
        return self._documents(file, dataset.format)

    def _columnar(self, file: DataFile, kind: str) -> Looked:
        from muniment.sources.connectors.files import columnar  # heavy: Arrow

        footer = columnar.footer(file, kind)
        columns = [(name, str(kind), nullable) for name, kind, nullable in footer.fields]
        return Looked(columns, footer.rows, {}, footer.damage)

    def _sheet(self, file: DataFile, sheet: str) -> Looked:
        from muniment.sources.connectors.files import sheets  # heavy: the library for workbooks

        names, rows, count = sheets.head(file, sheet)
        kinds: list[set[str]] = [set() for _ in names]
        for row in rows:
            for found, value in zip(kinds, row, strict=False):
                found |= _kind(value)
        columns = [
            (name, _narrowest(found), True) for name, found in zip(names, kinds, strict=True)
        ]
        return Looked(columns, count, {"sheet": sheet})

    def _delimited(self, file: DataFile) -> Looked:
        found = self.dialect(file)
        facts = {"encoding": found.encoding, "delimiter": found.delimiter}
        if not found.header:
            facts["header"] = "false"
        pairs = zip(found.columns, found.kinds, strict=True)
        return Looked([(name, kind, True) for name, kind in pairs], found.rows, facts)

    def dialect(self, file: DataFile) -> delimited.Dialect:
        given = self._settings
        return delimited.dialect_of(file, self._stop, given.encoding, given.delimiter)

    def _documents(self, file: DataFile, kind: str) -> Looked:
        sample, total = text.head(file, self._stop)
        encoding = "utf-8" if sample.isascii() else text.encoding_of(sample)
        document = kind == "json" and documents.is_document(sample)
        rows, seen = self._rows(file, sample, document=document)
        if not rows:
            raise documents.no_objects(encoding)
        kinds: dict[str, set[str]] = {}
        for row in rows:
            for name, value in row.items():
                kinds.setdefault(name, set()).update(_kind(value))
        columns = [(name, _narrowest(found), True) for name, found in kinds.items()]
        return Looked(columns, max(1, round(len(rows) * total / max(1, seen))), {})

    def _rows(
        self, file: DataFile, sample: bytes, *, document: bool
    ) -> tuple[list[documents.Row], int]:
        """Flat rows of the head, and how many bytes they took."""
        if document:
            found = [documents.flatten(item, 200) for item in documents.whole(file, self._stop)]
            return found, max(len(sample), file.size)
        rows: list[documents.Row] = []
        seen = 0
        for line in documents.lines(file, self._stop):
            item = None if line is None else documents.parse(line)
            if item is not None:
                rows.append(documents.flatten(item, 200))
            seen += len(line or b"")
            if seen >= limits.HEAD_BYTES:
                break
        return rows, seen


def spread(files: Sequence[File], most: int) -> Sequence[File]:
    """At most so many of the files, evenly over the whole."""
    if len(files) <= most:
        return files
    return [files[n * len(files) // most] for n in range(most)]


def _united(evolution: Evolution) -> Iterator[ColumnMeta]:
    missing = set(evolution.missing())
    for name, kind in evolution.kinds.items():
        yield ColumnMeta(name, kind, nullable=evolution.nullable[name] or name in missing)


def _folders(dataset: Dataset, inside: Container[str]) -> Iterator[ColumnMeta]:
    for name in dataset.partition_columns:
        if name not in inside:
            yield ColumnMeta(name, "text", comment="Taken from the folder's name.")


def _rows(dataset: Dataset, looked: Sequence[tuple[File, Looked]]) -> int:
    rows = sum(look.rows for _, look in looked)
    weighed = sum(file.size for file, _ in looked)
    return (
        rows if len(looked) == len(dataset.files) else round(rows * dataset.size / max(1, weighed))
    )


def _kind(value: "documents.Scalar | date | datetime") -> set[str]:
    if value is None or value == "":
        return set()
    if isinstance(value, bool):
        return {"boolean"}
    if isinstance(value, int):
        return {"integer"}
    if isinstance(value, date):
        return {"timestamp" if isinstance(value, datetime) else "date"}
    return {"number"} if isinstance(value, float) else {_moment(value)}


def _moment(value: str) -> str:
    """Of texts in JSON only dates are more than text: a number would not be in quotes."""
    found = inference.guess([value])
    return found if found.startswith(("date", "timestamp")) else "text"


def _narrowest(kinds: set[str]) -> str:
    return reduce(widened, sorted(kinds)) if kinds else "text"
