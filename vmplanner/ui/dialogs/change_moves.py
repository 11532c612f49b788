"""Change several planned moves at once: what is left as it is stays as each move has it."""

from collections.abc import Collection
from typing import Any

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from vmplanner.domain import plan_edits
from vmplanner.domain.edits import count
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.quantities import BYTES_PER_S, SECONDS
from vmplanner.ui.dialogs.first_size import open_with_size
from vmplanner.ui.document import Document
from vmplanner.ui.fields import ChoiceField, Field, QuantityField, WholeField
from vmplanner.ui.labels import WrappedLabel
from vmplanner.ui.migration_form import TECHNIQUE_TITLES

_AS_EACH_HAS_IT = "as each has it"


class ChangeMoves(QDialog):
    """One undo step for all that was changed."""

    def __init__(self, parent: QWidget, document: Document, migration_ids: Collection[str]) -> None:
        super().__init__(parent)
        self._document = document
        self._ids = frozenset(migration_ids)
        self._changes: dict[str, Any] = {}
        vms = [move.vm_id for move in document.project.plan.migrations if move.id in self._ids]
        is_one = len(vms) == 1
        self.setWindowTitle("Change a move" if is_one else "Change moves")
        of_one = f"the move of {document.project.machines[vms[0]].name}" if is_one else ""
        title = WrappedLabel(f"Change {of_one or count(len(vms), 'move')}", shortens=True)
        as_it_is = "as it is" if is_one else _AS_EACH_HAS_IT
        title.setProperty("role", "title")
        hosts = sorted(document.project.hosts.values(), key=lambda host: host.name)
        self._fields: dict[str, tuple[str, Field]] = {
            "target_id": (
                "Target",
                ChoiceField("Target of the moves", [(None, as_it_is), *((host.id, host.name) for host in hosts)]),
            ),
            "technique": (
                "Technique",
                ChoiceField("Technique of the moves", [(None, as_it_is), *TECHNIQUE_TITLES.items()]),
            ),
            "max_bandwidth_bytes_per_s": (
                "Bandwidth cap",
                QuantityField("Bandwidth cap of the moves", BYTES_PER_S, empty=as_it_is),
            ),
            "downtime_limit_s": (
                "Downtime limit",
                QuantityField("Downtime limit of the moves", SECONDS, empty=as_it_is),
            ),
            "time_limit_s": ("Time limit", QuantityField("Time limit of the moves", SECONDS, empty=as_it_is)),
            "priority": (
                "Priority",
                WholeField("Priority of the moves", "Of two that could start, the higher does", empty=as_it_is),
            ),
        }
        form = QFormLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(8)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for attribute, (label, field) in self._fields.items():
            field.show_value(None)
            field.entered.connect(lambda value, attribute=attribute: self._enter(attribute, value))
            caption = QLabel(label)
            caption.setProperty("role", "muted")
            caption.setBuddy(field.editor)
            form.addRow(caption, field)
        self._refusal = WrappedLabel()
        self._refusal.setProperty("role", "error")
        self._refusal.hide()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self._ok = buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._ok.setText("Change")
        self._ok.setProperty("role", "primary")
        buttons.accepted.connect(self._change)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(title)
        layout.addLayout(form)
        layout.addWidget(self._refusal)
        layout.addStretch(1)
        layout.addWidget(buttons)
        open_with_size(self, 420, 340)
        self.finished.connect(self.deleteLater)

    def _enter(self, attribute: str, value: Any) -> None:
        if value is None:
            self._changes.pop(attribute, None)
        else:
            self._changes[attribute] = value

    def _change(self) -> None:
        if any(field.refusal for _, field in self._fields.values()):
            return
        try:
            self._document.push(plan_edits.change_moves(self._document.project, self._ids, self._changes))
        except InvalidValue as refusal:
            self._refusal.show_text(f"{refusal.field[:1].upper()}{refusal.field[1:]} {refusal.why}")
            self._refusal.show()
            return
        self.accept()
