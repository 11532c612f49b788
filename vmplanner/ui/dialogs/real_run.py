"""The last question before VMs move on real hosts: what will move, what is predicted, and what is in the way."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

from attrs import field, frozen
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from vmplanner.backends.xen.backend import check_offered, good_bytes
from vmplanner.domain.edits import count
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.plans import Migration, Technique
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import BYTES, format_duration
from vmplanner.domain.results import MigrationResult
from vmplanner.domain.topology import Host
from vmplanner.ui.background import Background
from vmplanner.ui.bridge import advise
from vmplanner.ui.dialogs.first_size import open_with_size
from vmplanner.ui.dialogs.greeting import Stranger, greet, part
from vmplanner.ui.dialogs.search import Search
from vmplanner.ui.dialogs.ssh_config_field import SshConfigField
from vmplanner.ui.labels import WrappedLabel
from vmplanner.ui.tables.rows import Column, RowModel, RowView
from vmplanner.ui.xen_settings import keep_transport, xen_settings

_MOST_PROBLEMS = 5


@frozen
class Looked:
    """What a look at the plan and the hosts has brought: problems, each of which is in the way, and predictions by the
    ids of the migrations.
    """

    problems: Sequence[str] = ()
    predicted: dict[str, MigrationResult] = field(factory=dict)


def _look(project: Project, config: Path | None, tell: Callable[[str], None], given_up: Event) -> Looked | Stranger:
    """Check and simulate the plan, and reach its hosts. Runs in a thread."""
    tell("Simulating the plan")
    advice = advise(project)
    forecast = advice.forecast.results if advice.forecast is not None else ()
    predicted = {result.migration_id: result for result in forecast}
    problems = list(dict.fromkeys(advice.blocked.values()))
    for migration in project.plan.migrations:
        try:
            check_offered(project, migration)
        except PlannerError as refusal:
            problems.append(str(refusal))
    if problems:
        return Looked(tuple(dict.fromkeys(problems)), predicted)
    with TemporaryDirectory(prefix="vmplanner-ssh-") as folder:
        for address in _addresses(project):
            if given_up.is_set():
                break
            try:
                hosts = greet([address], Path(folder), config, tell, given_up)
            except PlannerError as refusal:
                problems.append(str(refusal))
                continue
            if isinstance(hosts, Stranger):
                return hosts
            part(hosts)
    return Looked(problems, predicted)


def _addresses(project: Project) -> list[str]:
    """Of all hosts of the plan, each once."""
    moves = project.plan.migrations
    ids = [project.machines[move.vm_id].host_id for move in moves] + [move.target_id for move in moves]
    return list(dict.fromkeys(project.hosts[host_id].access.address for host_id in ids))


class RealRun(QDialog):
    """`confirmed()` when the person wants it. Cancel is what Enter and Escape mean."""

    confirmed = Signal()

    def __init__(self, parent: QWidget, project: Project, background: Background) -> None:
        super().__init__(parent)
        self._project = project
        self._sources = project.sources_of(project.plan)
        self._looked = Looked()
        moves = count(len(project.plan.migrations), "VM")
        self.setWindowTitle("Move VMs on real hosts")
        self._stack = QStackedWidget()
        self._search = Search(background, self._show)
        self._search.cancelled.connect(self.reject)
        columns = (
            Column("VM", lambda move: project.machines[move.vm_id].name),
            Column("Memory", lambda move: BYTES.format(project.machines[move.vm_id].memory_bytes), 84, right=True),
            Column("From", lambda move: _host(project.hosts[self._sources[move.id]])),
            Column("To", lambda move: _host(project.hosts[move.target_id])),
            Column("Technique", lambda move: move.technique.value, 210, tip_of=self._balloon),
            Column("Total time", lambda move: self._predicted(move, "total_s"), 92, right=True, about=_PREDICTED),
            Column("Downtime", lambda move: self._predicted(move, "downtime_s"), 92, right=True, about=_PREDICTED),
        )
        self._model = RowModel(columns)
        self._model.show_rows(project.plan.migrations)
        self.table = RowView(self._model, columns, "VMs that will move")
        self.warning, self.ballooning, self.problems = WrappedLabel(), WrappedLabel(), WrappedLabel()
        self.warning.setProperty("role", "warn")
        self.warning.show_text(
            "This is real: running VMs leave their hosts. Times are predicted by the simulation. Each host is looked "
            "at again right before a move; a move can be cancelled until its target takes over."
        )
        self.ballooning.setProperty("role", "muted")
        told = [words for move in project.plan.migrations if (words := self._balloon(move))]
        self.ballooning.show_text("\n".join(told))
        self.ballooning.setVisible(bool(told))
        self.problems.setProperty("role", "error")
        self.config = SshConfigField()
        self.transport = QLineEdit(xen_settings().transport)
        self.transport.setAccessibleName("Transport between hosts")
        self.transport.setPlaceholderText("ssh")
        self.transport.setToolTip(
            "A shell command that carries memory from the source in place of ssh, {host} being the target. It is run "
            "on the source as it stands here. Kept with your settings, not in the project"
        )
        self.move_button, self._cancel = QPushButton(f"Move {moves} on real hosts"), QPushButton("Cancel")
        self._again = QPushButton("Check again")
        self._again.setToolTip("Look at the plan and the hosts once more")
        self._again.clicked.connect(self.look)
        self.move_button.setProperty("role", "alarm")
        self.move_button.setAutoDefault(False)
        self.move_button.clicked.connect(self._confirm)
        self._again.setAutoDefault(False)
        self._cancel.setDefault(True)
        self._cancel.clicked.connect(self.reject)
        self._lay_out(moves)
        open_with_size(self, 960, 560)
        self.finished.connect(self._leave)
        self.look()

    def _lay_out(self, moves: str) -> None:
        title = QLabel(f"Move {moves} on real hosts?")
        title.setProperty("role", "title")
        settings = QHBoxLayout()
        settings.setSpacing(8)
        for text, widget in (("SSH &configuration", self.config), ("&Transport", self.transport)):
            caption = QLabel(text)
            caption.setProperty("role", "muted")
            caption.setBuddy(widget)
            settings.addWidget(caption)
            settings.addWidget(widget, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self._again)
        buttons.addStretch(1)
        buttons.addWidget(self.move_button)
        buttons.addWidget(self._cancel)
        page = QWidget()
        page_layout = QVBoxLayout(page)
        page_layout.setContentsMargins(0, 0, 0, 0)
        page_layout.setSpacing(12)
        page_layout.addWidget(self.warning)
        page_layout.addWidget(self.table, 1)
        page_layout.addWidget(self.ballooning)
        page_layout.addLayout(settings)
        page_layout.addWidget(self.problems)
        page_layout.addLayout(buttons)
        self._view = page
        self._stack.addWidget(self._search)
        self._stack.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(title)
        layout.addWidget(self._stack, 1)

    def look(self) -> None:
        """Look at the plan and the hosts."""
        try:
            config = self.config.keep()
        except PlannerError as refusal:
            self._show(Looked([str(refusal)], self._looked.predicted))
            return
        keep_transport(self.transport.text())
        self._stack.setCurrentWidget(self._search)
        self._search.begin(
            "Looking at the plan and its hosts", partial(_look, self._project, config, self._search.tell)
        )

    def _show(self, looked: Looked | Stranger) -> None:
        if isinstance(looked, Stranger):
            if looked.is_trusted(self):
                self.look()
                return
            looked = Looked([f"The key of {looked.ssh.destination} was not accepted"], self._looked.predicted)
        self._looked = looked
        self._model.refresh()
        told = [_sentence(problem) for problem in looked.problems[:_MOST_PROBLEMS]]
        if len(looked.problems) > _MOST_PROBLEMS:
            told.append(f"And {count(len(looked.problems) - _MOST_PROBLEMS, 'more problem')}.")
        self.problems.show_text("\n".join(told))
        self.problems.setVisible(bool(told))
        self.move_button.setEnabled(not told)
        self.move_button.setToolTip("They do not move as long as something is in the way" if told else "Begin now")
        self._stack.setCurrentWidget(self._view)
        self._cancel.setFocus()

    def _confirm(self) -> None:
        """With the settings as they were checked, but for the transport, which is not."""
        keep_transport(self.transport.text())
        self.accept()
        self.confirmed.emit()

    def _balloon(self, migration: Migration) -> str:
        """What is done to the guest's memory before the copy."""
        machine = self._project.machines[migration.vm_id]
        if migration.technique is not Technique.CHECKPOINT:
            return ""
        good, whole = good_bytes(machine), machine.memory_bytes
        if not good < whole:
            return f"{machine.name} keeps all its {BYTES.format(whole)}: its profile has nothing to give back."
        return (
            f"{machine.name} gives back memory before the copy, down to {BYTES.format(good)}, "
            f"and has its {BYTES.format(whole)} again afterwards."
        )

    def _predicted(self, migration: Migration, what: str) -> str:
        result = self._looked.predicted.get(migration.id)
        return format_duration(getattr(result, what)) if result is not None else "not known"

    def _leave(self) -> None:
        self._search.leave()
        self.deleteLater()


_PREDICTED = "As the simulation predicts it"


def _host(host: Host) -> str:
    """Its name and address, or the address alone where that has the name in it."""
    address = host.access.address or "no address"
    return address if host.name in address else f"{host.name} ({address})"


def _sentence(problem: str) -> str:
    """As it is: it may begin with a name."""
    return f"{problem.rstrip('.')}."
