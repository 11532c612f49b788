"""What floats above the drawing for a moment: port handles, the rubber band, ghosts of what is dragged."""

from collections.abc import Sequence

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from vmplanner.domain.machines import VirtualMachine
from vmplanner.ui.canvas import chips, items
from vmplanner.ui.canvas.geometry import Side
from vmplanner.ui.canvas.icons import draw_icon
from vmplanner.ui.names import shortened
from vmplanner.ui.theme import RADIUS, look

PORT_RADIUS = 5.5
_ABOVE_ALL = 10.0


def _translucent(colour: QColor, alpha: float) -> QColor:
    result = QColor(colour)
    result.setAlphaF(alpha)
    return result


class Overlay(QGraphicsItem):
    """Something above all else that no click ever hits."""

    def __init__(self) -> None:
        super().__init__()
        self.setZValue(_ABOVE_ALL)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def shape(self) -> QPainterPath:
        return QPainterPath()


class PortHandles(Overlay):
    """Dots on the middles of a card's edges, from which a link can be drawn."""

    def __init__(self) -> None:
        super().__init__()
        self._ports: dict[Side, QPointF] = {}
        self._hot: Side | None = None

    def show_on(self, node: items.NodeItem | None, hot: Side | None) -> None:
        """Show the handles of this card, the one under the pointer filled."""
        ports = {} if node is None else {side: node.port(side) for side in Side}
        if (ports, hot) != (self._ports, self._hot):
            self.prepareGeometryChange()
            self._ports, self._hot = ports, hot
            self.update()

    @property
    def are_shown(self) -> bool:
        return bool(self._ports)

    def boundingRect(self) -> QRectF:
        margin = PORT_RADIUS + 4
        return QPolygonF(list(self._ports.values())).boundingRect().adjusted(-margin, -margin, margin, margin)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        theme = look.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.accent, 1.6))
        for side, centre in self._ports.items():
            is_hot = side is self._hot
            painter.setBrush(theme.accent if is_hot else theme.surface)
            radius = PORT_RADIUS + (1.5 if is_hot else 0)
            painter.drawEllipse(centre, radius, radius)


class Band(Overlay):
    """The rubber band."""

    def __init__(self) -> None:
        super().__init__()
        self._rect = QRectF()

    def set_rect(self, rect: QRectF) -> None:
        self.prepareGeometryChange()
        self._rect = rect

    def boundingRect(self) -> QRectF:
        return self._rect.adjusted(-2, -2, 2, 2)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        pen = QPen(look.theme.accent, 1.0)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.setBrush(_translucent(look.theme.accent, 0.10))
        painter.drawRect(self._rect)


class Loop(Overlay):
    """The line of a lasso."""

    def __init__(self) -> None:
        super().__init__()
        self._path = QPainterPath()

    def set_path(self, path: QPainterPath) -> None:
        self.prepareGeometryChange()
        self._path = QPainterPath(path)

    def boundingRect(self) -> QRectF:
        return self._path.boundingRect().adjusted(-2, -2, 2, 2)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        pen = QPen(look.theme.accent, 1.0)
        pen.setCosmetic(True)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(pen)
        painter.setBrush(_translucent(look.theme.accent, 0.10))
        painter.drawPath(self._path)


class Guides(Overlay):
    """Lines that say with what a dragged card is in line."""

    _BEYOND = 8.0

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[QLineF] = []

    @property
    def lines(self) -> list[QLineF]:
        return self._lines

    def set_lines(self, lines: list[QLineF]) -> None:
        if lines != self._lines:
            self.prepareGeometryChange()
            self._lines = lines
            self.update()

    def boundingRect(self) -> QRectF:
        ends = [end for line in self._lines for end in (line.p1(), line.p2())]
        margin = 2 * self._BEYOND
        return QPolygonF(ends).boundingRect().adjusted(-margin, -margin, margin, margin) if ends else QRectF()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        pen = QPen(look.theme.bad, 1.0)
        pen.setCosmetic(True)
        painter.setPen(pen)
        for line in self._lines:
            if line.length() > 0:
                beyond = QLineF(line)
                beyond.setLength(line.length() + self._BEYOND)
                back = QLineF(beyond.p2(), beyond.p1())
                back.setLength(back.length() + self._BEYOND)
                painter.drawLine(back)


