"""What every connector must pass, ours and anyone's: declared capability = tested capability.

Subclass ``ConnectorContract`` in a test module, give it a pytest fixture named ``seeded`` that
returns a ``Seeded`` source, and run pytest. Nothing in here is patched or simulated.
"""

# ruff: noqa: S101  (a test suite that is shipped)

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import pyarrow as pa

from muniment.contracts.connectors import (
    AssetMeta,
    Partition,
    SourceConnection,
    StepOutcome,
)
from muniment.contracts.markers import ReadsAbove, Water
from muniment.contracts.reading import Bounds, Connector, ConnectorFactory, ReadPlan, Scope
from muniment.kernel.errors import (
    Cancelled,
    Invalid,
    MunimentError,
    SourceDataUnreadable,
    SourceError,
    SourceObjectGone,
)
from muniment.kernel.values import JsonObject
from muniment.sources.connectors.arrow import PLAIN

Path = tuple[str, ...]
Wanted = TypeVar("Wanted", bound=MunimentError)

MOST_STATEMENTS = 8
MOST_ARROW_BYTES = 192 << 20
CANCEL_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Seeded:
    """A real source with known content, and ways in which connecting to it fails."""

    factory: ConnectorFactory
    connection: SourceConnection
    rows: Mapping[Path, int]
    """Assets that must be found, with the exact number of their rows."""
    key: Mapping[Path, str]
    """Of some of them, a column whose values are all different."""
    big: Path
    """One with at least 200,000 rows, to be read for long."""
    awkward: Path
    """One whose name and columns hold quotes, blanks, emoji and SQL."""
    text: tuple[Path, str]
    """An asset and a column of it with texts longer than 64 bytes."""
    failing: Sequence[tuple[SourceConnection, type[SourceError]]]
    """Connections that must fail, and how."""
    state: Callable[[], object]
    """Something that would differ if reading had changed the source."""


