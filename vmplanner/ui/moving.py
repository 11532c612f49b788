"""Moving the selected VMs without a mouse: the host is chosen in a list."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from vmplanner.domain.edits import count
from vmplanner.ui.canvas.editing import Editor
from vmplanner.ui.dialogs.choose_host import ChooseHost
from vmplanner.ui.document import Document
from vmplanner.ui.selection import Selection


class Moving(QObject):
    """Asks for a host for the selected VMs. Dialogs belong to `window`."""

    def __init__(self, document: Document, selection: Selection, editor: Editor, window: QWidget) -> None:
        super().__init__(window)
        self._document = document
        self._selection = selection
        self._editor = editor
        self._window = window

    def plan(self) -> None:
        """Plan to move them to a host."""
        self._ask("Plan the move", "Plan to move", at_once=False)

    def place(self) -> None:
        """Put them on a host at once, without a plan."""
        self._ask("Place", "Place", at_once=True)

    def _ask(self, title: str, verb: str, *, at_once: bool) -> None:
        project = self._document.project
        ids = sorted(self._selection.ids & project.machines.keys())
        if not ids:
            return
        what = project.machines[ids[0]].name if len(ids) == 1 else count(len(ids), "VM")

        def use(host_id: str) -> None:
            self._editor.move_machines(ids, host_id, at_once=at_once)

        ChooseHost(self._window, title, f"{verb} {what} to which host?", project, use).open()
