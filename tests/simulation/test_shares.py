"""The fast way of sharing links gives what the simple one gives, and costs no more with each flow that goes on."""

import sys
from collections import deque

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulation.fair_shares import PlainShares, Wish, share_fairly
from vmplanner.domain.events import Ended
from vmplanner.domain.machines import HotCold, Piece, PieceKind, Profile, Sequential, Uniform, VirtualMachine
from vmplanner.domain.plans import Migration, Options, Plan, Technique
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import GIB, MIB
from vmplanner.domain.recorder import Recorder
from vmplanner.domain.results import MigrationResult
from vmplanner.domain.topology import Host, Link, Switch
from vmplanner.simulation import simulator
from vmplanner.simulation.filling import Bundle, Wire
from vmplanner.simulation.network import DirectedLink
from vmplanner.simulation.rounds import look_s, one_look_s
from vmplanner.simulation.shares import Shares
from vmplanner.simulation.streams import Flow

WIRES: list[DirectedLink] = [(name, "end") for name in "abcdefgh"]


class Sending(Flow):
    """A flow that has nothing to do but to send."""

    def due_s(self, now_s: float, bytes_per_s: float) -> float:
        return now_s + max(0.0, self.work_bytes - self.sent_bytes) / bytes_per_s


wishes = st.builds(
    Wish,
    st.lists(st.sampled_from(WIRES), min_size=1, max_size=4, unique=True).map(tuple),
    st.one_of(st.just(float("inf")), st.floats(1, 1e4), st.sampled_from([10.0, 100.0])),
    st.sampled_from([1.0, 1.0, 2.0, 0.3]),
)
capacities = st.fixed_dictionaries({wire: st.one_of(st.floats(1, 1e4), st.just(1000.0)) for wire in WIRES})


@settings(max_examples=200)
@given(capacities, st.lists(st.tuples(st.integers(0, 11), st.one_of(st.none(), wishes)), max_size=60))
def test_rates_are_fair_whatever_comes_and_goes(
    capacity: dict[DirectedLink, float], changes: list[tuple[int, Wish | None]]
) -> None:
    """Each change puts a flow in a place, or with None takes it away; the first ones come all at once."""
    shares = Shares(capacity)
    under_way: dict[str, tuple[Wish, Sending]] = {}
    for number, (place, wish) in enumerate(changes):
        key = str(place)
        if key in under_way:
            shares.take_out(under_way.pop(key)[1])
        if wish is not None:
            flow = Sending(wish.links, cap_bytes_per_s=wish.cap_bytes_per_s, weight=wish.weight)
            flow.work_bytes = 1e9
            under_way[key] = wish, flow
            shares.put(flow)
        if number < 10:
            continue
        shares.settle()
        fair = share_fairly({key: wish for key, (wish, _) in under_way.items()}, capacity)
        found = {key: shares.rate(flow) for key, (_, flow) in under_way.items()}
        assert found == pytest.approx(fair, rel=1e-9)


# No round numbers: where two things happen in the same instant by chance, either may come first.
speeds = st.sampled_from([1.013e8, 1.2571e8, 3.1373e8, 1.26131e9])
sides = st.sampled_from(["left", "right"])
pieces = st.lists(
    st.builds(
        Piece,
        st.just("piece"),
        st.sampled_from([PieceKind.HEAP, PieceKind.FREE]),
        st.integers(0, 300).map(lambda size: size * MIB),
        st.sampled_from([0.0, 300.0, 3000.0, 12_000.0]),
        st.sampled_from([Uniform(), Sequential(), HotCold()]),
        st.sampled_from([0.0, 0.3, 1.0]),
    ),
    max_size=3,
).map(lambda found: Profile("P", [evolve(piece, name=f"p{number}") for number, piece in enumerate(found)]))
moves = st.builds(
    Migration,
    st.just("migration"),
    st.just("vm"),
    st.just("host"),
    st.sampled_from([Technique.PRE_COPY, Technique.PRE_COPY, Technique.POST_COPY, Technique.STOP_AND_COPY]),
    max_bandwidth_bytes_per_s=st.one_of(st.none(), st.just(32 * MIB), st.floats(5e6, 2e8)),
    time_limit_s=st.one_of(st.none(), st.none(), st.floats(1, 60)),
    options=st.builds(Options, auto_converge=st.booleans()),
)


