"""What the Run page shows: the state of every migration of the run under way, kept up to date from the engine's
events.
"""

from attrs import define
from PySide6.QtCore import QObject, Signal

from vmplanner.domain.events import Progressed
from vmplanner.domain.project import Project
from vmplanner.domain.results import MigrationResult, Outcome, Phase, Run
from vmplanner.engine.runner import Forecast, JobChanged, JobState, RunEnded, RunnerEvent


@define
class Job:
    """One migration of the run. Times are seconds on the run's clock."""

    migration_id: str
    vm: str
    source: str
    target: str
    state: JobState = JobState.QUEUED
    reason: str = ""
    phase: Phase | None = None
    round: int = 0
    sent_bytes: int = 0
    remaining_bytes: int = 0
    bytes_per_s: float = 0.0
    guest_share: float = 1.0
    started_s: float | None = None
    at_s: float = 0.0
    forecast: MigrationResult | None = None

    @property
    def share_done(self) -> float:
        """How far it is, 0 to 1, by the time that the forecast gives it. It stays below 1 until it has ended."""
        if self.state is JobState.COMPLETED:
            return 1.0
        if self.started_s is None or self.forecast is None or not self.forecast.total_s:
            return 0.0
        return min(0.99, (self.at_s - self.started_s) / self.forecast.total_s)

    @property
    def is_forced(self) -> bool:
        """Whether it completed without having converged, see MigrationResult."""
        return self.state is JobState.COMPLETED and bool(self.reason)

    @property
    def progress_text(self) -> str:
        """'85 %'; a dash for what stopped short or, by the forecast, never gets there."""
        stopped = self.state.is_final and self.state is not JobState.COMPLETED and self.started_s is not None
        return "–" if stopped or self.is_hopeless else f"{self.share_done * 100:.0f} %"

    @property
    def is_hopeless(self) -> bool:
        """It has not ended yet, and the forecast says that it will not converge."""
        is_doomed = self.forecast is not None and self.forecast.outcome is Outcome.NOT_CONVERGED
        return is_doomed and not self.state.is_final

    def expected_end_s(self, now_s: float) -> float:
        """When it should be over, on the run's clock. One that waits starts when the forecast said, or now."""
        if self.state.is_final or self.forecast is None:
            return now_s
        start_s = max(now_s, self.forecast.started_s) if self.started_s is None else self.started_s
        return max(now_s, start_s + self.forecast.total_s)

    @property
    def eta_s(self) -> float | None:
        """Seconds until it should be done by the forecast; None when there is no telling."""
        if self.started_s is None or self.state.is_final or self.forecast is None:
            return None
        return max(0.0, self.started_s + self.forecast.total_s - self.at_s)


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

    def begin(self, project: Project) -> None:
        """A run of the project's plan begins."""
        hosts, machines = project.hosts, project.machines
        self.jobs = {
            m.id: Job(m.id, machines[m.vm_id].name, hosts[machines[m.vm_id].host_id].name, hosts[m.target_id].name)
            for m in project.plan.migrations
        }
        self.clock_s = 0.0
        self.forecast = None
        self.is_running = True
        self.reset.emit()

    def clear(self) -> None:
        """Another project was opened."""
        self.jobs = {}
        self.forecast = None
        self.is_running = False
        self.reset.emit()

    def take(self, events: list[RunnerEvent]) -> None:
        """News from the engine, in order."""
        touched: set[str] = set()
        for event in events:
            match event:
                case Forecast():
                    self.forecast = event.run
                    for result in event.run.results:
                        self.jobs[result.migration_id].forecast = result
                case JobChanged():
                    self._change_state(event)
                    touched.add(event.migration_id)
                case Progressed():
                    self._progress(event)
                    touched.add(event.migration_id)
                case RunEnded():
                    self.is_running = False
        self.updated.emit(touched)

    @property
    def share_done(self) -> float:
        """How far the run is, 0 to 1, by what the forecast says of those that have not ended."""
        if self.jobs and all(job.state.is_final for job in self.jobs.values()):
            return 1.0
        end_s = self._expected_end_s()
        return min(0.99, self.clock_s / end_s) if self.forecast is not None and end_s else 0.0

    @property
    def eta_s(self) -> float | None:
        """Seconds on the run's clock until the run should be over."""
        if not self.is_running or self.forecast is None:
            return None
        return self._expected_end_s() - self.clock_s

    @property
    def expected_not_to_converge(self) -> int:
        """How many of those that have not ended the forecast says will not converge."""
        return sum(job.is_hopeless for job in self.jobs.values())

    def _expected_end_s(self) -> float:
        return max((job.expected_end_s(self.clock_s) for job in self.jobs.values()), default=0.0)

    def count(self, *states: JobState) -> int:
        return sum(job.state in states for job in self.jobs.values())

    def _change_state(self, event: JobChanged) -> None:
        job = self.jobs[event.migration_id]
        if event.state is JobState.RUNNING:
            job.started_s = event.at_s
        if job.state is not JobState.QUEUED or event.state is not JobState.QUEUED:
            job.at_s = event.at_s
        self.clock_s = max(self.clock_s, event.at_s)
        job.state, job.reason = event.state, event.reason
        if event.state.is_final:
            job.bytes_per_s = 0.0

    def _progress(self, event: Progressed) -> None:
        job = self.jobs[event.migration_id]
        moved = sum(part.bytes for part in event.pieces)
        if event.at_s > job.at_s:
            job.bytes_per_s = moved / (event.at_s - job.at_s)
        job.at_s = event.at_s
        self.clock_s = max(self.clock_s, event.at_s)
        job.phase, job.round, job.guest_share = event.phase, event.round, event.guest_share
        job.sent_bytes += moved
        job.remaining_bytes = event.remaining_bytes
