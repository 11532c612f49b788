"""A plan with moves that are blocked has a forecast all the same: that of the others."""

from attrs import evolve

from tests.small_projects import GIGABIT, star, two_hosts
from vmplanner.backends.simulated import SimulatedBackend
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.platform import HostFacts, HostLimits
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.quantities import GIB
from vmplanner.domain.results import Run
from vmplanner.domain.topology import Host
from vmplanner.engine.runner import run_plan
from vmplanner.planning.forecast import forecast_of, without_blocked
from vmplanner.planning.plan_figures import figures_of
from vmplanner.planning.preflight import check


def simulated(project: Project, plan: Plan) -> Run:
    return run_plan(project, plan, SimulatedBackend()).run


def with_an_island() -> Project:
    """Two VMs, one of which is to move to a host that no link leads to; the other is to come after it."""
    project = star([GIGABIT, GIGABIT])
    machines = [VirtualMachine(f"vm-{n}", f"web-{n}", "host-1", GIB) for n in (1, 2)]
    moves = [Migration("m-1", "vm-1", "island"), Migration("m-2", "vm-2", "host-2", after=["m-1"])]
    things = (Host("island", "island"), *machines, Plan("plan-1", "Plan", moves))
    return project.applied(Change("", [Edit(None, thing) for thing in things]))


def test_one_blocked_move_leaves_the_others_predicted() -> None:
    project = with_an_island()
    rest, blocked = without_blocked(project, project.plan, check(project, project.plan))
    assert rest is not None
    assert [migration.id for migration in rest.migrations] == ["m-2"]
    assert set(blocked) == {"m-1"}
    forecast = forecast_of(project, rest, lambda plan: simulated(project, plan))
    assert [result.migration_id for result in forecast.run.results] == ["m-2"]
    assert forecast.run.completed
    assert all(finding.fix is None for finding in forecast.findings)
    figures = figures_of(project, project.plan, forecast)
    assert (figures.left_out, figures.blocking) == (1, 1)
    assert figures.makespan_s == forecast.run.makespan_s
    assert figures.bound_s is not None


def test_a_plan_that_nothing_blocks_is_left_whole() -> None:
    project = two_hosts(2)
    assert without_blocked(project, project.plan, check(project, project.plan)) == (project.plan, {})


def test_a_host_that_may_send_none_blocks_what_leaves_it() -> None:
    project = two_hosts(2)
    source = project.hosts["host-1"]
    shut = evolve(source, facts=HostFacts(limits=HostLimits(max_outgoing=0)))
    project = project.applied(Change("", [Edit(source, shut)]))
    rest, blocked = without_blocked(project, project.plan, check(project, project.plan))
    assert rest is not None
    assert rest.migrations == ()
    assert set(blocked) == {"migration-1", "migration-2"}
