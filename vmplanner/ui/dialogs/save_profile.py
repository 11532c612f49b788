"""Save the data of a VM as a profile of one's own: its name, what it is, and how it fits VMs of other sizes."""

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from vmplanner.domain.checks import MAX_NAME_LENGTH
from vmplanner.domain.errors import InvalidValue, PlannerError
from vmplanner.domain.machines import VirtualMachine
from vmplanner.store.templates import ProfileTemplate
from vmplanner.ui.dialogs import messages
from vmplanner.ui.dialogs.first_size import open_with_size
from vmplanner.ui.fields import ChoiceField, Field, TextField
from vmplanner.ui.labels import WrappedLabel
from vmplanner.ui.profile_library import ProfileLibrary

_SIZES = ((False, "Keep their sizes"), (True, "Grow with the memory"))


class SaveProfile(QDialog):
    """`name` is that of the profile once it is saved."""

    def __init__(self, parent: QWidget, library: ProfileLibrary, machine: VirtualMachine) -> None:
        super().__init__(parent)
        self.name = ""
        self._library = library
        self._machine = machine
        self._grows = False
        library.read_again()  # another window may have saved one of that name
        self.setWindowTitle("Save to the library")
        about = WrappedLabel(
            "The pieces of this VM become a profile of your own. You find it in the palette and wherever a profile is "
            "chosen."
        )
        about.setProperty("role", "muted")
        used = machine.profile.name
        name = f"{used} of {machine.name}" if library.is_shipped(used) else used
        before = library.find_own(used)
        self._name = TextField("Name of the profile")
        self._name.show_value(name[:MAX_NAME_LENGTH])
        self._name.entered.connect(lambda _name: self._refuse(""))
        self._description = TextField("What it is", empty="such as: our shop on a busy day")
        self._description.show_value("" if before is None else before.template.description)
        tip = "What becomes of the pieces in a VM with more or less memory"
        self._sizes = ChoiceField("In VMs of other sizes", _SIZES, tip)
        self._sizes.show_value(False)
        self._sizes.entered.connect(self._choose_sizes)
        form = QFormLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(8)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        rows: tuple[tuple[str, Field], ...] = (
            ("Name", self._name),
            ("What it is", self._description),
            ("In VMs of other sizes, pieces", self._sizes),
        )
        for label, field in rows:
            caption = QLabel(label)
            caption.setProperty("role", "muted")
            caption.setBuddy(field.editor)
            form.addRow(caption, field)
        self._refusal = WrappedLabel()
        self._refusal.setProperty("role", "error")
        self._refusal.hide()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        buttons.button(QDialogButtonBox.StandardButton.Save).setProperty("role", "primary")
        buttons.accepted.connect(self._save)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(about)
        layout.addLayout(form)
        layout.addWidget(self._refusal)
        layout.addStretch(1)
        layout.addWidget(buttons)
        open_with_size(self, 480, 260)
        self.finished.connect(self.deleteLater)
        self._name.setFocus()

    def _choose_sizes(self, grows: bool) -> None:
        self._grows = grows

    def _save(self) -> None:
        name = self._name.text.strip()
        if self._library.is_shipped(name):
            self._refuse(f"'{name}' comes with vmplanner. Give yours another name.")
            return
        try:
            template = ProfileTemplate.of(self._machine, name, self._description.text.strip(), grows=self._grows)
            before = self._library.find_own(name)
            if before is not None and not messages.may_replace_profile(self, before.template.name):
                return
            self._library.save(template)
        except InvalidValue as refusal:
            self._refuse(f"{refusal.field[:1].upper()}{refusal.field[1:]} {refusal.why}.")
        except PlannerError as error:
            self._refuse(f"{error}.")
        else:
            self.name = name
            self.accept()

    def _refuse(self, sentence: str) -> None:
        self._refusal.show_text(sentence)
        self._refusal.setVisible(bool(sentence))
