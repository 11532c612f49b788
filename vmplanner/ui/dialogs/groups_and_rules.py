"""Groups of hosts and VMs, and the rules that a placement must keep, on two pages."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTabWidget, QVBoxLayout, QWidget

from vmplanner.ui.dialogs.first_size import open_with_size
from vmplanner.ui.dialogs.groups_page import GroupsPage
from vmplanner.ui.dialogs.list_and_form import add_undo_keys
from vmplanner.ui.dialogs.rules_page import RulesPage
from vmplanner.ui.document import Document
from vmplanner.ui.selection import Selection

_GROUPS, _RULES = range(2)


class GroupsAndRules(QDialog):
    """Stays open beside the drawing, so that things can be selected there; each change is there at once."""

    def __init__(self, parent: QWidget, document: Document, selection: Selection) -> None:
        super().__init__(parent)
        self.setWindowTitle("Groups and rules")
        self._document = document
        self._groups = GroupsPage(document, selection)
        self._rules = RulesPage(document, selection)
        self._tabs = QTabWidget()
        self._tabs.tabBar().setAccessibleName("Pages of groups and rules")
        for page in (self._groups, self._rules):
            page.setContentsMargins(16, 16, 16, 16)
            self._tabs.addTab(page, "")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(self._tabs, 1)
        layout.addWidget(buttons)
        open_with_size(self, 920, 560)
        add_undo_keys(self, document)
        document.changed.connect(self._follow)
        document.replaced.connect(self._follow)
        self._tell()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter ends what is typed into a field; no button is pressed by that."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)

    def _follow(self) -> None:
        self._groups.refresh()
        self._rules.refresh()
        self._tell()

    def _tell(self) -> None:
        project, broken = self._document.project, len(self._rules.broken)
        self._tabs.setTabText(_GROUPS, f"Groups  {len(project.groups)}")
        more = f"  ({broken} broken)" if broken else ""
        self._tabs.setTabText(_RULES, f"Rules  {len(project.rules)}{more}")
