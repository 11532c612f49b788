"""What a run tells about itself: the states of its migrations, its queue, and its end."""

from enum import StrEnum

from attrs import frozen

from vmplanner.domain.events import MigrationEvent
from vmplanner.domain.results import Run


class JobState(StrEnum):
    """Where a migration of a run stands. CANCELLING is shown at once; CANCELLED when it is true. One that was SKIPPED
    was left out before it started, and those that were to come after it no longer wait for it.
    """

    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    COMPLETED = "completed"
    NOT_CONVERGED = "not converged"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    FAILED = "failed"
    LOST = "lost"
    UNKNOWN = "not known"

    @property
    def is_final(self) -> bool:
        return self not in (JobState.QUEUED, JobState.RUNNING, JobState.CANCELLING)

    @property
    def may_be_retried(self) -> bool:
        """Whether it is over and its VM is still there to be moved."""
        return self.is_final and self not in (JobState.COMPLETED, JobState.LOST, JobState.UNKNOWN)


@frozen
class JobChanged:
    """A migration of the run is in a new state since `at_s` on the session's clock."""

    migration_id: str
    state: JobState
    at_s: float
    reason: str = ""


@frozen
class QueueChanged:
    """The queue was paused, so that nothing new starts, or goes on."""

    is_paused: bool


@frozen
class RunEnded:
    """Nothing runs any more. A retry may take the run up again: it then ends once more, and `run` has the same id and
    all results. `error` is the sentence to show when the run ended otherwise than planned; `bug` is the exception
    behind it when that is none of the user's.
    """

    run: Run
    error: str = ""
    bug: Exception | None = None


@frozen
class Forecast:
    """What a simulation of the whole plan predicts, told before the first migration starts. `backend` is the name of
    the one that is going to carry the plan out.
    """

    run: Run
    backend: str


RunnerEvent = Forecast | JobChanged | QueueChanged | MigrationEvent | RunEnded
