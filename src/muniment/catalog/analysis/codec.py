"""How an analysis state becomes bytes: a JSON tree with its arrays beside it, compressed."""

import json
from typing import TypeAlias, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from muniment.kernel.errors import Invalid

Array: TypeAlias = npt.NDArray[np.generic]
Tree: TypeAlias = "bool | int | float | str | Array | list[Tree] | dict[str, Tree] | None"

_ARRAY = "\x00array"
_MAX_BYTES = 1 << 30
_FOREIGN = (
    "This analysis state was written by another version of Muniment. Scan the asset again; "
    "states of two versions are never merged."
)


def pack(kind: bytes, version: int, tree: Tree) -> bytes:
    """Encode a tree of plain values and arrays; ``kind`` is four bytes, ``version`` one."""
    blobs: list[bytes] = []
    header = json.dumps(_lift(tree, blobs), separators=(",", ":")).encode()
    body = b"".join([len(header).to_bytes(8, "little"), header, *blobs])
    packed = pa.compress(body, codec="zstd", asbytes=True)
    return kind + bytes([version]) + len(body).to_bytes(8, "little") + packed


def unpack(kind: bytes, version: int, raw: bytes) -> Tree:
    """Decode what ``pack`` wrote; Invalid when the bytes are of another kind or version."""
    if raw[:4] != kind or len(raw) < 13 or raw[4] != version:
        raise Invalid(_FOREIGN)
    size = int.from_bytes(raw[5:13], "little")
    if size > _MAX_BYTES:
        raise Invalid("This analysis state is larger than any that Muniment writes.")
    body = pa.decompress(raw[13:], decompressed_size=size, codec="zstd", asbytes=True)
    end = 8 + int.from_bytes(body[:8], "little")
    return _sink(json.loads(body[8:end]), memoryview(body)[end:])


def _lift(tree: Tree, blobs: list[bytes]) -> object:
    if isinstance(tree, np.ndarray):
        raw = np.ascontiguousarray(tree).tobytes()
        at = sum(len(blob) for blob in blobs)
        blobs.append(raw)
        return {_ARRAY: [at, len(raw), tree.dtype.str]}
    if isinstance(tree, dict):
        return {key: _lift(value, blobs) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_lift(value, blobs) for value in tree]
    return tree


def _sink(tree: object, body: memoryview) -> Tree:
    if isinstance(tree, list):
        return [_sink(value, body) for value in tree]
    if isinstance(tree, dict):
        if _ARRAY in tree:
            at, size, dtype = tree[_ARRAY]
            return np.frombuffer(body[at : at + size], dtype=np.dtype(dtype)).copy()
        return {key: _sink(value, body) for key, value in tree.items()}
    return cast(Tree, tree)


def branch(tree: Tree) -> dict[str, Tree]:
    """The tree as a mapping; Invalid when it is something else."""
    if not isinstance(tree, dict):
        raise Invalid(_FOREIGN)
    return tree


def twigs(tree: Tree) -> list[Tree]:
    """The tree as a list; Invalid when it is something else."""
    if not isinstance(tree, list):
        raise Invalid(_FOREIGN)
    return tree


def array(tree: Tree) -> Array:
    """The tree as an array; Invalid when it is something else."""
    if not isinstance(tree, np.ndarray):
        raise Invalid(_FOREIGN)
    return tree


def number(tree: Tree) -> int:
    """The tree as a whole number; Invalid when it is something else."""
    if not isinstance(tree, int):
        raise Invalid(_FOREIGN)
    return tree


def real(tree: Tree) -> float:
    """The tree as a number; Invalid when it is something else."""
    if not isinstance(tree, int | float):
        raise Invalid(_FOREIGN)
    return float(tree)
