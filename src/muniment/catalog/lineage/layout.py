"""Where the cards of a lineage graph stand: layers by longest path, order by barycentre. Pure."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Edges: TypeAlias = Sequence[tuple[str, str]]

LAYER_WIDTH = 340
CARD_HEIGHT = 80
ROW_HEIGHT = 26
GAP = 24
SWEEPS = 6


def layers(nodes: Sequence[str], edges: Edges) -> dict[str, int]:
    """A layer for each node such that every edge that is in no cycle points to the right."""
    forward = _without_cycles(nodes, edges)
    after: dict[str, list[str]] = {node: [] for node in nodes}
    waiting = dict.fromkeys(nodes, 0)
    for start, end in forward:
        after[start].append(end)
        waiting[end] += 1
    layer = dict.fromkeys(nodes, 0)
    ready = [node for node in nodes if waiting[node] == 0]
    for node in ready:
        for end in after[node]:
            layer[end] = max(layer[end], layer[node] + 1)
            waiting[end] -= 1
            if waiting[end] == 0:
                ready.append(end)
    return _pulled_right(layer, after, ready)


def positions(
    nodes: Sequence[str], edges: Edges, heights: Mapping[str, int] | None = None
) -> dict[str, tuple[int, int]]:
    """The top left corner of each card. The same graph always looks the same."""
    ordered = sorted(dict.fromkeys(nodes))
    known = set(ordered)
    kept = sorted({(a, b) for a, b in edges if a in known and b in known and a != b})
    layer = layers(ordered, kept)
    columns: dict[int, list[str]] = {}
    for node in ordered:
        columns.setdefault(layer[node], []).append(node)
    _reduce_crossings(columns, kept)
    height = {node: (heights or {}).get(node, CARD_HEIGHT) + GAP for node in ordered}
    placed: dict[str, tuple[int, int]] = {}
    for at, column in columns.items():
        y = -sum(height[node] for node in column) // 2
        for node in column:
            placed[node] = (at * LAYER_WIDTH, y)
            y += height[node]
    return placed


def _without_cycles(nodes: Sequence[str], edges: Edges) -> list[tuple[str, str]]:
    """The edges without those that close a cycle, found by one walk in depth."""
    after: dict[str, list[str]] = {node: [] for node in nodes}
    for start, end in edges:
        after[start].append(end)
    state = dict.fromkeys(nodes, 0)  # 0 not seen, 1 on the path, 2 done
    kept: list[tuple[str, str]] = []
    for root in nodes:
        if state[root]:
            continue
        state[root] = 1
        path = [(root, iter(after[root]))]
        while path:
            node, rest = path[-1]
            for follower in rest:
                if state[follower] == 1:
                    continue
                kept.append((node, follower))
                if state[follower] == 0:
                    state[follower] = 1
                    path.append((follower, iter(after[follower])))
                    break
            else:
                state[node] = 2
                path.pop()
    return kept


def _pulled_right(
    layer: dict[str, int], after: Mapping[str, Sequence[str]], order: Sequence[str]
) -> dict[str, int]:
    """A source that feeds only late layers stands just before them, so that edges are short."""
    for node in reversed(order):
        ends = after[node]
        if ends:
            layer[node] = max(layer[node], min(layer[end] for end in ends) - 1)
    return layer


def _reduce_crossings(columns: dict[int, list[str]], edges: Edges) -> None:
    before: dict[str, list[str]] = {}
    after: dict[str, list[str]] = {}
    for start, end in edges:
        after.setdefault(start, []).append(end)
        before.setdefault(end, []).append(start)
    order = sorted(columns)
    for sweep in range(SWEEPS):
        near = before if sweep % 2 == 0 else after
        place = {node: i for column in columns.values() for i, node in enumerate(column)}
        for at in order if sweep % 2 == 0 else reversed(order):
            column = columns[at]
            weight = {node: _barycentre(node, near, place) for node in column}
            column.sort(key=lambda node: (weight[node], node))
            place.update({node: i for i, node in enumerate(column)})


def _barycentre(node: str, near: Mapping[str, Sequence[str]], place: Mapping[str, int]) -> float:
    ends = near.get(node)
    return sum(place[end] for end in ends) / len(ends) if ends else float(place[node])
