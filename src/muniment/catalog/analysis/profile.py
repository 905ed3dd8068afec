"""The analyzer that profiles: full statistics of every column from one pass over the batches."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import pyarrow as pa

from muniment.catalog.analysis.batches import view_of
from muniment.catalog.analysis.codec import branch, number, pack, twigs, unpack
from muniment.catalog.analysis.column import ColumnState
from muniment.catalog.analysis.hashing import HASH_NAME
from muniment.catalog.analysis.limits import Limits
from muniment.catalog.analysis.results import PROFILE_VERSION, ProfileResult
from muniment.catalog.analysis.storing import column_of, column_tree
from muniment.catalog.analysis.summary import summarise
from muniment.contracts.reading import AnalysisContext
from muniment.kernel.errors import Invalid
from muniment.kernel.values import JsonObject, Sensitivity

_MAGIC = b"MPRF"


@dataclass(frozen=True, slots=True)
class ProfileState:
    """The columns of an asset as far as they were read."""

    limits: Limits
    rows: int = 0
    columns: dict[str, ColumnState] = field(default_factory=dict)


class ProfileAnalyzer:
    """Profiles every column.

    Memory is bounded by ``Limits``: at most 400,000 counted values (about 60 bytes each with
    their text, 32 MB of text at most) and 6 MB of points in one asset, 16 KB of registers a
    column. Merging is associative and commutative; counts, distinct values while they are few,
    registers, minima and maxima come out exactly as in one pass, moments up to rounding,
    quantiles, frequent values of crowded columns and shapes within their stated error.
    """

    name: ClassVar[str] = "profile"
    version: ClassVar[int] = 2
    order: ClassVar[int] = 20

    def start(self, context: AnalysisContext, schema: pa.Schema) -> ProfileState:
        names = list(dict.fromkeys(schema.names))
        columns = {name: ColumnState() for name in names}
        return ProfileState(Limits.for_columns(len(names)), 0, columns)

    def feed(self, state: ProfileState, batch: pa.RecordBatch) -> ProfileState:
        view = view_of(batch)
        columns = dict(state.columns)
        for name in view.names:
            column = view.column(name)
            if column is not None:
                known = columns.get(name, ColumnState())
                columns[name] = known.feed(column, state.limits)
        return ProfileState(state.limits, state.rows + view.rows, columns)

    def merge(self, left: ProfileState, right: ProfileState) -> ProfileState:
        columns = dict(left.columns)
        for name, column in right.columns.items():
            columns[name] = columns[name].merge(column) if name in columns else column
        return ProfileState(left.limits, left.rows + right.rows, columns)

    def finish(self, state: ProfileState, context: AnalysisContext) -> JsonObject:
        types = {column.name: column.type for column in context.meta.columns}
        said = tuple(
            summarise(
                name,
                types.get(name, ""),
                column.settled(),
                context.labels.get(name, Sensitivity.PUBLIC),
            )
            for name, column in state.columns.items()
        )
        return ProfileResult(PROFILE_VERSION, state.rows, said).to_json()

    def labels(self, result: JsonObject) -> Mapping[str, Sensitivity]:
        return {}

    def dump(self, state: ProfileState) -> bytes:
        return pack(
            _MAGIC,
            self.version,
            {
                "hash": HASH_NAME,
                "limits": state.limits.tree(),
                "rows": state.rows,
                "columns": [
                    [name, column_tree(name, one.settled())] for name, one in state.columns.items()
                ],
            },
        )

    def load(self, raw: bytes) -> ProfileState:
        tree = branch(unpack(_MAGIC, self.version, raw))
        if tree["hash"] != HASH_NAME:
            raise Invalid(
                "This analysis state was made with another hash (another version or processor). "
                "Scan the asset again; such states are never merged."
            )
        limits = Limits(*(number(one) for one in twigs(tree["limits"])))
        pairs = [twigs(pair) for pair in twigs(tree["columns"])]
        columns = {str(name): column_of(one, limits) for name, one in pairs}
        return ProfileState(limits, number(tree["rows"]), columns)
