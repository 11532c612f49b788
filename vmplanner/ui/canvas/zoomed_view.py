"""A view that zooms at the pointer, scrolls without end, and fits what is drawn until somebody takes it in hand."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QInputDevice,
    QKeyEvent,
    QNativeGestureEvent,
    QResizeEvent,
    QShowEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGestureEvent, QGraphicsScene, QGraphicsView, QPinchGesture, QWidget

MIN_ZOOM, MAX_ZOOM = 0.02, 4.0
ZOOM_STEP = 1.25
EDGE_PX = 24
_AROUND = 20_000.0
_FIT_MARGIN_PX = 28


class ZoomedView(QGraphicsView):
    """`content_rect` says where the drawing is (scene coordinates). `zoomed(float)` has the new zoom;
    `seen_changed()`: another part of it is in view.
    """

    zoomed = Signal(float)
    seen_changed = Signal()

    def __init__(self, scene: QGraphicsScene, content_rect: Callable[[], QRectF], parent: QWidget | None) -> None:
        super().__init__(parent)
        self._content_rect = content_rect
        self._fit_wanted = True
        # The window's size for which the drawing was fitted, until somebody scrolls, zooms or takes something.
        self._fitted_for: QSize | None = None
        self.setScene(scene)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        # What is drawn stays where it is when panels beside the canvas come and go.
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.viewport().grabGesture(Qt.GestureType.PinchGesture)
        # The size that a view is first shown with is not yet that of the finished layout.
        self._fit_timer = QTimer(self, singleShot=True, interval=0)
        self._fit_timer.timeout.connect(self.fit)

    @property
    def zoom(self) -> float:
        return self.transform().m11()

    def zoom_in(self) -> None:
        self._zoom_to(self.zoom * ZOOM_STEP, self.viewport().rect().center())

    def zoom_out(self) -> None:
        self._zoom_to(self.zoom / ZOOM_STEP, self.viewport().rect().center())

    def reset_zoom(self) -> None:
        self._zoom_to(1.0, self.viewport().rect().center())

    def fit(self) -> None:
        """Show everything, no larger than it is at zoom 1."""
        rect = self._content_rect()
        self._set_zoom(self._zoom_for(rect))
        self.centerOn(rect.center())
        self.seen_changed.emit()
        self._fitted_for = self.window().size()

    def show_rect(self, rect: QRectF) -> None:
        """Show a part of the drawing as large as it can be, but no larger than at zoom 1."""
        self.keep_view()
        self._set_zoom(self._zoom_for(rect))
        self.centerOn(rect.center())
        self.seen_changed.emit()

    def show_all_of(self, rect: QRectF) -> None:
        """Scroll as little as it takes to see all of `rect`, and zoom out only where it has no room."""
        zoom = self._largest_for(rect)
        if zoom < self.zoom:
            self.keep_view()
            self._set_zoom(zoom)
        self.ensureVisible(rect, EDGE_PX, EDGE_PX)

    def seen_rect(self) -> QRectF:
        """The part of the scene that is in view."""
        return self.mapToScene(self.viewport().rect()).boundingRect()

    def fit_anew(self) -> None:
        """Fit another drawing, as soon as there is a view of it."""
        self._fit_wanted = True
        if self.isVisible():
            self._fit_first()

    def fit_again(self) -> None:
        """There is more or less room now: fit the drawing to it, unless somebody has taken the view in hand."""
        if self._fitted_for is not None:
            self._fit_timer.start()

    def keep_view(self) -> None:
        """From now on the person's own view is not fitted away."""
        self._fit_timer.stop()
        self._fitted_for = None

    def scroll_by(self, pixels: QPoint) -> None:
        """Move the window over the drawing by so many pixels."""
        for bar, distance in ((self.horizontalScrollBar(), pixels.x()), (self.verticalScrollBar(), pixels.y())):
            bar.setValue(bar.value() + distance)

    def edge_step(self, at: QPoint) -> QPoint:
        """How far the drawing scrolls along in one step while the pointer is held near the edge of the view."""
        inside = self.viewport().rect().adjusted(EDGE_PX, EDGE_PX, -EDGE_PX, -EDGE_PX)
        return QPoint(
            min(0, at.x() - inside.left()) + max(0, at.x() - inside.right()),
            min(0, at.y() - inside.top()) + max(0, at.y() - inside.bottom()),
        )

    def grow_scene_rect(self) -> None:
        """Room to scroll beyond everything. It only grows: a smaller one would make the drawing jump."""
        rect = self._content_rect().adjusted(-_AROUND, -_AROUND, _AROUND, _AROUND)
        self.setSceneRect(self.sceneRect().united(rect) if self.sceneRect().width() >= 2 * _AROUND else rect)

    def _zoom_for(self, rect: QRectF) -> float:
        """The zoom at which `rect` is as large as it can be with some room around it, but no more than 1."""
        return min(1.0, self._largest_for(rect))

    def _largest_for(self, rect: QRectF) -> float:
        """The largest zoom at which all of `rect` is in view, with some room around it."""
        size = self.viewport().size()
        across, down = size.width() - 2 * _FIT_MARGIN_PX, size.height() - 2 * _FIT_MARGIN_PX
        return min(across / max(1.0, rect.width()), down / max(1.0, rect.height()))

    def _set_zoom(self, zoom: float) -> None:
        zoom = min(MAX_ZOOM, max(MIN_ZOOM, zoom))
        self.setTransform(QTransform.fromScale(zoom, zoom))
        self.zoomed.emit(zoom)
        self.seen_changed.emit()

    def _zoom_to(self, zoom: float, at: QPoint) -> None:
        """Zoom so that what is at `at` (viewport) stays there."""
        self.keep_view()
        kept = self.mapToScene(at)
        self._set_zoom(zoom)
        centre = self.mapToScene(self.viewport().rect()).boundingRect().center()
        self.centerOn(centre + kept - self.mapToScene(at))

    def _fit_first(self) -> None:
        if self._fit_wanted:
            self._fit_wanted = False
            self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_in()
        elif key == Qt.Key.Key_Minus:
            self.zoom_out()
        elif key == Qt.Key.Key_0:
            self.reset_zoom()
        elif key == Qt.Key.Key_F and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            self.fit()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """A wheel zooms. Two fingers on a touchpad move the drawing; with Ctrl they zoom too."""
        is_touchpad = not event.pixelDelta().isNull() or event.deviceType() is QInputDevice.DeviceType.TouchPad
        if is_touchpad and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.keep_view()
            self.scroll_by(-(event.angleDelta() if event.pixelDelta().isNull() else event.pixelDelta()))
        else:
            self._zoom_to(self.zoom * 1.0015 ** event.angleDelta().y(), event.position().toPoint())
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        """Two fingers that move apart zoom, on a touchpad and on a touch screen."""
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self._zoom_to(self.zoom * (1 + event.value()), event.position().toPoint())
                return True
        elif isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                event.accept(pinch)
                at = self.viewport().mapFromGlobal(pinch.centerPoint()).toPoint()
                self.scroll_by((pinch.lastCenterPoint() - pinch.centerPoint()).toPoint())
                self._zoom_to(self.zoom * pinch.scaleFactor(), at)
                return True
        return super().viewportEvent(event)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self.seen_changed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fitted_for not in (None, self.window().size()):
            self._fit_timer.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._fit_wanted:
            self._fit_timer.start()
        self._fit_first()
