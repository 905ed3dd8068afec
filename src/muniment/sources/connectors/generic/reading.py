"""Rows of a table as Arrow batches, streamed by a server-side cursor, cut by an integer key."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from muniment.contracts.connectors import AssetMeta, Bounds, KeyKind, Partition
from muniment.contracts.reading import ReadPlan
from muniment.kernel.errors import SourceObjectGone
from muniment.kernel.values import AssetKind, JsonObject
from muniment.sources.connectors import arrow
from muniment.sources.connectors.generic import catalogue, dialects, errors
from muniment.sources.connectors.generic.forms import ARROW, Form, column, fits, form_of
from muniment.sources.connectors.generic.session import Sessions

LIGHT_ROWS = 2_000
HEAVY_ROWS = 256
"""Rows fetched at once; fewer where each may hold cells as long as is allowed."""
CHANGED = "The table changed since it was planned. Scan the source again."
READABLE = (AssetKind.TABLE, AssetKind.MATERIALIZED_VIEW)


class Reader:
    """Plans and reads tables over one connection."""

    def __init__(self, sessions: Sessions, bounds: Bounds) -> None:
        self._sessions = sessions
        self._bounds = bounds
        self._connection: sa.Connection | None = None
        self.remarks: tuple[str, ...] = ()

    def partitions(self, asset: AssetMeta, plan: ReadPlan) -> Sequence[Partition]:
        """Ranges of an integer primary key; one part where there is none."""
        if asset.kind not in READABLE or not asset.columns:
            return ()
        rows, ends = self._ends(asset, forms := self._forms(asset))
        settled = [
            (Form.WHOLE if fits(*ends[name]) else Form.TEXT) if form is Form.VAST else form
            for name, form in forms.items()
        ]
        key = _key(asset, dict(zip(forms, settled, strict=True)))
        low, high = (None, None) if key is None else ends[key]
        spec: JsonObject = {"forms": [form.value for form in settled]}
        if plan.sample_rows is not None and rows > plan.sample_rows:
            step = max(2, rows // plan.sample_rows)
            narrowed: JsonObject = (
                {"limit": plan.sample_rows} if key is None else {"key": key, "every": step}
            )
            share = plan.sample_rows / rows if key is None else 1 / step
            return (Partition(0, {**spec, **narrowed}, int(rows * share), fraction=share),)
        parts = max(1, -(-rows // plan.rows_per_partition))
        if key is None or parts == 1 or low is None or high is None or not fits(low, high):
            return (Partition(0, spec, rows),)
        low, high = int(low), int(high)
        width = max(1, -(-(high - low + 1) // parts))
        bounds = [low + width * n for n in range(1, parts) if low + width * n <= high]
        edges: list[int | None] = [None, *bounds, None]
        return [
            Partition(
                index,
                {**spec, "key": key, "from": start, "to": end},
                rows // (len(edges) - 1),
            )
            for index, (start, end) in enumerate(pairwise(edges))
        ]

    def read(
        self, asset: AssetMeta, partition: Partition, plan: ReadPlan
    ) -> Iterator[pa.RecordBatch]:
        """Stream the rows of one partition; what did not fit is told in the remarks."""
        settled = zip(asset.columns, _settled(partition.spec, len(asset.columns)), strict=True)
        wanted = plan.narrowed(asset).columns
        forms = {column.name: form for column, form in settled if column in wanted}
        schema = pa.schema((name, ARROW[form]) for name, form in forms.items())
        statement = self._select(asset, forms, partition.spec)
        lost: Counter[str] = Counter()
        self.remarks = ()
        told = False
        for batch in arrow.gathered(
            self._blocks(asset, statement, forms, schema, plan.rows_per_batch, lost),
            plan.rows_per_batch,
        ):
            told = True
            yield batch
        self.remarks = tuple(
            f"{count:,} values of the column {name} did not fit its type and are missing."
            for name, count in sorted(lost.items())
        )
        if not told:
            yield arrow.empty(schema)

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self._sessions.close(connection)

    def _forms(self, asset: AssetMeta) -> dict[str, Form]:
        """What each column is read as; SourceObjectGone when the columns are others by now."""
        connection = self._fresh()
        with self._sessions.running(connection, asset=".".join(asset.path)):
            told = catalogue.columns_of(connection, asset.path)
        if not told:
            raise SourceObjectGone(catalogue.GONE, asset=".".join(asset.path))
        if [each["name"] for each in told] != [each.name for each in asset.columns]:
            raise SourceObjectGone(CHANGED, asset=".".join(asset.path))
        longest = self._bounds.max_cell_bytes
        return {each["name"]: form_of(each["type"], longest) for each in told}

    def _ends(
        self, asset: AssetMeta, forms: Mapping[str, Form]
    ) -> tuple[int, dict[str, tuple[Any, Any]]]:
        """The number of rows; the ends of an integer key, and of what may pass 64 bits."""
        relation = catalogue.relation(asset.path, [each.name for each in asset.columns])
        wanted = {name for name, form in forms.items() if form is Form.VAST}
        wanted |= {name for name in [_key(asset, forms)] if name is not None}
        items: list[sa.ColumnElement[Any]] = [sa.func.count()]
        for name in sorted(wanted):
            items += [sa.func.min(relation.c[name]), sa.func.max(relation.c[name])]
        labelled = (item.label(f"c{place}") for place, item in enumerate(items))
        connection = self._fresh()
        with self._sessions.running(connection, asset=".".join(asset.path)):
            rows, *ends = connection.execute(sa.select(*labelled).select_from(relation)).one()
        pairs = zip(ends[::2], ends[1::2], strict=True)
        return int(rows), dict(zip(sorted(wanted), pairs, strict=True))

    def _select(
        self, asset: AssetMeta, forms: Mapping[str, Form], spec: JsonObject
    ) -> sa.Select[Any]:
        relation = catalogue.relation(asset.path, [each.name for each in asset.columns])
        dialect = self._sessions.engine.dialect.name
        longest = self._bounds.max_cell_bytes
        statement = sa.select(
            *(
                bounded(relation.c[name], form, dialect, longest).label(f"c{place}")
                for place, (name, form) in enumerate(forms.items())
            )
        ).select_from(relation)
        if spec.get("limit") is not None:
            statement = statement.limit(int(str(spec["limit"])))
        if spec.get("key") is None:
            return statement
        key: sa.ColumnElement[Any] = relation.c[str(spec["key"])]
        start, end, every = (spec.get(name) for name in ("from", "to", "every"))
        if every is not None:
            return statement.where(key % int(str(every)) == 0)
        if start is not None:
            statement = statement.where(key >= int(str(start)))
        if end is not None:
            below = key < int(str(end))
            statement = statement.where(below if start is not None else below | key.is_(None))
        return statement

    def _blocks(
        self,
        asset: AssetMeta,
        statement: sa.Select[Any],
        forms: Mapping[str, Form],
        schema: pa.Schema,
        rows_per_batch: int,
        lost: Counter[str],
    ) -> Iterator[pa.RecordBatch]:
        heavy = not {Form.LONG_TEXT, Form.BYTES}.isdisjoint(forms.values())
        size = min(HEAVY_ROWS if heavy else LIGHT_ROWS, rows_per_batch)
        options = {"stream_results": True, "max_row_buffer": size}
        connection, context = self._fresh(), ".".join(asset.path)
        with self._sessions.running(connection, asset=context):
            result = connection.execute(statement, execution_options=options)
        finished = False
        try:
            while not finished:
                with self._sessions.running(connection, asset=context):
                    rows = result.fetchmany(size)
                if self._sessions.cancelled:
                    raise errors.cancelled()
                finished = not rows
                if rows:
                    yield self._batch(rows, forms, schema, lost)
        finally:
            if not finished:  # else some drivers would first take all that is still to come
                self._sessions.stop(connection)
            result.close()

    def _batch(
        self,
        rows: Sequence[sa.Row[Any]],
        forms: Mapping[str, Form],
        schema: pa.Schema,
        lost: Counter[str],
    ) -> pa.RecordBatch:
        arrays = []
        for cells, (name, form) in zip(zip(*rows, strict=True), forms.items(), strict=True):
            array, unfit = column(cells, form)
            if unfit:
                lost[name] += unfit
            if array.type == pa.string():
                array = arrow.cut(array, self._bounds.max_cell_bytes)
            arrays.append(array)
        return pa.RecordBatch.from_arrays(arrays, schema=schema)

    def _fresh(self) -> sa.Connection:
        """The connection, in a transaction that no earlier failure has spoilt."""
        if self._connection is None:
            self._connection = self._sessions.open()
        else:
            self._sessions.begin(self._connection)
        return self._connection


def bounded(
    column: sa.ColumnElement[Any], form: Form, dialect: str, longest: int
) -> sa.ColumnElement[Any]:
    """A column that hands over nothing longer, or later, than can be taken."""
    if form is Form.LONG_TEXT or (form is Form.BYTES and dialect != "oracle"):
        cut = sa.func.substring if dialect == "mssql" else sa.func.substr
        return cut(column, 1, max(1, longest if form is Form.LONG_TEXT else longest // 2))
    if form in (Form.DAY, Form.MOMENT, Form.INSTANT):
        return dialects.within_calendar(column, dialect, day=form is Form.DAY)
    return column


def _key(asset: AssetMeta, forms: Mapping[str, Form]) -> str | None:
    """The column of a primary key of whole numbers."""
    for key in asset.keys:
        if key.kind is KeyKind.PRIMARY and len(key.columns) == 1:
            [name] = key.columns
            return name if forms.get(name) in (Form.WHOLE, Form.VAST) else None
    return None


def _settled(spec: JsonObject, columns: int) -> list[Form]:
    given = spec.get("forms")
    try:
        forms = [Form(str(form)) for form in given] if isinstance(given, Sequence) else []
    except ValueError:
        forms = []
    if len(forms) != columns:
        raise SourceObjectGone(CHANGED)
    return forms
