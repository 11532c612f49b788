"""Sites and racks on the canvas: a labelled box around what lies in one, or one card for all of it."""

from collections.abc import Mapping

from attrs import frozen
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from vmplanner.domain.edits import count
from vmplanner.domain.groups import Group
from vmplanner.ui.canvas import chips
from vmplanner.ui.canvas.bars import draw_use, use_text
from vmplanner.ui.canvas.distance import ALL_TEXT_FROM, zoom_of
from vmplanner.ui.canvas.geometry import Side
from vmplanner.ui.canvas.items import CARD_WIDTH, PADDING, Marks, name_pixels
from vmplanner.ui.theme import RADIUS, look, mixed

AROUND = 28.0
HEADER = 32.0
GRIP = 14.0
COLLAPSED = (CARD_WIDTH, 84.0)
_NAME_PX = 13
_LEGEND_PX = 11
# From the name of a place to that of the one around it.
_LEGEND_STEP_PX = 20.0
# A box that is smaller than this on the screen has no room for its name.
_LEAST_WIDTH_PX, _LEAST_HEIGHT_PX = 48.0, 40.0


@frozen
class Totals:
    """What lies in a place, all together."""

    hosts: int = 0
    machines: int = 0
    used_bytes: int = 0
    memory_bytes: int = 0
    reserved_bytes: int = 0

    @property
    def text(self) -> str:
        """'4 hosts · 20 VMs'."""
        return f"{count(self.hosts, 'host')} · {count(self.machines, 'VM')}"


class PlaceItem(QGraphicsItem):
    """A place at `rect` (scene coordinates; empty: it is not drawn). Its header moves, collapses and expands it; its
    lower right corner resizes it.
    """

    def __init__(self, place: Group, marks: Marks) -> None:
        super().__init__()
        self.place = place
        self.marks = marks
        self.totals = Totals()
        self.node_ids: frozenset[str] = frozenset()
        self._rect = QRectF()
        self._depth = 0
        self._levels = 0

    @property
    def rect(self) -> QRectF:
        return self._rect

    def show_place(self, place: Group, depth: int, levels: int, node_ids: frozenset[str]) -> None:
        """Show its new value; `depth` is how many places it lies in, `levels` how many are in each other in it, and
        `node_ids` all that lies in it.
        """
        self.place = place
        self.node_ids = node_ids
        self._depth = depth
        self._levels = levels
        self.setZValue(1 if place.is_collapsed else depth - 100)
        self.update()

    def set_rect(self, rect: QRectF) -> None:
        if rect != self._rect:
            self.prepareGeometryChange()
            self._rect = rect

    def set_totals(self, totals: Totals) -> None:
        if totals != self.totals:
            self.totals = totals
            self.update()

    @property
    def is_selected(self) -> bool:
        """Whether all that lies in it is selected."""
        return bool(self.node_ids) and self.node_ids <= self.marks.selected

    def scene_card(self) -> QRectF:
        """The rectangle at which links to a collapsed place end."""
        return self._rect

    def port(self, side: Side) -> QPointF:
        """Where links reach this side of it."""
        centre = self._rect.center()
        return centre + QPointF(side.value[0] * self._rect.width() / 2, side.value[1] * self._rect.height() / 2)

    def header(self, zoom: float) -> QRectF:
        """Its handle: the line with its name, or all of the card; from far away the name on its edge."""
        if self.place.is_collapsed:
            return self._rect
        if zoom < ALL_TEXT_FROM:
            return self.legend(zoom)
        return QRectF(self._rect.left(), self._rect.top(), self._rect.width(), HEADER)

    def grip(self, zoom: float) -> QRectF:
        """The corner that resizes it; empty for a card."""
        if self.place.is_collapsed or self._rect.isEmpty():
            return QRectF()
        size = GRIP / min(1.0, zoom)
        return QRectF(self._rect.right() - size, self._rect.bottom() - size, size, size)

    def legend(self, zoom: float) -> QRectF:
        """Where its name stands while there is no room in its header; empty where it would not fit. It is on the upper
        edge, or above that as far as the names of the places inside need it.
        """
        width, height = self._rect.width() * zoom, self._rect.height() * zoom
        if zoom >= ALL_TEXT_FROM or self.place.is_collapsed or width < _LEAST_WIDTH_PX or height < _LEAST_HEIGHT_PX:
            return QRectF()
        wanted = chips.metrics(_LEGEND_PX, True).horizontalAdvance(self.place.name) + 14
        left = self._rect.left() + 6 / zoom
        rise = self._levels * max(0.0, _LEGEND_STEP_PX - (HEADER + 8) * zoom)
        return QRectF(left, self._rect.top() - (9 + rise) / zoom, min(wanted, width - 12) / zoom, 18 / zoom)

    def boundingRect(self) -> QRectF:
        return self._rect.adjusted(-4, -4, 4, 4)

    def shape(self) -> QPainterPath:
        path = QPainterPath()
        path.addRect(self._rect)
        return path

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if self._rect.isEmpty():
            return
        zoom, theme = zoom_of(painter), look.theme
        is_marked = self.is_selected or self.place.id == self.marks.drop_target
        is_hovered = self.place.id == self.marks.hovered
        pen = QPen(theme.accent if is_marked else mixed(theme.border, theme.muted, 0.5 if is_hovered else 0.2))
        pen.setWidthF((2.0 if is_marked else 1.0) / min(1.0, zoom))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(pen)
        painter.setBrush(self._ground())
        painter.drawRoundedRect(self._rect, RADIUS + 4, RADIUS + 4)
        if self.place.is_collapsed:
            self._draw_card(painter, zoom)

    def _ground(self) -> QColor:
        theme = look.theme
        if self.place.id == self.marks.drop_target:
            return mixed(theme.window, theme.accent, 0.10)
        if self.place.is_collapsed:
            return theme.surface
        return mixed(theme.window, theme.text, 0.025 * (1 + self._depth % 3))

    def draw_header(self, painter: QPainter) -> None:
        """Its name and what is in it, on a ground that no line crosses."""
        theme, rect = look.theme, self._rect
        is_hovered = self.place.id == self.marks.hovered
        title = chips.metrics(_NAME_PX, True).horizontalAdvance(self.place.name) + 36
        more = chips.metrics(_LEGEND_PX).horizontalAdvance(self.totals.text) + 12
        wide = title + more if title + more <= rect.width() else title
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._ground())
        painter.drawRoundedRect(QRectF(rect.left() + 6, rect.top() + 6, min(wide, rect.width() - 12), 22), 4, 4)
        self._draw_chevron(painter, QPointF(rect.left() + 16, rect.top() + 17), is_hovered)
        width = rect.width() - 44
        name = chips.elided(self.place.name, width, _NAME_PX, True)
        painter.setFont(chips.font(_NAME_PX, True))
        painter.setPen(theme.text)
        painter.drawText(QPointF(rect.left() + 28, rect.top() + 22), name)
        left = 28 + chips.metrics(_NAME_PX, True).horizontalAdvance(name) + 12
        painter.setFont(chips.font(_LEGEND_PX))
        painter.setPen(theme.muted)
        if left + chips.metrics(_LEGEND_PX).horizontalAdvance(self.totals.text) + 12 <= rect.width():
            painter.drawText(QPointF(rect.left() + left, rect.top() + 22), self.totals.text)
        if is_hovered:
            painter.setPen(QPen(theme.muted, 1.4))
            for inset in (5, 9):
                corner = rect.bottomRight()
                painter.drawLine(corner - QPointF(inset, 3), corner - QPointF(3, inset))

    def _draw_chevron(self, painter: QPainter, middle: QPointF, is_hovered: bool) -> None:
        """Points down on a box, to the right on a card."""
        arms = [QPointF(-4, -2.5), QPointF(0, 2), QPointF(4, -2.5)]
        if self.place.is_collapsed:
            arms = [QPointF(arm.y(), -arm.x()) for arm in arms]
        painter.setPen(QPen(look.theme.accent if is_hovered else look.theme.muted, 1.8))
        painter.drawPolyline(QPolygonF([middle + arm for arm in arms]))

    def _draw_card(self, painter: QPainter, zoom: float) -> None:
        theme, rect, totals = look.theme, self._rect, self.totals
        left, right = rect.left() + PADDING, rect.right() - PADDING
        share, reserved = (
            (totals.used_bytes / totals.memory_bytes, totals.reserved_bytes / totals.memory_bytes)
            if totals.memory_bytes
            else (0.0, 0.0)
        )
        draw_use(painter, QRectF(left, rect.bottom() - 18, right - left, 6), share, reserved)
        if zoom < ALL_TEXT_FROM:
            pixels = name_pixels(zoom)
            painter.setFont(chips.font(pixels, True))
            painter.setPen(theme.text)
            place = QRectF(left, rect.top() + 4, right - left, 58)
            name = chips.elided(self.place.name, place.width(), pixels, True)
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
            return
        self._draw_chevron(painter, QPointF(left + 4, rect.top() + 22), self.place.id == self.marks.hovered)
        name = chips.elided(self.place.name, right - left - 20, 14, True)
        painter.setFont(chips.font(14, True))
        painter.setPen(theme.text)
        painter.drawText(QPointF(left + 18, rect.top() + 27), name)
        painter.setFont(chips.font(11))
        painter.setPen(theme.muted)
        line = QRectF(left, rect.top() + 40, right - left, 18)
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, totals.text)
        painter.setPen(theme.bad if share > 1 else theme.text)
        memory = use_text(totals.used_bytes, totals.memory_bytes)
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, memory)


