"""Many scenarios at once: the same answers as the simulator gives to each, and the laws of pre-copy."""

from collections.abc import Sequence

import numpy as np
import pytest
from attrs import evolve, fields

from tests.perf.scenarios import SIMPLE, random_scenarios
from tests.simulation.simulate import simulate_one
from vmplanner.domain.machines import (
    HotCold,
    MeasuredCurve,
    Piece,
    PieceKind,
    PowerLaw,
    Profile,
    Sequential,
    Uniform,
    VirtualMachine,
    Zipf,
)
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import PAGE_BYTES, TIB
from vmplanner.domain.results import MigrationResult
from vmplanner.domain.topology import Host, Link
from vmplanner.simulation.policies import QEMU, XEN_4
from vmplanner.simulation.scenarios import Outcomes, PatternCode, Scenarios, pre_copy_outcomes
from vmplanner.simulation.stop_rules import Threshold


def simulated(scenarios: Scenarios, index: int) -> MigrationResult:
    """One of the scenarios in the event simulator."""
    pieces = []
    for column in range(scenarios.pages.shape[1]):
        at = index, column
        pattern = {
            PatternCode.UNIFORM: Uniform(),
            PatternCode.SEQUENTIAL: Sequential(),
            PatternCode.HOT_COLD: HotCold(scenarios.hot_size_share[at], scenarios.hot_write_share[at]),
            PatternCode.ZIPF: Zipf(scenarios.exponent[at]),
            PatternCode.POWER_LAW: PowerLaw(scenarios.exponent[at]),
            PatternCode.MEASURED_CURVE: scenarios.curves[scenarios.curve[at]],
        }[PatternCode(scenarios.pattern[at])]
        size_bytes, rate = int(scenarios.pages[at]) * PAGE_BYTES, float(scenarios.writes_per_s[at])
        pieces.append(Piece(f"p{column}", PieceKind.HEAP, size_bytes, rate, pattern, float(scenarios.zero_share[at])))
    memory_bytes = sum(piece.size_bytes for piece in pieces)
    vm = VirtualMachine("vm-1", "web-1", "host-1", memory_bytes, profile=Profile("P", pieces))
    cap = float(scenarios.max_bandwidth_bytes_per_s[index])
    migration = Migration(
        "m-1",
        "vm-1",
        "host-2",
        max_bandwidth_bytes_per_s=None if np.isinf(cap) else cap,
        downtime_limit_s=float(scenarios.downtime_limit_s[index]),
    )
    hosts = Host("host-1", "alpha"), Host("host-2", "beta", memory_bytes=TIB)
    wire = Link("link-1", "host-1", "host-2", float(scenarios.bandwidth_bytes_per_s[index]), latency_s=0.0)
    return simulate_one(Project.of(*hosts, wire, vm, Plan("plan-1", "Plan", [migration])))


def agrees(outcomes: Outcomes, index: int, one: MigrationResult, max_rounds: int = 30) -> bool:
    if not outcomes.converged[index]:
        return not one.converged or one.rounds > max_rounds + 1
    return (
        one.converged
        and outcomes.rounds[index] == one.rounds
        and outcomes.total_s[index] == pytest.approx(one.total_s, rel=1e-3)
        and outcomes.downtime_s[index] == pytest.approx(one.downtime_s, rel=1e-3)
        and outcomes.bytes[index] == pytest.approx(one.transferred_bytes, rel=1e-3)
    )


@pytest.mark.parametrize(
    ("patterns", "count"),
    [(SIMPLE, 400), ([PatternCode.ZIPF], 100), ([PatternCode.POWER_LAW, PatternCode.MEASURED_CURVE], 100)],
)
def test_each_scenario_comes_out_as_the_simulator_has_it(patterns: Sequence[PatternCode], count: int) -> None:
    """All but the few whose pending pages meet a threshold to the last digit."""
    scenarios = random_scenarios(count, seed=2, patterns=patterns)
    outcomes = pre_copy_outcomes(scenarios)
    assert 0.8 < outcomes.converged.mean() <= 1
    right = [agrees(outcomes, index, simulated(scenarios, index)) for index in range(count)]
    assert np.mean(right) >= 0.99


def test_scenarios_with_several_curves_each_follow_their_own() -> None:
    scenarios = random_scenarios(60, seed=9, patterns=[PatternCode.MEASURED_CURVE])
    flat = MeasuredCurve([(0.01, 100), (10, 110)])
    scenarios = evolve(scenarios, curves=(*scenarios.curves, flat))
    scenarios.curve[:, 1:] = 1
    outcomes = pre_copy_outcomes(scenarios)
    assert all(agrees(outcomes, index, simulated(scenarios, index)) for index in range(60))


