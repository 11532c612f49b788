"""The memory of each host before a plan, at a moment of it and after it, by the plan's forecast or a run of it."""

from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project
from vmplanner.domain.results import Run
from vmplanner.planning.moment import where_at
from vmplanner.ui.charts.host_bars import HostUse


def host_uses(project: Project, plan: Plan, run: Run, seconds: float) -> tuple[HostUse, ...]:
    """`seconds` into the run; the hosts that the plan touches first, then by name."""
    before, now, after = (where_at(project, plan, run, at_s) for at_s in (0.0, seconds, run.makespan_s))
    touched = {migration.target_id for migration in plan.migrations} | set(project.sources_of(plan).values())
    return tuple(
        HostUse(
            host.id,
            host.name,
            host.memory_bytes,
            before.used_bytes[host.id],
            now.used_bytes[host.id],
            now.held_bytes[host.id],
            after.used_bytes[host.id],
        )
        for host in sorted(project.hosts.values(), key=lambda host: (host.id not in touched, host.name))
    )


def fullest_s(project: Project, plan: Plan, run: Run) -> float:
    """The moment at which the fullest host of all is fullest: just after some migration has begun."""

    def fullest(seconds: float) -> float:
        used = where_at(project, plan, run, seconds).used_bytes
        return max((used[host.id] / host.memory_bytes for host in project.hosts.values()), default=0.0)

    return max(_moments(run), key=fullest, default=0.0)


def most_used(project: Project, plan: Plan, run: Run) -> dict[str, int]:
    """The most memory that is taken of each host at any moment, in bytes by its id."""
    taken = [where_at(project, plan, run, at_s).used_bytes for at_s in (0.0, *_moments(run), run.makespan_s)]
    return {host_id: max(each[host_id] for each in taken) for host_id in project.hosts}


def _moments(run: Run) -> list[float]:
    """Just after each start: nothing else takes memory."""
    begins = sorted({result.started_s for result in run.results})
    return [begin + min(1e-3, run.makespan_s / 1e3) for begin in begins]
