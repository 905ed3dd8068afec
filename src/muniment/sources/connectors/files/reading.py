"""Rows of a partition as Arrow batches of the asset's columns, with bounded memory."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import pyarrow as pa

from muniment.contracts.connectors import AssetMeta, Bounds, Partition
from muniment.contracts.reading import ReadPlan
from muniment.kernel.errors import SourceDataUnreadable, SourceObjectGone
from muniment.kernel.values import JsonObject
from muniment.sources.connectors import arrow
from muniment.sources.connectors.files import columns, pieces
from muniment.sources.connectors.files.content import Content
from muniment.sources.connectors.files.discovery import Discovery
from muniment.sources.connectors.files.failures import explained, named
from muniment.sources.connectors.files.layout import Dataset
from muniment.sources.connectors.files.planning import Planner
from muniment.sources.connectors.files.stores import Store
from muniment.sources.connectors.files.tally import Tally

TYPES: Mapping[str, pa.DataType] = {str(kind): kind for kind in arrow.PLAIN}


class Reader:
    """Plans and reads the data sets of one root."""

    def __init__(
        self, store: Store, discovery: Discovery, bounds: Bounds, stop: Callable[[], None]
    ) -> None:
        self._content = Content(store, discovery, bounds.max_cell_bytes, stop)
        self._planner = Planner(store, discovery, self._content, stop)
        self.tally = Tally()

    def partitions(self, dataset: Dataset, asset: AssetMeta, plan: ReadPlan) -> Sequence[Partition]:
        """Parts of the data set; see ``Planner.partitions``."""
        return self._planner.partitions(dataset, asset, plan)

    def read(
        self, asset: AssetMeta, partition: Partition, plan: ReadPlan
    ) -> Iterator[pa.RecordBatch]:
        """Stream the rows of one partition."""
        self.tally.clear()
        schema = _schema(asset, partition.spec)
        told = False
        parts = int(asset.properties.get("files", "1"))
        batches = self._batches(schema, partition.spec, parts)
        for batch in arrow.gathered(batches, plan.rows_per_batch):
            told = True
            yield from arrow.portions(batch, plan.rows_per_batch)
        if not told:
            if self.tally.remarks and partition.spec.get("only"):
                raise SourceDataUnreadable(f"Nothing of it can be read: {self.tally.remarks[0]}")
            yield arrow.empty(schema)

    def _batches(self, schema: pa.Schema, spec: JsonObject, parts: int) -> Iterator[pa.RecordBatch]:
        kind = str(spec["format"])
        for piece in pieces.of_json(spec["pieces"]):
            tally = Tally()
            try:
                with named(piece.path, parts), explained():
                    for found, rows in self._content.rows(kind, piece, tally):
                        if piece.names is not None:
                            told = [name for name in found if name in piece.names]
                            found = {piece.names[name]: found[name] for name in told}
                        for name, value in piece.values.items():
                            found.setdefault(name, pa.repeat(pa.scalar(value), rows))
                        yield columns.batch(schema, found, rows, tally)
            finally:
                self.tally.skipped += tally.skipped
                for remark in tally.remarks:
                    self.tally.tell(f"{piece.path}: {remark}")


def _schema(asset: AssetMeta, spec: JsonObject) -> pa.Schema:
    types = spec.get("types")
    kinds = [str(kind) for kind in types] if isinstance(types, Sequence) else []
    if len(kinds) != len(asset.columns) or not set(kinds) <= set(TYPES):
        raise SourceObjectGone("The data set changed since it was planned. Scan it again.")
    return pa.schema(
        [(column.name, TYPES[kind]) for column, kind in zip(asset.columns, kinds, strict=True)]
    )
