"""Below the table of moves: the plan on a time axis, or the memory of the hosts, at the moment that is looked at."""

from collections.abc import Collection
from enum import StrEnum

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSlider, QStackedWidget, QVBoxLayout, QWidget

from vmplanner.domain.quantities import format_duration
from vmplanner.domain.results import Run
from vmplanner.planning.moment import Moment, where_at
from vmplanner.planning.scheduling.timing import Timing
from vmplanner.ui.charts.host_bars import HostBars, HostUse
from vmplanner.ui.charts.segmented import Segmented
from vmplanner.ui.charts.timeline_legend import TimelineLegend
from vmplanner.ui.charts.timeline_panel import TimelinePanel
from vmplanner.ui.charts.wall_clock import WallClock, wall_clock_of
from vmplanner.ui.document import Document
from vmplanner.ui.names import natural

_STEPS = 1000
_ROOM_FOR_LEGEND_PX = 176
_ROOM_FOR_LOAD_PX = 220
_ROOM_FOR_CONTROLS_PX = 860


class Shown(StrEnum):
    """What the panel shows."""

    TIMELINE = "timeline"
    HOSTS = "hosts"


class PlanMoment(QWidget):
    """`shifted(migration id, seconds)` when a bar was dragged, `chosen(migration id)` when one was clicked,
    `moment_changed(Moment or None)` when another moment is looked at; None is now, before the plan.
    """

    shifted = Signal(str, float)
    chosen = Signal(str)
    moment_changed = Signal(object)

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self._forecast: Run | None = None
        self._clock: WallClock | None = None
        self.panel = TimelinePanel(may_shift=True)
        self.timeline = self.panel.timeline
        self.timeline.shifted.connect(self.shifted)
        self.timeline.chosen.connect(self.chosen)
        self.timeline.moment_changed.connect(self._show_moment)
        self.hosts = HostBars()
        self.switch = Segmented("What is shown below", ((Shown.TIMELINE, "Timeline"), (Shown.HOSTS, "Hosts")))
        self.switch.chosen.connect(self._show_part)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, _STEPS)
        self.slider.setPageStep(_STEPS // 10)
        self.slider.setAccessibleName("Moment of the plan")
        self.slider.setToolTip("Which moment of the plan to look at. The page Topology follows.")
        self.slider.valueChanged.connect(self._slide)
        self._time = QLabel()
        self._time.setMinimumWidth(72)
        self._time.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.now_button = QPushButton("Now")
        self.now_button.setProperty("role", "small")
        self.now_button.setToolTip("Go back to before the plan")
        self.now_button.clicked.connect(self.back_to_now)
        self.legend = TimelineLegend()
        in_time = QWidget()
        rows = QVBoxLayout(in_time)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(2)
        rows.addWidget(self.panel, 1)
        rows.addWidget(self.legend)
        self._in_time = in_time
        self._stack = QStackedWidget()
        self._stack.addWidget(in_time)
        self._stack.addWidget(self.hosts)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.switch)
        head.addWidget(self.panel.controls)
        head.addSpacing(8)
        head.addWidget(self.slider, 1)
        head.addWidget(self._time)
        head.addWidget(self.now_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self._stack, 1)
        self._show_moment(0.0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little height, the bars have it."""
        super().resizeEvent(event)
        self.legend.setVisible(self.height() >= _ROOM_FOR_LEGEND_PX)
        self.panel.load.setVisible(self.height() >= _ROOM_FOR_LOAD_PX)
        self._fit_controls()

    def show_forecast(self, forecast: Run | None, timing: Timing | None, pinned: Collection[str]) -> None:
        """The plan as it stands; the moment stays where it is, as far as the plan lasts so long."""
        self._forecast = forecast
        project, critical = self._document.project, timing.critical if timing else ()
        self._clock = wall_clock_of(project, project.plan)
        slack_s = timing.slack_s if timing else {}
        self.panel.show_run(
            project, project.plan, forecast, pinned=pinned, critical=critical, slack_s=slack_s, clock=self._clock
        )
        results = forecast.results if forecast else ()
        self.legend.show_legend(results, pinned=bool(pinned), critical=bool(critical), clock=self._clock)
        self.slider.setEnabled(bool(self._end_s))
        self._show_moment(self.timeline.moment_s)

    def suspend(self) -> None:
        """The plan has changed: nobody can say how it will be until the next forecast."""
        self.moment_changed.emit(None)

    def select(self, migration_ids: Collection[str]) -> None:
        self.timeline.select(migration_ids)

    def back_to_now(self) -> None:
        self.timeline.set_moment(0.0)

    @property
    def _end_s(self) -> float:
        return self._forecast.makespan_s if self._forecast else 0.0

    def _show_part(self, shown: Shown) -> None:
        self._stack.setCurrentWidget(self.hosts if shown is Shown.HOSTS else self._in_time)
        self._fit_controls()

    def _fit_controls(self) -> None:
        is_in_time = self._stack.currentWidget() is self._in_time
        self.panel.controls.setVisible(is_in_time and self.width() >= _ROOM_FOR_CONTROLS_PX)

    def _slide(self, step: int) -> None:
        self.timeline.set_moment(self._end_s * step / _STEPS)

    def _show_moment(self, seconds: float) -> None:
        self.slider.blockSignals(True)
        self.slider.setValue(round(_STEPS * seconds / self._end_s) if self._end_s else 0)
        self.slider.blockSignals(False)
        self._time.setText(format_duration(seconds) if seconds else "now")
        self._time.setToolTip(self._clock.told(seconds) if self._clock and seconds else "")
        self.now_button.setEnabled(bool(seconds))
        self._fill_hosts(seconds)
        self.moment_changed.emit(self._at(seconds) if seconds and self._forecast else None)

    def _at(self, seconds: float) -> Moment:
        project = self._document.project
        assert self._forecast is not None
        return where_at(project, project.plan, self._forecast, seconds)

    def _fill_hosts(self, seconds: float) -> None:
        project = self._document.project
        if self._forecast is None:
            self.hosts.show_uses((), "now")
            return
        before, now, after = (self._at(at_s) for at_s in (0.0, seconds, self._end_s))
        touched = {m.target_id for m in project.plan.migrations} | set(project.sources_of(project.plan).values())
        uses = [
            HostUse(
                host.id,
                host.name,
                host.memory_bytes,
                before.used_bytes[host.id],
                now.used_bytes[host.id],
                now.held_bytes[host.id],
                after.used_bytes[host.id],
            )
            for host in sorted(project.hosts.values(), key=lambda host: (host.id not in touched, natural(host.name)))
        ]
        self.hosts.show_uses(tuple(uses), f"at {format_duration(seconds)}" if seconds else "now")
