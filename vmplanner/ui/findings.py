"""The strip at the bottom: what stands in the way of the plan, each line a way to the thing it is about.

Its line always has the same height, so that advice that comes while somebody draws moves nothing. The list below it is
opened by the person.
"""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from vmplanner.domain import edits
from vmplanner.planning.preflight import Finding, Severity
from vmplanner.ui.bridge import Advice
from vmplanner.ui.icons import icon
from vmplanner.ui.labels import ElidedLabel
from vmplanner.ui.names import breakable
from vmplanner.ui.theme import look

_ID = Qt.ItemDataRole.UserRole
_LINE_PX = 36
_LIST_PX = 112


class Findings(QWidget):
    """`chosen(str)` with the id of the thing that a finding is about."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        title = QLabel("FINDINGS")
        title.setProperty("role", "section")
        title.setToolTip("What the preflight, the check before anything moves, found in the plan")
        self._symbol = QLabel()
        self.summary = QLabel()
        self.summary.setProperty("role", "muted")
        self.first = ElidedLabel()
        self.opener = QToolButton()
        self.opener.setCheckable(True)
        self.opener.toggled.connect(self._show_list)
        line = QWidget()
        line.setFixedHeight(_LINE_PX)
        head = self._head = QHBoxLayout(line)
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(8)
        for widget in (title, self._symbol, self.summary):
            head.addWidget(widget)
        head.addWidget(self.first, 1)
        head.addWidget(self.opener)
        self.list = QListWidget()
        self.list.setAccessibleName("Findings")
        self.list.setWordWrap(True)
        self.list.setFixedHeight(_LIST_PX)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemActivated.connect(lambda item: self.chosen.emit(item.data(_ID)))
        self.list.itemClicked.connect(lambda item: self.chosen.emit(item.data(_ID)))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 0, 16, 0)
        layout.setSpacing(0)
        layout.addWidget(line)
        layout.addWidget(self.list)
        self._findings: tuple[Finding, ...] = ()
        look.changed.connect(self._fill)
        self.show_advice(Advice((), None), moves=0)
        self._show_list(False)

    def show_advice(self, advice: Advice, moves: int) -> None:
        """Show the findings on a plan of so many moves."""
        self._findings = advice.findings
        blocking = sum(finding.severity is Severity.BLOCKS for finding in advice.findings)
        warning = len(advice.findings) - blocking
        parts = [f"{blocking} that {'blocks' if blocking == 1 else 'block'} the plan"] if blocking else []
        parts += [edits.count(warning, "warning")] if warning else []
        if parts:
            self.summary.setText(", ".join(parts))
        else:
            self.summary.setText("Nothing stands in the way of the plan" if moves else "No moves are planned yet")
        self._fill()

    def _fill(self) -> None:
        self.list.clear()
        for finding in self._findings:
            item = QListWidgetItem(_symbol(finding), breakable(f"{finding.message}. To mend it: {finding.mend}."))
            item.setData(_ID, finding.thing_id)
            item.setToolTip(f"{finding.severity.value.capitalize()} the plan. Click to go there.")
            self.list.addItem(item)
        self.list.setIconSize(QSize(14, 14))
        first = self._findings[0] if self._findings else None
        self._show_first()
        self._symbol.setVisible(first is not None)
        if first is not None:
            self._symbol.setPixmap(_symbol(first).pixmap(14, 14))
        self.opener.setVisible(first is not None)
        if first is None:
            self.opener.setChecked(False)
        self._head.activate()

    def _show_list(self, is_open: bool) -> None:
        self.list.setVisible(is_open)
        self._show_first()
        self.opener.setText("Hide" if is_open else "Show")
        self.opener.setAccessibleName(f"{self.opener.text()} the findings")

    def _show_first(self) -> None:
        is_told_below = self.opener.isChecked() or not self._findings
        self.first.setText("" if is_told_below else self._findings[0].message)


def _symbol(finding: Finding) -> QIcon:
    blocks = finding.severity is Severity.BLOCKS
    colour = look.theme.bad if blocks else look.theme.warn
    return icon("fa6s.circle-xmark" if blocks else "fa6s.triangle-exclamation", colour)
