"""One migration of the run under way: how it stands, what it went through, and when it should be done.

What is left of it is estimated from both the forecast and the progress so far: the present pass by what is left to send
in it at the rate at which it goes, the passes after it by the forecast. How far that may be off is no guess: nine of
ten migrations that were measured took no more longer or shorter than predicted than `Summary.total_time_p90_error`
of them (analysis/validate.py), and so much of this one's total time is the margin.
"""

from functools import cached_property

from attrs import Factory, define, frozen

from vmplanner.analysis.model_error import measured_error
from vmplanner.domain.results import MigrationResult, Outcome, Phase
from vmplanner.engine.jobs import JobState

_ENDLESS = (Phase.PRE_COPY, Phase.POST_COPY)


@frozen
class Mark:
    """It came into a state at `at_s`."""

    at_s: float
    state: JobState
    reason: str = ""


@define
class Pass:
    """One phase and round of it, from `began_s` to `at_s`, in which `bytes` were sent."""

    phase: Phase
    round: int
    began_s: float
    at_s: float
    bytes: int = 0


@frozen(slots=False)
class Expected:
    """What the forecast says of a migration."""

    result: MigrationResult

    @cached_property
    def passes(self) -> dict[tuple[Phase, int], tuple[float, float]]:
        """How long each pass takes, and all that comes after it, in seconds."""
        lasts: dict[tuple[Phase, int], float] = {}
        for segment in self.result.segments:
            key = segment.phase, segment.round
            lasts[key] = lasts.get(key, 0.0) + segment.duration_s
        found, left_s = {}, self.result.total_s
        for key, seconds in lasts.items():
            left_s -= seconds
            found[key] = seconds, max(0.0, left_s)
        return found

    @cached_property
    def after_copies_s(self) -> float:
        """What comes after the last round of the copy of a running guest."""
        return min((after for (phase, _), (_, after) in self.passes.items() if phase in _ENDLESS), default=0.0)


@define
class Job:
    """Times are seconds on the run's clock."""

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
    downtime_s: float = 0.0
    started_s: float | None = None
    at_s: float = 0.0
    expected: Expected | None = None
    marks: list[Mark] = Factory(list)
    passes: list[Pass] = Factory(list)
    tries: int = 0
    earlier_bytes: int = 0  # sent in earlier tries, for nothing

    @property
    def forecast(self) -> MigrationResult | None:
        return self.expected.result if self.expected is not None else None

    @property
    def share_done(self) -> float:
        """How far it is, 0 to 1, by the time that is left of it. It stays below 1 until it has ended."""
        if self.state is JobState.COMPLETED:
            return 1.0
        if self.started_s is None or self.forecast is None:
            return 0.0
        elapsed_s = self.at_s - self.started_s
        whole_s = elapsed_s + (self._left_s if not self.state.is_final else self.forecast.total_s - elapsed_s)
        return min(0.99, elapsed_s / whole_s) if whole_s > 0 else 0.0

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
        if self.started_s is None:
            return max(now_s, self.forecast.started_s) + self.forecast.total_s
        return max(now_s, self.at_s + self._left_s)

    @property
    def eta_s(self) -> float | None:
        """Seconds until it should be done; None when there is no telling."""
        if self.started_s is None or self.state is not JobState.RUNNING or self.forecast is None:
            return None
        return self._left_s

    @property
    def eta_margin_s(self) -> float | None:
        """By how much that may be off, either way; None when there is no telling."""
        error, eta_s = measured_error().total_time_p90_error, self.eta_s
        if error is None or eta_s is None or self.started_s is None:
            return None
        return error * (self.at_s - self.started_s + eta_s)

    @property
    def _left_s(self) -> float:
        assert self.expected is not None
        assert self.started_s is not None
        if self.phase is None:
            return max(0.0, self.started_s + self.expected.result.total_s - self.at_s)
        lasts_s, after_s = self.expected.passes.get((self.phase, self.round), (0.0, self.expected.after_copies_s))
        if self.remaining_bytes and self.bytes_per_s:
            return self.remaining_bytes / self.bytes_per_s + after_s
        return max(0.0, lasts_s - (self.at_s - self.passes[-1].began_s)) + after_s

    # What happens to it

    def come_into(self, state: JobState, at_s: float, reason: str) -> None:
        """It is in another state."""
        if state is JobState.QUEUED:
            self.started_s = self.phase = None
            self.earlier_bytes += self.sent_bytes
            self.sent_bytes = self.remaining_bytes = self.round = 0
            self.downtime_s = 0.0
        elif state is JobState.RUNNING:
            self.started_s = at_s
            self.tries += 1
        if state is not JobState.QUEUED:
            self.at_s = at_s
        if state is not self.state or state.is_final:
            self.marks.append(Mark(at_s, state, reason))
        self.state, self.reason = state, reason
        if state.is_final:
            self.bytes_per_s = 0.0

    def progress(
        self, at_s: float, phase: Phase, number: int, sent_bytes: int, remaining_bytes: int, guest_share: float
    ) -> None:
        """It went on in this phase and round until `at_s`, and sent so many bytes more."""
        seconds = at_s - self.at_s
        if seconds > 0:
            self.bytes_per_s = sent_bytes / seconds
        if phase.is_downtime:
            self.downtime_s += seconds
        last = self.passes[-1] if self.phase is not None else None
        if last is None or last.phase is not phase or last.round != number:
            last = Pass(phase, number, self.at_s, at_s)
            self.passes.append(last)
        last.at_s = self.at_s = at_s
        last.bytes += sent_bytes
        self.phase, self.round, self.guest_share = phase, number, guest_share
        self.sent_bytes += sent_bytes
        self.remaining_bytes = remaining_bytes
