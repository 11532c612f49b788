"""The buttons above the table of moves: have a plan found, schedule it, change the chosen moves, and the limits."""

from collections.abc import Callable, Collection, Sequence

from attrs import evolve
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QVBoxLayout, QWidget

from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Change, Edit
from vmplanner.ui.document import Document
from vmplanner.ui.enabling import set_enabled
from vmplanner.ui.fields import WholeField
from vmplanner.ui.planner import Planner

_WIDTH_PX, _NARROW_PX = 80, 48


class PlanTools(QWidget):
    """`actions` are the buttons for the chosen moves, by their texts."""

    def __init__(
        self, document: Document, planner: Planner, refuge: QWidget, actions: Sequence[tuple[str, Callable[[], object]]]
    ) -> None:
        super().__init__()
        self._document = document
        self._refuge = refuge
        self.find_button = self._menu_button(
            "Plan for me",
            "Have the moves found that do what you intend",
            (
                ("Evacuate hosts...", planner.evacuate),
                ("Evacuate a rack or site...", planner.drain),
                ("Roll through hosts...", planner.roll),
                ("Balance...", planner.balance),
                ("Consolidate...", planner.consolidate),
                ("Spread after a failure...", planner.spread),
            ),
        )
        self.find_button.setProperty("role", "primary")
        self.schedule_button = self._menu_button(
            "Schedule",
            "Choose start times for the moves",
            (
                ("Choose start times...", planner.schedule),
                ("Clear start times", planner.clear_starts),
                ("What platform limits would cost...", planner.platform_limits),
            ),
        )
        rules_button = self._menu_button(
            "Rules",
            "Say what every plan has to keep",
            (
                ("Groups and rules...", planner.groups_and_rules),
                ("Maintenance windows...", planner.windows),
            ),
        )
        self.buttons: dict[str, QPushButton] = {}
        chosen = QHBoxLayout()
        chosen.setSpacing(6)
        for text, act in actions:
            button = self.buttons[text] = QPushButton(text)
            button.clicked.connect(act)
            chosen.addWidget(button)
        chosen.addStretch(1)
        self._total = WholeField("At most at once in the plan", "How many migrations may run at the same time")
        self._per_host = WholeField(
            "At most at once per host", "How many migrations may run at the same time on one host"
        )
        first = QHBoxLayout()
        for button in (self.find_button, self.schedule_button, rules_button):
            first.addWidget(button, alignment=Qt.AlignmentFlag.AlignTop)
        first.addStretch(1)
        self._add_limit(first, "At most at once", self._total, lambda plan, n: evolve(plan, max_concurrent=n))
        self._add_limit(first, "per host", self._per_host, lambda plan, n: evolve(plan, max_concurrent_per_host=n))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(first)
        layout.addLayout(chosen)

    def refresh(self) -> None:
        """Follow the document."""
        plan = self._document.project.plan
        self._total.show_value(plan.max_concurrent)
        self._per_host.show_value(plan.max_concurrent_per_host)
        self.schedule_button.setEnabled(bool(plan.migrations))

    def enable(self, texts: Collection[str]) -> None:
        """Of the buttons for the chosen moves these and no others."""
        for text, button in self.buttons.items():
            set_enabled(button, text in texts, refuge=self._refuge)

    def make_narrow(self, is_narrow: bool) -> None:
        """Take less room for the limits, which seldom have more than two digits."""
        for field in (self._total, self._per_host):
            field.editor.setFixedWidth(_NARROW_PX if is_narrow else _WIDTH_PX)

    def _menu_button(self, text: str, tip: str, entries: Sequence[tuple[str, Callable[[], None]]]) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        menu = QMenu(button)
        for entry, act in entries:
            menu.addAction(entry, act)
        button.setMenu(menu)
        return button

    def _add_limit(self, row: QHBoxLayout, text: str, field: WholeField, limited: Callable[[Plan, int], Plan]) -> None:
        caption = QLabel(text)
        caption.setProperty("role", "muted")
        caption.setBuddy(field.editor)
        field.editor.setFixedWidth(_WIDTH_PX)
        field.entered.connect(lambda value: self._set_limit(field, limited, value))
        caption.setFixedHeight(field.editor.sizeHint().height())
        row.addWidget(caption, alignment=Qt.AlignmentFlag.AlignTop)
        row.addWidget(field, alignment=Qt.AlignmentFlag.AlignTop)

    def _set_limit(self, field: WholeField, limited: Callable[[Plan, int], Plan], value: int) -> None:
        project = self._document.project
        try:
            after = limited(project.plan, value)
        except InvalidValue as refusal:
            field.refuse(refusal.why)
            return
        self._document.push(Change("Change the limits of the plan", (Edit(project.plans.get(after.id), after),)))
