"""The library of profiles: what each is made of, where its figures are from, and what can be done with one's own."""

from collections.abc import Callable, Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from vmplanner.domain.edits import count
from vmplanner.domain.errors import InvalidValue, PlannerError
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.quantities import BYTES, PAGES_PER_S, SHARE
from vmplanner.store.own_profiles import OwnProfile
from vmplanner.store.templates import PieceTemplate, ProfileTemplate
from vmplanner.ui.dialogs import messages
from vmplanner.ui.dialogs.first_size import open_with_size
from vmplanner.ui.dialogs.scrolled import Scrolled
from vmplanner.ui.fields import TextField
from vmplanner.ui.labels import ElidedLabel, WrappedLabel
from vmplanner.ui.makeup_bar import MakeupBar
from vmplanner.ui.named_list import Entry, NamedList
from vmplanner.ui.profile_library import ProfileLibrary
from vmplanner.ui.tables.rows import Column, RowModel, RowView


def _size(piece: PieceTemplate) -> str:
    if piece.memory_share is None:
        return BYTES.format(piece.piece.size_bytes)
    return f"{SHARE.format(piece.memory_share)} of it"


_COLUMNS = (
    Column("Piece", lambda piece: piece.piece.name),
    Column("Kind", lambda piece: piece.piece.kind.value, 108),
    Column("Size", _size, 96, right=True, about="Fixed, or a share of the VM's memory"),
    Column("Writes", lambda piece: PAGES_PER_S.format(piece.piece.write_rate_pages_per_s), 120, right=True),
)
_LEAST_LIST_PX = 130
_LEAST_TABLE_PX = 120


class ProfilesDialog(QDialog):
    """`give` puts the profile of a name into the VM that the dialog was opened for, if there is one."""

    def __init__(
        self,
        parent: QWidget,
        library: ProfileLibrary,
        machine: VirtualMachine | None = None,
        give: Callable[[str], object] = lambda _name: None,
    ) -> None:
        super().__init__(parent)
        self._library = library
        self._give = give
        self.setWindowTitle("Library of profiles")
        library.read_again()
        self._list = NamedList("Profiles")
        self._problems = WrappedLabel()
        self._problems.setProperty("role", "warn")
        self._name = TextField("Name of the profile", "Type another name to rename it")
        self._name.entered.connect(self._rename)
        self._title = ElidedLabel()
        self._title.setProperty("role", "title")
        self._about = WrappedLabel()
        self._about.setProperty("role", "muted")
        self._bar = MakeupBar()
        self._model = RowModel(_COLUMNS)
        self._table = RowView(self._model, _COLUMNS, "Pieces of the profile")
        self._table.selectionModel().currentRowChanged.connect(lambda now, _before: self._tell_source(now.row()))
        self._source = WrappedLabel()
        self._source.setProperty("role", "muted")
        self._source.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._source.setMinimumHeight(3 * self._source.fontMetrics().lineSpacing())
        self._delete = QPushButton("Delete profile")
        self._delete.setProperty("role", "danger")
        self._delete.clicked.connect(self._delete_picked)
        self._use = QPushButton("Use it")
        self._use.setVisible(machine is not None)
        self._use.setProperty("role", "primary")
        if machine is not None:
            self._use.setToolTip(f"Fill {machine.name} with the data of this profile")
            self._use.clicked.connect(self._use_picked)
        close = QPushButton("Close")
        close.clicked.connect(self.reject)
        for button in (self._delete, self._use, close):
            button.setAutoDefault(False)
        shown = QWidget()
        right = QVBoxLayout(shown)
        right.setContentsMargins(0, 0, 8, 0)
        right.setSpacing(10)
        for widget in (self._title, self._name, self._about, self._bar):
            right.addWidget(widget)
        right.addWidget(self._table, 1)
        middle = QHBoxLayout()
        middle.setSpacing(20)
        middle.addWidget(self._list, 2)
        beside = QVBoxLayout()
        beside.addWidget(Scrolled(shown), 1)
        beside.addWidget(self._source)
        middle.addLayout(beside, 5)
        self._list.setMinimumWidth(_LEAST_LIST_PX)
        self._table.setMinimumHeight(_LEAST_TABLE_PX)
        buttons = QHBoxLayout()
        buttons.addWidget(self._delete)
        buttons.addStretch(1)
        buttons.addWidget(self._use)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(self._problems)
        layout.addLayout(middle, 1)
        layout.addLayout(buttons)
        open_with_size(self, 940, 540)
        self.finished.connect(self.deleteLater)
        self._list.picked.connect(lambda _id: self._show_picked())
        library.changed.connect(self._fill)
        self._fill(machine.profile.name if machine is not None else "")

    def _fill(self, pick: str = "") -> None:
        self._problems.show_text("\n".join(self._library.problems))
        self._problems.setVisible(bool(self._library.problems))
        self._list.fill(_entries(self._library), pick)

    @property
    def _picked(self) -> ProfileTemplate | None:
        return self._library.find(self._list.shown_id)

    @property
    def _picked_own(self) -> OwnProfile | None:
        template = self._picked
        return None if template is None else self._library.find_own(template.name)

    def _show_picked(self) -> None:
        template = self._picked
        if template is None:
            return
        own = self._picked_own
        self._title.setText(template.name)
        self._title.setVisible(own is None)
        self._name.show_value(template.name)
        self._name.setVisible(own is not None)
        self._delete.setVisible(own is not None)
        where = f"Yours, in {own.path}" if own is not None else "Comes with vmplanner"
        self._about.show_text("\n".join(filter(None, (template.description, where))))
        memory_bytes = template.memory_bytes
        machine = VirtualMachine("vm", "vm", "host", memory_bytes, profile=template.profile_for(memory_bytes))
        self._bar.show_pieces(tuple(machine.all_pieces()))
        self._model.show_rows(list(template.pieces))
        self._table.selectRow(0)
        self._tell_source(0)

    def _tell_source(self, row: int) -> None:
        """Where the figures of a piece are from."""
        pieces = self._model.rows
        if not 0 <= row < len(pieces):
            self._source.show_text("")
            return
        piece = pieces[row].piece
        self._source.show_text(f"Source of {piece.name}: {piece.source or 'not given'}")

    def _rename(self, name: str) -> None:
        own = self._picked_own
        assert own is not None
        if self._library.is_shipped(name):
            self._name.refuse(f"'{name}' comes with vmplanner; give yours another name")
            return
        try:
            self._library.rename(own, name)
        except InvalidValue as refusal:
            self._name.refuse(f"{refusal.field} {refusal.why}")
        except PlannerError as error:
            self._name.refuse(str(error))
        else:
            self._fill(name)

    def _delete_picked(self) -> None:
        own = self._picked_own
        if own is None or not messages.may_delete_profile(self, own.template.name):
            return
        try:
            self._library.delete(own)
        except PlannerError as error:
            messages.tell_error(self, "The profile could not be deleted", str(error))
        self._list.setFocus()

    def _use_picked(self) -> None:
        name = self._list.shown_id
        self.accept()
        self._give(name)


def _entries(library: ProfileLibrary) -> Iterator[Entry]:
    for template in library:
        whose = "" if library.is_shipped(template.name) else "Own · "
        pieces = count(len(template.pieces), "piece")
        yield Entry(template.name, template.name, f"{whose}{BYTES.format(template.memory_bytes)} · {pieces}")
