"""Taking over what is found elsewhere: a person says where, sees what would come of it, and accepts it or not."""

from collections.abc import Callable
from threading import Event

from attrs import frozen
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QLabel, QStackedWidget, QVBoxLayout, QWidget

from vmplanner.domain.edits import count
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Change, Project
from vmplanner.interchange.inventory import Cancelled, Inventory
from vmplanner.interchange.merge import Merge, merge
from vmplanner.store import library
from vmplanner.ui.background import Background
from vmplanner.ui.dialogs.import_view import ImportView
from vmplanner.ui.dialogs.search import Search

Tell = Callable[[str], None]


@frozen
class Found:
    """An inventory, and what the project would be made of it: without and with links to what is new."""

    inventory: Inventory
    plain: Merge
    joined: Merge


def found_of(
    project: Project, inventory: Inventory, tell: Tell, mend: Callable[[Merge], Merge] = lambda merged: merged
) -> Found:
    """Merge an inventory with the project. `mend` adds to a merge what the inventory does not tell."""
    tell(f"Comparing {count(len(inventory.machines), 'VM')} with the project")
    plain = mend(merge(project, inventory, library.profiles()))
    joined = mend(merge(project, inventory, library.profiles(), join=True))
    project.applied(joined.change)  # nothing is shown that the project would refuse
    return Found(inventory, plain, joined)


def ending(say: Tell, given_up: Event) -> Tell:
    """What says how far it is, and raises Cancelled once nobody wants it any more."""

    def tell(text: str) -> None:
        if given_up.is_set():
            raise Cancelled("it was cancelled")
        say(text)

    return tell


class Choice(QWidget):
    """Where to look. `asked()` when it is to be done, `given_up()` when not."""

    asked = Signal()
    given_up = Signal()

    def refuse(self, sentence: str) -> None:
        """Say why nothing can be found there."""
        raise NotImplementedError


class Preview(QDialog):
    """Nothing is written until the person accepts: `take(Change)` is called then, once. Pages: the `choice`, the work,
    and the `view` of what was found.
    """

    def __init__(
        self,
        parent: QWidget | None,
        title: str,
        choice: Choice,
        background: Background,
        take: Callable[[Change], None],
    ) -> None:
        super().__init__(parent)
        self._take = take
        heading = QLabel(title)
        heading.setProperty("role", "title")
        self._stack = QStackedWidget()
        choice.asked.connect(self.look)
        choice.given_up.connect(self.reject)
        self._choice_page = choice
        self.search = Search(background, self.show_answer)
        self.search.cancelled.connect(self.back)
        self.view = ImportView()
        self.view.back_asked.connect(self.back)
        self.view.use_asked.connect(self._use)
        self.view.given_up.connect(self.reject)
        for page in (choice, self.search, self.view):
            self._stack.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(heading)
        layout.addWidget(self._stack, 1)
        self.resize(1080, 640)
        self.finished.connect(self._leave)

    def look(self) -> None:
        """Begin the work, by `begin`."""
        raise NotImplementedError

    def begin(self, caption: str, work: Callable[[Event], object]) -> None:
        self._stack.setCurrentWidget(self.search)
        self.search.begin(caption, work)

    def show_answer(self, answer: object) -> None:
        """What the work has come to."""
        if isinstance(answer, PlannerError):
            self._choice_page.refuse(str(answer))
            self.back()
        elif isinstance(answer, Found):
            self.view.show_inventory(answer.inventory, answer.plain, answer.joined)
            self._stack.setCurrentWidget(self.view)

    def back(self) -> None:
        """Back to the choice."""
        self._stack.setCurrentWidget(self._choice_page)

    def _use(self) -> None:
        self._take(self.view.merge.change)
        self.accept()

    def _leave(self) -> None:
        self.search.leave()
        self.deleteLater()
