"""The time stacks of a run on the screen: the picture with its switches, scroll bar, hover card and keys."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPalette, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollBar, QStackedWidget, QVBoxLayout, QWidget

from vmplanner.analysis.compare import Comparison
from vmplanner.analysis.time_stacks import Measure, Split, time_stacks
from vmplanner.domain.results import ReferenceFigure, Run
from vmplanner.ui.charts import captions
from vmplanner.ui.charts.hover_card import HoverCard
from vmplanner.ui.charts.interactive_picture import Hit, InteractivePicture
from vmplanner.ui.charts.segmented import Segmented
from vmplanner.ui.charts.time_stack_picture import MARGIN_PX, NOTHING, ROW_PX
from vmplanner.ui.theme import GRID, look


class TimeStackChart(QWidget):
    """Signal: `migration_clicked(id)` when a row is clicked, or chosen with Up, Down and Enter."""

    migration_clicked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run: Run | None = None
        self._figures: tuple[ReferenceFigure, ...] = ()
        self.comparisons: Mapping[str, Comparison] = {}
        self.split = Segmented("Time stacks", tuple(captions.SPLIT_TITLES.items()))
        self.measure = Segmented("Length of a bar", tuple(captions.MEASURE_TITLES.items()))
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
        self.set_run(None, ())

    def set_run(
        self,
        run: Run | None,
        figures: Iterable[ReferenceFigure],
        comparisons: Mapping[str, Comparison] = MappingProxyType({}),
    ) -> None:
        """Show the migrations of a run beside published or measured figures, and what those in `comparisons` (by id)
        save against a plain pre-copy. May be called as the run goes on.
        """
        self._run, self._figures, self.comparisons = run, tuple(figures), comparisons
        self._show_run()

    def _build(self) -> None:
        switches = QHBoxLayout()
        switches.setContentsMargins(MARGIN_PX, GRID, MARGIN_PX, 0)
        switches.setSpacing(2 * GRID)
        switches.addWidget(self.split)
        switches.addWidget(self.measure)
        switches.addStretch()
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

    def _connect(self) -> None:
        self.split.chosen.connect(lambda _split: self._show_run())
        self.measure.chosen.connect(self._show_measure)
        self.picture.arranged.connect(self._fit_scroll_bar)
        self.picture.hovered.connect(self._show_card)
        self.picture.clicked.connect(self._click)
        self.scroll_bar.valueChanged.connect(self.picture.scroll_to)
        look.changed.connect(self._dress)

    def _show_run(self) -> None:
        self.card.hide()
        stacks = time_stacks(self._run, Split(self.split.value), self.comparisons) if self._run else NOTHING
        self.picture.set_stacks(stacks, self._figures)
        self._pages.setCurrentIndex(1 if stacks.stacks else 0)
        sentences = [captions.summary(stack) for stack in stacks.stacks]
        self.setAccessibleDescription("\n".join(sentences) or captions.EMPTY)

    def _show_measure(self, measure: Measure) -> None:
        self.card.hide()
        self.picture.set_measure(measure)

    def _fit_scroll_bar(self) -> None:
        """The bar lies beside the rows, in the picture's margin."""
        hidden_px = self.picture.hidden_px
        rows = self.picture.rows_area.toRect()
        width = min(self.scroll_bar.sizeHint().width(), MARGIN_PX)
        self.scroll_bar.setGeometry(rows.right() - width, rows.top(), width, rows.height())
        self.scroll_bar.setRange(0, hidden_px)
        self.scroll_bar.setSingleStep(ROW_PX)
        self.scroll_bar.setPageStep(max(ROW_PX, len(self.picture.stacks.stacks) * ROW_PX - hidden_px))
        self.scroll_bar.setVisible(hidden_px > 0)

    def _show_card(self, hit: Hit | None, point: QPoint) -> None:
        if hit is None:
            self.card.hide()
            return
        self.card.show_at(self.picture.mapTo(self, point), self.card_text(hit))

    def card_text(self, hit: Hit) -> str:
        """What the hover card says about a place of the picture."""
        stacks = self.picture.stacks
        if hit.figure is not None:
            return captions.about_figure(hit.figure, stacks.stacks[hit.row])
        if hit.part is not None:
            return captions.about_part(stacks, hit.row, hit.part, self.picture.measure)
        return captions.about_migration(stacks.stacks[hit.row])

    def _click(self, migration_id: str) -> None:
        self._go_to(next(i for i, stack in enumerate(self.picture.stacks.stacks) if stack.migration_id == migration_id))
        self.migration_clicked.emit(migration_id)

    def _go_to(self, row: int) -> None:
        """Make a row the current one and bring it into view."""
        self.picture.set_current_row(row)
        shown_px = len(self.picture.stacks.stacks) * ROW_PX - self.picture.hidden_px
        top = row * ROW_PX
        self.scroll_bar.setValue(min(top, max(self.scroll_bar.value(), top + ROW_PX - shown_px)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self.picture.stacks.stacks) - 1
        row = self.picture.current_row
        if last < 0:
            super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_Down:
            self._go_to(0 if row is None else min(last, row + 1))
        elif event.key() == Qt.Key.Key_Up:
            self._go_to(last if row is None else max(0, row - 1))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and row is not None:
            self.migration_clicked.emit(self.picture.stacks.stacks[row].migration_id)
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.card.hide()
        step = event.pixelDelta().y() or event.angleDelta().y() / 120 * 2 * ROW_PX
        self.scroll_bar.setValue(round(self.scroll_bar.value() - step))
        event.accept()

    def _dress(self) -> None:
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, look.theme.surface)
        palette.setColor(QPalette.ColorRole.WindowText, look.theme.muted)
        self.setPalette(palette)
        self.picture.set_theme(look.theme)