def test_pieces_that_are_written_though_never_touched_and_empty_pieces_are_no_exception() -> None:
    scenarios = random_scenarios(40, seed=3)
    scenarios.zero_share[:, 0] = 1.0
    scenarios.pages[:10, 1] = 0
    scenarios.writes_per_s[:10, 1] = 0
    scenarios.zero_share[20:30] = 1.0
    outcomes = pre_copy_outcomes(scenarios)
    assert all(agrees(outcomes, index, simulated(scenarios, index)) for index in range(40))


def test_a_scenario_comes_out_alike_whatever_its_neighbours_are() -> None:
    many = random_scenarios(20_000, seed=4)  # more than one chunk
    some = random_scenarios(2000, seed=4, patterns=list(PatternCode))
    many.pattern[:2000], many.pattern[16_100:16_200] = some.pattern, some.pattern[:100]
    together = pre_copy_outcomes(many)
    for part in (slice(16_000, 16_500), slice(0, 7), slice(19_999, 20_000)):
        alone = pre_copy_outcomes(many.part(part))
        for each in fields(Outcomes):
            np.testing.assert_allclose(getattr(alone, each.name), getattr(together, each.name)[part], rtol=1e-5)


def test_without_writes_every_page_is_sent_once() -> None:
    scenarios = random_scenarios(1000, seed=5)
    scenarios.writes_per_s[:] = 0
    outcomes = pre_copy_outcomes(scenarios)
    empty = scenarios.pages * scenarios.zero_share
    wire = (scenarios.pages - empty) * QEMU.page_bytes + empty * QEMU.zero_page_bytes
    assert (outcomes.rounds == 2).all()
    assert outcomes.converged.all()
    np.testing.assert_allclose(outcomes.bytes, wire.sum(axis=1) + QEMU.device_state_bytes, rtol=1e-5)


def test_a_guest_that_outruns_the_link_is_cut_after_the_last_round() -> None:
    scenarios = random_scenarios(50, seed=6)
    scenarios.pages[:, 0], scenarios.writes_per_s[:, 0] = 2**20, 1e7
    scenarios.pattern[:, 0] = PatternCode.UNIFORM
    outcomes = pre_copy_outcomes(scenarios, max_rounds=5)
    assert not outcomes.converged.any()
    assert (outcomes.rounds == 5).all()
    assert (outcomes.downtime_s == 0).all()
    assert (pre_copy_outcomes(scenarios, max_rounds=6).total_s > outcomes.total_s).all()


def test_a_quarter_more_bandwidth_never_lengthens_a_migration_by_more_than_a_look() -> None:
    scenarios = evolve(random_scenarios(20_000, seed=7), max_bandwidth_bytes_per_s=np.full(20_000, np.inf))
    factor = np.random.default_rng(7).uniform(1.25, 10, 20_000)
    slower = pre_copy_outcomes(scenarios)
    faster = pre_copy_outcomes(evolve(scenarios, bandwidth_bytes_per_s=scenarios.bandwidth_bytes_per_s * factor))
    assert isinstance(QEMU.stop, Threshold)
    look_s = QEMU.stop.burst_bytes / scenarios.bandwidth_bytes_per_s
    assert faster.converged[slower.converged].all()
    assert (faster.total_s <= slower.total_s + look_s)[slower.converged].all()


def test_a_little_more_bandwidth_seldom_lengthens_a_migration() -> None:
    """It may: a round that ends a look earlier can leave too many pages, and one more round follows."""
    scenarios = random_scenarios(20_000, seed=8)
    more = evolve(
        scenarios,
        bandwidth_bytes_per_s=scenarios.bandwidth_bytes_per_s * 1.05,
        max_bandwidth_bytes_per_s=scenarios.max_bandwidth_bytes_per_s * 1.05,
    )
    slower, faster = pre_copy_outcomes(scenarios), pre_copy_outcomes(more)
    both = slower.converged & faster.converged
    assert (faster.total_s > slower.total_s * (1 + 1e-5))[both].mean() < 0.005


def test_a_policy_without_a_threshold_is_refused() -> None:
    with pytest.raises(ValueError, match="threshold"):
        pre_copy_outcomes(random_scenarios(1), XEN_4)