class ConnectorContract:
    """The tests; pytest collects them from subclasses named ``Test...``."""

    def test_it_describes_itself(self, seeded: Seeded) -> None:
        known = seeded.factory.type
        assert known.kind == seeded.connection.kind
        assert known.title
        assert known.description
        assert known.settings_schema.get("type") == "object"
        properties = known.settings_schema["properties"]
        assert isinstance(properties, Mapping)
        assert set(known.secret_fields) <= set(properties)

    def test_settings_that_do_not_fit_are_refused(self, seeded: Seeded) -> None:
        wrong = replace(seeded.connection, settings={"no_such_setting": 1})
        _raises(Invalid, lambda: seeded.factory(wrong, Bounds()))

    def test_it_connects_only_when_asked(self, seeded: Seeded) -> None:
        for connection, _ in seeded.failing:
            seeded.factory(connection, Bounds()).close()

    def test_a_good_connection_passes_every_step(self, seeded: Seeded) -> None:
        with _open(seeded) as connector:
            steps = list(connector.test())
            connector.probe()
        assert steps
        assert all(step.message for step in steps)
        assert not [step for step in steps if step.outcome is StepOutcome.FAILED]

    def test_failures_are_named_with_a_remedy_and_without_secrets(self, seeded: Seeded) -> None:
        for connection, kind in seeded.failing:
            connector = seeded.factory(connection, Bounds(connect_timeout_seconds=3))
            error = _raises(kind, connector.probe)
            steps = list(connector.test())
            connector.close()
            failed = [step for step in steps if step.outcome is StepOutcome.FAILED]
            assert failed
            assert all(step.remedy for step in failed)
            told = repr([error.message, error.context, steps, connection])
            assert not [s for s in connection.secrets.values() if s in told]

    def test_it_finds_every_asset_in_few_statements(self, seeded: Seeded) -> None:
        with _open(seeded) as connector:
            found = {asset.path: asset for asset in connector.discover(Scope())}
            again = {asset.path: asset for asset in connector.discover(Scope())}
            assert len(connector.catalogue_statements()) <= MOST_STATEMENTS
        assert set(seeded.rows) <= set(found)
        assert found == again
        for path in seeded.rows:
            names = [column.name for column in found[path].columns]
            assert len(names) == len(set(names)) > 0

    def test_a_scope_narrows_what_is_found(self, seeded: Seeded) -> None:
        wanted = ".".join(seeded.big)
        with _open(seeded) as connector:
            only = [asset.path for asset in connector.discover(Scope(include=(wanted,)))]
            rest = [asset.path for asset in connector.discover(Scope(exclude=(wanted,)))]
        assert only == [seeded.big]
        assert seeded.big not in rest
        assert rest

    def test_what_it_declares_is_what_it_does(self, seeded: Seeded) -> None:
        with _open(seeded) as connector:
            found = list(connector.discover(Scope()))
        declared = seeded.factory.type.capabilities
        shown = {
            "row_estimates": any(asset.row_estimate is not None for asset in found),
            "sizes": any(asset.size_bytes is not None for asset in found),
            "keys": any(asset.keys for asset in found),
            "view_definitions": any(
                asset.definition for asset in found if asset.kind.value.endswith("view")
            ),
            "routines": any(asset.kind.value in ("function", "procedure") for asset in found),
            "grants": any(asset.grants for asset in found),
        }
        assert shown == {name: getattr(declared, name) for name in shown}

    def test_partitions_hold_every_row_once(self, seeded: Seeded) -> None:
        plan = ReadPlan(rows_per_partition=70_000, rows_per_batch=10_000)
        for path, rows in seeded.rows.items():
            batches = list(_read_all(seeded, path, plan))
            assert sum(batch.num_rows for batch in batches) == rows, path
            if path in seeded.key:
                seen = Counter(
                    value
                    for batch in batches
                    for value in batch.column(seeded.key[path]).to_pylist()
                )
                assert len(seen) == rows, path
                assert max(seen.values(), default=1) == 1, path

    def test_a_big_asset_is_cut_into_parts(self, seeded: Seeded) -> None:
        if not seeded.factory.type.capabilities.partitions:
            return
        with _open(seeded) as connector:
            asset = _asset(connector, seeded.big)
            small = connector.partitions(asset, ReadPlan(rows_per_partition=50_000))
            whole = connector.partitions(asset, ReadPlan(rows_per_partition=100_000_000))
        assert len(small) > 1
        assert len(whole) == 1
        assert [part.index for part in small] == list(range(len(small)))

    def test_batches_are_of_the_asset_s_columns_in_plain_types(self, seeded: Seeded) -> None:
        plan = ReadPlan(rows_per_partition=70_000, rows_per_batch=5_000)
        for path in seeded.rows:
            with _open(seeded) as connector:
                names = [column.name for column in _asset(connector, path).columns]
            schemas = []
            for batch in _read_all(seeded, path, plan):
                assert batch.schema.names == names, path
                assert batch.num_rows <= plan.rows_per_batch
                schemas.append(batch.schema)
            assert schemas, path
            assert set(schemas[0].types) <= PLAIN, path
            assert all(schema.equals(schemas[0]) for schema in schemas), path

    def test_the_wanted_columns_are_read_and_all_their_rows(self, seeded: Seeded) -> None:
        path, wanted = seeded.text
        whole = pa.Table.from_batches(_read_all(seeded, path, ReadPlan()))
        plan = ReadPlan(columns=frozenset({wanted}))
        part = pa.Table.from_batches(_read_all(seeded, path, plan))
        assert part.column(wanted).equals(whole.column(wanted))
        # A source that must read whole rows anyway may leave nothing out.
        assert part.schema.names in ([wanted], whole.schema.names)

    def test_rows_above_a_mark_and_those_below_make_the_whole(self, seeded: Seeded) -> None:
        for path, column in seeded.key.items():
            with _open(seeded) as connector:
                if not isinstance(connector, ReadsAbove) or path == seeded.big:
                    continue
                asset = _asset(connector, path)
                parts = connector.partitions(asset, ReadPlan(rows_per_partition=200))
                found = 0
                for whole in _unique(connector.uncut(part.spec) for part in parts):
                    try:
                        end = connector.highest(asset, whole, column)
                    except (Invalid, SourceDataUnreadable):
                        found = seeded.rows[path]  # refused, as it may be
                        break
                    if end is not None:
                        found += _above_and_below(connector, asset, column, whole, int(end))
                assert found == seeded.rows[path]
                with_text = next((c.name for c in asset.columns if c.name == "email"), None)
                if with_text is not None and "types" not in parts[0].spec:
                    whole = connector.uncut(parts[0].spec)
                    _raises(Invalid, partial(connector.highest, asset, whole, with_text))

    def test_awkward_names_survive(self, seeded: Seeded) -> None:
        batches = list(_read_all(seeded, seeded.awkward, ReadPlan()))
        assert sum(batch.num_rows for batch in batches) == seeded.rows[seeded.awkward]

    def test_a_sample_is_smaller_than_the_whole(self, seeded: Seeded) -> None:
        plan = ReadPlan(sample_rows=2_000)
        with _open(seeded) as connector:
            asset = _asset(connector, seeded.big)
            parts = connector.partitions(asset, plan)
        rows = sum(batch.num_rows for batch in _read_all(seeded, seeded.big, plan))
        assert 0 < rows < seeded.rows[seeded.big] / 2
        assert all(0 < part.fraction < 1 for part in parts)

    def test_long_cells_are_cut(self, seeded: Seeded) -> None:
        path, column = seeded.text
        bounds = Bounds(max_cell_bytes=64)
        cells = [
            cell
            for batch in _read_all(seeded, path, ReadPlan(), bounds)
            for cell in batch.column(column).to_pylist()
            if cell is not None
        ]
        assert max(len(cell.encode()) for cell in cells) <= bounds.max_cell_bytes

    def test_memory_stays_bounded(self, seeded: Seeded) -> None:
        peak = 0
        for _ in _read_all(seeded, seeded.big, ReadPlan(rows_per_partition=10_000_000)):
            peak = max(peak, pa.total_allocated_bytes())
        assert peak < MOST_ARROW_BYTES

    def test_cancel_stops_a_reading_from_another_thread(self, seeded: Seeded) -> None:
        if not seeded.factory.type.capabilities.cancel:
            return
        with _open(seeded) as connector:
            asset = _asset(connector, seeded.big)
            plan = ReadPlan(rows_per_partition=10_000_000, rows_per_batch=100)
            parts = connector.partitions(asset, plan)
            stopped: list[float] = []

            def stop() -> None:
                stopped.append(time.monotonic())
                connector.cancel()

            timer = threading.Timer(0.05, stop)

            def read() -> None:
                for part in parts:
                    for _ in connector.read(asset, part, plan):
                        if not timer.is_alive() and not stopped:
                            timer.start()
                        time.sleep(0.002)

            _raises(Cancelled, read)
            timer.join()
        assert time.monotonic() - stopped[0] < CANCEL_SECONDS

    def test_what_is_gone_is_named(self, seeded: Seeded) -> None:
        with _open(seeded) as connector:
            asset = _asset(connector, seeded.big)
            gone = replace(asset, path=(*asset.path[:-1], "was-here"), row_estimate=None)
            [*_, part] = connector.partitions(asset, ReadPlan())
            _raises(SourceObjectGone, lambda: connector.partitions(gone, ReadPlan()))
            if "table" in part.spec:
                moved = replace(part, spec={**part.spec, "table": list(gone.path)})
                _raises(SourceObjectGone, lambda: list(connector.read(gone, moved, ReadPlan())))

    def test_nothing_is_changed_at_the_source(self, seeded: Seeded) -> None:
        before = seeded.state()
        for path in seeded.rows:
            for _ in _read_all(seeded, path, ReadPlan()):
                pass
        assert seeded.state() == before

    def test_it_closes_twice(self, seeded: Seeded) -> None:
        connector = seeded.factory(seeded.connection, Bounds())
        connector.probe()
        connector.close()
        connector.close()


