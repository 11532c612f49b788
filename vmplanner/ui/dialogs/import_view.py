"""What an import would do, before it does: what becomes of each thing, what is wrong, and how columns were taken."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QTabWidget, QVBoxLayout, QWidget

from vmplanner.domain.edits import count
from vmplanner.domain.quantities import grouped
from vmplanner.interchange.formats import Format
from vmplanner.interchange.inventory import Inventory, MappedColumn, Severity
from vmplanner.interchange.merge import Entry, Merge
from vmplanner.ui.labels import WrappedLabel
from vmplanner.ui.tables.rows import Column, RowModel, RowView

_MOST_FILES = 4
_ROLES = {Severity.ERROR: "bad", Severity.WARNING: "warn", Severity.NOTE: "muted"}
_ORDER = (Severity.ERROR, Severity.WARNING, Severity.NOTE)

Outcome = tuple[str, Entry]


class ImportView(QWidget):
    """`use_asked()`, `back_asked()` and `given_up()` are its buttons."""

    use_asked = Signal()
    back_asked = Signal()
    given_up = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._plain: Merge | None = None
        self._joined: Merge | None = None
        self.verdict = WrappedLabel()
        self.verdict.setProperty("role", "word")
        self.detail = WrappedLabel()
        self.detail.setProperty("role", "muted")
        changes = (
            Column("", lambda row: row[0], 96, role_of=_role_of_outcome),
            Column("Kind", lambda row: row[1].kind, 84),
            Column("Name", lambda row: row[1].name),
            Column("Details", lambda row: row[1].what),
            Column("Read from", lambda row: str(row[1].place), role_of=lambda _row: "muted"),
        )
        problems = (
            Column("", lambda each: each.severity.value.capitalize(), 84, role_of=lambda each: _ROLES[each.severity]),
            Column("Where", lambda each: str(each.place), 220, tip_of=str),
            Column("What", lambda each: each.what, tip_of=str),
            Column("What to do", lambda each: each.mend, tip_of=str),
        )
        columns = (
            Column("Column", lambda each: each.heading),
            Column("Taken for", lambda each: each.meaning or "not used", role_of=_role_of_column),
            Column("Unit", lambda each: each.unit, 76),
            Column("Table", _table_of, role_of=lambda _each: "muted"),
        )
        self.changes, self.problems, self.columns = RowModel(changes), RowModel(problems), RowModel(columns)
        self.tabs = QTabWidget()
        self.tabs.tabBar().setAccessibleName("Parts of the preview")
        self.tabs.addTab(RowView(self.changes, changes, "What becomes of what was read"), "")
        self.tabs.addTab(RowView(self.problems, problems, "Problems"), "")
        self.tabs.addTab(RowView(self.columns, columns, "Columns of the tables"), "")
        self.join = QCheckBox("&Link the new hosts and storages over one new switch, at 10 Gbit/s")
        self.join.setToolTip("The files say nothing of the network; without links nothing can move. Mend them later.")
        self.join.toggled.connect(self._show)
        self._use = QPushButton("Import")
        self._use.setProperty("role", "primary")
        back, cancel = QPushButton("Back"), QPushButton("Cancel")
        buttons = QHBoxLayout()
        buttons.addWidget(back)
        buttons.addStretch(1)
        buttons.addWidget(self._use)
        buttons.addWidget(cancel)
        for button, signal in ((back, self.back_asked), (self._use, self.use_asked), (cancel, self.given_up)):
            button.clicked.connect(signal)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for part in (self.verdict, self.detail):
            layout.addWidget(part)
        layout.addWidget(self.tabs, 1)
        layout.addWidget(self.join)
        layout.addLayout(buttons)

    def show_inventory(self, inventory: Inventory, plain: Merge, joined: Merge) -> None:
        """Show what `plain` would do, and with the choice to link what is new, what `joined` would."""
        self._plain, self._joined = plain, joined
        can_join = plain.change != joined.change
        self.join.setVisible(can_join)
        self.join.setChecked(can_join)
        self.columns.show_rows(sorted(inventory.columns, key=lambda each: (not each.meaning, each.file, each.sheet)))
        self.tabs.setTabText(2, f"Columns  {sum(bool(each.meaning) for each in inventory.columns)}")
        self.tabs.setTabVisible(2, bool(inventory.columns))
        self.detail.show_text(_files(inventory))
        self.tabs.setCurrentIndex(0)
        self._show()

    @property
    def merge(self) -> Merge:
        """What is to be done, as the person chose."""
        found = self._joined if self.join.isVisibleTo(self) and self.join.isChecked() else self._plain
        assert found is not None
        return found

    def _show(self) -> None:
        merge = self.merge
        rows = [("New", entry) for entry in merge.created] + [("Updated", entry) for entry in merge.updated]
        rows += [("Unchanged", entry) for entry in merge.unchanged]
        self.changes.show_rows(rows)
        self.problems.show_rows(sorted(merge.problems, key=lambda each: _ORDER.index(each.severity)))
        self.tabs.setTabText(0, f"Changes  {len(merge.created) + len(merge.updated)}")
        self.tabs.setTabText(1, f"Problems  {len(merge.problems)}")
        self.verdict.show_text(_verdict(merge))
        self._use.setEnabled(bool(merge.change.edits))


def _verdict(merge: Merge) -> str:
    told = [
        f"{grouped(number)} {what}"
        for number, what in (
            (len(merge.created), "new"),
            (len(merge.updated), "updated"),
            (len(merge.unchanged), "unchanged"),
            (merge.untouched, "not touched"),
        )
        if number
    ]
    start = merge.change.title if merge.change.edits else "There is nothing new"
    return f"{start}: {', '.join(told)}." if told else f"{start}."


def _files(inventory: Inventory) -> str:
    names = [f"{file} ({Format(kind).label})" for file, kind in inventory.formats[:_MOST_FILES]]
    more = len(inventory.formats) - _MOST_FILES
    rest = f" and {count(more, 'more file')}" if more > 0 else ""
    return f"Read from {', '.join(names)}{rest}."


def _role_of_outcome(row: Outcome) -> str:
    return {"New": "good", "Updated": "accent"}.get(row[0], "muted")


def _role_of_column(column: MappedColumn) -> str:
    return "text" if column.meaning else "muted"


def _table_of(column: MappedColumn) -> str:
    return ", ".join(part for part in (column.file, column.sheet) if part)
