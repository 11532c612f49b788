"""The window onto the drawing: zoom, keys, menus, drops from the palette, and the gesture under way."""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPixmapCache,
    QResizeEvent,
    QShowEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsView, QMenu, QToolTip, QWidget

from vmplanner.domain.project import Change
from vmplanner.planning.moment import Moment
from vmplanner.store.library import ProfileTemplate
from vmplanner.ui.canvas import gestures
from vmplanner.ui.canvas.editing import Editor
from vmplanner.ui.canvas.ground import draw_ground
from vmplanner.ui.canvas.hint_bar import HintBar
from vmplanner.ui.canvas.moment_bar import MomentBar
from vmplanner.ui.canvas.overlays import FirstHelp
from vmplanner.ui.canvas.payload import from_mime
from vmplanner.ui.canvas.scene import Hit, TopologyScene
from vmplanner.ui.document import Document
from vmplanner.ui.theme import look

MIN_ZOOM, MAX_ZOOM = 0.05, 4.0
ZOOM_STEP = 1.25
_PORTS_FROM = 0.35
_AROUND = 20_000.0
_EDGE_PX = 24
_CACHE_KIB = 96 * 1024
_CONFIRM = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_ARROWS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}


class TopologyView(QGraphicsView):
    """Shows `topology`, the scene that it makes for the document; `editor` does what is asked for in it.

    `told(str)` has a sentence for the status line; `mode_changed(object)` has the palette's payload that the next click
    puts down, or None when there is none any more; `left_moment()` asks to look at no moment of the plan any more.
    """

    told = Signal(str)
    mode_changed = Signal(object)
    left_moment = Signal()

    def __init__(
        self, document: Document, templates: Iterable[ProfileTemplate] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.document = document
        self.topology = TopologyScene(document, self)
        self.editor = Editor(self.topology, templates, self.told.emit)
        self._gesture: gestures.Gesture | None = None
        self._button = Qt.MouseButton.NoButton
        self._pointer_at = QPoint()
        self._modifiers = Qt.KeyboardModifier.NoModifier
        self._space_held = False
        self._fit_wanted = True
        # The window's size for which the drawing was fitted, until somebody scrolls, zooms or takes something.
        self._fitted_for: QSize | None = None
        self._mode: dict[str, str] | None = None
        QPixmapCache.setCacheLimit(max(QPixmapCache.cacheLimit(), _CACHE_KIB))
        self.setScene(self.topology)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        # What is drawn stays where it is when panels beside the canvas come and go.
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setCacheMode(QGraphicsView.CacheModeFlag.CacheBackground)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Topology")
        self.setAccessibleDescription(
            "The drawing of hosts, switches, storage, links and VMs; the outline has them too."
        )
        self.first_help = FirstHelp(self)
        self.hint_bar = HintBar(self)
        self.moment_bar = MomentBar(self)
        self.moment_bar.back_asked.connect(self.left_moment)
        # The size that a view is first shown with is not yet that of the finished layout.
        self._fit_timer = QTimer(self, singleShot=True, interval=0)
        self._fit_timer.timeout.connect(self.fit)
        self._scroll_timer = QTimer(self, interval=25)
        self._scroll_timer.timeout.connect(self._scroll_along)
        document.changed.connect(self._document_changed)
        document.replaced.connect(self._document_replaced)
        look.changed.connect(self.resetCachedContent)
        self._grow_scene_rect()
        self._document_replaced()

    # Zoom and scrolling

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
        rect = self.topology.content_rect().adjusted(-40, -40, 40, 40)
        size = self.viewport().size()
        zoom = min(1.0, size.width() / rect.width(), size.height() / rect.height())
        self._set_zoom(zoom)
        self.centerOn(rect.center())
        self._fitted_for = self.window().size()

    def _keep_view(self) -> None:
        """From now on the person's own view is not fitted away."""
        self._fit_timer.stop()
        self._fitted_for = None

    def reveal(self, thing_id: str) -> None:
        """Scroll until a thing can be seen, if it can't be now. What is not drawn is left alone."""
        if thing_id not in self.topology.all_ids():
            return
        self.ensureVisible(self.topology.rect_of(thing_id), _EDGE_PX, _EDGE_PX)

    def _set_zoom(self, zoom: float) -> None:
        zoom = min(MAX_ZOOM, max(MIN_ZOOM, zoom))
        self.setTransform(QTransform.fromScale(zoom, zoom))

    def _zoom_to(self, zoom: float, at: QPoint) -> None:
        """Zoom so that what is at `at` (viewport) stays there."""
        self._keep_view()
        kept = self.mapToScene(at)
        self._set_zoom(zoom)
        centre = self.mapToScene(self.viewport().rect()).boundingRect().center()
        self.centerOn(centre + kept - self.mapToScene(at))

    def scroll_by(self, pixels: QPoint) -> None:
        """Move the window over the drawing by so many pixels."""
        for bar, distance in ((self.horizontalScrollBar(), pixels.x()), (self.verticalScrollBar(), pixels.y())):
            bar.setValue(bar.value() + distance)

    def _scroll_along(self) -> None:
        """While a gesture holds the pointer near the view's edge, the drawing moves below it."""
        if self._gesture is None or not self._gesture.scrolls or self._button is Qt.MouseButton.NoButton:
            self._scroll_timer.stop()
            return
        inside, at = self.viewport().rect().adjusted(_EDGE_PX, _EDGE_PX, -_EDGE_PX, -_EDGE_PX), self._pointer_at
        step = QPoint(
            min(0, at.x() - inside.left()) + max(0, at.x() - inside.right()),
            min(0, at.y() - inside.top()) + max(0, at.y() - inside.bottom()),
        )
        if not step.isNull():
            self.scroll_by(step)
            self._gesture.move(self._pointer(at))

    def _grow_scene_rect(self) -> None:
        """Room to scroll beyond everything. It only grows: a smaller one would make the drawing jump."""
        rect = self.topology.content_rect().adjusted(-_AROUND, -_AROUND, _AROUND, _AROUND)
        self.setSceneRect(self.sceneRect().united(rect) if self.sceneRect().width() >= 2 * _AROUND else rect)

    def show_moment(self, moment: Moment | None) -> None:
        """Show the VMs where they will be at a moment of the plan, to be looked at only; None: where they are."""
        if self._gesture is not None:
            self._gesture.cancel()
        self.topology.show_moment(moment)
        self.moment_bar.show_moment(moment)

    # Gestures and modes

    def begin(self, gesture: gestures.Gesture, pointer: gestures.Pointer | None = None) -> None:
        """Let a gesture have the pointer; with `pointer` a button is down there already."""
        if self._gesture is not None:
            self._gesture.cancel()
        self._gesture = gesture
        self._keep_view()
        self.topology.set_hovered(Hit(), with_ports=False)
        self.viewport().setCursor(gesture.cursor)
        self.show_mode()
        if pointer is not None:
            gesture.press(pointer)

    def gesture_ended(self, gesture: gestures.Gesture) -> None:
        """A gesture calls this when it is over."""
        if self._gesture is gesture:
            self._gesture = None
            self._scroll_timer.stop()
            self._show_resting_cursor()
            self.show_mode()

    def show_mode(self) -> None:
        """Say what the next click does while the gesture under way waits for one."""
        gesture = self._gesture
        self.hint_bar.show_hint("" if gesture is None else gesture.hint)
        mode = None if gesture is None else gesture.mode
        if mode != self._mode:
            self._mode = mode
            self.mode_changed.emit(mode)

    def put_down(self, payload: dict[str, str], at: QPointF) -> None:
        """Add what the palette's `payload` says at a point of the scene, and scroll until all of it can be seen."""
        self.editor.place(payload, at)
        for thing_id in self.topology.selected_ids:
            self.reveal(thing_id)

    def start_link_mode(self) -> None:
        """The next two clicks on cards link them. Esc leaves the mode."""
        self.begin(gestures.DrawLink(self))
        self.setFocus()

    def start_placing(self, payload: dict[str, str]) -> None:
        """The next click puts down what the palette's `payload` says. Esc leaves the mode."""
        if payload["kind"] == "link":
            self.start_link_mode()
            return
        self.begin(gestures.Place(self, payload))
        self.setFocus()

    def _document_changed(self, _change: Change) -> None:
        if self._gesture is not None:
            self._gesture.cancel()
        self._grow_scene_rect()
        self._show_help()

    def _document_replaced(self) -> None:
        if self._gesture is not None:
            self._gesture.cancel()
        self._grow_scene_rect()
        self._show_help()
        self._fit_wanted = True
        if self.isVisible():
            self._fit_first()

    def _fit_first(self) -> None:
        if self._fit_wanted:
            self._fit_wanted = False
            self.fit()

    # Events

    def _pointer(self, at: QPoint, modifiers: Qt.KeyboardModifier | None = None) -> gestures.Pointer:
        self._pointer_at = at
        self._modifiers = self._modifiers if modifiers is None else modifiers
        return gestures.Pointer(at, self.mapToScene(at), self._modifiers)

    def _hit(self, at: QPoint) -> Hit:
        return self.topology.hit(self.mapToScene(at), self.zoom)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        pointer = self._pointer(event.position().toPoint(), event.modifiers())
        left = event.button() == Qt.MouseButton.LeftButton
        if event.button() == Qt.MouseButton.MiddleButton or (left and self._space_held):
            if self._gesture is None:
                self._button = event.button()
                self.begin(gestures.Pan(self), pointer)
        elif event.button() == Qt.MouseButton.RightButton:
            if self._gesture is not None:
                self._gesture.cancel()
        elif left:
            self._button = event.button()
            if self._gesture is not None:
                self._gesture.press(pointer)
            else:
                self.begin(self._gesture_for(pointer), pointer)
        event.accept()

    def _gesture_for(self, pointer: gestures.Pointer) -> gestures.Gesture:
        """What a press of the left button begins here."""
        hit = self._hit(pointer.at)
        if pointer.modifiers & Qt.KeyboardModifier.ShiftModifier or hit.thing_id is None:
            return gestures.RubberBand(self)
        return gestures.DrawLink(self, hit.node_id) if hit.port is not None else gestures.Press(self, hit)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        pointer = self._pointer(event.position().toPoint(), event.modifiers())
        if self._gesture is None:
            hit = self._hit(pointer.at)
            with_ports = self.zoom >= _PORTS_FROM and not self.topology.is_preview
            self.topology.set_hovered(hit, with_ports=with_ports)
            self._show_resting_cursor(hit)
        else:
            self._gesture.move(pointer)
            if self._gesture is not None and self._gesture.scrolls and self._button is not Qt.MouseButton.NoButton:
                self._scroll_timer.start()
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == self._button:
            self._button = Qt.MouseButton.NoButton
            if self._gesture is not None:
                self._gesture.release(self._pointer(event.position().toPoint(), event.modifiers()))
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._zoom_to(self.zoom * 1.0015 ** event.angleDelta().y(), event.position().toPoint())
        event.accept()

    def _show_resting_cursor(self, hit: Hit | None = None) -> None:
        shape = Qt.CursorShape.CrossCursor if hit is not None and hit.port else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(Qt.CursorShape.OpenHandCursor if self._space_held else shape)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            if self._gesture is not None:
                self._gesture.cancel()
            else:
                self.topology.select(())
        elif self._mode is not None and self._gesture is not None and key in _CONFIRM:
            self._gesture.confirm(self._pointer(self.viewport().rect().center()))
        elif key in (Qt.Key.Key_Control, Qt.Key.Key_Space):
            self._hold(event, True)
        elif self._gesture is not None:
            event.ignore()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self.topology.select(self.topology.all_ids())
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.editor.delete_selected()
        elif key in _ARROWS and self.editor.nudge(*_ARROWS[Qt.Key(key)]):
            pass
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_in()
        elif key == Qt.Key.Key_Minus:
            self.zoom_out()
        elif key == Qt.Key.Key_0:
            self.reset_zoom()
        elif key == Qt.Key.Key_F and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            self.fit()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Control, Qt.Key.Key_Space):
            self._hold(event, False)
        else:
            super().keyReleaseEvent(event)

    def _hold(self, event: QKeyEvent, is_down: bool) -> None:
        """Ctrl changes what a drag would do; Space turns the next drag into a pan."""
        if event.isAutoRepeat():
            return
        if event.key() == Qt.Key.Key_Space:
            self._space_held = is_down
            if self._gesture is None:
                self._show_resting_cursor()
        elif self._gesture is not None:
            ctrl = Qt.KeyboardModifier.ControlModifier if is_down else Qt.KeyboardModifier.NoModifier
            self._gesture.move(self._pointer(self._pointer_at, ctrl))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._space_held = False
        super().focusOutEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        if self._gesture is None:
            self.topology.set_hovered(Hit(), with_ports=False)
        super().leaveEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            thing_id = self._hit(event.pos()).thing_id if self._gesture is None else None
            QToolTip.showText(event.globalPos(), self.topology.describe(thing_id) if thing_id else "", self.viewport())
            return True
        return super().viewportEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            hit = self._hit(event.pos())
            if hit.thing_id not in self.topology.selected_ids:
                self.topology.select({hit.thing_id} if hit.thing_id else ())
        menu = self.context_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def context_menu(self) -> QMenu:
        """What can be done with the selected things."""
        menu = QMenu(self)
        selected = self.topology.selected_ids
        if self.topology.migrations_of(selected):
            menu.addAction("Keep on its host", self.editor.keep_selected)
        if selected & self.document.project.hosts.keys():
            menu.addAction("Make a rack", self.editor.make_rack)
        if selected:
            menu.addAction("Delete", self.editor.delete_selected).setShortcut(QKeySequence(Qt.Key.Key_Delete))
            menu.addSeparator()
        menu.addAction("Zoom to fit", self.fit).setShortcut(QKeySequence(Qt.Key.Key_F))
        return menu

    # Drops from the palette

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.dragMoveEvent(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        payload = from_mime(event.mimeData())
        if payload is None:
            event.ignore()
            return
        if payload["kind"] == "profile":
            self.topology.set_drop_target(self.topology.host_at(self.mapToScene(event.position().toPoint())))
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.topology.set_drop_target(None)

    def dropEvent(self, event: QDropEvent) -> None:
        self.topology.set_drop_target(None)
        payload = from_mime(event.mimeData())
        if payload is None:
            event.ignore()
            return
        event.acceptProposedAction()
        self.put_down(payload, self.mapToScene(event.position().toPoint()))
        self.setFocus()

    # Ground and help

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        draw_ground(painter, QRectF(rect), self.zoom)

    def _show_help(self) -> None:
        project = self.document.project
        self.first_help.setVisible(not (project.hosts or project.switches or project.storages))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.first_help.resize(self.first_help.sizeHint().boundedTo(self.size()))
        self.first_help.move(self.rect().center() - self.first_help.rect().center())
        self.hint_bar.place()
        self.moment_bar.place()
        if self._fitted_for not in (None, self.window().size()):
            self._fit_timer.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._fit_wanted:
            self._fit_timer.start()
        self._fit_first()
