"""From events to results: how fast the guest ran, what it lost, and what the hypervisor said."""

import math

import pytest
from attrs import evolve

from tests.small_projects import two_hosts
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.events import NOTHING_MOVED, Afterwards, Ended, MigrationEvent, Moved, Progressed
from vmplanner.domain.machines import PieceKind
from vmplanner.domain.recorder import Recorder
from vmplanner.domain.results import MigrationResult, Outcome, Phase, Stretch

HEAP = (Moved("heap", PieceKind.HEAP, 1000, 1.0),)


def recorded(*events: MigrationEvent) -> MigrationResult:
    project = two_hosts()
    recorder = Recorder(project)
    recorder.started(project.plan.migrations[0], 0.0)
    for event in events:
        recorder.add(event)
    return recorder.result("migration-1")


def progressed(at_s: float, phase: Phase, number: int, **known: float) -> Progressed:
    return Progressed("migration-1", at_s, phase, number, HEAP, 0, **known)


def test_a_guest_runs_as_ever_unless_told_and_stands_still_in_the_downtime() -> None:
    result = recorded(
        progressed(4.0, Phase.PRE_COPY, 1),
        progressed(4.25, Phase.STOP_AND_COPY, 2),
        Progressed("migration-1", 4.5, Phase.RESUME, 2, (NOTHING_MOVED,), 0),
        Ended("migration-1", 4.5, Outcome.COMPLETED),
    )
    assert result.guest_speed() == (Stretch(0.0, 4.0, 1.0), Stretch(4.0, 0.5, 0.0))
    assert result.lost_work_s == result.downtime_s == pytest.approx(0.5)


def test_the_speed_of_a_pass_is_its_mean_over_time() -> None:
    result = recorded(
        progressed(3.0, Phase.PRE_COPY, 1, guest_share=0.8),
        progressed(4.0, Phase.PRE_COPY, 1, guest_share=0.4),
        progressed(5.0, Phase.PRE_COPY, 2, guest_share=1.0),
    )
    assert [segment.guest_share for segment in result.segments] == pytest.approx([0.7, 1.0])
    assert result.lost_work_s == pytest.approx(3 * 0.2 + 0.6)


def test_faults_are_counted_and_the_hypervisors_own_figures_are_kept() -> None:
    result = recorded(
        progressed(1.0, Phase.POST_COPY, 1, guest_share=0.1, network_faults=10.4),
        progressed(2.0, Phase.POST_COPY, 1, guest_share=0.3, network_faults=10.4),
        Ended("migration-1", 2.0, Outcome.COMPLETED, reported_total_s=1.9, reported_downtime_s=0.002),
    )
    assert result.network_faults == 21
    assert (result.reported_total_s, result.reported_downtime_s) == (1.9, 0.002)


def test_what_the_guest_does_when_the_source_is_free_comes_after_the_total_time() -> None:
    cold = Afterwards(Phase.DEFLATE, 2, "files", PieceKind.PAGE_CACHE, 6.0, guest_share=0.5)
    result = recorded(
        progressed(4.0, Phase.PRE_COPY, 1), Ended("migration-1", 4.0, Outcome.COMPLETED, afterwards=(cold,))
    )
    assert (result.total_s, result.settled_s) == (4.0, 10.0)
    assert result.lost_work_s == pytest.approx(3.0)
    assert result.transferred_bytes == 1000
    assert result.guest_speed()[-1] == Stretch(4.0, 6.0, 0.5)


def test_a_migration_that_moved_nothing_cost_nothing() -> None:
    result = recorded(Ended("migration-1", 0.0, Outcome.CANCELLED, "cancelled"))
    assert (result.total_s, result.lost_work_s, result.guest_speed()) == (0.0, 0.0, ())


def test_the_migrations_of_a_large_run_have_few_samples_each_and_still_all_rounds() -> None:
    [move] = two_hosts().plan.migrations
    recorder = Recorder(two_hosts())
    for number in range(1000):
        recorder.started(evolve(move, id=f"migration-{number}"), 0.0)
    for number in range(1000):
        recorder.add(evolve(progressed(1.0 + number, Phase.PRE_COPY, 1 + number // 40), migration_id="migration-7"))
    samples = recorder.result("migration-7").samples
    assert 25 <= len(samples) <= 50
    assert {sample.round for sample in samples} == set(range(1, 26))
    assert sum(sample.bytes for sample in samples) == 1_000_000


@pytest.mark.parametrize("wrong", [{"at_s": math.nan}, {"bytes": -1}, {"throttle": 1.1}, {"network_faults": math.inf}])
def test_a_sample_that_can_t_be_is_refused(wrong: dict[str, float]) -> None:
    result = recorded(progressed(4.0, Phase.PRE_COPY, 1))
    with pytest.raises(InvalidValue, match=r"Sample: .* must be at"):
        evolve(result, samples=[result.samples[0]._replace(**wrong)])
