"""Laws of the layout: edges point right, cards never overlap, the same graph looks the same."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from muniment.catalog.lineage.layout import CARD_HEIGHT, layers, positions

names = st.sampled_from([f"n{i}" for i in range(12)])
graphs = st.lists(st.tuples(names, names), max_size=40)


def nodes_of(edges: list[tuple[str, str]]) -> list[str]:
    return sorted({node for edge in edges for node in edge})


@given(graphs)
def test_without_cycles_every_edge_points_to_the_right(edges: list[tuple[str, str]]) -> None:
    forward = [(a, b) for a, b in edges if a < b]
    layer = layers(nodes_of(forward), forward)
    assert all(layer[a] < layer[b] for a, b in forward)


@given(graphs, st.randoms())
def test_any_graph_is_laid_out_the_same_way_whatever_the_order(
    edges: list[tuple[str, str]], random: object
) -> None:
    shuffled = list(edges)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # Hypothesis types it as object here
    assert positions(nodes_of(edges), edges) == positions(nodes_of(edges)[::-1], shuffled)


@given(graphs)
def test_cards_do_not_overlap(edges: list[tuple[str, str]]) -> None:
    placed = sorted(positions(nodes_of(edges), edges).values())
    for (x, y), (other_x, other_y) in pairwise(placed):
        assert x != other_x or other_y - y >= CARD_HEIGHT
