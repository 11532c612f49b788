"""How true the simulation is: measured runs against what it predicts for them from what was known before they began.

    error = predicted / measured - 1

A run that was cut has only one thing to compare: whether it would converge. So has one of which the simulation says
that it would not.

Predicted is what was measured. Total time is QEMU's own, which ends when the source has handed its last bytes to its
socket, so it is compared with what the simulated QEMU reports (techniques/reported.py). Downtime is the guest's pause
on both sides; for stop-and-copy, where the guest stands still before QEMU begins, it is QEMU's total time on both
sides.
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from attrs import field, frozen

from vmplanner.analysis import qemu_lab
from vmplanner.analysis.measured_runs import MeasuredRun
from vmplanner.simulation.alone import simulate_alone

WORST = 10


@frozen
class Prediction:
    """What the simulation says of one run, in the terms in which it was measured."""

    converged: bool
    total_s: float
    downtime_s: float
    transferred_bytes: float


@frozen
class Case:
    """One run and its prediction; None where the simulation has no model for it, and then `why_not` says for what."""

    run: MeasuredRun
    prediction: Prediction | None
    why_not: str = ""

    @property
    def is_good(self) -> bool:
        """Whether the run can judge a prediction; the others are reported apart."""
        return not self.run.spoiled_by

    @property
    def answered_right(self) -> bool | None:
        """Whether the prediction is right about converging."""
        return None if self.prediction is None else self.prediction.converged == self.run.converged

    @property
    def total_error(self) -> float | None:
        return self._error(lambda prediction: prediction.total_s, self.run.total_s)

    @property
    def downtime_error(self) -> float | None:
        return self._error(lambda prediction: prediction.downtime_s, self.run.downtime_s)

    @property
    def downtime_error_s(self) -> float | None:
        error = self.downtime_error
        return None if error is None or self.run.downtime_s is None else error * self.run.downtime_s

    @property
    def transferred_error(self) -> float | None:
        return self._error(lambda prediction: prediction.transferred_bytes, self.run.transferred_bytes)

    def _error(self, predicted: Callable[[Prediction], float], measured: float | None) -> float | None:
        if self.prediction is None or not self.prediction.converged or not measured:
            return None
        return predicted(self.prediction) / measured - 1


@frozen
class Summary:
    """Absolute errors over several cases, as fractions; None where there is nothing to compare.

    `n` counts the predicted runs; `not_simulated` those without a prediction.
    """

    n: int
    not_simulated: int
    total_time_median_error: float | None
    total_time_p90_error: float | None
    downtime_median_error: float | None
    downtime_median_error_ms: float | None
    transferred_median_error: float | None
    transferred_p90_error: float | None
    convergence_accuracy: float | None


@frozen
class Validation:
    """All cases, in the order of the file."""

    cases: tuple[Case, ...] = field(converter=tuple[Case, ...])

    @property
    def good(self) -> list[Case]:
        return [case for case in self.cases if case.is_good]

    @property
    def apart(self) -> list[Case]:
        return [case for case in self.cases if not case.is_good]

    @property
    def not_simulated(self) -> list[Case]:
        return [case for case in self.cases if case.prediction is None]

    @property
    def overall(self) -> Summary:
        return summarise(self.good)

    @property
    def apart_summary(self) -> Summary:
        return summarise(self.apart)

    @property
    def groups(self) -> dict[str, Summary]:
        """The good runs by group."""
        names = sorted({case.run.group for case in self.good})
        return {name: summarise([case for case in self.good if case.run.group == name]) for name in names}

    @property
    def worst(self) -> list[Case]:
        """The good runs that were missed most: wrong answers on converging, then by the error of the total time."""
        judged = [case for case in self.good if case.answered_right is False or case.total_error is not None]
        judged.sort(key=lambda case: (case.answered_right, -abs(case.total_error or 0)))
        return judged[:WORST]


def validate(runs: Iterable[MeasuredRun]) -> Validation:
    """Predict every run. Raises PlannerError that names the file and the row where a run contradicts itself."""
    return Validation(case_of(run) for run in runs)


def case_of(run: MeasuredRun) -> Case:
    """A run with its prediction."""
    why_not = qemu_lab.not_simulated(run)
    return Case(run, None if why_not else predict(run), why_not)


def predict(run: MeasuredRun) -> Prediction:
    """What the simulation says of a run, from what was known before it began."""
    project = qemu_lab.project(run)
    result = simulate_alone(project, project.plan.migrations[0])
    total_s = result.total_s if result.reported_total_s is None else result.reported_total_s
    downtime_s = total_s if run.stop_first else result.downtime_s
    return Prediction(result.converged, total_s, downtime_s, result.transferred_bytes)


def summarise(cases: Sequence[Case]) -> Summary:
    """Median and 90th percentile of the absolute errors of some cases."""
    total = _sizes(case.total_error for case in cases)
    downtime = _sizes(case.downtime_error for case in cases)
    downtime_ms = _sizes(case.downtime_error_s for case in cases) * 1000
    transferred = _sizes(case.transferred_error for case in cases)
    answers = _sizes(case.answered_right for case in cases)
    return Summary(
        n=len(answers),
        not_simulated=len(cases) - len(answers),
        total_time_median_error=_percentile(total, 50),
        total_time_p90_error=_percentile(total, 90),
        downtime_median_error=_percentile(downtime, 50),
        downtime_median_error_ms=_percentile(downtime_ms, 50),
        transferred_median_error=_percentile(transferred, 50),
        transferred_p90_error=_percentile(transferred, 90),
        convergence_accuracy=float(answers.mean()) if len(answers) else None,
    )


def _sizes(values: Iterable[float | None]) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    return np.abs(np.array([value for value in values if value is not None], dtype=np.float64))


def _percentile(values: "np.ndarray[tuple[int], np.dtype[np.float64]]", percent: float) -> float | None:
    return float(np.percentile(values, percent)) if len(values) else None
