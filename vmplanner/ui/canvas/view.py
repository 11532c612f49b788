"""The window onto the drawing: keys, menus, drops from the palette, and the gesture under way."""

from collections.abc import Collection, Iterable

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, QTimer, Signal
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
)
from PySide6.QtWidgets import QApplication, QGraphicsView, QMenu, QToolTip, QWidget

from vmplanner.domain.project import Change
from vmplanner.planning.moment import Moment
from vmplanner.store.library import ProfileTemplate
from vmplanner.ui.canvas import gestures
from vmplanner.ui.canvas.arranging import Arranger
from vmplanner.ui.canvas.clipboard import Clipboard
from vmplanner.ui.canvas.context_menu import context_menu
from vmplanner.ui.canvas.editing import Editor
from vmplanner.ui.canvas.first_help import FirstHelp
from vmplanner.ui.canvas.ground import draw_ground
from vmplanner.ui.canvas.hint_bar import HintBar
from vmplanner.ui.canvas.hits import Hit
from vmplanner.ui.canvas.moment_bar import MomentBar
from vmplanner.ui.canvas.payload import from_mime
from vmplanner.ui.canvas.place_gestures import ResizePlace
from vmplanner.ui.canvas.scene import TopologyScene
from vmplanner.ui.canvas.selecting import Lasso, RubberBand
from vmplanner.ui.canvas.whereabouts import rect_around
from vmplanner.ui.canvas.zoomed_view import EDGE_PX, ZoomedView
from vmplanner.ui.document import Document
from vmplanner.ui.theme import look

_PORTS_FROM = 0.35
_CACHE_KIB = 96 * 1024
_CONFIRM = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_ARROWS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}


