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
from vmplanner.domain.topology import Host, PolicyName
from vmplanner.engine.runner import run_plan
from vmplanner.planning.forecast import checked, without_blocked
from vmplanner.planning.plan_figures import figures_of
from vmplanner.planning.preflight import blocking, check


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
    found = checked(project, project.plan, lambda plan: simulated(project, plan))
    assert set(found.blocked) == {"m-1"}
    forecast = found.forecast
    assert forecast is not None
    assert [migration.id for migration in forecast.plan.migrations] == ["m-2"]
    assert [result.migration_id for result in forecast.run.results] == ["m-2"]
    assert forecast.run.completed
    assert all(finding.fix is None for finding in forecast.findings)
    figures = figures_of(project, project.plan, found)
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
    assert rest.migrations == ()
    assert set(blocked) == {"migration-1", "migration-2"}


def test_a_link_that_is_too_long_blocks_only_what_goes_over_it() -> None:
    project = star([GIGABIT] * 3)
    far = project.links["link-3"]
    hosts = [Edit(host, evolve(host, policy=PolicyName.VMOTION)) for host in project.hosts.values()]
    machines = [VirtualMachine(f"vm-{n}", f"web-{n}", "host-1", GIB) for n in (1, 2)]
    moves = [Migration(f"m-{n}", f"vm-{n}", f"host-{n + 1}") for n in (1, 2)]
    added = [Edit(None, thing) for thing in (*machines, Plan("plan-1", "Plan", moves))]
    project = project.applied(Change("", [Edit(far, evolve(far, latency_s=0.1)), *hosts, *added]))
    found = checked(project, project.plan, lambda plan: simulated(project, plan))
    [finding] = blocking(found.findings)
    assert (finding.thing_id, finding.moves) == ("link-3", ("m-2",))
    assert found.forecast is not None
    assert [result.migration_id for result in found.forecast.run.results] == ["m-1"]


def test_a_vm_whose_first_move_is_blocked_makes_no_later_one() -> None:
    """From where it would be then, the later one would be another move."""
    project = with_an_island()
    moves = [
        Migration("m-1", "vm-1", "island"),
        Migration("m-2", "vm-2", "host-2"),
        Migration("m-3", "vm-1", "host-2", after=["m-1"]),
    ]
    plan = Plan("plan-1", "Plan", moves)
    project = project.applied(Change("", [Edit(project.plan, plan)]))
    rest, blocked = without_blocked(project, plan, check(project, plan))
    assert [migration.id for migration in rest.migrations] == ["m-2"]
    assert set(blocked) == {"m-1", "m-3"}


def test_a_move_before_one_that_is_blocked_is_still_predicted() -> None:
    project = with_an_island()
    moves = [Migration("m-1", "vm-1", "host-2"), Migration("m-2", "vm-1", "island", after=["m-1"])]
    plan = Plan("plan-1", "Plan", moves)
    project = project.applied(Change("", [Edit(project.plan, plan)]))
    rest, blocked = without_blocked(project, plan, check(project, plan))
    assert [migration.id for migration in rest.migrations] == ["m-1"]
    assert set(blocked) == {"m-2"}
