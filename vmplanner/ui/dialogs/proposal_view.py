"""A proposal before it is taken: its moves, how good it is, and what stands against it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from vmplanner.domain.edits import count
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import format_duration
from vmplanner.planning.proposal import Proposal, ScheduledMove
from vmplanner.planning.scheduling.schedule import Schedule
from vmplanner.ui.labels import WrappedLabel
from vmplanner.ui.tables.rows import Column, RowModel, RowView

_MOST_REASONS = 6


class ProposalView(QWidget):
    """`use_asked()`, `copy_asked()`, `improve_asked()`, `back_asked()` and `given_up()` are its buttons."""

    use_asked = Signal()
    copy_asked = Signal()
    improve_asked = Signal()
    back_asked = Signal()
    given_up = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._project = Project()
        self.verdict = WrappedLabel()
        self.verdict.setProperty("role", "word")
        self.detail = WrappedLabel()
        self.detail.setProperty("role", "muted")
        self.news = WrappedLabel()
        self.against = WrappedLabel()
        self.against.setProperty("role", "error")
        columns = (
            Column("VM", lambda move: self._project.machines[move.migration.vm_id].name, tip_of=_why),
            Column("Move", self._way, tip_of=_why),
            Column("Start", lambda move: _seconds(move.start_s), 76, right=True),
            Column("Total time", lambda move: format_duration(move.total_s), 92, right=True),
            Column("Downtime", lambda move: format_duration(move.downtime_s), 88, right=True),
            Column("Why", _why, role_of=lambda _move: "muted"),
        )
        self._model = RowModel(columns)
        self.table = RowView(self._model, columns, "Proposed moves")
        self._no_table = QWidget()
        self._improve = QPushButton("Improve")
        self._improve.setToolTip("Go on searching for cheaper moves. You can stop at any time.")
        self._use = QPushButton("Use this plan")
        self._use.setProperty("role", "primary")
        self._copy = QPushButton("Use as a copy")
        self._copy.setToolTip("Make a further plan of these moves; the present plan stays as it is")
        back, cancel = QPushButton("Back"), QPushButton("Cancel")
        for button, signal in (
            (back, self.back_asked),
            (self._improve, self.improve_asked),
            (self._use, self.use_asked),
            (self._copy, self.copy_asked),
            (cancel, self.given_up),
        ):
            button.clicked.connect(signal)
        buttons = QHBoxLayout()
        buttons.addWidget(back)
        buttons.addStretch(1)
        for button in (self._improve, self._copy, self._use, cancel):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.verdict)
        layout.addWidget(self.detail)
        layout.addWidget(self.news)
        layout.addWidget(self.against)
        layout.addWidget(self.table, 1)
        layout.addWidget(self._no_table, 1)
        self._replaces = WrappedLabel()
        self._replaces.setProperty("role", "warn")
        layout.addWidget(self._replaces)
        layout.addLayout(buttons)

    def show_proposal(self, project: Project, proposal: Proposal, news: str = "") -> None:
        """`news` is what there is to say besides, such as what a search has come to."""
        self._project = project
        self.news.show_text(news)
        self.news.setVisible(bool(news))
        self._model.show_rows(proposal.moves)
        self.table.setVisible(bool(proposal.moves))
        self._no_table.setVisible(not proposal.moves)
        self.verdict.show_text(_verdict(proposal))
        self.detail.show_text(_detail(project, proposal))
        self._show_against(proposal)
        self._use.setEnabled(bool(proposal.plan.migrations))
        self._use.setText("Use this plan" if proposal.fits else "Use it all the same")
        present = len(project.plan.migrations)
        self._replaces.show_text(
            f"Using it replaces the {count(present, 'move')} that {project.plan.name} has now. "
            "As a copy, it becomes a plan beside that."
        )
        for widget in (self._replaces, self._copy):
            widget.setVisible(bool(present and proposal.plan.migrations))
        self._improve.setVisible(proposal.placement.is_possible and bool(proposal.moves))

    def tell(self, sentence: str) -> None:
        """Say what stands against the last thing that was asked for."""
        self.against.show_text(sentence)
        self.against.show()

    def _show_against(self, proposal: Proposal) -> None:
        lines = []
        if proposal.placement.conflicts:
            lines.append(f"These can't be kept together: {', '.join(proposal.placement.conflicts)}.")
        reasons = [f"{misfit.reason}." for misfit in proposal.misfits]
        lines += reasons[:_MOST_REASONS]
        if len(reasons) > _MOST_REASONS:
            lines.append(f"And {count(len(reasons) - _MOST_REASONS, 'more reason')}.")
        self.against.show_text("\n".join(lines))
        self.against.setVisible(bool(lines))

    def _way(self, move: ScheduledMove) -> str:
        hosts = self._project.hosts
        return f"{hosts[move.source_id].name}  →  {hosts[move.migration.target_id].name}"


def above_bound(schedule: Schedule) -> str:
    """'3 % above the lower bound'."""
    percent = round(100 * max(0.0, schedule.above_bound))
    return f"{percent} % above the lower bound" if percent else "no order is done sooner"


def _verdict(proposal: Proposal) -> str:
    if not proposal.placement.is_possible:
        return "There is no placement that keeps all rules."
    if proposal.schedule is None:
        return "The plan is blocked." if proposal.misfits else "Nothing has to move."
    schedule = proposal.schedule
    done = f"{count(len(proposal.moves), 'move')}, done after {format_duration(schedule.makespan_s)}"
    window_s = proposal.plan.window_s
    if window_s is not None:
        fits = schedule.makespan_s <= window_s
        done += f", {'within' if fits else 'later than'} your {format_duration(window_s)}"
    return f"{done}: {above_bound(schedule)} ({format_duration(schedule.bound.seconds)})."


def _detail(project: Project, proposal: Proposal) -> str:
    lines = []
    stages = [stage for stage in proposal.placement.stages if stage.moves]
    if len(stages) > 1:
        lines.append(f"{count(len(stages), 'stage')}: {', '.join(stage.title for stage in stages[:4])}")
        lines[-1] += ", ..." if len(stages) > 4 else "."
    if proposal.schedule is not None:
        lines.append(f"Order: {proposal.schedule.name}.")
    unmoved = list(proposal.placement.unmoved.items())
    if unmoved:
        told = [f"{project.machines[vm_id].name} ({why})" for vm_id, why in unmoved[:_MOST_REASONS]]
        rest = f" and {len(unmoved) - _MOST_REASONS} more" if len(unmoved) > _MOST_REASONS else ""
        lines.append(f"Not moved: {', '.join(told)}{rest}.")
    return " ".join(lines)


def _seconds(seconds: float) -> str:
    return format_duration(seconds) if seconds else "0 s"


def _why(move: ScheduledMove) -> str:
    return move.move.why if move.move else ""
