"""The application data of one VM: a bar of what its memory holds, and a card for each piece."""

from attrs import evolve
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from vmplanner.domain import edits
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.machines import MeasuredCurve, Piece, PieceKind, VirtualMachine
from vmplanner.domain.project import Change
from vmplanner.domain.quantities import MIB
from vmplanner.ui.dialogs.profiles import ProfilesDialog
from vmplanner.ui.dialogs.save_profile import SaveProfile
from vmplanner.ui.document import Document
from vmplanner.ui.fields import ChoiceField
from vmplanner.ui.forms import Subject
from vmplanner.ui.glossary import meaning
from vmplanner.ui.item_list import part_of
from vmplanner.ui.makeup_bar import MakeupBar
from vmplanner.ui.piece_card import PieceCard
from vmplanner.ui.profile_library import ProfileLibrary


class ProfileEditor(QWidget):
    """Choose a profile from the library, or edit the pieces one by one."""

    def __init__(
        self,
        document: Document,
        machine_id: str,
        library: ProfileLibrary,
        measured: dict[tuple[str, str], Piece],
    ) -> None:
        """`measured` keeps pieces with their measured curves, by VM and name, for as long as the project is open."""
        super().__init__()
        self._measured = measured
        self._document = document
        self._machine_id = machine_id
        self._library = library
        self._cards: list[PieceCard] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(8)
        self._choice = ChoiceField("Profile", [], "Fill the VM with the data of a typical application")
        self._choice.entered.connect(self._apply_template)
        self._bar = MakeupBar()
        self._add = QPushButton("Add a piece of data")
        self._add.setToolTip(meaning("piece of data"))
        self._add.clicked.connect(self._add_piece)
        keep, library_button = QPushButton("Save to library..."), QPushButton("Library...")
        keep.setToolTip("Keep these pieces as a profile of your own")
        keep.clicked.connect(self._save)
        library_button.setToolTip("See all profiles and where their figures are from; rename or delete your own")
        library_button.clicked.connect(self._show_library)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(keep)
        buttons.addWidget(library_button)
        buttons.addStretch(1)
        self._layout.addWidget(self._choice)
        self._layout.addLayout(buttons)
        self._layout.addWidget(self._bar)
        self._above_cards = self._layout.count()
        self._layout.addWidget(self._add)
        library.changed.connect(self.refresh)
        self.refresh()

    @property
    def machine(self) -> VirtualMachine | None:
        return self._document.project.machines.get(self._machine_id)

    def refresh(self) -> None:
        machine = self.machine
        if machine is None:
            return
        self._choice.offer(self._library.choices(machine.profile.name))
        self._choice.show_value(machine.profile.name)
        self._bar.show_pieces(tuple(machine.all_pieces()))
        for piece in machine.profile.pieces:
            if isinstance(piece.pattern, MeasuredCurve):
                self._measured[machine.id, piece.name] = piece
        if [card.index for card in self._cards] != list(range(len(machine.profile.pieces))) or any(
            not card.fits() for card in self._cards
        ):
            self._rebuild_cards(machine)
        for card in self._cards:
            card.refresh()

    def piece_subject(self, index: int) -> Subject:
        return part_of(
            self._pieces, index, lambda pieces, title: self._with_pieces(self._sourced(pieces), f"{title} in")
        )

    def _sourced(self, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
        return tuple(map(edits.change_piece, self._pieces(), pieces))

    def _pieces(self) -> tuple[Piece, ...]:
        return self.machine.profile.pieces if self.machine is not None else ()

    def measured_piece(self, index: int) -> Piece | None:
        """The piece as it was when it last had a measured curve."""
        machine = self.machine
        return None if machine is None else self._measured.get((machine.id, machine.profile.pieces[index].name))

    def _show_draft(self, index: int, piece: Piece | None) -> None:
        """Let the bar follow what a person types into a piece; what can't be leaves it as it is."""
        machine = self.machine
        if machine is None:
            return
        pieces = [*machine.profile.pieces]
        pieces[index] = piece or pieces[index]
        try:
            drafted = evolve(machine, profile=evolve(machine.profile, pieces=pieces))
        except InvalidValue:
            drafted = machine
        self._bar.show_pieces(tuple(drafted.all_pieces()))

    def _save(self) -> None:
        machine = self.machine
        if machine is not None:
            dialog = SaveProfile(self.window(), self._library, machine)
            dialog.accepted.connect(lambda: self._rename_profile(dialog.name))
            dialog.open()

    def _rename_profile(self, name: str) -> None:
        """The VM has the profile that was made of it."""
        machine = self.machine
        if machine is not None and machine.profile.name != name:
            after = evolve(machine, profile=evolve(machine.profile, name=name))
            self._document.push(edits.replace(machine, after, f"Rename the profile of {machine.name} to {name}"))

    def _show_library(self) -> None:
        ProfilesDialog(self.window(), self._library, self.machine, self._apply_template).open()

    def remove_piece(self, index: int) -> None:
        machine = self.machine
        assert machine is not None
        pieces = tuple(piece for i, piece in enumerate(machine.profile.pieces) if i != index)
        self._document.push(self._with_pieces(pieces, f"Remove {machine.profile.pieces[index].name} from"))

    def _with_pieces(self, pieces: tuple[Piece, ...], title: str) -> Change:
        """`title` lacks the name of the VM."""
        machine = self.machine
        assert machine is not None
        after = evolve(machine, profile=evolve(machine.profile, pieces=pieces))
        return edits.replace(machine, after, f"{title} {machine.name}")

    def _apply_template(self, name: str) -> None:
        machine = self.machine
        template = self._library.find(name)
        if machine is None or template is None:
            return
        try:
            after = evolve(machine, profile=template.profile_for(machine.memory_bytes))
            self._document.push(edits.replace(machine, after, f"Give {machine.name} the profile {name}"))
        except InvalidValue as refusal:
            self._choice.refuse(refusal.why)

    def _add_piece(self) -> None:
        machine = self.machine
        assert machine is not None
        name = edits.unique_name("heap", (piece.name for piece in machine.profile.pieces))
        free = machine.memory_bytes - machine.profile.size_bytes
        piece = Piece(name, PieceKind.HEAP, min(free, 256 * MIB), source=edits.ENTERED)
        self._document.push(self._with_pieces((*machine.profile.pieces, piece), f"Add {name} to"))

    def _rebuild_cards(self, machine: VirtualMachine) -> None:
        open_ones = {card.index for card in self._cards if card.is_open}
        for card in self._cards:
            self._layout.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._cards = [self._card(index, is_open=index in open_ones) for index in range(len(machine.profile.pieces))]
        for index, card in enumerate(self._cards):
            self._layout.insertWidget(self._above_cards + index, card)

    def _card(self, index: int, *, is_open: bool) -> PieceCard:
        subject, document = self.piece_subject(index), self._document
        card = PieceCard(document, subject, index, lambda: self.measured_piece(index), is_open=is_open)
        card.drafted.connect(lambda piece: self._show_draft(index, piece))
        card.remove_asked.connect(self.remove_piece)
        return card
