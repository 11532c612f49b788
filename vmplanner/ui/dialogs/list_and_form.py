"""Things in a list on the left, and on the right the form of the one that is picked: what the pages of groups and
rules and the windows' dialog have in common.
"""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from vmplanner.ui.dialogs.scrolled import Scrolled
from vmplanner.ui.document import Document
from vmplanner.ui.fields import Field
from vmplanner.ui.labels import WrappedLabel
from vmplanner.ui.named_list import NamedList


class ListAndForm(QWidget):
    """`list` is the list, `buttons` stand below it. On the right are the `hint` above the form, which scrolls, and
    `below` it and the button that removes the picked thing, which are there only with a form that is one's.
    """

    def __init__(
        self, name: str, buttons: Sequence[QPushButton], remove_text: str, stretches: tuple[int, int] = (2, 3)
    ) -> None:
        super().__init__()
        self.form: QWidget | None = None
        self._frame: tuple[object, ...] = ()
        self.list = NamedList(name)
        self.hint, self.below = WrappedLabel(), WrappedLabel()
        for label in (self.hint, self.below):
            label.setProperty("role", "muted")
        self.remove = QPushButton(remove_text)
        self.remove.setProperty("role", "danger")
        left, adding, removing = QVBoxLayout(), QHBoxLayout(), QHBoxLayout()
        adding.setSpacing(8)
        for button in buttons:
            adding.addWidget(button)
        for row, last in ((adding, None), (removing, self.remove)):
            if last is not None:
                row.addWidget(last)
            row.addStretch(1)
        for button in (*buttons, self.remove):
            button.setAutoDefault(False)  # Enter ends what is typed into a field and presses nothing
        left.addWidget(self.list, 1)
        left.addLayout(adding)
        self._right = QVBoxLayout()
        self._right.setSpacing(10)
        self._right.addWidget(self.hint)
        self._place = Scrolled()
        self._right.addWidget(self._place, 1)
        self._right.addWidget(self.below)
        self._right.addLayout(removing)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(20)
        layout.addLayout(left, stretches[0])
        layout.addLayout(self._right, stretches[1])

    def tell(self, hint: str, below: str = "", *, may_remove: bool) -> None:
        """Say what there is to say around the form; what is empty is not there."""
        for label, text in ((self.hint, hint), (self.below, below)):
            label.show_text(text)
            label.setVisible(bool(text))
        self.remove.setVisible(may_remove)

    def show_form(self, frame: tuple[object, ...], build: Callable[[], QWidget]) -> None:
        """Keep the form where it was built for the same `frame`, which begins with the id of its thing and has all
        that its fields and choices depend on; else build it anew. The keyboard stays on the field that it is on.
        """
        if self.form is not None and frame == self._frame:
            return
        keyboard = self.focusWidget() if self._frame[:1] == frame[:1] else None
        self.drop_form()
        self._frame = frame
        self.form = build()
        self._place.setWidget(self.form)
        self._place.updateGeometry()
        for field in self.form.findChildren(Field):
            if keyboard is not None and field.editor.accessibleName() == keyboard.accessibleName():
                field.setFocus()

    def drop_form(self) -> None:
        if self.form is not None:
            self._place.takeWidget()
            self.form.hide()
            self.form.deleteLater()  # not at once: one of its fields may be what asked for this
            self.form, self._frame = None, ()


def add_undo_keys(dialog: QDialog, document: Document) -> None:
    """The keys of the window's menu do not work in a dialog."""
    for action, key in (
        (document.undo_stack.createUndoAction(dialog), QKeySequence.StandardKey.Undo),
        (document.undo_stack.createRedoAction(dialog), QKeySequence.StandardKey.Redo),
    ):
        action.setShortcut(key)
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        dialog.addAction(action)
