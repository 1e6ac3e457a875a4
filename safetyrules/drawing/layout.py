"""Places for a picture: columns from left to right by what rests on what, a field for each lane, few crossings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import networkx

from safetyrules.drawing.model import Box, Picture

BOX_WIDTH, BOX_HEIGHT = 272, 52
GAP_BELOW, GAP_RIGHT, GAP_COLUMN = 10, 96, 26
LANE_HEAD, LANE_GAP, LANE_PADDING, MARGIN = 42, 18, 12, 28
HEAD = 84
#: A column of more boxes than this is broken into several side by side.
MOST_ROWS = 32
_SWEEPS = 8


@dataclass(frozen=True)
class Place:
    """The upper left corner of a box."""

    x: float
    y: float


@dataclass(frozen=True)
class Band:
    """Where a lane lies."""

    lane: str
    left: float
    right: float
    top: float
    bottom: float


@dataclass(frozen=True)
class Layout:
    width: float
    height: float
    places: dict[str, Place]
    bands: tuple[Band, ...]


def lay_out(picture: Picture) -> Layout:
    """A place for every box."""
    graph: networkx.DiGraph[str] = networkx.DiGraph()
    graph.add_nodes_from(box.id for box in picture.boxes)
    graph.add_edges_from((arrow.source, arrow.target) for arrow in picture.arrows)
    column = _columns(graph, picture.boxes)
    cells = _cells(picture.boxes, column)
    _uncross(cells, graph, list(picture.lanes))
    columns = sorted({place for _, place in cells})
    wide = {
        place: max(ceil(len(found) / MOST_ROWS) for (_, at), found in cells.items() if at == place) for place in columns
    }
    left: dict[int, float] = {}
    x = float(MARGIN)
    for place in columns:
        left[place] = x
        x += wide[place] * (BOX_WIDTH + GAP_COLUMN) - GAP_COLUMN + GAP_RIGHT
    places: dict[str, Place] = {}
    bands: list[Band] = []
    pitch = BOX_HEIGHT + GAP_BELOW
    inside = {
        lane: {place: cells[lane, place] for place in columns if (lane, place) in cells} for lane in picture.lanes
    }
    rows = {lane: max(ceil(len(found) / wide[place]) for place, found in its.items()) for lane, its in inside.items()}
    # From the left; every lane as high up as its columns are free, so that short lanes stand beside tall ones.
    free = dict.fromkeys(columns, float(HEAD))
    for lane in sorted(picture.lanes, key=lambda each: (min(inside[each]), -rows[each])):
        first, last = min(inside[lane]), max(inside[lane])
        across = [place for place in columns if first <= place <= last]
        top = max(free[place] for place in across)
        for place, found in inside[lane].items():
            high = ceil(len(found) / wide[place])
            start = top + LANE_HEAD + (rows[lane] - high) * pitch / 2
            for number, box in enumerate(found):
                beside, down = divmod(number, high)
                places[box] = Place(left[place] + beside * (BOX_WIDTH + GAP_COLUMN), start + down * pitch)
        bottom = top + LANE_HEAD + rows[lane] * pitch
        high = ceil(len(inside[lane][last]) / wide[last])
        end = left[last] + ceil(len(inside[lane][last]) / high) * (BOX_WIDTH + GAP_COLUMN) - GAP_COLUMN
        bands.append(Band(lane, left[first] - LANE_PADDING, end + LANE_PADDING, top, bottom))
        free.update(dict.fromkeys(across, bottom + LANE_GAP))
    return Layout(x - GAP_RIGHT + MARGIN, max(free.values()) - LANE_GAP + MARGIN, places, tuple(bands))


def _columns(graph: networkx.DiGraph[str], boxes: Sequence[Box]) -> dict[str, int]:
    """After all it rests on, and no further left of what rests on it than need be; what has no arrow, in the first
    column of its lane."""
    order = list(networkx.lexicographical_topological_sort(graph))
    column: dict[str, int] = {}
    for node in order:
        column[node] = max((column[before] + 1 for before in graph.predecessors(node)), default=0)
    for node in reversed(order):
        after = [column[each] for each in graph.successors(node)]
        column[node] = max(column[node], min(after) - 1) if after else column[node]
    first: dict[str, int] = {}
    for box in boxes:
        if graph.degree(box.id):
            first[box.lane] = min(column[box.id], first.get(box.lane, column[box.id]))
    alone = {box.id: first.get(box.lane, 0) for box in boxes if not graph.degree(box.id)}
    return {**column, **alone}


def _cells(boxes: Sequence[Box], column: dict[str, int]) -> dict[tuple[str, int], list[str]]:
    cells: dict[tuple[str, int], list[str]] = {}
    for box in boxes:
        cells.setdefault((box.lane, column[box.id]), []).append(box.id)
    return cells


def _uncross(cells: dict[tuple[str, int], list[str]], graph: networkx.DiGraph[str], lanes: Sequence[str]) -> None:
    """Orders each cell by the middle of its neighbours, to and fro (barycentre)."""
    rank = {lane: number for number, lane in enumerate(lanes)}
    columns = sorted({place for _, place in cells})
    height: dict[str, float] = {}

    def settle() -> None:
        for (lane, _), found in cells.items():
            for number, box in enumerate(found):
                height[box] = rank[lane] * 1000 + (number + 0.5) * 1000 / len(found)

    settle()
    for sweep in range(_SWEEPS):
        neighbours = graph.predecessors if sweep % 2 == 0 else graph.successors
        for place in columns if sweep % 2 == 0 else reversed(columns):
            for lane in lanes:
                found = cells.get((lane, place))
                if found is None:
                    continue
                middle = {}
                for box in found:
                    beside = [height[each] for each in neighbours(box)]
                    middle[box] = sum(beside) / len(beside) if beside else height[box]
                found.sort(key=lambda box: (middle[box], height[box]))
            settle()
