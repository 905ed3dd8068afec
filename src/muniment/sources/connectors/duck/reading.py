"""Rows of a DuckDB table as Arrow batches: cast to plain types by DuckDB, cut by row ids."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import duckdb
import pyarrow as pa

from muniment.contracts.connectors import AssetMeta, Bounds, Partition
from muniment.contracts.reading import ReadPlan
from muniment.kernel.errors import SourceObjectGone
from muniment.kernel.values import AssetKind, JsonObject
from muniment.sources.connectors import arrow, ends
from muniment.sources.connectors.duck import catalogue, errors, fields, markers, water
from muniment.sources.connectors.duck.fields import Field, Flattening
from muniment.sources.connectors.duck.session import Session, literal, quoted

BLOCK_ROWS = 16_384
VECTOR_ROWS = 2_048
"""As many values of a column are decoded at once, however few of them are asked for."""
LIGHT_BYTES = 8 << 20
MOST_BYTES = 256 << 20
"""Of a column whose longest values make a vector of more, none is read."""
ROW_ID = "rowid"
SEED = 42
CHANGED = "The database was written to since its reading was planned. Scan it again."
WEIGHTS = f"""
    with segment as (
        select column_name, stats.max_string_length::bigint as longest,
               stats.total_string_length::bigint as total, least(count, {VECTOR_ROWS}) as rows
        from pragma_storage_info({{table}})
    )
    select column_name, max(coalesce(least(total, longest * rows), longest * rows // 8))
    from segment where longest is not null group by column_name
"""  # noqa: S608  (the table is put in as a literal)
"""Files of before DuckDB 2.0 tell only of the longest text; one such says little of the rest."""
TYPES: Mapping[str, pa.DataType] = {
    "bool": pa.bool_(),
    "int16": pa.int16(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "float32": pa.float32(),
    "float64": pa.float64(),
    "text": pa.string(),
    fields.LEFT_OUT: pa.string(),
    "date": pa.date32(),
    "moment": pa.timestamp("us"),
    "instant": pa.timestamp("us", tz="UTC"),
}


class Reader:
    """Plans and reads tables over one connection."""

    def __init__(self, session: Session, bounds: Bounds) -> None:
        self._session = session
        self._bounds = bounds
        self._connection: duckdb.DuckDBPyConnection | None = None
        self.remarks: tuple[str, ...] = ()

    def partitions(self, asset: AssetMeta, plan: ReadPlan) -> Sequence[Partition]:
        """Row id ranges; one look at doubtful columns fixes what each is read as."""
        if asset.kind is not AssetKind.TABLE or not asset.columns:
            return ()
        found = self._fields(asset)
        forms, rows, low, high = self._look(asset, found)
        weights = self._weights(asset)
        heavy = {column for column, weight in weights.items() if weight > MOST_BYTES}
        spec: JsonObject = {
            "forms": [
                fields.LEFT_OUT if field.column in heavy else form
                for field, form in zip(found, forms, strict=True)
            ],
            "block": VECTOR_ROWS if max(weights.values(), default=0) > LIGHT_BYTES else BLOCK_ROWS,
            "state": markers.state(self._session.path),
        }
        if plan.sample_rows is not None and rows > plan.sample_rows:
            share = plan.sample_rows / rows
            return (Partition(0, {**spec, "share": share}, plan.sample_rows, fraction=share),)
        parts = max(1, -(-rows // plan.rows_per_partition))
        if parts == 1 or low is None or high is None or _hides_row_id(asset):
            return (Partition(0, spec, rows),)
        width = max(1, -(-(high - low + 1) // parts))
        bounds = [low + width * n for n in range(1, parts) if low + width * n <= high]
        edges: list[int | None] = [None, *bounds, None]
        return [
            Partition(index, {**spec, "from": start, "to": end}, rows // (len(edges) - 1))
            for index, (start, end) in enumerate(pairwise(edges))
        ]

    def read(
        self, asset: AssetMeta, partition: Partition, plan: ReadPlan
    ) -> Iterator[pa.RecordBatch]:
        """Stream the rows of one partition; DuckDB waits while nobody takes them."""
        declared = self._fields(asset)
        settled = zip(declared, _forms(partition.spec, len(declared)), strict=True)
        wanted = {column.name for column in plan.narrowed(asset).columns}
        found, forms = zip(*(pair for pair in settled if pair[0].name in wanted), strict=True)
        self.remarks = _remarks(found, forms)
        state = partition.spec.get("state")
        if state is not None and state != markers.state(self._session.path):
            raise SourceObjectGone(CHANGED, asset=".".join(asset.path))
        schema = pa.schema(
            (field.name, TYPES[form]) for field, form in zip(found, forms, strict=True)
        )
        statement = self._select(asset, found, forms, partition.spec)
        rows = VECTOR_ROWS if partition.spec.get("block") == VECTOR_ROWS else BLOCK_ROWS
        blocks = self._blocks(asset, statement, schema, min(rows, plan.rows_per_batch))
        told = False
        for batch in arrow.gathered(blocks, plan.rows_per_batch):
            for portion in arrow.portions(batch, plan.rows_per_batch):
                told = True
                yield portion
        if not told:
            yield arrow.empty(schema)

    def highest(self, asset: AssetMeta, column: str) -> str | None:
        """Of all rows."""
        table = quoted(*asset.path)
        highest = self._ask(asset, water.highest(table, self._fields(asset), column))[0]
        return None if highest is None else ends.checked(str(highest))

    def count(self, asset: AssetMeta, spec: JsonObject) -> int:
        statement = f"select count(*) from {quoted(*asset.path)}{_where(spec)}"  # noqa: S608
        return int(self._ask(asset, statement)[0])

    def _ask(self, asset: AssetMeta, statement: str) -> tuple[Any, ...]:
        connection = self._open()
        with self._session.running(connection, asset=".".join(asset.path)):
            return connection.execute(statement).fetchone() or (None,)

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self._session.close(connection)

    def _fields(self, asset: AssetMeta) -> list[Field]:
        """What the asset's columns are now; SourceObjectGone when they are others."""
        connection = self._open()
        with self._session.running(connection, asset=".".join(asset.path)):
            declared = catalogue.declared(connection, asset.path)
            found = Flattening(connection).fields(declared)
        if not found:
            raise SourceObjectGone(catalogue.GONE, asset=".".join(asset.path))
        if [field.name for field in found] != [column.name for column in asset.columns]:
            raise SourceObjectGone(CHANGED, asset=".".join(asset.path))
        return found

    def _look(
        self, asset: AssetMeta, found: Sequence[Field]
    ) -> tuple[list[str], int, int | None, int | None]:
        row_id = "null" if _hides_row_id(asset) else ROW_ID
        doubts = [field.fits for field in found]
        items = ["count(*)", f"min({row_id})", f"max({row_id})", *filter(None, doubts)]
        # The names are quoted, and DuckDB has no parameters for names.
        statement = f"select {', '.join(items)} from {quoted(*asset.path)}"  # noqa: S608
        rows, low, high, *answers = self._ask(asset, statement)
        fitting = iter(answers)
        forms = [
            field.form if doubt is None or next(fitting) else "text"
            for field, doubt in zip(found, doubts, strict=True)
        ]
        return forms, rows, low, high

    def _weights(self, asset: AssetMeta) -> dict[str, int]:
        """At most how many bytes of text each column has in one vector."""
        connection = self._open()
        statement = WEIGHTS.format(table=literal(quoted(*asset.path)))
        with self._session.running(connection, asset=".".join(asset.path)):
            return dict(connection.execute(statement).fetchall())

    def _select(
        self, asset: AssetMeta, found: Sequence[Field], forms: Sequence[str], spec: JsonObject
    ) -> str:
        longest = self._bounds.max_cell_bytes
        items = ", ".join(
            field.select(form, longest) for field, form in zip(found, forms, strict=True)
        )
        sample = ""
        if spec.get("share") is not None:
            percent = 100 * float(str(spec["share"]))
            sample = f" tablesample bernoulli({percent:.9f}%) repeatable({SEED})"
        return f"select {items} from {quoted(*asset.path)}{sample}{_where(spec)}"  # noqa: S608

    def _blocks(
        self, asset: AssetMeta, statement: str, schema: pa.Schema, rows: int
    ) -> Iterator[pa.RecordBatch]:
        connection = self._open()
        context = ".".join(asset.path)
        with self._session.running(connection, asset=context):
            reader = connection.sql(statement).to_arrow_reader(rows)
        while True:
            with self._session.running(connection, asset=context):
                batch = next(reader, None)
            if self._session.cancelled:
                raise errors.cancelled()
            if batch is None:
                return
            yield pa.RecordBatch.from_arrays(
                [arrow.settle(column, self._bounds.max_cell_bytes) for column in batch.columns],
                schema=schema,
            )

    def _open(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            self._connection = self._session.open()
        return self._connection


def _where(spec: JsonObject) -> str:
    limits = water.conditions(spec)
    if spec.get("from") is not None:
        limits.append(f"{ROW_ID} >= {int(str(spec['from']))}")
    if spec.get("to") is not None:
        limits.append(f"{ROW_ID} < {int(str(spec['to']))}")
    return f" where {' and '.join(limits)}" if limits else ""


def _hides_row_id(asset: AssetMeta) -> bool:
    return any(column.name.lower() == ROW_ID for column in asset.columns)


def _forms(spec: JsonObject, columns: int) -> list[str]:
    given = spec.get("forms")
    forms = [str(form) for form in given] if isinstance(given, Sequence) else []
    if len(forms) != columns or not set(forms) <= set(TYPES):
        raise SourceObjectGone(CHANGED)
    return forms


def _remarks(found: Sequence[Field], forms: Sequence[str]) -> tuple[str, ...]:
    told = zip(found, forms, strict=True)
    left_out = {field.column: None for field, form in told if form == fields.LEFT_OUT}
    return tuple(
        f"The column {column} is left out, as if empty: its values are so long that DuckDB could"
        " not decode them within the memory of a reading."
        for column in left_out
    )
