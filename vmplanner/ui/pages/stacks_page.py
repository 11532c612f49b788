"""The page Time stacks: where the time of a run's migrations went, and how that compares with what else there is."""

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

from attrs import evolve, field, frozen
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QMenu, QPushButton, QSplitter, QVBoxLayout, QWidget

from vmplanner.analysis.compare import Comparison, compare_with_plain
from vmplanner.analysis.sentences import Sentence, sentences
from vmplanner.analysis.techniques import by_techniques
from vmplanner.backends.simulated import SimulatedBackend
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import BYTES, format_duration
from vmplanner.domain.results import MigrationResult, Run
from vmplanner.ui.background import Background
from vmplanner.ui.charts.time_stack_chart import TimeStackChart
from vmplanner.ui.dialogs.migration_course import MigrationCourse
from vmplanner.ui.document import Document
from vmplanner.ui.exports.subject import forecast_run
from vmplanner.ui.labels import ElidedLabel
from vmplanner.ui.pages.compare_choice import Against, CompareChoice
from vmplanner.ui.pages.run_facts import RunFacts
from vmplanner.ui.pages.run_sentences import NO_RUN, WORKING
from vmplanner.ui.run_control import predicted_name
from vmplanner.ui.selection import Selection


@frozen
class _Shown:
    """What the chart shows: runs, the first of which the others are compared with, and what was saved."""

    runs: tuple[Run, ...] = ()
    comparisons: Mapping[str, Comparison] = field(factory=dict)
    refusal: str = ""


def _against_plain(project: Project, is_given_up: Callable[[], bool]) -> _Shown:
    """The plan's migrations each alone; those that can't be simulated, for want of a link, are left out."""
    comparisons = {}
    for migration in project.plan.migrations:
        if is_given_up():
            break
        with suppress(PlannerError):
            comparisons[migration.id] = compare_with_plain(project, migration)
    alone = [evolve(comparison.migration, started_s=0.0) for comparison in comparisons.values()]
    plan, now = project.plan, datetime.now(UTC)
    run = Run("comparison", f"{plan.name} against plain pre-copy", plan.name, "simulation", now, alone)
    return _Shown((run,), comparisons)


def _with_techniques(project: Project, is_given_up: Callable[[], bool]) -> _Shown:
    return _Shown(tuple(by_techniques(project, project.plan, is_given_up)))


def _with_forecast(project: Project, runs: tuple[Run, ...]) -> _Shown:
    try:
        return _Shown((*runs, forecast_run(project, project.plan)))
    except PlannerError as error:
        return _Shown(runs, refusal=str(error))


def _summary(shown: _Shown) -> str:
    """What stands beside the heading."""
    if shown.refusal:
        return shown.refusal
    if shown.comparisons:
        return "each migration of the plan alone, and what it saves against a plain pre-copy"
    if not shown.runs:
        return ""
    run = shown.runs[0]
    if len(shown.runs) > 1:
        return f"{len(shown.runs)} compared: {', '.join(one.name for one in shown.runs)}"
    sent = sum(result.transferred_bytes for result in run.results)
    over = f"{'done' if run.completed else 'over'} after {format_duration(run.makespan_s)}"
    return f"{run.backend}  ·  {over}  ·  {BYTES.format(sent)} sent"


