"""The palette: what can be put on the canvas, to drag there or to click and place."""

from collections.abc import Iterable, Sequence
from html import escape

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QDrag, QEnterEvent, QFocusEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFrame,
    QLabel,
    QLineEdit,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from vmplanner.domain.machines import Piece, PieceKind
from vmplanner.domain.quantities import BYTES
from vmplanner.store.library import ProfileTemplate
from vmplanner.ui.canvas import chips
from vmplanner.ui.canvas.icons import draw_icon
from vmplanner.ui.canvas.payload import KINDS, to_mime
from vmplanner.ui.labels import WrappedLabel
from vmplanner.ui.names import breakable
from vmplanner.ui.theme import GRID, RADIUS, look, mixed

_INFRASTRUCTURE = (
    ("host", "Host", "A machine that runs VMs. Drag it to the canvas, or click here and then there."),
    ("switch", "Switch", "Joins hosts by links. Drag it to the canvas, or click here and then there."),
    ("storage", "Storage", "Keeps disks of VMs. Drag it to the canvas, or click here and then there."),
    ("link", "Link", "A cable between hosts, switches and storage. Click here, then on its two ends."),
)
_DISABLED_OPACITY = 0.45


class Entry(QAbstractButton):
    """One thing of the palette. A drag carries `payload`; a click emits `clicked`."""

    def __init__(
        self, payload: dict[str, str], icon: str, title: str, detail: str = "", pieces: Sequence[Piece] = ()
    ) -> None:
        super().__init__()
        self.payload = payload
        self._icon = icon
        self._detail = detail
        self._pieces = pieces
        self._pressed_at: QPoint | None = None
        self._is_hovered = False
        self._has_keyboard = False
        self._is_armed = False
        self.setText(title)
        self.setAccessibleName(f"{title}, {detail}" if detail else title)
        self.setCursor(Qt.CursorShape.OpenHandCursor if self._can_be_dragged else Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.update)

    @property
    def _can_be_dragged(self) -> bool:
        return self.payload["kind"] in KINDS

    def set_armed(self, is_armed: bool) -> None:
        """Whether the next click on the canvas puts this down."""
        if is_armed != self._is_armed:
            self._is_armed = is_armed
            self.update()

    @property
    def is_armed(self) -> bool:
        return self._is_armed

    def sizeHint(self) -> QSize:
        return QSize(180, 48 if self._pieces else 36)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed_at = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        start = self._pressed_at
        if start is None or not self._can_be_dragged or not event.buttons() & Qt.MouseButton.LeftButton:
            super().mouseMoveEvent(event)
        elif (event.position().toPoint() - start).manhattanLength() >= QApplication.startDragDistance():
            self._pressed_at = None
            self.setDown(False)
            self._drag(start)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pressed_at = None
        super().mouseReleaseEvent(event)

    def _drag(self, held_at: QPoint) -> None:
        drag = QDrag(self)
        drag.setMimeData(to_mime(self.payload))
        drag.setPixmap(self.picture())
        drag.setHotSpot(held_at)
        drag.exec(Qt.DropAction.CopyAction)

    def picture(self) -> QPixmap:
        """The entry as it hangs on the pointer while it is dragged."""
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(self.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self._draw(painter, is_lifted=True)
        painter.end()
        return pixmap

    def enterEvent(self, event: QEnterEvent) -> None:
        self._is_hovered = True
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._is_hovered = False
        self.update()
        super().leaveEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The outline shows where the keyboard is only to those who use it."""
        self._has_keyboard = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._has_keyboard = False
        super().focusOutEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setOpacity(1.0 if self.isEnabled() else _DISABLED_OPACITY)
        self._draw(painter, is_lifted=False)
        painter.end()

    def _draw(self, painter: QPainter, *, is_lifted: bool) -> None:
        theme, frame = look.theme, QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_marked = is_lifted or self.isDown() or self._is_armed
        painter.setPen(theme.accent if is_marked or self._has_keyboard else theme.border)
        ground = theme.accent_soft if self._is_armed else theme.surface
        painter.setBrush(mixed(ground, theme.text, 0.05) if self._is_hovered else ground)
        painter.drawRoundedRect(frame, RADIUS, RADIUS)
        middle = 18.0
        draw_icon(painter, self._icon, QRectF(10, middle - 10, 20, 20), theme.accent if is_marked else theme.muted)
        painter.setFont(chips.font(11))
        painter.setPen(theme.muted)
        right = frame.right() - 10
        detail_width = chips.metrics(11).horizontalAdvance(self._detail)
        painter.drawText(QPointF(right - detail_width, middle + 4.5), self._detail)
        painter.setFont(chips.font(13))
        painter.setPen(theme.text)
        room = right - (detail_width + 8 if self._detail else 0) - 40
        painter.drawText(QPointF(40, middle + 5), chips.elided(self.text(), room, 13))
        if self._pieces:
            self._draw_pieces(painter, QRectF(40, 33, right - 40, 5))

    def _draw_pieces(self, painter: QPainter, bar: QRectF) -> None:
        """The VM's memory as a bar: its pieces in their colours, and hatched what is free."""
        theme, total = look.theme, sum(piece.size_bytes for piece in self._pieces)
        left = bar.left()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.fillRect(bar, mixed(theme.surface, theme.text, 0.06))
        for piece in self._pieces:
            width = bar.width() * piece.size_bytes / total
            painter.fillRect(QRectF(left, bar.top(), width, bar.height()), theme.piece_brush(piece.kind))
            left += width


class Palette(QWidget):
    """`chosen(dict)` has the payload of the entry that was clicked: its "kind" and, for a profile, its "name"."""

    chosen = Signal(dict)

    def __init__(self, templates: Iterable[ProfileTemplate], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._profiles: list[tuple[Entry, str]] = []
        self._own: list[QWidget] = []
        self.filter = QLineEdit(placeholderText="Filter profiles", clearButtonEnabled=True)
        self.filter.setAccessibleName("Filter profiles")
        self.filter.setToolTip("Show the profiles with these letters in their name or description")
        self.filter.textChanged.connect(self._show_matching)
        self._nothing = QLabel("No profile has that in its name or description.", wordWrap=True)
        self._nothing.hide()
        self._nothing.setProperty("role", "muted")
        content = QWidget()
        rows = QVBoxLayout(content)
        rows.setContentsMargins(12, 12, 12, 12)
        rows.setSpacing(6)
        rows.addWidget(_heading("Infrastructure"))
        for kind, title, tip in _INFRASTRUCTURE:
            detail = "" if kind in KINDS else "click its two ends"
            rows.addWidget(self._entry(Entry({"kind": kind, "name": ""}, kind, title, detail), tip))
        rows.addSpacing(GRID)
        rows.addWidget(_heading("Virtual machines"))
        rows.addWidget(self.filter)
        rows.addWidget(self._nothing)
        self._place_of_own = rows.count()
        for template in templates:
            rows.addWidget(self._profile_entry(template))
        rows.addStretch()
        self._rows = rows
        area = QScrollArea(widgetResizable=True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(content)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)
        self.setMinimumWidth(200)
        self.setAccessibleName("Palette")

    def sizeHint(self) -> QSize:
        return QSize(220, 480)

    def show_mode(self, payload: dict[str, str] | None) -> None:
        """Mark the entry that the next click on the canvas puts down, if any."""
        for entry in self.findChildren(Entry):
            entry.set_armed(entry.payload == payload)

    def show_own(self, templates: Iterable[ProfileTemplate], problems: Sequence[str] = ()) -> None:
        """The profiles of a person's own, above those that come with the application, and what is wrong with the files
        of others.
        """
        gone = {id(widget) for widget in self._own}
        self._profiles = [(entry, words) for entry, words in self._profiles if id(entry) not in gone]
        for widget in self._own:
            self._rows.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._own = [self._profile_entry(template, is_own=True) for template in templates]
        if problems:
            what = "1 profile of yours" if len(problems) == 1 else f"{len(problems)} profiles of yours"
            warning = WrappedLabel(f"{what} can't be used. The library says why.")
            warning.setProperty("role", "warn")
            warning.setToolTip("\n\n".join(map(breakable, problems[:8])))
            self._own.append(warning)
        if self._own:
            self._own = [_heading("Your profiles"), *self._own, _heading("Profiles that come with vmplanner")]
        for place, widget in enumerate(self._own):
            self._rows.insertWidget(self._place_of_own + place, widget)
        self._show_matching(self.filter.text())

    def _profile_entry(self, template: ProfileTemplate, *, is_own: bool = False) -> Entry:
        memory = BYTES.format(template.memory_bytes)
        pieces = template.profile_for(template.memory_bytes).pieces
        rest = template.memory_bytes - sum(piece.size_bytes for piece in pieces)
        shown = [*pieces, *([Piece("free", PieceKind.FREE, rest)] if rest > 0 else [])]
        entry = Entry({"kind": "profile", "name": template.name}, "vm", template.name, memory, shown)
        description = f"Your own profile. {template.description}" if is_own else template.description
        self._profiles.append((entry, f"{template.name} {template.description}".casefold()))
        return self._entry(entry, description)

    def _entry(self, entry: Entry, tip: str) -> Entry:
        # As rich text a long tip is wrapped.
        entry.setToolTip(f"<b>{escape(entry.accessibleName())}</b><br>{escape(tip)}")
        entry.setAccessibleDescription(tip)
        entry.clicked.connect(lambda: self.chosen.emit(entry.payload))
        return entry

    def _show_matching(self, text: str) -> None:
        wanted = text.casefold().strip()
        for entry, words in self._profiles:
            entry.setVisible(wanted in words)
        self._nothing.setVisible(not any(wanted in words for _entry, words in self._profiles))


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "section")
    return label
