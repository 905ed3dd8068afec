"""Figures of assets from what a source knows, what it counts, or one plain pass over its rows."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from muniment.contracts.connectors import AssetMeta
from muniment.contracts.figures import (
    Basis,
    ColumnFigures,
    KnowsStatistics,
    Summarises,
    TableFigures,
    plain,
)
from muniment.contracts.reading import Connector, ReadPlan
from muniment.kernel.errors import (
    Cancelled,
    MunimentError,
    SourceDataUnreadable,
    SourceObjectGone,
)
from muniment.scans.jobs import Figures, FiguresJob, Frame, Tier
from muniment.scans.model import Failure


def gather(
    connector: Connector,
    job: FiguresJob,
    send: Callable[[Frame], None],
    check: Callable[[], None],
    asking: Callable[[], AbstractContextManager[None]],
) -> None:
    """Tell the figures of every asset; one that fails says why and stops no other."""
    if job.tier is Tier.METADATA:
        try:
            with asking():
                stated = _stated(connector, job.assets)
            for table in stated:
                send(Figures(table.path, table))
        except (SourceDataUnreadable, SourceObjectGone):
            pass  # one of them fails by itself: each is asked alone
        else:
            return
    for asset in job.assets:
        check()
        try:
            with asking():
                if job.tier is Tier.METADATA:
                    [table] = _stated(connector, [asset])
                else:
                    table = _counted(connector, asset, check)
            send(Figures(asset.path, table))
        except Cancelled:
            raise
        except MunimentError as error:
            failure = Failure.of(error, doing=f"counting {asset.path[-1]}")
            send(Figures(asset.path, failure=failure))


def _stated(connector: Connector, assets: Sequence[AssetMeta]) -> Sequence[TableFigures]:
    if isinstance(connector, KnowsStatistics):
        return list(connector.statistics(assets))
    return [
        TableFigures(asset.path, Basis.ESTIMATED, "the catalogue", asset.row_estimate)
        for asset in assets
    ]


def _counted(connector: Connector, asset: AssetMeta, check: Callable[[], None]) -> TableFigures:
    if isinstance(connector, Summarises):
        return connector.summarise(asset)
    if isinstance(connector, KnowsStatistics):
        [told] = connector.statistics([asset])
        if told.basis is Basis.EXACT and all(each.nulls is not None for each in told.columns):
            return told
    return _read(connector, asset, check)


def _read(connector: Connector, asset: AssetMeta, check: Callable[[], None]) -> TableFigures:
    plan = ReadPlan()
    tallies = {column.name: _Tally() for column in asset.columns}
    rows = 0
    for partition in connector.partitions(asset, plan):
        for batch in connector.read(asset, partition, plan):
            check()
            rows += batch.num_rows
            for name, column in zip(batch.schema.names, batch.columns, strict=True):
                tallies[name].add(column)
    columns = tuple(tally.figures(name) for name, tally in tallies.items())
    return TableFigures(asset.path, Basis.EXACT, "the rows, read once", rows, columns)


@dataclass(slots=True)
class _Tally:
    nulls: int = 0
    low: Any = None
    high: Any = None

    def add(self, column: "pa.Array[Any]") -> None:
        self.nulls += column.null_count
        kind = column.type
        ordered = pa.types.is_integer(kind) or pa.types.is_floating(kind)
        if not (ordered or pa.types.is_date(kind) or pa.types.is_timestamp(kind)):
            return
        ends: Any = pc.min_max(column).as_py()
        if ends["min"] is not None:
            self.low = ends["min"] if self.low is None else min(self.low, ends["min"])
            self.high = ends["max"] if self.high is None else max(self.high, ends["max"])

    def figures(self, name: str) -> ColumnFigures:
        return ColumnFigures(name, self.nulls, low=plain(self.low), high=plain(self.high))
