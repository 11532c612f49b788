"""How fast the guest runs while it is migrated, when a hybrid copy switches, and what the hypervisor would report."""

from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulation.simulate import only, simulate, simulate_one
from tests.small_projects import two_hosts
from vmplanner.domain.events import Progressed
from vmplanner.domain.machines import HotCold, Piece, PieceKind, Profile, Sequential, Uniform
from vmplanner.domain.plans import Options, Technique
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.quantities import GIB, MIB
from vmplanner.domain.results import MigrationResult, Outcome, Phase
from vmplanner.domain.topology import PolicyName
from vmplanner.simulation.policies import QEMU, XEN_3
from vmplanner.simulation.simulator import Simulator

CAP = 32 * MIB
TOO_MUCH = 13_000  # pages a second: 1.5 times what the cap lets through


def busy(writes: float = TOO_MUCH) -> Profile:
    return Profile(
        "Busy", (Piece("set", PieceKind.HOT_SET, 64 * MIB, writes), Piece("kernel", PieceKind.KERNEL, 64 * MIB))
    )


def with_move(project: Project, **changes: Any) -> Project:
    changed = project.plan.replaced(evolve(only(project), **changes))
    return project.applied(Change("", (Edit(project.plan, changed),)))


def migrated(technique: Technique, profile: Profile | None = None, **options: Any) -> MigrationResult:
    project = two_hosts(technique=technique, profile=profile or busy(), bandwidth_bytes_per_s=1.25e9)
    chosen = Options(postcopy_bytes_per_s=CAP, **options)
    return simulate_one(with_move(project, max_bandwidth_bytes_per_s=CAP, options=chosen))


def seconds(result: MigrationResult, phase: Phase) -> float:
    return sum(segment.duration_s for segment in result.segments if segment.phase is phase)


def share(result: MigrationResult, phase: Phase) -> float:
    return next(segment.guest_share for segment in result.segments if segment.phase is phase)


def test_a_plain_pre_copy_costs_the_guest_its_downtime_alone() -> None:
    result = migrated(Technique.PRE_COPY, busy(1000))
    assert share(result, Phase.PRE_COPY) == 1
    assert result.lost_work_s == pytest.approx(result.downtime_s)


def test_stop_and_copy_costs_it_all_of_the_time() -> None:
    result = migrated(Technique.STOP_AND_COPY)
    assert result.lost_work_s == pytest.approx(result.total_s)


def test_a_throttled_guest_makes_less_of_its_work_from_round_to_round() -> None:
    result = migrated(Technique.PRE_COPY, auto_converge=True)
    speeds = [stretch.guest_share for stretch in result.guest_speed() if stretch.guest_share]
    assert speeds[0] == 1
    assert speeds == sorted(speeds, reverse=True)
    assert speeds[-1] < 0.95
    assert result.lost_work_s > result.downtime_s + 1


def test_after_the_switch_the_guest_waits_and_preempt_lets_it_wait_less() -> None:
    plain, preempt = migrated(Technique.POST_COPY), migrated(Technique.POST_COPY, preempt=True)
    assert 0 < share(plain, Phase.POST_COPY) < share(preempt, Phase.POST_COPY) < 1
    assert 0 < plain.network_faults < preempt.network_faults < 128 * MIB / 4096
    assert preempt.lost_work_s < plain.lost_work_s
    assert plain.transferred_bytes == preempt.transferred_bytes


def test_a_guest_is_slower_right_after_the_switch_than_at_the_end() -> None:
    """Seen by somebody who looks often, as a person at the window does."""
    project = two_hosts(technique=Technique.POST_COPY, profile=busy(1000))
    simulator = Simulator(project)
    simulator.start(only(project))
    speeds = []
    while (when := simulator.next_event_s) < float("inf"):
        events = simulator.advance(min(when, simulator.clock_s + 0.05)) + simulator.observe()
        speeds += [e.guest_share for e in events if isinstance(e, Progressed) and e.phase is Phase.POST_COPY]
    assert speeds[0] < 0.5 < speeds[-1]


@settings(max_examples=40)
@given(
    st.sampled_from([Technique.POST_COPY, Technique.HYBRID]),
    st.sampled_from([Uniform(), Sequential(), HotCold()]),
    st.floats(0, 30_000),
    st.booleans(),
    st.booleans(),
    st.sampled_from([None, CAP, 10 * CAP]),
)
def test_each_page_goes_once_after_the_switch_however_it_is_asked_for(
    technique: Technique, pattern: Uniform, writes: float, preempt: bool, prepaging: bool, cap: float | None
) -> None:
    data = Profile("P", (Piece("set", PieceKind.HOT_SET, 64 * MIB, writes, pattern),))
    project = two_hosts(technique=technique, profile=data)

    def result(**options: Any) -> MigrationResult:
        chosen = Options(postcopy_bytes_per_s=cap, **options)
        return simulate_one(with_move(project, max_bandwidth_bytes_per_s=cap, options=chosen))

    plain, helped = result(), result(preempt=preempt, prepaging=prepaging)
    assert helped.transferred_bytes == plain.transferred_bytes
    assert helped.total_s == pytest.approx(plain.total_s)
    assert helped.network_faults <= GIB / 4096
    after = sum(segment.bytes for segment in helped.segments if segment.phase is Phase.POST_COPY)
    assert helped.network_faults * QEMU.page_bytes <= after + QEMU.page_bytes
    assert 0 <= helped.lost_work_s <= helped.total_s * (1 + 1e-9)


