"""The first page of 'Plan for me': which hosts, and within which limits."""

from typing import Any

from attrs import evolve, frozen
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from vmplanner.domain.edits import count
from vmplanner.domain.groups import GroupKind
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import SECONDS
from vmplanner.planning.scheduling.lists import ListRule
from vmplanner.ui.dialogs.rule_field import rule_field
from vmplanner.ui.fields import Field, QuantityField
from vmplanner.ui.labels import WrappedLabel
from vmplanner.ui.names import breakable, shortened

_ID = Qt.ItemDataRole.UserRole
_NAME = Qt.ItemDataRole.UserRole + 1
_FILTER_FROM = 12
_NO_GROUPS = "There is no rack or site in the project. Evacuate the hosts instead."


@frozen
class Wish:
    """What was chosen: ids of hosts or groups, times in seconds, and an order (None: whichever is done soonest)."""

    ids: tuple[str, ...] = ()
    bring_back: bool = False
    maintain_s: float = 0.0
    window_s: float | None = None
    max_downtime_s: float | None = None
    rule: ListRule | None = None


class IntentChoices(QWidget):
    """`asked()` when the moves are to be found, `given_up()` when nothing is wanted."""

    asked = Signal()
    given_up = Signal()

    def __init__(
        self,
        project: Project,
        selected: frozenset[str],
        *,
        question: str,
        groups_only: bool,
        brings_back: bool,
        maintains: bool,
    ) -> None:
        super().__init__()
        self._wish = Wish()
        self._asks = bool(question)
        self._list = QListWidget()
        self._list.setAccessibleName(question or "Hosts")
        self._bring_back = QCheckBox("Bring the VMs back when the hosts are empty")
        self._refusal = WrappedLabel()
        self._refusal.setProperty("role", "error")
        self._refusal.hide()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self._ok = buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._ok.setText("Find the moves")
        self._ok.setProperty("role", "primary")
        buttons.accepted.connect(self._ask)
        buttons.rejected.connect(self.given_up)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        if question:
            self._fill(project, selected, groups_only=groups_only)
            caption = QLabel(question.upper())
            caption.setProperty("role", "section")
            layout.addWidget(caption)
            if self._list.count() >= _FILTER_FROM:
                layout.addWidget(self._filter())
            if not self._list.count():
                self.refuse(_NO_GROUPS if groups_only else "There is no host in the project.")
        layout.addWidget(self._list, 1)
        layout.addWidget(self._bring_back)
        self._list.setVisible(self._asks)
        self._bring_back.setVisible(brings_back)
        self._fields = self._limits(maintains=maintains)
        form = QFormLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(8)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for label, field in self._fields.items():
            caption = QLabel(label)
            caption.setProperty("role", "muted")
            caption.setBuddy(field.editor)
            form.addRow(caption, field)
        layout.addLayout(form)
        if not question:
            layout.addStretch(1)
        layout.addWidget(self._refusal)
        layout.addWidget(buttons)
        self._list.itemChanged.connect(self._enable)
        self._enable()

    def wish(self) -> Wish:
        return evolve(self._wish, ids=tuple(self._chosen()), bring_back=self._bring_back.isChecked())

    def names(self) -> str:
        """The chosen hosts and groups, in a few words."""
        items = [self._list.item(row) for row in range(self._list.count())]
        names = [item.data(_NAME) for item in items if item.checkState() is Qt.CheckState.Checked]
        return ", ".join(names) if len(names) <= 2 else count(len(names), "host")

    def refuse(self, sentence: str) -> None:
        """Say why no moves were found."""
        self._refusal.show_text(sentence[:1].upper() + sentence[1:])
        self._refusal.setVisible(bool(sentence))

    def _limits(self, *, maintains: bool) -> dict[str, Field]:
        """The fields, by their labels. Each writes what was typed into the wish."""
        fields: dict[str, tuple[Field, str]] = {}
        if maintains:
            tip = "How long each host stays empty before its VMs come back"
            fields["Maintain each for"] = (QuantityField("Maintain each for", SECONDS, tip=tip), "maintain_s")
        tip = "By when all has to be done, such as 2 h"
        fields["Done within"] = (QuantityField("Done within", SECONDS, empty="no limit", tip=tip), "window_s")
        tip = "How long a VM may stand still at most, such as 500 ms"
        fields["Most downtime"] = (QuantityField("Most downtime", SECONDS, empty="any", tip=tip), "max_downtime_s")
        fields["Order"] = (rule_field(), "rule")
        for field, attribute in fields.values():
            field.show_value(getattr(self._wish, attribute))
            field.entered.connect(lambda value, attribute=attribute: self._enter(attribute, value))
        return {label: field for label, (field, _) in fields.items()}

    def _enter(self, attribute: str, value: Any) -> None:
        self._wish = evolve(self._wish, **{attribute: value})

    def _fill(self, project: Project, selected: frozenset[str], *, groups_only: bool) -> None:
        """Groups of hosts first, then hosts. Selected hosts, and those of selected VMs, are checked; where none is,
        the person has to choose.
        """
        hosts = {
            each if each in project.hosts else getattr(project.machines.get(each), "host_id", "") for each in selected
        }
        groups = [group for group in project.groups.values() if project.hosts_in([group.id])]
        if groups_only:
            groups = [group for group in groups if group.kind is not GroupKind.GROUP] or groups
        for group in sorted(groups, key=lambda group: group.name):
            detail = f"{group.kind.value}, {count(len(project.hosts_in([group.id])), 'host')}"
            self._add(group.id, group.name, detail, is_chosen=group.id in selected)
        if not groups_only:
            vms = dict.fromkeys(project.hosts, 0)
            for machine in project.machines.values():
                vms[machine.host_id] += 1
            for host in sorted(project.hosts.values(), key=lambda host: host.name):
                self._add(host.id, host.name, count(vms[host.id], "VM"), is_chosen=host.id in hosts)

    def _add(self, thing_id: str, name: str, detail: str, *, is_chosen: bool) -> None:
        item = QListWidgetItem(f"{shortened(name)}   ({detail})")
        item.setToolTip(breakable(name))
        item.setData(_ID, thing_id)
        item.setData(_NAME, name)
        item.setCheckState(Qt.CheckState.Checked if is_chosen else Qt.CheckState.Unchecked)
        self._list.addItem(item)

    def _filter(self) -> QLineEdit:
        line = QLineEdit()
        line.setPlaceholderText("Filter by name")
        line.setAccessibleName("Filter by name")
        line.setToolTip("Show the lines with these letters")
        line.setClearButtonEnabled(True)
        line.textChanged.connect(self._show_matching)
        return line

    def _show_matching(self, text: str) -> None:
        for row in range(self._list.count()):
            item = self._list.item(row)
            item.setHidden(text.casefold() not in item.data(_NAME).casefold())

    def _chosen(self) -> list[str]:
        items = [self._list.item(row) for row in range(self._list.count())]
        return [item.data(_ID) for item in items if item.checkState() is Qt.CheckState.Checked]

    def _enable(self) -> None:
        self._ok.setEnabled(not self._asks or bool(self._chosen()))
        self._ok.setToolTip("" if self._ok.isEnabled() else "Choose at least one in the list")

    def _ask(self) -> None:
        if not any(field.refusal for field in self._fields.values()):
            self.refuse("")
            self.asked.emit()
