"""Arrow batches of the few types that analyzers know, bounded in rows, bytes and cells."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Array: TypeAlias = "pa.Array[Any]"

BATCH_BYTES = 16 << 20
"""No batch is meant to weigh more than this."""

EXACT_DIGITS = 15
"""Every whole number of so many digits is a float."""

PLAIN: frozenset[pa.DataType] = frozenset(
    {
        pa.bool_(),
        pa.int16(),
        pa.int32(),
        pa.int64(),
        pa.float32(),
        pa.float64(),
        pa.string(),
        pa.date32(),
        pa.timestamp("us"),
        pa.timestamp("us", tz="UTC"),
    }
)


def settle(array: Array, max_cell_bytes: int) -> Array:
    """The same values in one of the plain types; what has no plain form becomes bounded text."""
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    if isinstance(array, pa.DictionaryArray):
        array = array.dictionary_decode()
    target = settled_type(array.type)
    if array.type == target:
        return cut(array, max_cell_bytes) if target == pa.string() else array
    if pa.types.is_decimal(array.type):
        return _nearest(array)
    if pa.types.is_uint64(array.type):
        return pc.cast(array, target, safe=False)
    if target == pa.string():
        return cut(_as_text(array, max_cell_bytes), max_cell_bytes)
    return pc.cast(array, target, safe=False)


def settled_type(given: pa.DataType) -> pa.DataType:
    """The plain type that stands for ``given``."""
    if pa.types.is_dictionary(given):
        given = given.value_type
    if given in PLAIN:
        return given
    if pa.types.is_integer(given):
        if pa.types.is_uint64(given):
            return pa.float64()
        return pa.int16() if given.bit_width == 8 else pa.int64()
    if pa.types.is_floating(given) or pa.types.is_decimal(given):
        return pa.float32() if given == pa.float16() else pa.float64()
    if pa.types.is_date(given):
        return pa.date32()
    if pa.types.is_timestamp(given):
        return pa.timestamp("us", tz="UTC" if given.tz else None)
    return pa.string()


def _nearest(array: Array) -> Array:
    """Decimals as the floats nearest to them; Arrow's own cast is off by one in the last place."""
    kind: Any = array.type
    if not isinstance(array, pa.Decimal128Array) or kind.precision > EXACT_DIGITS:
        return pc.cast(pc.cast(array, pa.string()), pa.float64())
    if kind.scale < 0:
        return pc.cast(array, pa.float64())
    halves = np.frombuffer(memoryview(array.buffers()[1] or b""), np.int64)
    units = halves[2 * array.offset : 2 * (array.offset + len(array)) : 2]
    # Both are whole numbers that a float holds exactly, so the quotient is rounded once.
    missing = array.is_null().to_numpy(zero_copy_only=False)
    numbers: Array = pa.array(units / 10.0**kind.scale, mask=missing)
    return numbers


def _as_text(array: Array, max_cell_bytes: int) -> Array:
    kind = array.type
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return _hex(array, max_cell_bytes)
    if pa.types.is_fixed_size_binary(kind) or str(kind) == "binary_view":
        return _hex(pc.cast(array, pa.binary()), max_cell_bytes)
    if pa.types.is_null(kind):
        return pa.nulls(len(array), pa.string())
    try:
        return pc.cast(array, pa.string())
    except pa.ArrowNotImplementedError:
        texts = (None if v is None else str(v)[:max_cell_bytes] for v in array.to_pylist())
        return pa.array(list(texts), pa.string())


def _hex(array: Array, max_cell_bytes: int) -> Array:
    heads = pc.binary_slice(array, 0, max(1, max_cell_bytes // 2))
    return pa.array([None if v is None else v.hex() for v in heads.to_pylist()], pa.string())


def cut(array: Array, max_cell_bytes: int) -> Array:
    """Text no longer than the limit; a character is never torn."""
    if not isinstance(array, pa.StringArray):
        raise TypeError("only text can be cut")
    longest = pc.max(pc.binary_length(array)).as_py()
    if not longest or longest <= max_cell_bytes:
        return array
    cells = [
        None if v is None else v[:max_cell_bytes].decode("utf-8", "ignore")
        for v in pc.cast(array, pa.binary()).to_pylist()
    ]
    return pa.array(cells, pa.string())


def scrub(array: Array) -> Array:
    """Replace bytes that are not UTF-8 in text that a source handed over as it was."""
    if array.type != pa.string():
        return array
    try:
        array.validate(full=True)
    except pa.ArrowInvalid:
        cells = array.view(pa.binary()).to_pylist()
        return pa.array([None if v is None else v.decode("utf-8", "replace") for v in cells])
    return array


def portions(batch: pa.RecordBatch, rows: int) -> Iterator[pa.RecordBatch]:
    """Slices of at most ``rows`` rows; an empty batch yields nothing."""
    for start in range(0, batch.num_rows, max(1, rows)):
        yield batch.slice(start, max(1, rows))


def gathered(batches: Iterable[pa.RecordBatch], rows: int) -> Iterator[pa.RecordBatch]:
    """Batches of about ``rows`` rows or half the bytes of a batch, whichever is reached first.

    Readers do best with small blocks, analyzers with large batches.
    """
    held: list[pa.RecordBatch] = []
    count = weight = 0
    for batch in batches:
        if not batch.num_rows:
            continue
        if held and count + batch.num_rows > rows:
            yield _joined(held)
            held, count, weight = [], 0, 0
        held.append(batch)
        count += batch.num_rows
        weight += batch.nbytes
        if weight > BATCH_BYTES // 2:
            yield _joined(held)
            held, count, weight = [], 0, 0
    if held:
        yield _joined(held)


def _joined(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    if len(batches) == 1:
        return batches[0]
    [joined] = pa.Table.from_batches(batches).combine_chunks().to_batches()
    return joined


def empty(schema: pa.Schema) -> pa.RecordBatch:
    """A batch without rows: how a reader tells the columns of what has none."""
    return pa.RecordBatch.from_pylist([], schema=schema)