class TestHybrid:
    def test_it_switches_after_a_time_at_the_end_of_a_window(self) -> None:
        result = migrated(Technique.HYBRID, switch_after_rounds=1000, switch_after_s=2.0)
        assert 2.0 <= seconds(result, Phase.PRE_COPY) <= 2.0 + 1.001 * QEMU.window_s
        assert seconds(result, Phase.POST_COPY) > 1

    def test_rounds_count_where_they_are_over_sooner(self) -> None:
        by_rounds = migrated(Technique.HYBRID, switch_after_rounds=1)
        both = migrated(Technique.HYBRID, switch_after_rounds=1, switch_after_s=1000.0)
        assert both.segments == by_rounds.segments

    def test_a_later_switch_leaves_less_to_wait_for(self) -> None:
        faults = [
            migrated(Technique.HYBRID, busy(4000), switch_after_rounds=1000, switch_after_s=after_s).network_faults
            for after_s in (0.5, 2.0, 6.0)
        ]
        assert faults[0] > faults[1] > faults[2]

    def test_a_time_means_nothing_to_other_techniques(self) -> None:
        plain = migrated(Technique.PRE_COPY, busy(1000))
        assert migrated(Technique.PRE_COPY, busy(1000), switch_after_s=0.1).segments == plain.segments

    def test_two_that_share_a_link_switch_when_they_should(self) -> None:
        project = two_hosts(2, technique=Technique.HYBRID, profile=busy())
        for migration in project.plan.migrations:
            options = Options(switch_after_rounds=1000, switch_after_s=1.0)
            changed = project.plan.replaced(evolve(migration, options=options))
            project = project.applied(Change("", (Edit(project.plan, changed),)))
        for result in simulate(project).values():
            assert result.outcome is Outcome.COMPLETED
            assert seconds(result, Phase.PRE_COPY) == pytest.approx(1.0, abs=0.11)


class TestColdCache:
    APPLICATION = Profile(
        "Application", (Piece("heap", PieceKind.HEAP, 64 * MIB, 100), Piece("files", PieceKind.PAGE_CACHE, 256 * MIB))
    )

    def test_the_work_lost_is_the_time_that_the_disk_takes(self) -> None:
        warm = migrated(Technique.CHECKPOINT, self.APPLICATION, drop_cache=True)
        cold = migrated(Technique.CHECKPOINT, self.APPLICATION, drop_cache=True, cache_read_bytes_per_s=64 * MIB)
        assert cold.lost_work_s == pytest.approx(warm.lost_work_s + 4.0)
        assert cold.total_s == pytest.approx(warm.total_s)
        assert cold.transferred_bytes == warm.transferred_bytes
        assert cold.settled_s > cold.total_s + 4.0
        last = cold.segments[-1]
        assert (last.phase, last.piece, last.kind) == (Phase.DEFLATE, "files", PieceKind.PAGE_CACHE)

    def test_it_keeps_no_other_migration_waiting(self) -> None:
        cold = migrated(Technique.CHECKPOINT, self.APPLICATION, drop_cache=True, cache_read_bytes_per_s=MIB)
        assert cold.total_s < 10 < 256 < cold.settled_s


class TestReported:
    def test_qemu_stops_its_clock_when_the_socket_has_the_last_bytes(self) -> None:
        result = simulate_one(two_hosts(profile=busy(1000), bandwidth_bytes_per_s=CAP))
        assert result.reported_total_s is not None
        assert result.reported_downtime_s is not None
        socket_s = 2_900_000 / CAP
        assert result.reported_total_s == pytest.approx(result.total_s - QEMU.resume_s - socket_s, abs=0.001)
        assert result.reported_downtime_s == pytest.approx(result.downtime_s - QEMU.resume_s - socket_s, abs=0.003)

    def test_of_stop_and_copy_qemu_counts_its_last_phase_alone(self) -> None:
        result = migrated(Technique.STOP_AND_COPY)
        assert result.reported_downtime_s is not None
        assert result.downtime_s > 3
        assert result.reported_downtime_s < 0.05

    def test_of_a_checkpoint_qemu_knows_nothing(self) -> None:
        plain = migrated(Technique.CHECKPOINT, TestColdCache.APPLICATION)
        ahead = migrated(Technique.CHECKPOINT, TestColdCache.APPLICATION, checkpoint_age_s=1.0)
        assert plain.reported_total_s is not None
        assert ahead.reported_total_s is not None
        assert ahead.reported_total_s < plain.reported_total_s < plain.total_s < ahead.total_s

    @pytest.mark.parametrize("policy", [PolicyName.XEN_3, PolicyName.XEN_4])
    def test_xen_reports_nothing(self, policy: PolicyName) -> None:
        result = simulate_one(two_hosts(policy=policy))
        assert result.outcome is Outcome.COMPLETED
        assert (result.reported_total_s, result.reported_downtime_s) == (None, None)
        assert not XEN_3.reports

    def test_nothing_is_reported_of_what_does_not_converge(self) -> None:
        result = migrated(Technique.PRE_COPY)
        assert result.outcome is Outcome.NOT_CONVERGED
        assert result.reported_total_s is None
