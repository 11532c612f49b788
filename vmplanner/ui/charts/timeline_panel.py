"""A timeline with what belongs to it: how its rows are grouped, its zoom, and the load of links below it."""

from collections.abc import Collection, Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QPushButton, QSplitter, QVBoxLayout, QWidget

from vmplanner.analysis.link_loads import LinkLoad, link_loads
from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project
from vmplanner.domain.results import Run
from vmplanner.ui.charts.load_chart import LoadChart
from vmplanner.ui.charts.segmented import Segmented
from vmplanner.ui.charts.time_axis import TimeAxis
from vmplanner.ui.charts.timeline import Timeline
from vmplanner.ui.charts.timeline_rows import Grouped
from vmplanner.ui.charts.wall_clock import WallClock
from vmplanner.ui.wrapping import WrappingRow

_AT_ONCE = "Moves at once"


class TimelinePanel(QWidget):
    """`controls` is its row of choices, for the page to place."""

    def __init__(self, *, may_shift: bool) -> None:
        super().__init__()
        self.axis = TimeAxis(self)
        self.timeline = Timeline(axis=self.axis, may_shift=may_shift)
        self.load = LoadChart(self.axis)
        self._plan = Plan("none", "none")
        self._run: Run | None = None
        self._loads: dict[str, LinkLoad] = {}
        self.grouped = Segmented("Rows of the timeline", ((Grouped.VM, "By VM"), (Grouped.HOST, "By host")))
        self.grouped.chosen.connect(self.timeline.group)
        self.link = QComboBox()
        self.link.setAccessibleName("What is shown below the timeline")
        self.link.setToolTip("Below the timeline: a link's load, or how many moves run at once, each with its limit")
        self.link.setMinimumContentsLength(22)
        self.link.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.link.addItem(_AT_ONCE)
        self.link.activated.connect(lambda _index: self._show_load())
        self.controls = QWidget()
        row = WrappingRow((self.grouped, self.link), gap_px=4)
        for text, tip, act in (
            ("−", "See more of the time  (Ctrl+wheel, or − in the timeline)", lambda: self._zoom(-2)),
            ("+", "Look closer at the moment  (Ctrl+wheel, or + in the timeline)", lambda: self._zoom(2)),
            ("Fit", "See the whole time  (0 in the timeline)", self.axis.fit),
        ):
            button = QPushButton(text)
            button.setProperty("role", "small")
            button.setAccessibleName(tip.partition("  ")[0])
            button.setToolTip(tip)
            button.clicked.connect(act)
            row.addWidget(button)
        self.controls.setLayout(row)
        charts = QSplitter(Qt.Orientation.Vertical)
        charts.addWidget(self.timeline)
        charts.addWidget(self.load)
        charts.setSizes([260, 100])
        charts.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(charts)

    def show_run(
        self,
        project: Project,
        plan: Plan,
        run: Run | None,
        *,
        pinned: Collection[str] = (),
        critical: Collection[str] = (),
        slack_s: Mapping[str, float] | None = None,
        clock: WallClock | None = None,
    ) -> None:
        """A run or a forecast of `plan`."""
        limits = {move.id: move.time_limit_s for move in plan.migrations if move.time_limit_s is not None}
        self._plan, self._run = plan, run
        self.timeline.show_run(run, pinned, critical, slack_s, clock, limits, plan.window_s)
        self._loads = {load.name: load for load in link_loads(project, run.results)} if run is not None else {}
        shown, names = self.link.currentText(), [_AT_ONCE, *self._loads]
        if names != [self.link.itemText(index) for index in range(self.link.count())]:
            self.link.clear()
            self.link.addItems(names)
            self.link.setCurrentIndex(max(0, self.link.findText(shown)))
        self._show_load()

    def _show_load(self) -> None:
        load = self._loads.get(self.link.currentText())
        if load is not None:
            self.load.show_link(load)
        else:
            self.load.show_count(self._run.results if self._run is not None else (), self._plan.max_concurrent)

    def _zoom(self, steps: int) -> None:
        axis = self.axis
        is_seen = axis.first_s <= axis.moment_s <= axis.last_s and axis.moment_s > 0
        axis.zoom(steps, axis.moment_s if is_seen else (axis.first_s + axis.last_s) / 2)
