"""How a migration went on: what its rounds were, and what was left, sent and felt at each moment."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.runs import small
from tests.small_projects import two_hosts, web_profile
from vmplanner.analysis.course import curves, passes
from vmplanner.domain.events import Moved, Progressed
from vmplanner.domain.machines import PieceKind
from vmplanner.domain.plans import Options, Technique
from vmplanner.domain.recorder import Recorder
from vmplanner.domain.results import MOST_SAMPLES, MigrationResult, Phase
from vmplanner.simulation.alone import simulate_alone


def _simulated(technique: Technique = Technique.PRE_COPY, *, auto_converge: bool = False) -> MigrationResult:
    project = two_hosts(technique=technique, profile=web_profile(90_000), bandwidth_bytes_per_s=60e6)
    [move] = project.plan.migrations
    return simulate_alone(project, evolve(move, options=Options(auto_converge=auto_converge)))


def test_passes_add_up_to_the_migration() -> None:
    found = passes(small())
    assert [(one.phase, one.round) for one in found] == [
        (Phase.PREFLIGHT, 0),
        (Phase.PRE_COPY, 1),
        (Phase.PRE_COPY, 2),
        (Phase.STOP_AND_COPY, 3),
        (Phase.RESUME, 0),
    ]
    assert sum(one.duration_s for one in found) == pytest.approx(small().total_s)
    assert sum(one.bytes for one in found) == small().transferred_bytes
    assert [one.throttle for one in found] == [None] * 5


@pytest.mark.parametrize("technique", Technique)
def test_the_samples_tell_of_all_that_was_sent(technique: Technique) -> None:
    done = _simulated(technique)
    assert sum(sample.bytes for sample in done.samples) == done.transferred_bytes
    assert sum(sample.network_faults for sample in done.samples) == pytest.approx(done.network_faults, abs=0.5)
    assert done.samples[-1].at_s == pytest.approx(done.total_s)
    assert [sample.at_s for sample in done.samples] == sorted(sample.at_s for sample in done.samples)


def test_pages_are_those_that_were_sent() -> None:
    done = _simulated(Technique.STOP_AND_COPY)
    pages = sum(one.pages for one in done.segments if one.kind in (PieceKind.KERNEL, PieceKind.HEAP))
    assert pages == 300 * 256


def test_an_auto_converging_copy_shows_its_throttle_and_a_slower_guest() -> None:
    done = _simulated(auto_converge=True)
    by_title = {curve.title: curve for curve in curves(done)}
    assert max(value for _, value in by_title["Throttle"].points) >= 0.2
    assert min(value for _, value in by_title["Speed of the guest"].points) < 1
    assert "Throttle" not in {curve.title for curve in curves(_simulated())}
    assert max(one.throttle or 0 for one in passes(done)) >= 0.2


def test_a_post_copy_shows_waits_for_pages() -> None:
    assert "Waits for a page" in {curve.title for curve in curves(_simulated(Technique.POST_COPY))}


def test_what_is_left_falls_within_a_round_from_all_of_it() -> None:
    done = _simulated()
    left = next(curve for curve in curves(done) if curve.title.startswith("Left"))
    first = next(one for one in passes(done) if one.round == 1)
    assert left.at(first.start_s + 1e-6) == pytest.approx(first.bytes, rel=0.05)
    # QEMU's round may end a little before all of it is sent.
    assert left.at(first.end_s - 1e-6) == pytest.approx(0, abs=0.05 * first.bytes)


def test_where_nobody_watched_only_what_is_known_of_rounds_is_shown() -> None:
    assert [curve.title for curve in curves(small())] == ["Bandwidth, mean of each round", "Speed of the guest"]


@given(
    st.lists(st.tuples(st.floats(0.001, 10), st.integers(0, 10**9), st.floats(0, 1)), min_size=1, max_size=40),
    st.sampled_from([1, 40]),
    st.sampled_from([1, 2, 300]),
)
def test_however_many_events_there_are_the_samples_are_few_and_nothing_is_lost(
    some: list[tuple[float, int, float]], times: int, per_round: int
) -> None:
    events = some * times
    project = two_hosts()
    recorder, at_s = Recorder(project), 0.0
    recorder.started(project.plan.migrations[0], 0.0)
    for number, (seconds, size, share) in enumerate(events):
        at_s += seconds
        moved = (Moved("heap", PieceKind.HEAP, size, 1.0),)
        recorder.add(Progressed("migration-1", at_s, Phase.PRE_COPY, 1 + number // per_round, moved, 0, share))
    samples = recorder.result("migration-1").samples
    assert len(samples) <= MOST_SAMPLES
    assert sum(sample.bytes for sample in samples) == sum(size for _, size, _ in events)
    assert samples[-1].at_s == pytest.approx(at_s)
    starts = [0.0, *(sample.at_s for sample in samples)]
    work_s = sum((one.at_s - start) * one.guest_share for start, one in zip(starts, samples, strict=False))
    assert work_s == pytest.approx(sum(seconds * share for seconds, _, share in events), rel=1e-6, abs=1e-6)
