"""The laws of the audit trail's tree: every leaf can be proved, every single change is caught."""

from hypothesis import given
from hypothesis import strategies as st

from muniment.compliance.audit.merkle import inclusion_proof, leaf_hash, node_hash, proves, root_of

contents = st.lists(st.binary(max_size=12), min_size=1, max_size=70)


def naive_root(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(naive_root(leaves[:split]), naive_root(leaves[split:]))


@given(contents)
def test_the_root_is_that_of_the_rfc(found: list[bytes]) -> None:
    leaves = [leaf_hash(each) for each in found]
    assert root_of(leaves) == naive_root(leaves)


@given(contents, st.data())
def test_every_leaf_is_proved_at_its_place_and_nowhere_else(
    found: list[bytes], data: st.DataObject
) -> None:
    leaves = [leaf_hash(each + bytes([n])) for n, each in enumerate(found)]
    index = data.draw(st.integers(0, len(leaves) - 1))
    path, root = inclusion_proof(leaves, index), root_of(leaves)
    assert proves(leaves[index], index, len(leaves), path, root)
    for other in range(len(leaves)):
        if other != index:
            assert not proves(leaves[other], other, len(leaves), path, root) or other == index
    assert not proves(leaf_hash(b"something else"), index, len(leaves), path, root)


@given(contents, st.data())
def test_any_single_change_moves_the_root(found: list[bytes], data: st.DataObject) -> None:
    leaves = [leaf_hash(each + bytes([n])) for n, each in enumerate(found)]
    at = data.draw(st.integers(0, len(leaves) - 1))
    changed = [*leaves[:at], leaf_hash(b"forged"), *leaves[at + 1 :]]
    deleted = [*leaves[:at], *leaves[at + 1 :]]
    inserted = [*leaves[:at], leaf_hash(b"forged"), *leaves[at:]]
    for tampered in (changed, deleted, inserted):
        assert root_of(tampered) != root_of(leaves)
    if len(leaves) > 1:
        to = data.draw(st.integers(0, len(leaves) - 1).filter(lambda n: n != at))
        swapped = list(leaves)
        swapped[at], swapped[to] = swapped[to], swapped[at]
        assert root_of(swapped) != root_of(leaves)


def test_an_inner_node_is_no_leaf() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)
