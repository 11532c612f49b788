"""Whatever is run, no more migrations are under way at a host, in a rack, or over a link than is allowed."""

from hypothesis import given, settings
from hypothesis import strategies as st

from vmplanner.backends.simulated import SimulatedBackend
from vmplanner.domain.at_once import limits_of, ways_of
from vmplanner.domain.groups import Group, GroupKind
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.platform import HostFacts, HostLimits
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import GIB, MIB
from vmplanner.domain.results import MigrationResult, Outcome
from vmplanner.domain.rules import Limit, LimitPer
from vmplanner.domain.topology import Host, Link, Switch
from vmplanner.engine.runner import run_plan

HOSTS = 4


def racks(
    moves: list[tuple[int, int, int]],
    limits: list[tuple[LimitPer, int]],
    outgoing: int | None = None,
    starts: list[int] | None = None,
) -> Project:
    """Two racks of two hosts, each with a switch, joined by one uplink; a move is (from, by how many on, MiB)."""
    facts = HostFacts(limits=HostLimits(max_outgoing=outgoing))
    hosts = [Host(f"host-{n}", f"h{n}", memory_bytes=64 * GIB, facts=facts) for n in range(HOSTS)]
    links = [Link(f"link-{n}", f"host-{n}", f"rack-{n // 2}") for n in range(HOSTS)]
    machines = [VirtualMachine(f"vm-{n}", f"vm{n}", f"host-{at}", mib * MIB) for n, (at, _, mib) in enumerate(moves)]
    migrations = [
        Migration(
            f"m-{n}", f"vm-{n}", f"host-{(at + by) % HOSTS}", earliest_start_s=float(starts[n]) if starts else 0.0
        )
        for n, (at, by, _) in enumerate(moves)
    ]
    groups = [
        Group(f"g-{n}", f"Rack {n}", GroupKind.RACK, None, [f"host-{2 * n}", f"host-{2 * n + 1}"]) for n in (0, 1)
    ]
    rules = [Limit(f"rule-{n}", f"Limit {n}", count, per) for n, (per, count) in enumerate(limits)]
    plan = Plan("plan-1", "Plan", migrations, max_concurrent=100, max_concurrent_per_host=100)
    switches = (Switch("rack-0", "s0"), Switch("rack-1", "s1"))
    return Project.of(*hosts, *switches, *links, Link("uplink", "rack-0", "rack-1"), *machines, *groups, *rules, plan)


def most_at_once(results: list[MigrationResult]) -> int:
    edges = [(result.started_s, 1) for result in results]
    edges += [(result.started_s + result.total_s, -1) for result in results]
    now = most = 0
    for _, step in sorted(edges, key=lambda edge: (round(edge[0], 6), edge[1])):
        now += step
        most = max(most, now)
    return most


moves = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3), st.integers(64, 600)), min_size=1, max_size=8)
limits = st.lists(st.tuples(st.sampled_from(LimitPer), st.integers(1, 2)), min_size=1, max_size=2)


@settings(max_examples=60, deadline=None)
@given(moves, limits, st.none() | st.integers(1, 2), st.data())
def test_a_run_keeps_every_limit(
    moves: list[tuple[int, int, int]],
    limits: list[tuple[LimitPer, int]],
    outgoing: int | None,
    data: st.DataObject,
) -> None:
    starts = data.draw(st.none() | st.lists(st.integers(0, 3), min_size=len(moves), max_size=len(moves)))
    project = racks(moves, limits, outgoing, starts)
    run = run_plan(project, project.plan, SimulatedBackend()).run
    assert run.completed
    backend = SimulatedBackend()
    ways = ways_of(project, project.plan, lambda source, target: backend.links(project, source, target))
    for limit in limits_of(project, ways):
        counted = [result for result in run.results if result.migration_id in limit.migration_ids]
        assert most_at_once(counted) <= limit.count, limit.name


def test_over_the_uplink_one_goes_after_the_other_while_the_racks_go_on() -> None:
    """Four moves: two over the uplink, and one inside each rack, which have links of their own."""
    project = racks([(0, 2, 500), (1, 2, 500), (0, 1, 500), (2, 1, 500)], [])
    free = run_plan(project, project.plan, SimulatedBackend()).run
    assert most_at_once(list(free.results)) == 4
    project = racks([(0, 2, 500), (1, 2, 500), (2, 1, 500)], [(LimitPer.LINK, 1)])
    first, second, inside = run_plan(project, project.plan, SimulatedBackend()).run.results
    assert second.started_s >= first.started_s + first.total_s - 1e-6
    assert inside.started_s >= first.started_s


def test_a_host_that_may_send_none_keeps_its_vms_and_says_so() -> None:
    project = racks([(0, 1, 100)], [], outgoing=0)
    [result] = run_plan(project, project.plan, SimulatedBackend()).run.results
    assert (result.outcome, result.reason) == (
        Outcome.FAILED,
        "no outgoing migrations of h0 are allowed: vm0 stays on h0",
    )
