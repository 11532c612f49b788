"""What the end of a plan hangs on, and how much time there is to spare, by the plan's forecast."""

from attrs import field, frozen

from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project
from vmplanner.domain.results import Run
from vmplanner.planning.scheduling.bounds import Bound
from vmplanner.planning.scheduling.jobs import Demands
from vmplanner.planning.scheduling.lists import Times
from vmplanner.planning.scheduling.predict import problem_of
from vmplanner.planning.scheduling.schedule import awaited, described

# A migration did not wait for one that ended longer before its start than this share of the whole plan: predictions
# of each alone and of all together differ by about as much.
_SAME_SHARE = 0.02
# Times are rounded to microseconds: one starts when another ends, and not a rounding error before.
_DIGITS = 6


@frozen
class Timing:
    """`critical` are the ids of the migrations that follow each other up to the end; `slack_s` is by how much each
    could be later; `makespan_s` is what the forecast takes and `bound` what no order beats.
    """

    bound: Bound
    makespan_s: float
    critical: frozenset[str]
    slack_s: dict[str, float] = field(factory=dict)

    @property
    def above_bound(self) -> float:
        """How much longer the plan takes than the lower bound, as a share of that."""
        return max(0.0, self.makespan_s / self.bound.seconds - 1) if self.bound.seconds else 0.0


def timing(project: Project, plan: Plan, forecast: Run) -> Timing:
    """Of a forecast with every migration of the plan. Raises PlannerError where problem_of does."""
    problem = problem_of(project, plan)
    results = {result.migration_id: result for result in forecast.results}
    in_order = [results[job.id] for job in problem.jobs]
    times = Times(
        tuple(round(result.started_s, _DIGITS) for result in in_order),
        tuple(round(result.started_s + result.total_s, _DIGITS) for result in in_order),
    )
    demands = Demands(problem)
    found = described(problem, demands, times, "forecast")
    before = awaited(problem, demands, times)
    critical: set[str] = set()
    last = max(range(len(in_order)), key=lambda index: times.ends[index], default=None)
    while last is not None:
        critical.add(problem.jobs[last].id)
        since = times.starts[last] - _SAME_SHARE * times.makespan_s
        waited_for = [other for other in before[last] if since <= times.ends[other] <= times.starts[last]]
        last = max(waited_for, key=lambda index: times.ends[index], default=None)
    slack_s = {slot.job_id: 0.0 if slot.job_id in critical else slot.slack_s for slot in found.slots}
    return Timing(found.bound, forecast.makespan_s, frozenset(critical), slack_s)