@st.composite
def projects(draw: st.DrawFn) -> Project:
    """Hosts on two switches with a link between these, and VMs that all move at random."""
    hosts = [Host(f"host-{number}", f"h{number}", memory_bytes=1024 * GIB) for number in range(draw(st.integers(2, 6)))]
    links = [
        Link(f"link-{number}", host.id, draw(sides), draw(speeds), draw(st.floats(0, 0.01)))
        for number, host in enumerate(hosts)
    ]
    machines, migrations = [], []
    for number in range(draw(st.integers(1, 14))):
        home, target = draw(st.permutations(hosts))[:2]
        machines.append(VirtualMachine(f"vm-{number}", f"v{number}", home.id, GIB, profile=draw(pieces)))
        named = {"id": f"migration-{number}", "vm_id": f"vm-{number}", "target_id": target.id}
        migrations.append(evolve(draw(moves), **named))
    switches = [Switch("left", "left"), Switch("right", "right"), Link("between", "left", "right", draw(speeds), 1e-4)]
    return Project.of(*hosts, *links, *switches, *machines, Plan("plan", "plan", migrations))


def results(project: Project, at_once: int) -> list[MigrationResult]:
    simulated, recorder = simulator.Simulator(project), Recorder(project)
    queued = deque(project.plan.migrations)
    under_way = 0
    while queued or under_way:
        while queued and under_way < at_once:
            recorder.started(queued[0], simulated.clock_s)
            simulated.start(queued.popleft())
            under_way += 1
        for event in simulated.advance(simulated.next_event_s):
            recorder.add(event)
            under_way -= isinstance(event, Ended)
    return list(recorder.results())


@settings(max_examples=40, deadline=None)
@given(projects(), st.integers(1, 20))
def test_plans_come_out_as_with_shares_that_are_computed_anew_at_every_event(project: Project, at_once: int) -> None:
    fast = results(project, at_once)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulator, "Shares", PlainShares)
        plain = results(project, at_once)
    for one, other in zip(fast, plain, strict=True):
        assert (one.migration_id, one.outcome, one.rounds) == (other.migration_id, other.outcome, other.rounds)
        assert one.started_s == pytest.approx(other.started_s, rel=1e-8, abs=1e-8)
        assert [s.duration_s for s in one.segments] == pytest.approx(
            [s.duration_s for s in other.segments], rel=1e-7, abs=1e-7
        )
        assert [s.bytes for s in one.segments] == pytest.approx([s.bytes for s in other.segments], abs=20)


def test_a_change_of_rate_costs_no_look_at_flows_that_are_far_from_their_end() -> None:
    class Counting(Sending):
        looks = 0

        def due_s(self, now_s: float, bytes_per_s: float) -> float:
            Counting.looks += 1
            return super().due_s(now_s, bytes_per_s)

    shares = Shares({WIRES[0]: 1e9})
    flows = [Counting((WIRES[0],)) for _ in range(1000)]
    for number, flow in enumerate(flows):
        flow.work_bytes = 1e6 * (number + 1)
        shares.put(flow)
    shares.settle()
    Counting.looks = 0
    for _ in flows:
        shares.now_s = shares.next_due_s
        for flow in shares.take_due():
            shares.take_out(flow)
        shares.settle()
    assert shares.now_s == pytest.approx(1e6 * 1000 * 1001 / 2 / 1e9)
    assert Counting.looks < 3 * len(flows)


@given(st.floats(0, 100), st.floats(-1e4, 1e6), st.floats(1e-7, 1e-3), st.floats(1e-3, 10))
def test_one_sender_looks_when_one_of_many_does(passed: float, excess: float, page_s: float, every: float) -> None:
    assert one_look_s(passed, excess, page_s, every) == float(look_s(passed, excess, page_s, every))


def test_weights_share_a_link_and_leave_what_a_capped_flow_does_not_take() -> None:
    shares = Shares({WIRES[0]: 100.0})
    light, heavy = Sending((WIRES[0],)), Sending((WIRES[0],), weight=3.0)
    capped = Sending((WIRES[0],), weight=5.0, cap_bytes_per_s=20.0)
    for flow in (light, heavy, capped):
        flow.work_bytes = 1e6
        shares.put(flow)
    shares.settle()
    assert [shares.rate(flow) for flow in (light, heavy, capped)] == pytest.approx([20.0, 60.0, 20.0])
    shares.take_out(heavy)
    shares.settle()
    assert [shares.rate(flow) for flow in (light, capped)] == pytest.approx([80.0, 20.0])


def test_what_has_gone_from_a_link_takes_no_room_there() -> None:
    """Thousands of bundles come and go at the start of a large plan, and each later event looks at those left."""
    wire = Wire(1.0)
    bundles = [Bundle((wire,), 0.0, 1.0) for _ in range(5000)]
    wire.bundles.update(dict.fromkeys(bundles))
    for bundle in bundles[1:]:
        wire.forget(bundle)
    assert list(wire.bundles) == bundles[:1]
    assert sys.getsizeof(wire.bundles) < 1000