class StacksPage(QWidget):
    """Choose a run, see its stacks, compare it, export it by `export_button`, whose menu the exporter fills. `shown()`
    when other runs are shown, or none.
    """

    shown = Signal()

    def __init__(self, document: Document, selection: Selection) -> None:
        super().__init__()
        self._document, self._selection = document, selection
        self._runs: list[Run] = []
        self._shown = _Shown()
        self._tries_techniques = False
        self._given_up = threading.Event()
        self._working, self._telling = Background("vmplanner-comparison", self), Background("vmplanner-sentences", self)
        self.chart = TimeStackChart()
        self.choice = QComboBox()
        self.choice.setAccessibleName("Run")
        self.choice.setToolTip("Which run to look at, the newest first")
        self.choice.setMinimumWidth(130)
        self._summary = ElidedLabel()
        self._summary.setProperty("role", "muted")
        self.compare = CompareChoice()
        self.details_button = QPushButton("Details...")
        self.details_button.setToolTip("The rounds and the course of the chosen migration (or double-click its stack)")
        self.export_button = QPushButton("Export")
        self.export_button.setMenu(QMenu(self.export_button))
        self.facts = RunFacts()
        self._build()
        self._connect()
        self._fill()

    def _build(self) -> None:
        title = QLabel("Time stacks")
        title.setProperty("role", "title")
        head = QHBoxLayout()
        head.addWidget(title)
        head.addSpacing(8)
        head.addWidget(self.choice)
        head.addWidget(self._summary, 1)
        for button in (self.compare, self.details_button, self.export_button):
            head.addWidget(button)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self.chart)
        splitter.addWidget(self.facts)
        splitter.setSizes([500, 140])
        # A splitter gives room that one side no longer takes to the other only when it is told to.
        self.facts.toggled.connect(lambda height: splitter.setSizes([splitter.height() - height, height]))
        splitter.setStretchFactor(0, 1)
        splitter.setStretchFactor(1, 0)
        splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addLayout(head)
        layout.addWidget(splitter, 1)

    def _connect(self) -> None:
        self.choice.currentIndexChanged.connect(lambda _index: self._turn_to_run())
        self.compare.changed.connect(self._compare)
        self.details_button.clicked.connect(self._open_chosen)
        self.chart.migration_clicked.connect(lambda migration_id: self._selection.select([migration_id]))
        self.chart.opened.connect(self._open)
        self.chart.row_changed.connect(self._enable_details)
        self.facts.sentences.asked.connect(self._selection.select)
        self._working.done.connect(self._show)
        self._telling.done.connect(self._tell)
        self._selection.changed.connect(self._select)
        self._document.replaced.connect(self._fill)
        self._document.changed.connect(self._plan_changed)
        self._document.runs_changed.connect(self._fill)

    @property
    def run(self) -> Run | None:
        """The run that is shown first; in a comparison of the plan, its migrations as they are alone."""
        return self._shown.runs[0] if self._shown.runs else None

    def stop(self) -> None:
        """Wait for what is being worked out."""
        self._given_up.set()
        self._working.stop()
        self._telling.stop()

    def _chosen_run(self) -> Run | None:
        index = self.choice.currentIndex()
        return self._runs[index] if 0 <= index < len(self._runs) else None

    def _fill(self) -> None:
        self._runs = list(reversed(self._document.project.runs))
        self.choice.blockSignals(True)
        self.choice.clear()
        self.choice.addItems([f"{run.name}  ·  {run.started_at.astimezone():%d %b %H:%M}" for run in self._runs])
        self.choice.blockSignals(False)
        self._turn_to_run()

    def _turn_to_run(self) -> None:
        run, has_plan = self._chosen_run(), bool(self._document.project.plan.migrations)
        self.compare.offer(self._runs, run, has_plan=has_plan)
        if run is not None and not run.backend.startswith(SimulatedBackend().name):
            # What was measured stands beside what was predicted of it, or is of the plan as it is now.
            name = predicted_name(run)
            predicted = next((one for one in self._runs if one.name == name), None)
            self.compare.choose_run(predicted) if predicted is not None else self.compare.choose_forecast()
        if run is None:
            self._telling.drop()
            self.facts.say(NO_RUN)
        else:
            self.facts.say(WORKING)
            self._telling.ask(partial(sentences, run, self._document.project, self._given_up.is_set))
        self._compare()

    def _plan_changed(self) -> None:
        """What is said of the plan, not of a run, is no longer so."""
        has_plan = bool(self._document.project.plan.migrations)
        self.compare.offer(self._runs, self._chosen_run(), has_plan=has_plan)
        if self.compare.against is not Against.NOTHING or self.compare.with_forecast:
            self._compare()

    def _compare(self) -> None:
        """Work out what is asked for, else show the run and those beside it."""
        run, project = self._chosen_run(), self._document.project
        known = {one.id: one for one in self._runs}
        runs = (run, *(known[run_id] for run_id in self.compare.run_ids)) if run else ()
        has_plan = bool(project.plan.migrations)
        tries = self.compare.against is Against.TECHNIQUES
        if tries is not self._tries_techniques:
            self._tries_techniques = tries
            self.chart.choices.panels.setChecked(tries)
        if self.compare.against is Against.PLAIN and has_plan:
            self._ask("working out what is saved...", partial(_against_plain, project, self._given_up.is_set))
        elif tries and has_plan:
            self._ask("trying every technique...", partial(_with_techniques, project, self._given_up.is_set))
        elif self.compare.with_forecast and run and has_plan:
            self._ask("working out the forecast...", partial(_with_forecast, project, runs))
        else:
            self._working.drop()
            self._show(_Shown(runs))

    def _ask(self, words: str, work: Callable[[], _Shown]) -> None:
        self._summary.setText(words)
        self._working.ask(work)

    def _show(self, shown: _Shown) -> None:
        self._shown = shown
        project = self._document.project
        profiles = {machine.name: machine.profile.name for machine in project.machines.values()}
        self.choice.setVisible(bool(self._runs) and self.compare.against is Against.NOTHING)
        self.export_button.setEnabled(bool(shown.runs))
        self.chart.show_runs(shown.runs, project.figures, shown.comparisons, profiles)
        self.chart.select(self._selection.ids)
        self.facts.show_runs(shown.runs, project.figures)
        self._summary.setText(_summary(shown))
        self._enable_details()
        self.shown.emit()

    def _tell(self, found: Sequence[Sentence]) -> None:
        self.facts.show_sentences(found)

    def _select(self, ids: frozenset[str]) -> None:
        self.chart.select(ids)
        self._enable_details()

    def _chosen_result(self) -> tuple[Run, MigrationResult] | None:
        """The selected migration as the first of the shown runs has it, or else that of the chart's current row."""
        for run in self._shown.runs:
            for result in run.results:
                if result.migration_id in self._selection.ids:
                    return run, result
        current = self.chart.current()
        return (self._shown.runs[0], current) if current and self._shown.runs else None

    def _enable_details(self) -> None:
        self.details_button.setEnabled(self._chosen_result() is not None)

    def _open_chosen(self) -> None:
        chosen = self._chosen_result()
        if chosen is not None:
            MigrationCourse(self, chosen[0].name, chosen[1]).show()

    def _open(self, result: MigrationResult) -> None:
        run = next((run for run in self._shown.runs if any(one is result for one in run.results)), self._shown.runs[0])
        MigrationCourse(self, run.name, result).show()
