"""The strip at the bottom: what stands in the way of the plan, each line a way to the thing it is about."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from vmplanner.domain import edits
from vmplanner.planning.preflight import Finding, Severity
from vmplanner.ui.bridge import Advice
from vmplanner.ui.icons import icon
from vmplanner.ui.theme import look

_ID = Qt.ItemDataRole.UserRole


class Findings(QWidget):
    """`chosen(str)` with the id of the thing that a finding is about."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        title = QLabel("FINDINGS")
        title.setProperty("role", "section")
        self.summary = QLabel()
        self.summary.setProperty("role", "muted")
        head = QHBoxLayout()
        head.addWidget(title)
        head.addSpacing(8)
        head.addWidget(self.summary, 1)
        self.list = QListWidget()
        self.list.setAccessibleName("Findings")
        self.list.setWordWrap(True)
        self.list.setMaximumHeight(112)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemActivated.connect(lambda item: self.chosen.emit(item.data(_ID)))
        self.list.itemClicked.connect(lambda item: self.chosen.emit(item.data(_ID)))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 8, 16, 8)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(self.list)
        self._findings: tuple[Finding, ...] = ()
        look.changed.connect(self._fill)
        self.show_advice(Advice((), None), moves=0)

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
            blocks = finding.severity is Severity.BLOCKS
            colour = look.theme.bad if blocks else look.theme.warn
            symbol = icon("fa6s.circle-xmark" if blocks else "fa6s.triangle-exclamation", colour)
            item = QListWidgetItem(symbol, f"{finding.message}. To mend it: {finding.mend}.")
            item.setData(_ID, finding.thing_id)
            item.setToolTip(f"{finding.severity.value.capitalize()} the plan. Click to go there.")
            self.list.addItem(item)
        self.list.setIconSize(QSize(14, 14))
        self.list.setVisible(bool(self._findings))
