"""How the run under way stands: the state of every migration, kept up to date from the engine's events."""

from PySide6.QtCore import QObject, Signal

from vmplanner.analysis.model_error import measured_error
from vmplanner.domain.events import Progressed
from vmplanner.domain.project import Project
from vmplanner.domain.results import Run
from vmplanner.engine.jobs import Forecast, JobChanged, JobState, QueueChanged, RunEnded, RunnerEvent
from vmplanner.ui.job import Expected, Job


class RunMonitor(QObject):
    """`reset()` when another run begins; `updated(set)` with the ids of the migrations that have news."""

    reset = Signal()
    updated = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.jobs: dict[str, Job] = {}
        self.clock_s = 0.0
        self.forecast: Run | None = None
        self.is_running = False
        self.is_paused = False
        self._end_s = 0.0

    def begin(self, project: Project) -> None:
        """A run of the project's plan begins."""
        hosts, machines, sources = project.hosts, project.machines, project.sources_of(project.plan)
        self.jobs = {
            m.id: Job(m.id, machines[m.vm_id].name, hosts[sources[m.id]].name, hosts[m.target_id].name)
            for m in project.plan.migrations
        }
        self.clock_s = self._end_s = 0.0
        self.forecast = None
        self.is_running, self.is_paused = True, False
        self.reset.emit()

    def clear(self) -> None:
        """Another project was opened."""
        self.jobs = {}
        self.forecast = None
        self.is_running = self.is_paused = False
        self.reset.emit()

    def take(self, events: list[RunnerEvent]) -> None:
        """News from the engine, in order."""
        touched: set[str] = set()
        for event in events:
            match event:
                case Progressed():
                    self.clock_s = max(self.clock_s, event.at_s)
                    sent_bytes = sum([moved.bytes for moved in event.pieces])
                    facts = event.phase, event.round, sent_bytes, event.remaining_bytes, event.guest_share
                    self.jobs[event.migration_id].progress(event.at_s, *facts)
                    touched.add(event.migration_id)
                case JobChanged():
                    self.clock_s = max(self.clock_s, event.at_s)
                    self.jobs[event.migration_id].come_into(event.state, event.at_s, event.reason)
                    self.is_running = self.is_running or not event.state.is_final
                    touched.add(event.migration_id)
                case Forecast():
                    self.forecast = event.run
                    for result in event.run.results:
                        self.jobs[result.migration_id].expected = Expected(result)
                case QueueChanged():
                    self.is_paused = event.is_paused
                case RunEnded():
                    self.is_running = self.is_paused = False
        self._end_s = max((job.expected_end_s(self.clock_s) for job in self.jobs.values()), default=0.0)
        self.updated.emit(touched)

    @property
    def share_done(self) -> float:
        """How far the run is, 0 to 1, by what is expected of those that have not ended."""
        if self.jobs and all(job.state.is_final for job in self.jobs.values()):
            return 1.0
        return min(0.99, self.clock_s / self._end_s) if self.forecast is not None and self._end_s else 0.0

    @property
    def eta_s(self) -> float | None:
        """Seconds on the run's clock until the run should be over; None while nothing new may start."""
        if not self.is_running or self.forecast is None or (self.is_paused and self.count(JobState.QUEUED)):
            return None
        return self._end_s - self.clock_s

    @property
    def eta_margin_s(self) -> float | None:
        """By how much that may be off, either way: as though all migrations were off by as much as nine of ten
        measured ones (see job.py), and all in the same way.
        """
        error = measured_error().total_time_p90_error
        return None if error is None or self.eta_s is None else error * self._end_s

    @property
    def expected_not_to_converge(self) -> int:
        """How many of those that have not ended the forecast says will not converge."""
        return sum(job.is_hopeless for job in self.jobs.values())

    def count(self, *states: JobState) -> int:
        return sum(job.state in states for job in self.jobs.values())
