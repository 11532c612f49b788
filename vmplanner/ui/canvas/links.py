"""Links between cards. One layer draws all of them, for thousands of items would cost more than their lines."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from math import log10

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPainterPathStroker, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from vmplanner.domain.quantities import BYTES_PER_S, SECONDS
from vmplanner.domain.topology import Link
from vmplanner.ui.canvas.distance import ALL_TEXT_FROM, CHIPS_FROM, zoom_of
from vmplanner.ui.canvas.extents import Extents
from vmplanner.ui.canvas.items import Marks
from vmplanner.ui.canvas.labels import Label, draw_label
from vmplanner.ui.theme import look, mixed

_HIT_WIDTH = 12.0
_SHORT = 180.0
_FEW = 100
_ABOVE = 44.0
_LABEL_PLACES = (0.5, 0.38, 0.62, 0.27, 0.73, 0.85, 0.15)
_BEND = 60.0
_AROUND = 1000.0
# Nearer than this the straight pieces of a curve could be seen.
_CURVES_FROM = 1.6


class LinkLine:
    """What is drawn between two cards: a link, or all links that a collapsed place has with another card. The thicker
    the faster. `ends` are the ids of the cards; `route` draws the way when somebody wants to see it.
    """

    def __init__(
        self, links: tuple[Link, ...], ends: tuple[str, str], route: Callable[["LinkLine"], QPainterPath]
    ) -> None:
        self.links = links
        self._ids = frozenset(link.id for link in links)
        self.ends = ends
        self.label = Label()
        self._route = route
        self._path: QPainterPath | None = None
        self._shape: QPainterPath | None = None
        self._segments: list[QLineF] | None = None
        self._load: float | None = None
        self._name()

    @property
    def id(self) -> str:
        """That of its first link stands for it."""
        return self.links[0].id

    @property
    def ids(self) -> frozenset[str]:
        return self._ids

    @property
    def bandwidth_bytes_per_s(self) -> float:
        return sum(link.bandwidth_bytes_per_s for link in self.links)

    @property
    def load(self) -> float | None:
        """The share of the bandwidth that a run under way takes, 0 to 1; None: none that uses it."""
        return self._load

    def set_links(self, links: tuple[Link, ...]) -> None:
        """Other values of its links."""
        self.links = links
        self._ids = frozenset(link.id for link in links)
        self._name()

    def set_loads(self, loads: Mapping[str, float]) -> bool:
        """The shares that a run takes of links by their ids; of several links it is their mean. True: it is another."""
        used = [loads[link.id] * link.bandwidth_bytes_per_s for link in self.links if link.id in loads]
        load = sum(used) / self.bandwidth_bytes_per_s if used else None
        has_changed = load != self._load
        self._load = load
        if has_changed:
            self._name()
        return has_changed

    def _name(self) -> None:
        speed = BYTES_PER_S.format(self.bandwidth_bytes_per_s)
        if self._load is not None:
            self.label.set_text(f"{self._load * 100:.0f} % of {speed}")
        elif len(self.links) > 1:
            self.label.set_text(f"{len(self.links)} links · {speed}")
        else:
            link = self.links[0]
            parts = [speed, SECONDS.format(link.latency_s)]
            parts += [f"{link.background_share * 100:.3g} % in use"] if link.background_share else []
            parts += [f"{link.loss_share * 100:.3g} % lost"] if link.loss_share else []
            self.label.set_text(" · ".join(parts))

    # Where it runs

    @property
    def path(self) -> QPainterPath:
        """The line in scene coordinates."""
        if self._path is None:
            self._path = self._route(self)
        return self._path

    def set_path(self, path: QPainterPath | None) -> None:
        """Run this way; None: work it out when it is asked for."""
        self._path, self._shape, self._segments = path, None, None

    @property
    def segments(self) -> list[QLineF]:
        """The line as straight pieces: they are drawn several times faster than a curve."""
        if self._segments is None:
            points = [point for polygon in self.path.toSubpathPolygons() for point in polygon.toList()]
            self._segments = [QLineF(a, b) for a, b in pairwise(points)]
        return self._segments

    def is_at(self, rect: QRectF) -> bool:
        """Whether it, its surroundings or its label touch `rect`."""
        if self._shape is None:
            stroker = QPainterPathStroker()
            stroker.setWidth(_HIT_WIDTH)
            self._shape = stroker.createStroke(self.path)
        return self._shape.intersects(rect) or self.label.rect.intersects(rect)

    def lies_in(self, rect: QRectF) -> bool:
        """Whether `rect` holds all of the line. QRectF.contains says no to a straight line, as it has no area."""
        bounds = self.path.boundingRect()
        return rect.contains(bounds.topLeft()) and rect.contains(bounds.bottomRight())

    def label_places(self) -> Iterator[QRectF]:
        """Where its label may stand, the best first: on the line, or close beside a line that is too short for it."""
        path = self.path
        for place in _LABEL_PLACES:
            yield self.label.rect_at(path.pointAtPercent(place))
        if path.length() < _SHORT:
            points = [path.pointAtPercent(place) for place in _LABEL_PLACES]
            beside = self.label.rect_at(QPointF()).width() / 2 + 6
            for shift in (QPointF(0, -16), QPointF(0, 16), QPointF(beside, 0), QPointF(-beside, 0)):
                yield from (self.label.rect_at(point + shift) for point in points)
            yield self.label.rect_at(points[0] + QPointF(0, -_ABOVE))

    # How it looks

    def pen(self, marks: Marks, zoom: float) -> QPen:
        theme = look.theme
        is_selected = not marks.selected.isdisjoint(self._ids)
        is_hovered = self.id == marks.hovered
        if is_selected:
            colour = theme.accent
        elif self._load is not None:
            colour = load_colour(self._load)
        else:
            colour = mixed(theme.border, theme.muted, 0.9 if is_hovered else 0.45)
        width = min(4.0, max(1.5, 1.2 + 0.8 * log10(max(1.0, self.bandwidth_bytes_per_s / 125e6))))
        width += 0.8 * (is_selected or is_hovered) + 3.0 * (self._load or 0.0)
        pen = QPen(colour, max(width, 0.8 / zoom))
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        return pen


def load_colour(load: float) -> QColor:
    """From calm to full."""
    theme = look.theme
    return theme.bad if load >= 0.95 else theme.warn if load >= 0.7 else theme.accent


class LinkLayer(QGraphicsItem):
    """All lines, below the cards, by their ids. `card_of` gives the rectangle of the card with an id, at which lines
    end.
    """

    def __init__(self, lines: Mapping[str, LinkLine], marks: Marks, card_of: Callable[[str], QRectF]) -> None:
        super().__init__()
        self.labels = LabelLayer(self)
        self.lines = lines
        self.marks = marks
        self._card_of = card_of
        # Where each line may be, but for the loose ones: they are somewhere between their cards.
        self._extents = Extents()
        self._loose: dict[str, None] = {}  # in an order, so that drawings are the same each time
        self._chords: dict[float, tuple[QPen, list[QLineF]]] | None = None
        self._bounds = QRectF()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)

    def clear(self) -> None:
        """There are no lines any more."""
        self._extents.clear()
        self._loose.clear()
        self._chords = None

    def drop(self, line_ids: Iterable[str]) -> None:
        """These lines are gone."""
        for line_id in line_ids:
            self._extents.drop(line_id)
            self._loose.pop(line_id, None)
        self._chords = None

    def loosen(self, lines: Sequence[LinkLine]) -> None:
        """These lines join other cards, or cards elsewhere. How they run is worked out when somebody looks there."""
        self._chords = None
        before = [self._extents.of(line.id) for line in lines] if len(lines) <= _FEW else [self._bounds]
        for line in lines:
            line.set_path(None)
        self._loose.update(dict.fromkeys(line.id for line in lines))
        after = self._tighten() if len(lines) <= _FEW else []
        for rect in (*before, *after):
            self.update(rect)
            self.labels.update(rect)

    def put(self, line: LinkLine) -> None:
        """The line runs along its path now."""
        self._loose.pop(line.id, None)
        self._extents.put(line.id, line.path.controlPointRect().adjusted(-8, -8, 8, 8))

    def _tighten(self) -> list[QRectF]:
        """Find the room between the cards of loose lines."""
        cards: dict[str, QRectF] = {}
        rooms = []
        for line_id in self._loose:
            for end in self.lines[line_id].ends:
                if end not in cards:
                    cards[end] = self._card_of(end).adjusted(-_BEND, -_BEND, _BEND, _BEND)
            a, b = self.lines[line_id].ends
            rooms.append(cards[a].united(cards[b]))
            self._extents.put(line_id, rooms[-1])
        self._loose.clear()
        return rooms

    def set_room(self, room: QRectF) -> None:
        """All cards are in this rectangle, and so are the lines, more or less."""
        room = room.adjusted(-_AROUND, -_AROUND, _AROUND, _AROUND)
        if not self._bounds.contains(room):
            for layer in (self, self.labels):
                layer.prepareGeometryChange()
            self._bounds = self._bounds.united(room.adjusted(-_AROUND, -_AROUND, _AROUND, _AROUND))

    def meeting(self, rect: QRectF) -> list[LinkLine]:
        """The lines that may touch `rect`."""
        if self._loose:
            self._tighten()
        return [self.lines[line_id] for line_id in self._extents.meeting(rect)]

    def repaint(self, lines: Iterable[LinkLine]) -> None:
        """Some lines look different."""
        self._chords = None
        for line in lines:
            self.update(line.path.controlPointRect().adjusted(-8, -8, 8, 8))
            self.labels.update(line.label.rect.adjusted(-2, -2, 2, 2))

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        zoom = zoom_of(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if zoom < CHIPS_FROM:
            self._draw_chords(painter, zoom)
            return
        alike: dict[tuple[object, ...], list[LinkLine]] = {}
        for line in self.meeting(option.exposedRect):  # type: ignore[attr-defined]
            is_marked = line.id == self.marks.hovered or not self.marks.selected.isdisjoint(line.ids)
            key = (line.id,) if is_marked else (line.load, line.bandwidth_bytes_per_s)
            alike.setdefault(key, []).append(line)
        for lines in alike.values():
            painter.setPen(lines[0].pen(self.marks, zoom))
            if zoom > _CURVES_FROM:
                for line in lines:
                    painter.drawPath(line.path)
            else:
                painter.drawLines([segment for line in lines for segment in line.segments])

    def _draw_chords(self, painter: QPainter, zoom: float) -> None:
        """From far away: straight lines, all that are alike at once, and the marked ones above them."""
        middles: dict[str, QPointF] = {}

        def chord(line: LinkLine) -> QLineF:
            for end in line.ends:
                if end not in middles:
                    middles[end] = self._card_of(end).center()
            return QLineF(middles[line.ends[0]], middles[line.ends[1]])

        if self._chords is None:
            self._chords = {}
            for line in self.lines.values():
                key = -1.0 if line.load is None else round(line.load, 1)
                if key not in self._chords:
                    self._chords[key] = line.pen(Marks(), zoom), []
                self._chords[key][1].append(chord(line))
        alike = list(self._chords.values())
        marked = [line for line in self.lines.values() if not self.marks.selected.isdisjoint(line.ids)]
        if marked:
            alike.append((marked[0].pen(self.marks, zoom), [chord(line) for line in marked]))
        for pen, chords in alike:
            pen.setWidthF(0.8 / zoom)
            painter.setPen(pen)
            painter.drawLines(chords)


class LabelLayer(QGraphicsItem):
    """The labels of all lines, above cards and arrows."""

    def __init__(self, links: LinkLayer) -> None:
        super().__init__()
        self._links = links
        self.setZValue(3)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)

    def boundingRect(self) -> QRectF:
        return self._links.boundingRect()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if zoom_of(painter) < ALL_TEXT_FROM:
            return
        theme, marks = look.theme, self._links.marks
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        exposed = option.exposedRect.adjusted(-_SHORT, -_ABOVE, _SHORT, _ABOVE)  # type: ignore[attr-defined]
        for line in self._links.meeting(exposed):
            if line.label.rect.intersects(exposed):
                strong = theme.accent if not marks.selected.isdisjoint(line.ids) else None
                if strong is None and line.load is not None:
                    strong = load_colour(line.load)
                draw_label(painter, line.label, strong or theme.muted, strong)
