"""The laws of cutting work into chunks."""

from hypothesis import given
from hypothesis import strategies as st

from muniment.scans.chunking import MOST_TASKS, TARGET_WEIGHT, Piece, bundle

pieces = st.lists(
    st.builds(
        Piece,
        asset=st.text("abc", min_size=1, max_size=3),
        partition=st.integers(0, 50),
        rows=st.one_of(st.none(), st.integers(0, 10_000_000)),
        columns=st.integers(0, 1600),
    ),
    unique_by=lambda piece: (piece.asset, piece.partition),
    max_size=400,
)


@given(pieces)
def test_every_piece_is_in_exactly_one_chunk(given_pieces: list[Piece]) -> None:
    chunks = bundle(given_pieces)
    flat = [piece for chunk in chunks for piece in chunk]
    assert sorted(flat, key=repr) == sorted(given_pieces, key=repr)
    assert all(chunks)


@given(pieces)
def test_a_chunk_passes_the_target_only_alone(given_pieces: list[Piece]) -> None:
    for chunk in bundle(given_pieces):
        assert len(chunk) <= MOST_TASKS
        assert len(chunk) == 1 or sum(piece.weight for piece in chunk) <= TARGET_WEIGHT


def test_many_small_tables_share_a_chunk_and_the_largest_come_first() -> None:
    small = [Piece(f"t{n}", 0, 100, 10) for n in range(30)]
    chunks = bundle([*small, Piece("big", 0, 5_000_000, 10)])
    assert chunks[0][0].asset == "big"
    assert len(chunks) == 2