class TopologyView(ZoomedView):
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
        self.document = document
        self.topology = TopologyScene(document)
        super().__init__(self.topology, self.topology.content_rect, parent)
        self.topology.setParent(self)
        self.zoomed.connect(self.topology.show_at)
        self.editor = Editor(self.topology, templates, self.told.emit, self.show_things)
        self.arranger = Arranger(self.topology, self.editor, self)
        self.arranger.arranged.connect(self.fit)
        self.clipboard = Clipboard(self.topology, self.editor, self._at_pointer)
        self._gesture: gestures.Gesture | None = None
        self._button = Qt.MouseButton.NoButton
        self._pointer_at = QPoint()
        self._has_pointer = False
        self._modifiers = Qt.KeyboardModifier.NoModifier
        self._space_held = False
        self._mode: dict[str, str] | None = None
        QPixmapCache.setCacheLimit(max(QPixmapCache.cacheLimit(), _CACHE_KIB))
        self.setCacheMode(QGraphicsView.CacheModeFlag.CacheBackground)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Topology")
        self.setAccessibleDescription("The drawing of hosts, switches, storage, links, VMs; the outline has them too")
        self.first_help = FirstHelp(self)
        self.hint_bar = HintBar(self)
        self.moment_bar = MomentBar(self)
        self.moment_bar.back_asked.connect(self.left_moment)
        self._scroll_timer = QTimer(self, interval=25)
        self._scroll_timer.timeout.connect(self._scroll_along)
        document.changed.connect(self._document_changed)
        document.replaced.connect(self._document_replaced)
        look.changed.connect(self.resetCachedContent)
        self.grow_scene_rect()
        self._document_replaced()

    # Scrolling

    def reveal(self, thing_id: str) -> None:
        """Scroll until a thing can be seen, if it can't be now. What is not drawn is left alone."""
        if thing_id not in self.topology.all_ids():
            return
        self.ensureVisible(self.topology.rect_of(thing_id), EDGE_PX, EDGE_PX)

    def show_things(self, thing_ids: Collection[str]) -> None:
        """Bring all of these things and places into view, with as little motion as that takes."""
        if thing_ids:
            self.show_all_of(rect_around(self.topology, thing_ids))

    def _scroll_along(self) -> None:
        """While a gesture holds the pointer near the view's edge, the drawing moves below it."""
        if self._gesture is None or not self._gesture.scrolls or self._button is Qt.MouseButton.NoButton:
            self._scroll_timer.stop()
            return
        step, at = self.edge_step(self._pointer_at), self._pointer_at
        if not step.isNull():
            self.scroll_by(step)
            self._gesture.move(self._pointer(at))

    def show_moment(self, moment: Moment | None) -> None:
        """Show the VMs where they will be at a moment of the plan, to be looked at only; None: where they are. The bar
        that says so has a strip of its own above the drawing, and covers nothing of it.
        """
        if self._gesture is not None:
            self._gesture.cancel()
        self.topology.show_moment(moment)
        was_preview = self.moment_bar.isVisibleTo(self)
        self.moment_bar.show_moment(moment)
        if was_preview != (moment is not None):
            self.setViewportMargins(0, 0 if moment is None else self.moment_bar.height(), 0, 0)
            self.fit_again()

    def fit_selection(self) -> None:
        """Show all that is selected as large as it can be."""
        rect = rect_around(self.topology, self.topology.selected_ids)
        if not rect.isEmpty():
            self.show_rect(rect)

    # Gestures and modes

    def begin(self, gesture: gestures.Gesture, pointer: gestures.Pointer | None = None) -> None:
        """Let a gesture have the pointer; with `pointer` a button is down there already."""
        if self._gesture is not None:
            self._gesture.cancel()
        self._gesture = gesture
        self.keep_view()
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

    def link_selected(self) -> None:
        """Link the selected cards; while none is, the next two clicks do."""
        if self.topology.selected_ids & self.topology.nodes.keys():
            self.editor.link_selected()
        else:
            self.start_link_mode()

    def start_link_mode(self) -> None:
        """The next two clicks on cards link them. Esc leaves the mode."""
        self.begin(gestures.DrawLink(self))
        self.setFocus()

    def start_lasso(self) -> None:
        """The next drag draws a line around what shall be selected. Esc leaves the mode."""
        self.begin(Lasso(self, waits=True))
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
        self.grow_scene_rect()
        self._show_help()

    def _document_replaced(self) -> None:
        if self._gesture is not None:
            self._gesture.cancel()
        self.grow_scene_rect()
        self._show_help()
        self.show_moment(None)
        self.fit_anew()

    # Events

    def _pointer(self, at: QPoint, modifiers: Qt.KeyboardModifier | None = None) -> gestures.Pointer:
        self._pointer_at, self._has_pointer = at, True
        self._modifiers = self._modifiers if modifiers is None else modifiers
        return gestures.Pointer(at, self.mapToScene(at), self._modifiers)

    def _at_pointer(self) -> QPointF:
        """The point of the scene below the pointer, or in the middle of the view when the pointer is elsewhere."""
        return self.mapToScene(self._pointer_at if self._has_pointer else self.viewport().rect().center())

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
        if hit.thing_id is None and pointer.with_alt:
            return Lasso(self)
        if pointer.modifiers & Qt.KeyboardModifier.ShiftModifier or hit.thing_id is None:
            return RubberBand(self)
        if hit.is_grip and hit.thing_id is not None and not self.topology.is_preview:
            return ResizePlace(self, hit.thing_id)
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
        place_id = self.topology.boxes.handle_at(self.mapToScene(event.position().toPoint()), self.zoom)
        if place_id is not None and self._hit(event.position().toPoint()).thing_id == place_id:
            self.editor.toggle_place(place_id)
            event.accept()
            return
        self.mousePressEvent(event)

    def _show_resting_cursor(self, hit: Hit | None = None) -> None:
        shape = Qt.CursorShape.ArrowCursor
        if hit is not None and (hit.port or hit.is_grip):
            shape = Qt.CursorShape.CrossCursor if hit.port else Qt.CursorShape.SizeFDiagCursor
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
        self._has_pointer = QApplication.activePopupWidget() is not None and self._has_pointer
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
            ids = self.topology.together(hit.thing_id) if hit.thing_id else frozenset()
            if not ids or not ids <= self.topology.selected_ids:
                self.topology.select(ids)
        menu = self.context_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def context_menu(self) -> QMenu:
        return context_menu(self)

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
        self.editor.place(payload, self.mapToScene(event.position().toPoint()))
        self.setFocus()

    # Ground and help

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        draw_ground(painter, QRectF(rect), self.zoom)

    def _show_help(self) -> None:
        project = self.document.project
        self.first_help.setVisible(not (project.hosts or project.switches or project.storages))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.first_help.place()
        self.hint_bar.place()
        self.moment_bar.place()