@contextmanager
def _open(seeded: Seeded, bounds: Bounds | None = None) -> Iterator[Connector]:
    with closing(seeded.factory(seeded.connection, bounds or Bounds())) as connector:
        yield connector


def _asset(connector: Connector, path: Path) -> AssetMeta:
    return next(asset for asset in connector.discover(Scope()) if asset.path == path)


def _read_all(
    seeded: Seeded, path: Path, plan: ReadPlan, bounds: Bounds | None = None
) -> Iterator[pa.RecordBatch]:
    """Every partition, each planned by one connector and read by another, as a scan does."""
    with _open(seeded, bounds) as planner:
        asset = _asset(planner, path)
        parts = planner.partitions(asset, plan)
    for part in parts:
        travelled = Partition(
            part.index, json.loads(json.dumps(part.spec)), part.estimated_rows, part.fraction
        )
        with _open(seeded, bounds) as reader:
            yield from reader.read(asset, travelled, plan)


def _above_and_below(
    connector: Connector, asset: AssetMeta, column: str, whole: JsonObject, end: int
) -> int:
    """Read both halves of a relation; the number of rows that were counted in them."""
    if not isinstance(connector, ReadsAbove):
        return 0
    middle = end // 2
    found = 0
    for above, upto in ((None, middle), (middle, end)):
        water = Water(column, str(upto), None if above is None else str(above), "half")
        part = Partition(0, water.narrowing(whole))
        batches = list(connector.read(asset, part, ReadPlan()))
        values = [value for batch in batches for value in batch.column(column).to_pylist()]
        assert len(values) == connector.count(asset, part.spec)
        assert all((int(str(value)) > middle) == (above is not None) for value in values)
        found += len(values)
    return found


def _unique(specs: Iterable[JsonObject]) -> list[JsonObject]:
    return [json.loads(text) for text in sorted({json.dumps(s, sort_keys=True) for s in specs})]


def _raises(kind: type[Wanted], act: Callable[[], object]) -> Wanted:
    try:
        act()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was not raised")
