"""What TCP lets through over long and lossy ways, and that it takes nothing of short ones."""

import math

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.simulation.simulate import simulate, simulate_one
from tests.small_projects import GIGABIT, two_hosts
from vmplanner.domain.plans import Options
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import MIB
from vmplanner.domain.results import MigrationResult
from vmplanner.simulation.tcp import most_bytes_per_s


def over(latency_s: float, loss_share: float = 0.0, channels: int = 0) -> MigrationResult:
    """What comes of a VM that goes over 10 Gbit/s."""
    project = two_hosts(bandwidth_bytes_per_s=10 * GIGABIT)
    link = evolve(project.links["link-1"], latency_s=latency_s, loss_share=loss_share)
    [migration] = project.plan.migrations
    plan = project.plan.replaced(evolve(migration, options=Options(channels=channels)))
    return simulate_one(evolve(project, links={link.id: link}, plans={plan.id: plan}))


def test_a_stream_has_one_window_under_way_in_each_round_trip() -> None:
    assert most_bytes_per_s(0.05, 0.0, 1) == pytest.approx(4 * MIB / 0.1)


def test_loss_costs_the_root_of_its_share() -> None:
    """1448 bytes / (0.1 s sqrt(2/3 1e-4)) = 1.77 MB/s."""
    assert most_bytes_per_s(0.05, 1e-4, 1) == pytest.approx(1.7734e6, rel=1e-4)
    assert most_bytes_per_s(0.05, 4e-4, 1) == pytest.approx(most_bytes_per_s(0.05, 1e-4, 1) / 2)


def test_a_way_without_latency_has_no_limit() -> None:
    assert most_bytes_per_s(0.0, 0.5, 1) == math.inf


@given(st.floats(1e-6, 10), st.floats(0, 0.999), st.integers(1, 255))
def test_streams_add_up_and_loss_never_helps(latency_s: float, loss_share: float, streams: int) -> None:
    one = most_bytes_per_s(latency_s, loss_share, 1)
    assert most_bytes_per_s(latency_s, loss_share, streams) == pytest.approx(streams * one)
    assert one <= most_bytes_per_s(latency_s, 0.0, 1)


def test_a_vm_goes_over_a_long_way_as_fast_as_a_window_lets_it() -> None:
    far = over(0.02)
    assert far.transferred_bytes / far.total_s == pytest.approx(4 * MIB / 0.04, rel=0.05)


def test_channels_multiply_what_a_long_way_lets_through() -> None:
    one, four = over(0.05), over(0.05, channels=4)
    assert four.total_s < one.total_s / 3


def test_loss_makes_a_long_way_longer_and_a_lan_no_longer() -> None:
    assert over(0.02, 1e-4).total_s > 5 * over(0.02).total_s
    assert over(0.0001, 1e-8).total_s == over(0.0001).total_s


def test_a_lan_is_as_fast_as_its_link() -> None:
    near = over(0.0001)
    unlimited = over(0.0)
    assert near.total_s == pytest.approx(unlimited.total_s, rel=0.01)


def test_what_tcp_leaves_of_a_link_is_there_for_others() -> None:
    """Two streams over a link that each could fill half: neither waits for the other."""

    def both(count: int) -> float:
        project = two_hosts(count, bandwidth_bytes_per_s=10 * GIGABIT)
        link = evolve(project.links["link-1"], latency_s=0.02)
        return _makespan_s(evolve(project, links={link.id: link}))

    assert both(2) == pytest.approx(both(1))


def _makespan_s(project: Project) -> float:
    return max(result.total_s for result in simulate(project).values())
