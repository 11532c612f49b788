"""What a person can do to the plan as a whole: have it found, schedule it, copy and compare plans. Each opens a dialog
or makes one undo step.
"""

from collections.abc import Callable, Collection

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QInputDialog, QWidget

from vmplanner.domain import group_edits, places, plan_edits
from vmplanner.domain.edits import count
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Change
from vmplanner.domain.quantities import format_duration
from vmplanner.planning.preflight import Finding, check
from vmplanner.planning.scheduling.apply import clear_starts
from vmplanner.ui.background import Background
from vmplanner.ui.dialogs import messages
from vmplanner.ui.dialogs.change_moves import ChangeMoves
from vmplanner.ui.dialogs.compare_plans import ComparePlans
from vmplanner.ui.dialogs.groups_and_rules import GroupsAndRules
from vmplanner.ui.dialogs.intent import IntentDialog, Kind
from vmplanner.ui.dialogs.platform_limits import PlatformLimitsDialog
from vmplanner.ui.dialogs.schedule import ScheduleDialog
from vmplanner.ui.dialogs.search import Search
from vmplanner.ui.dialogs.windows import WindowsDialog
from vmplanner.ui.document import Document
from vmplanner.ui.selection import Selection


class Planner(QObject):
    """Works on the current plan of the document. Dialogs belong to `window`; `told(text)` is for its status bar."""

    told = Signal(str)

    def __init__(self, document: Document, selection: Selection, window: QWidget) -> None:
        super().__init__(window)
        self._document = document
        self._selection = selection
        self._window = window
        self._background = Background("vmplanner-planner", self)
        self._groups: GroupsAndRules | None = None

    def stop(self) -> None:
        """End the searches under way and wait for what is being worked out."""
        for search in self._window.findChildren(Search):
            search.leave()
        self._background.stop()

    # The intents

    def evacuate(self) -> None:
        self._intend(Kind.EVACUATE)

    def drain(self) -> None:
        self._intend(Kind.DRAIN)

    def roll(self) -> None:
        self._intend(Kind.ROLL)

    def balance(self) -> None:
        self._intend(Kind.BALANCE)

    def consolidate(self) -> None:
        self._intend(Kind.CONSOLIDATE)

    def spread(self) -> None:
        self._intend(Kind.SPREAD)

    def _intend(self, kind: Kind) -> None:
        project = self._document.project
        IntentDialog(self._window, kind, project, self._selection.ids, self._background, self._use).open()

    # Start times

    def schedule(self) -> None:
        """Choose start times for the moves of the plan."""
        ScheduleDialog(self._window, self._document.project, self._background, self._document.push).open()

    def clear_starts(self) -> None:
        """Let all moves but the pinned ones start as soon as they may."""
        project = self._document.project
        if project.plan.id in project.plans:
            self._document.push(clear_starts(project, project.plan.id))
            if staying := sum(move.is_pinned for move in project.plan.migrations):
                self.told.emit(f"{count(staying, 'pinned start')} {'stays' if staying == 1 else 'stay'}")

    def windows(self) -> None:
        """Say when things may move, and when the plan starts."""
        WindowsDialog(self._window, self._document).open()

    def platform_limits(self) -> None:
        PlatformLimitsDialog(self._window, self._document.project, self._background).open()

    def start_at(self, migration_id: str, seconds: float) -> None:
        """Pin a move to a start time."""
        told = format_duration(seconds) if seconds else "0 s"
        self._document.push(plan_edits.shift(self._document.project, migration_id, seconds, told))
        self._selection.select([migration_id])

    def pin(self, starts: dict[str, float]) -> None:
        self._document.push(plan_edits.pin(self._document.project, starts))

    def unpin(self, migration_ids: Collection[str]) -> None:
        self._document.push(plan_edits.unpin(self._document.project, migration_ids))

    def exclude(self, migration_ids: Collection[str]) -> None:
        """Leave the VMs of these moves out of the plan."""
        self._document.push(plan_edits.exclude(self._document.project, migration_ids))

    def include(self, migration_ids: Collection[str]) -> None:
        """Take the VMs of these excluded moves into the plan again."""
        self._try(lambda: plan_edits.include(self._document.project, migration_ids))

    def change_moves(self, migration_ids: Collection[str]) -> None:
        """Give several moves another target, technique or limits."""
        ChangeMoves(self._window, self._document, migration_ids).open()

    def fix(self, finding: Finding) -> None:
        """Mend what a finding is about, as one step. It is looked for afresh: the plan may have changed since."""
        project = self._document.project
        for fresh in check(project, project.plan):
            if (fresh.rule, fresh.message) == (finding.rule, finding.message) and fresh.fix is not None:
                self._document.push(fresh.fix)
                return

    # Groups and rules

    def groups_and_rules(self) -> None:
        """Open the dialog beside the window, or bring it to the front."""
        if self._groups is None:
            self._groups = GroupsAndRules(self._window, self._document, self._selection)
            self._groups.finished.connect(self._forget_groups)
        self._groups.show()
        self._groups.activateWindow()

    def _forget_groups(self) -> None:
        if self._groups is not None:
            self._groups.deleteLater()
            self._groups = None

    def make_rack(self) -> None:
        self._document.push(group_edits.make_rack(self._document.project, self._selection.ids))

    def make_site(self) -> None:
        self._document.push(places.make_site(self._document.project, self._selection.ids))

    # Copies

    def copy_plan(self) -> None:
        self._document.push(plan_edits.copy_plan(self._document.project))

    def choose_plan(self, plan_id: str) -> None:
        self._document.push(plan_edits.choose_plan(self._document.project, plan_id))

    def rename_plan(self) -> None:
        name, agreed = QInputDialog.getText(
            self._window, "Rename the plan", "Name of the plan", text=self._document.project.plan.name
        )
        if agreed and name.strip():
            self._try(lambda: plan_edits.rename_plan(self._document.project, name.strip()))

    def delete_plan(self) -> None:
        self._try(lambda: plan_edits.delete_plan(self._document.project))

    def compare_plans(self) -> None:
        """Show all plans side by side."""
        ComparePlans(self._window, self._document.project, self._background).open()

    def _use(self, plan: Plan, title: str, as_copy: bool) -> None:
        use = plan_edits.use_as_copy if as_copy else plan_edits.use_plan
        self._document.push(use(self._document.project, plan, title))

    def _try(self, change: Callable[[], Change]) -> None:
        try:
            self._document.push(change())
        except PlannerError as refusal:
            messages.tell_error(self._window, "That is not possible", f"{refusal}.")
