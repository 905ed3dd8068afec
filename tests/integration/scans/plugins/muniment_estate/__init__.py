"""A plug-in for tests: a source whose tables, pace and failures are written in its settings.

It keeps a journal file: one line for each read that begins, ends or is cancelled, so that a test
can prove what was asked of the source.
"""

import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa

from muniment.contracts.connectors import (
    AssetMeta,
    Capabilities,
    ColumnMeta,
    ConnectorType,
    Partition,
    SourceConnection,
    StepOutcome,
    TestStep,
)
from muniment.contracts.reading import AnalysisContext, Bounds, ReadPlan, Scope
from muniment.kernel.errors import (
    MunimentError,
    SourceDataUnreadable,
    SourceObjectGone,
    SourcePermissionMissing,
    SourceTimeout,
    SourceUnreachable,
)
from muniment.kernel.values import AssetKind, JsonObject, Sensitivity

BATCH = 1000
FAILURES: Mapping[str, MunimentError] = {
    "gone": SourceObjectGone("The table was dropped while the scan ran."),
    "unreadable": SourceDataUnreadable("Line 7 cannot be decoded."),
    "permission": SourcePermissionMissing("The account may not read this table."),
    "timeout": SourceTimeout("The statement took longer than it may."),
    "unreachable": SourceUnreachable("The host does not answer."),
}


class EstateConnector:
    """Settings: ``tables`` name to {rows, partitions, seconds, fail, fail_times}, ``journal``."""

    type: ClassVar[ConnectorType] = ConnectorType(
        kind="estate",
        title="Estate",
        description="A source for tests.",
        capabilities=Capabilities(partitions=True, row_estimates=True, cancel=True),
        settings_schema={},
    )

    def __init__(self, connection: SourceConnection, bounds: Bounds) -> None:
        self.settings: Mapping[str, Any] = connection.settings
        assert connection.secrets == {"password": "open sesame"}
        self._stop = threading.Event()

    @property
    def skipped_rows(self) -> int:
        return 0

    def test(self) -> Iterator[TestStep]:
        yield TestStep("connect", StepOutcome.PASSED, "Connected.")

    def probe(self) -> None:
        return

    def catalogue_statements(self) -> Sequence[str]:
        return ["select table_name from estate.tables"]

    def discover(self, scope: Scope) -> Iterator[AssetMeta]:
        if self.settings.get("down"):
            raise SourceUnreachable("The host does not answer.")
        for name, table in self.settings["tables"].items():
            yield AssetMeta(
                path=("main", name),
                kind=AssetKind(table.get("kind", "table")),
                columns=tuple(
                    ColumnMeta(column, "integer") for column in table.get("columns", ["n"])
                ),
                row_estimate=table["rows"],
            )

    def partitions(self, asset: AssetMeta, plan: ReadPlan) -> Sequence[Partition]:
        table = self.settings["tables"][asset.path[-1]]
        count = table.get("partitions", 1)
        return [Partition(index, {"part": index}, table["rows"] // count) for index in range(count)]

    def read(
        self, asset: AssetMeta, partition: Partition, plan: ReadPlan
    ) -> Iterator[pa.RecordBatch]:
        name = asset.path[-1]
        table = self.settings["tables"][name]
        self._note(f"begin {name} {partition.index}")
        self._perhaps_fail(name, table)
        rows = table["rows"] // table.get("partitions", 1)
        batches = max(1, -(-rows // BATCH))
        for at in range(batches):
            if self._stop.wait(table.get("seconds", 0.0) / batches):
                self._note(f"stopped {name} {partition.index}")
                raise SourceTimeout("The statement was cancelled.")
            size = min(BATCH, rows - at * BATCH)
            columns = table.get("columns", ["n"])
            yield pa.record_batch([pa.array(range(size))] * len(columns), names=columns)
        self._note(f"end {name} {partition.index}")

    def cancel(self) -> None:
        self._note("cancel")
        self._stop.set()

    def close(self) -> None:
        return

    def _perhaps_fail(self, name: str, table: Mapping[str, Any]) -> None:
        kind = table.get("fail")
        if kind is None:
            return
        before = self._journal().count(f"begin {name} ") - 1
        if before >= table.get("fail_times", 10**9):
            return
        if kind == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if kind == "bug":
            raise ZeroDivisionError("secret value 4111111111111111")
        if kind == "grow":
            hoard = bytearray(400 * 1024 * 1024)
            time.sleep(5)
            del hoard
        raise FAILURES[kind]

    def _journal(self) -> str:
        path = Path(self.settings["journal"])
        return path.read_text() if path.exists() else ""

    def _note(self, line: str) -> None:
        with Path(self.settings["journal"]).open("a") as file:
            file.write(f"{line} {time.time():.3f}\n")


class CountAnalyzer:
    """Counts rows and adds up the first column."""

    name: ClassVar[str] = "count"
    version: ClassVar[int] = 1
    order: ClassVar[int] = 90

    def start(self, context: AnalysisContext, schema: pa.Schema) -> int:
        return 0

    def feed(self, state: int, batch: pa.RecordBatch) -> int:
        return state + batch.num_rows

    def merge(self, left: int, right: int) -> int:
        return left + right

    def finish(self, state: int, context: AnalysisContext) -> JsonObject:
        return {"rows": state, "not_a_number": float("nan")}

    def labels(self, result: JsonObject) -> Mapping[str, Sensitivity]:
        return {}

    def dump(self, state: int) -> bytes:
        return str(state).encode()

    def load(self, raw: bytes) -> int:
        return int(raw)
