"""The whole drawing in small, in a corner of the canvas: says which part is in view, and leads elsewhere."""

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, QSizeF, Qt, QTimer
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from vmplanner.domain.topology import Host
from vmplanner.ui.canvas.view import TopologyView
from vmplanner.ui.theme import RADIUS, look, mixed

_MOST = QSize(192, 128)
# A canvas smaller than this has no corner to spare.
_LEAST_CANVAS = QSize(2 * _MOST.width(), 2 * _MOST.height())
_LEAST = QSize(48, 48)
_MARGIN, _INSET = 12, 8
_SETTLE_MS = 60


class Minimap(QWidget):
    """Click or drag to move the view. Hidden while everything is in view."""

    def __init__(self, canvas: TopologyView) -> None:
        super().__init__(canvas)
        self.setAccessibleName("Overview")
        self.setToolTip("The whole drawing: click or drag to look elsewhere")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.resize(_MOST)
        self._canvas = canvas
        self._content = QRectF()
        self._picture: QPixmap | None = None
        # Many small steps in a row are shown at once.
        self._timer = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._timer.timeout.connect(self.refresh)
        canvas.document.changed.connect(self._timer.start)
        canvas.document.replaced.connect(self._timer.start)
        canvas.arranger.settled.connect(self.refresh)
        canvas.seen_changed.connect(self._follow)
        look.changed.connect(self.refresh)
        canvas.installEventFilter(self)
        self.hide()

    def refresh(self) -> None:
        """Draw it anew: things have come, gone or moved."""
        self._content = self._canvas.topology.content_rect()
        self._picture = None
        if not self._content.isEmpty():
            # No larger than the picture is: it covers a part of the canvas.
            inset = QSizeF(2 * _INSET, 2 * _INSET)
            size = self._content.size().scaled(QSizeF(_MOST) - inset, Qt.AspectRatioMode.KeepAspectRatio)
            self.resize((size + inset).toSize().expandedTo(_LEAST))
        self._follow()

    def _follow(self) -> None:
        """Another part is in view."""
        has_room = self._canvas.size().expandedTo(_LEAST_CANVAS) == self._canvas.size()
        is_needed = has_room and not self._content.isEmpty() and not self._canvas.seen_rect().contains(self._content)
        self.setVisible(is_needed)
        if is_needed:
            self._place()
            self.update()

    def _place(self) -> None:
        room = self._canvas.rect()
        self.move(room.right() - self.width() - _MARGIN, room.bottom() - self.height() - _MARGIN)

    @property
    def scale(self) -> float:
        """Pixels for each unit of the scene."""
        width, height = self.width() - 2 * _INSET, self.height() - 2 * _INSET
        return min(width / self._content.width(), height / self._content.height())

    def at(self, point: QPointF) -> QPointF:
        """The point of the scene that is drawn at a point of the map."""
        return self._content.center() + (point - QRectF(self.rect()).center()) * (1 / self.scale)

    def shown_at(self, rect: QRectF) -> QRectF:
        """Where a part of the scene is drawn."""
        scale, middle = self.scale, QRectF(self.rect()).center()
        corner = middle + (rect.topLeft() - self._content.center()) * scale
        return QRectF(corner.x(), corner.y(), rect.width() * scale, rect.height() * scale)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._content.isEmpty():
            return
        if self._picture is None or self._picture.devicePixelRatio() != self.devicePixelRatio():
            self._picture = self._drawn()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawPixmap(0, 0, self._picture)
        seen = self.shown_at(self._canvas.seen_rect()).intersected(QRectF(self.rect()).adjusted(2, 2, -2, -2))
        colour = QColor(look.theme.accent)
        colour.setAlphaF(0.12)
        painter.setBrush(colour)
        painter.setPen(QPen(look.theme.accent, 1.5))
        painter.drawRoundedRect(seen, 2, 2)
        painter.end()

    def _drawn(self) -> QPixmap:
        """The cards and the boxes of places."""
        theme, ratio, scene = look.theme, self.devicePixelRatio(), self._canvas.topology
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.border)
        painter.setBrush(theme.surface)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        painter.setPen(QPen(mixed(theme.border, theme.muted, 0.3), 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for place in scene.boxes.shown():
            painter.drawRect(self.shown_at(place.rect))
        painter.setPen(Qt.PenStyle.NoPen)
        for node in scene.nodes.values():
            if node.isVisible():
                painter.setBrush(mixed(theme.surface, theme.text, 0.35 if isinstance(node.node, Host) else 0.6))
                rect = self.shown_at(node.scene_card())
                painter.drawRect(QRectF(rect.topLeft(), rect.size().expandedTo(QSizeF(1, 1))))
        painter.end()
        return picture

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._canvas.keep_view()
            self._canvas.centerOn(self.at(event.position()))
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._canvas.centerOn(self.at(event.position()))
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self._timer.start()
        return super().eventFilter(watched, event)
