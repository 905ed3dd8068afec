"""Hashes of values as they may be stored: of no use to who has them without the key."""

from base64 import b64encode
from typing import Final

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from muniment.catalog.analysis.batches import Kind
from muniment.catalog.analysis.hashing import HASH_NAME, Hashes
from muniment.catalog.analysis.relations.lowest import Lowest, leading_zeros
from muniment.catalog.relations.model import LEVELS, ColumnSketch

KEY_BYTES: Final = 32
_KINDS: Final = {kind: at for at, kind in enumerate(sorted(Kind))}


def keyed(hashes: Hashes, kind: Kind, key: bytes) -> npt.NDArray[np.uint32]:
    """A pseudo-random 32-bit number for each hash: the head of one AES block of hash and kind.

    Who has no key cannot tell which number a guessed value would have; equal values of one kind
    have equal numbers, whatever table they are from.
    """
    blocks = np.zeros((len(hashes), 2), "<u8")
    blocks[:, 0] = hashes
    blocks[:, 1] = _KINDS[kind]
    # One block for each hash and nothing chained: ECB is AES as a function, not as a message mode.
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305
    secret = encryptor.update(blocks.tobytes()) + encryptor.finalize()
    return np.frombuffer(secret, "<u4")[::4].astype(np.uint32)


def sketch_of(
    name: str, kind: Kind, rows: int, nulls: int, low: Lowest, key: bytes
) -> ColumnSketch:
    """What may be stored of a column: keyed numbers, ascending, so that their order tells nothing.

    4 bytes a value, 4 KB a column at most.
    """
    zeros = np.minimum(leading_zeros(low.hashes) - low.level, LEVELS - 1)
    at = np.bincount(zeros, minlength=LEVELS).tolist()
    return ColumnSketch(
        column=name,
        kind=kind.value,
        rows=rows,
        nulls=nulls,
        level=low.level,
        at=tuple(at),
        repeated=low.repeated,
        hash=HASH_NAME,
        values=b64encode(np.sort(keyed(low.hashes, kind, key)).astype("<u4").tobytes()).decode(),
    )