class Ring(Overlay):
    """A frame around what was searched for."""

    def __init__(self, rect: QRectF) -> None:
        super().__init__()
        self._rect = rect.adjusted(-6, -6, 6, 6)

    def boundingRect(self) -> QRectF:
        return self._rect.adjusted(-8, -8, 8, 8)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        pen = QPen(look.theme.warn, 3.0)
        pen.setCosmetic(True)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(pen)
        painter.setBrush(_translucent(look.theme.warn, 0.10))
        painter.drawRoundedRect(self._rect, 2 * RADIUS, 2 * RADIUS)


class LinkPreview(Overlay):
    """A link that is being drawn."""

    def __init__(self) -> None:
        super().__init__()
        self._path = QPainterPath()

    def set_path(self, path: QPainterPath) -> None:
        self.prepareGeometryChange()
        self._path = path

    def boundingRect(self) -> QRectF:
        return self._path.boundingRect().adjusted(-8, -8, 8, 8)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if self._path.isEmpty():
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(look.theme.accent, 2.0)
        pen.setDashPattern([4, 2.5])
        painter.strokePath(self._path, pen)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.theme.accent)
        painter.drawEllipse(self._path.pointAtPercent(1.0), 4.5, 4.5)


class ChipGhost(Overlay):
    """The VMs that are dragged, as a small pile below the pointer, and a line that says what dropping them would do."""

    _SHOWN = 3

    def __init__(self, machines: Sequence[VirtualMachine]) -> None:
        super().__init__()
        self._machines = machines
        self._caption = ""

    def set_caption(self, caption: str) -> None:
        caption = shortened(caption)
        if caption != self._caption:
            self.prepareGeometryChange()
            self._caption = caption
            self.update()

    @property
    def caption(self) -> str:
        return self._caption

    def boundingRect(self) -> QRectF:
        width = max(chips.WIDTH + 24, chips.metrics(12).horizontalAdvance(self._caption) + 32)
        return QRectF(-4, -16, width, chips.HEIGHT + 70)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        theme = look.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shown = self._machines[: self._SHOWN]
        for depth, machine in reversed(list(enumerate(shown))):
            rect = QRectF(10 + depth * 4, 6 + depth * 4, chips.WIDTH, chips.HEIGHT)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(0, 0, 0, 22))
            painter.drawRoundedRect(rect.translated(0, 2), 6, 6)
            painter.setBrush(theme.surface)
            painter.drawRoundedRect(rect, 5, 5)
            chips.draw_chip(painter, rect, machine, is_selected=True)
        if len(self._machines) > 1:
            badge = QRectF(10 + chips.WIDTH - 12, -4, 24, 20)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.accent)
            painter.drawRoundedRect(badge, 10, 10)
            painter.setPen(theme.on_accent)
            painter.setFont(chips.font(11, True))
            painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, str(len(self._machines)))
        if self._caption:
            width = chips.metrics(12).horizontalAdvance(self._caption) + 20
            label = QRectF(10, 12 + chips.HEIGHT + 4 * len(shown), width, 24)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.text)
            painter.drawRoundedRect(label, RADIUS, RADIUS)
            painter.setPen(theme.surface)
            painter.setFont(chips.font(12))
            painter.drawText(label, Qt.AlignmentFlag.AlignCenter, self._caption)


class PlacingGhost(Overlay):
    """The outline of what the next click will place; the item's origin is where its centre will be."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__()
        self._icon = "vm" if kind == "profile" else kind
        self._name = name
        size = {
            "host": (items.CARD_WIDTH, items.EMPTY_HEIGHT),
            "switch": items.SWITCH_SIZE,
            "storage": items.STORAGE_SIZE,
        }
        width, height = size.get(kind, (chips.WIDTH, chips.HEIGHT))
        self._rect = QRectF(-width / 2, -height / 2, width, height)

    def boundingRect(self) -> QRectF:
        return self._rect.adjusted(-2, -2, 2, 2)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        theme = look.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(theme.accent, 1.5)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.setBrush(_translucent(theme.surface, 0.8))
        painter.drawRoundedRect(self._rect, RADIUS + 2, RADIUS + 2)
        left, middle = self._rect.left() + 10, self._rect.center().y()
        draw_icon(painter, self._icon, QRectF(left, middle - 10, 20, 20), theme.accent)
        painter.setPen(theme.accent)
        painter.setFont(chips.font(12))
        name = chips.elided(self._name, self._rect.width() - 46, 12)
        painter.drawText(QRectF(left + 28, middle - 12, 999, 24), Qt.AlignmentFlag.AlignVCenter, name)
