"""The time stacks of runs on the screen: the picture with its choices, scroll bar, hover card and keys."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType

from PySide6.QtCore import QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPalette, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollBar, QStackedWidget, QVBoxLayout, QWidget

from vmplanner.analysis.compare import Comparison
from vmplanner.analysis.stack_view import View
from vmplanner.analysis.time_stacks import Stack, time_stacks
from vmplanner.domain.results import MigrationResult, ReferenceFigure, Run
from vmplanner.ui.charts import captions
from vmplanner.ui.charts.hover_card import HoverCard
from vmplanner.ui.charts.interactive_picture import Hit, InteractivePicture
from vmplanner.ui.charts.stack_drawing import MARGIN_PX
from vmplanner.ui.charts.time_stack_picture import NOTHING
from vmplanner.ui.charts.view_bar import ViewBar
from vmplanner.ui.theme import GRID, look

_ZOOM_STEP = 1.25
_MOST_SENTENCES = 100


class TimeStackChart(QWidget):
    """Signals: `migration_clicked(id)` when a row of one migration is clicked, or chosen with the arrow keys and Enter;
    `opened(MigrationResult)` when one is double-clicked; `row_changed()` when another row is the current one.
    """

    migration_clicked = Signal(str)
    opened = Signal(object)
    row_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.runs: tuple[Run, ...] = ()
        self.profiles: Mapping[str, str] = {}
        self.comparisons: Mapping[str, Comparison] = {}
        self._figures: tuple[ReferenceFigure, ...] = ()
        self.choices = ViewBar()
        self.picture = InteractivePicture(look.theme)
        self.scroll_bar = QScrollBar(Qt.Orientation.Vertical, self.picture)
        self.card = HoverCard(self)
        self._empty = QLabel(captions.EMPTY)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._empty.setProperty("role", "muted")
        self._pages = QStackedWidget()
        self._build()
        self._connect()
        self._dress()
        self.show_runs((), ())

    def show_runs(
        self,
        runs: Sequence[Run],
        figures: Iterable[ReferenceFigure],
        comparisons: Mapping[str, Comparison] = MappingProxyType({}),
        profiles: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Show the migrations of runs beside published or measured figures, and what those in `comparisons` (by id)
        save against a plain pre-copy. Further runs are compared with the first. `profiles` has the names of the VMs'
        profiles. May be called as a run goes on.
        """
        self.runs, self._figures = tuple(runs), tuple(figures)
        self.comparisons, self.profiles = comparisons, profiles
        self._show()

    @property
    def view(self) -> View:
        return self.choices.view

    def _build(self) -> None:
        switches = QHBoxLayout()
        switches.setContentsMargins(MARGIN_PX, GRID, MARGIN_PX, 0)
        switches.addWidget(self.choices)
        chart = QWidget()
        column = QVBoxLayout(chart)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(switches)
        column.addWidget(self.picture)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(chart)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._pages)
        self.setMinimumSize(560, 240)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.picture.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAutoFillBackground(True)
        self.setAccessibleName("Time stacks")
        self.setToolTip("")

    def _connect(self) -> None:
        self.choices.changed.connect(self._show)
        self.picture.arranged.connect(self._fit_scroll_bar)
        self.picture.hovered.connect(self._show_card)
        self.picture.clicked.connect(self._click)
        self.picture.opened.connect(self._open)
        self.scroll_bar.valueChanged.connect(self.picture.scroll_to)
        look.changed.connect(self._dress)

    def _show(self) -> None:
        self.card.hide()
        stacks = time_stacks(self.runs, self.view, self.comparisons, self.profiles) if self.runs else NOTHING
        self.picture.set_stacks(stacks, self._figures)
        self._pages.setCurrentIndex(1 if stacks.stacks else 0)
        shown = range(min(len(stacks.stacks), _MOST_SENTENCES))
        sentences = [captions.summary(stacks.stacks, index) for index in shown]
        self.setAccessibleDescription("\n".join(sentences) or captions.EMPTY)

    def _fit_scroll_bar(self) -> None:
        """The bar lies beside the rows, in the picture's margin."""
        layout = self.picture.layout_
        rows, hidden_px = layout.rows_area.toRect(), round(layout.hidden_px)
        thickness = min(self.scroll_bar.sizeHint().width(), self.scroll_bar.sizeHint().height(), MARGIN_PX)
        if layout.is_vertical:
            self.scroll_bar.setOrientation(Qt.Orientation.Horizontal)
            self.scroll_bar.setGeometry(rows.left(), rows.bottom() - thickness, rows.width(), thickness)
        else:
            self.scroll_bar.setOrientation(Qt.Orientation.Vertical)
            self.scroll_bar.setGeometry(rows.right() - thickness, rows.top(), thickness, rows.height())
        # Only the picture says where it is; the bar follows it.
        blocked = self.scroll_bar.blockSignals(True)
        self.scroll_bar.setRange(0, hidden_px)
        self.scroll_bar.setSingleStep(max(1, round(layout.pitch_px)))
        self.scroll_bar.setPageStep(max(1, round(layout.across_px)))
        self.scroll_bar.setValue(round(layout.scroll_px))
        self.scroll_bar.blockSignals(blocked)
        self.scroll_bar.setVisible(hidden_px > 0)

    def _show_card(self, hit: Hit | None, point: QPoint) -> None:
        if hit is None or hit.index < 0:
            self.card.hide()
            return
        self.card.show_at(self.picture.mapTo(self, point), self.card_text(hit))

    def card_text(self, hit: Hit) -> str:
        """What the hover card says about a place of the picture."""
        stacks = self.picture.stacks
        stack = stacks.stacks[hit.index]
        if hit.figure is not None:
            return captions.about_figure(hit.figure, stack)
        if hit.part is not None:
            return captions.about_part(stacks, hit.index, hit.part)
        return captions.about_stack(stack, stacks.stacks[stack.base] if stack.base is not None else None)

    def select(self, migration_ids: Collection[str]) -> None:
        """Show what is selected elsewhere, and bring it into view."""
        self.picture.select(migration_ids)
        rows = [self.picture.row_of(one) for one in sorted(migration_ids)]
        visible = self.picture.layout_.visible_rows()
        found = [row for row in rows if row is not None]
        if found and not any(row in visible for row in found):
            self._scroll_to(found[0])

    def _click(self, hit: Hit) -> None:
        self._go_to(hit.row)
        self._choose(self._stack_of(hit))

    def _open(self, hit: Hit) -> None:
        result = self._stack_of(hit).only
        if result is not None:
            self.opened.emit(result)

    def _stack_of(self, hit: Hit) -> Stack:
        """The stack that was hit, or one of its row."""
        return self.picture.stacks.stacks[hit.index] if hit.index >= 0 else self._first_of(hit.row)

    def _first_of(self, row: int) -> Stack:
        return self.picture.drawing.stacks_in(row)[0]

    def _choose(self, stack: Stack) -> None:
        for migration_id in stack.migration_ids[:1] if stack.only else ():
            self.migration_clicked.emit(migration_id)

    def current(self) -> MigrationResult | None:
        """The migration of the current row."""
        row = self.picture.current_row
        return None if row is None else self._first_of(row).only

    def _go_to(self, row: int) -> None:
        """Make a row the current one and bring it into view."""
        self.picture.set_current_row(row)
        self._scroll_to(row)
        self.row_changed.emit()

    def _scroll_to(self, row: int) -> None:
        layout = self.picture.layout_
        top, pitch = row * layout.pitch_px, layout.pitch_px
        self.scroll_bar.setValue(round(min(top, max(layout.scroll_px, top + pitch - layout.across_px))))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        layout, row = self.picture.layout_, self.picture.current_row
        last, key = layout.rows - 1, event.key()
        forward, back = (Qt.Key.Key_Right, Qt.Key.Key_Left) if layout.is_vertical else (Qt.Key.Key_Down, Qt.Key.Key_Up)
        if last < 0:
            super().keyPressEvent(event)
        elif key == forward:
            self._go_to(0 if row is None else min(last, row + 1))
        elif key == back:
            self._go_to(last if row is None else max(0, row - 1))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and row is not None:
            self._choose(self._first_of(row))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Minus, Qt.Key.Key_0):
            self._zoom({Qt.Key.Key_Plus: _ZOOM_STEP, Qt.Key.Key_Minus: 1 / _ZOOM_STEP}.get(Qt.Key(key)))
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.card.hide()
        turned = event.angleDelta().y() or event.angleDelta().x()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            point = QPointF(self.picture.mapFrom(self, event.position().toPoint()))
            self._zoom(_ZOOM_STEP ** (turned / 120), point)
        else:
            step = event.pixelDelta().y() or turned / 120 * 2 * max(1, self.picture.layout_.pitch_px)
            self.scroll_bar.setValue(round(self.scroll_bar.value() - step))
        event.accept()

    def _zoom(self, factor: float | None, at: QPointF | None = None) -> None:
        """Thicker or thinner rows; None: as usual."""
        self.picture.zoom_to(1.0 if factor is None else self.picture.zoom * factor, at)

    def _dress(self) -> None:
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, look.theme.surface)
        palette.setColor(QPalette.ColorRole.WindowText, look.theme.muted)
        self.setPalette(palette)
        self.picture.set_theme(look.theme)
