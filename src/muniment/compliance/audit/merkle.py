"""Merkle trees as in RFC 6962, section 2.1: leaves and nodes are hashed in different domains."""

import hashlib
from collections.abc import Sequence

LEAF = b"\x00"
NODE = b"\x01"
HASH_BYTES = 32


def leaf_hash(content: bytes) -> bytes:
    return hashlib.sha256(LEAF + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(NODE + left + right).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, in order; the hash of nothing for an empty tree."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    # A stack of complete subtrees, like the digits of a binary counter.
    stack: list[tuple[int, bytes]] = []
    for leaf in leaves:
        size, made = 1, leaf
        while stack and stack[-1][0] == size:
            size, made = size * 2, node_hash(stack.pop()[1], made)
        stack.append((size, made))
    root = stack.pop()[1]
    while stack:
        root = node_hash(stack.pop()[1], root)
    return root


def inclusion_proof(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The hashes that lead from one leaf to the root, from the bottom up."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    if len(leaves) == 1:
        return ()
    split = _largest_power_below(len(leaves))
    if index < split:
        return (*inclusion_proof(leaves[:split], index), root_of(leaves[split:]))
    return (*inclusion_proof(leaves[split:], index - split), root_of(leaves[:split]))


def proves(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether ``path`` shows that ``leaf`` stands at ``index`` in a tree of ``size`` leaves."""
    if not 0 <= index < size:
        return False
    position, last, made = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if position & 1 or position == last:
            made = node_hash(sibling, made)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            made = node_hash(made, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and made == root


def _largest_power_below(size: int) -> int:
    return 1 << (size - 1).bit_length() - 1