class PlaceNames(QGraphicsItem):
    """The names of places seen from far away: on the upper edges of their boxes, above everything that is drawn."""

    def __init__(self, places: Mapping[str, PlaceItem]) -> None:
        super().__init__()
        self._places = places
        self._bounds = QRectF()
        self.setZValue(5)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)

    def grow(self) -> None:
        """Boxes have another size."""
        around = QRectF()
        for place in self._places.values():
            around = around.united(place.rect)
        self.prepareGeometryChange()
        self._bounds = around.adjusted(-400, -1600, 400, 400)

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        zoom, theme = zoom_of(painter), look.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if zoom >= ALL_TEXT_FROM:
            for place in self._places.values():
                if place.isVisible() and not place.place.is_collapsed and place.rect.intersects(option.exposedRect):  # type: ignore[attr-defined]
                    place.draw_header(painter)
            return
        painter.setFont(chips.font(_LEGEND_PX, True))
        for place in self._places.values():
            legend = place.legend(zoom)
            if not legend.isEmpty() and place.isVisible():
                painter.save()
                painter.translate(legend.topLeft())
                painter.scale(1 / zoom, 1 / zoom)
                pill = QRectF(0, 0, legend.width() * zoom, legend.height() * zoom)
                is_marked = place.is_selected
                painter.setPen(theme.accent if is_marked else theme.border)
                painter.setBrush(theme.surface)
                painter.drawRoundedRect(pill, 4, 4)
                painter.setPen(theme.accent if is_marked else theme.text)
                name = chips.elided(place.place.name, round(pill.width()) - 12, _LEGEND_PX, True)
                painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, name)
                painter.restore()
