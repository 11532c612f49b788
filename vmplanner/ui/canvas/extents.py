"""Where many things are, so that those in a rectangle are found at once: a table of rectangles that numpy compares."""

from typing import cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF


class Extents:
    """The rectangles of things by their ids, in scene coordinates."""

    def __init__(self) -> None:
        self._rows: dict[str, int] = {}
        self._ids: list[str] = []
        self._edges: NDArray[np.float64] = np.empty((64, 4))

    def put(self, thing_id: str, rect: QRectF) -> None:
        """The thing is here, whether it was elsewhere before or nowhere."""
        row = self._rows.get(thing_id)
        if row is None:
            row = self._rows[thing_id] = len(self._ids)
            self._ids.append(thing_id)
            if row == len(self._edges):
                self._edges = np.concatenate([self._edges, np.empty_like(self._edges)])
        self._edges[row] = _edges_of(rect)

    def of(self, thing_id: str) -> QRectF:
        """Where the thing is; empty: nowhere."""
        row = self._rows.get(thing_id)
        if row is None:
            return QRectF()
        left, top, right, bottom = self._edges[row].tolist()
        return QRectF(left, top, right - left, bottom - top)

    def drop(self, thing_id: str) -> None:
        """The thing is nowhere any more; its row is taken by the last one."""
        if thing_id not in self._rows:
            return
        row, last = self._rows.pop(thing_id), self._ids.pop()
        if last != thing_id:
            self._rows[last], self._ids[row] = row, last
            self._edges[row] = self._edges[len(self._ids)]

    def clear(self) -> None:
        self._rows.clear()
        self._ids.clear()

    def meeting(self, rect: QRectF) -> list[str]:
        """The things that share a point with `rect`."""
        left, top, right, bottom = _edges_of(rect)
        edges = self._edges[: len(self._ids)]
        meets = (edges[:, 0] <= right) & (edges[:, 2] >= left) & (edges[:, 1] <= bottom) & (edges[:, 3] >= top)
        return [self._ids[row] for row in np.flatnonzero(meets)]

    def united(self) -> QRectF:
        """The rectangle around everything."""
        if not self._ids:
            return QRectF()
        edges = self._edges[: len(self._ids)]
        left, top = edges[:, :2].min(axis=0).tolist()
        right, bottom = edges[:, 2:].max(axis=0).tolist()
        return QRectF(left, top, right - left, bottom - top)


def _edges_of(rect: QRectF) -> tuple[float, float, float, float]:
    return cast(tuple[float, float, float, float], rect.getCoords())
