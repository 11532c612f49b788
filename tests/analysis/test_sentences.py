"""After a run people read up to five sentences that its numbers bear out, and none where nothing stands out."""

import pytest
from attrs import evolve

from tests.analysis.runs import result, run, segments, small
from tests.small_projects import two_hosts, web_profile
from vmplanner.analysis.sentences import MOST, sentences
from vmplanner.backends.simulated import SimulatedBackend
from vmplanner.domain.machines import Piece, PieceKind, Profile
from vmplanner.domain.plans import Options, Technique
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import MIB, format_duration
from vmplanner.domain.results import Outcome, Phase, Run
from vmplanner.engine.runner import run_plan
from vmplanner.simulation.alone import simulate_alone


def _run_of(project: Project) -> Run:
    return run_plan(project, project.plan, SimulatedBackend()).run


def _busy() -> Project:
    """A VM whose database buffers are written nearly as fast as they can be sent."""
    buffers = Piece("buffers", PieceKind.DATABASE_BUFFERS, 400 * MIB, 18_000)
    return two_hosts(profile=Profile("Database", (buffers,)))


def test_a_quiet_run_says_nothing() -> None:
    project = two_hosts(profile=web_profile(0))
    assert sentences(_run_of(project), project) == []
    assert sentences(run()) == []


def test_what_was_sent_again_is_told_with_what_would_really_cut_it() -> None:
    project = _busy()
    done = _run_of(project)
    told = next(one for one in sentences(done, project) if "again" in one.text)
    resent_s = sum(one.duration_s for one in done.results[0].segments if one.round > 1 and one.piece == "buffers")
    share = round(100 * resent_s / done.results[0].total_s)
    assert told.text.startswith(f"{share} % of the total time went to sending database buffers again")
    assert told.migration_ids == ("migration-1",)
    claimed = [(name, value) for name, value in told.numbers if " alone by " in name]
    [(name, value)] = claimed
    way = name.split(" alone by ")[1]
    [move] = project.plan.migrations
    other = evolve(move, options=Options(auto_converge=True)) if way == "auto-converge" else move.by(Technique(way))
    assert value == format_duration(simulate_alone(project, other).total_s)
    assert value in told.text


def test_who_was_cancelled_or_skipped_is_named() -> None:
    told = sentences(run(small(), result("db", (), outcome=Outcome.CANCELLED, reason="skipped; db stays on a")))
    assert told[0].text == "1 of 2 migrations was cancelled or skipped: db."


def test_without_the_project_nothing_is_claimed_to_be_better() -> None:
    done = _run_of(_busy())
    assert sentences(done)
    assert not any("would" in one.text for one in sentences(done))


def test_of_a_plan_that_has_changed_since_nothing_is_claimed() -> None:
    project = _busy()
    done = _run_of(project)
    [move] = project.plan.migrations
    changed = evolve(project, plans={"plan-1": project.plan.replaced(evolve(move, max_bandwidth_bytes_per_s=1e7))})
    assert not any("would" in one.text for one in sentences(done, changed))


def test_what_only_changes_the_turns_of_the_moves_leaves_what_is_claimed() -> None:
    project = _busy()
    [move] = project.plan.migrations
    in_turn = project.plan.replaced(evolve(move, priority=5, earliest_start_s=60.0))
    done = run_plan(project, in_turn, SimulatedBackend()).run
    assert any("would" in one.text for one in sentences(done, project))


def test_one_that_does_not_converge_comes_first_and_a_way_that_completes_is_named() -> None:
    project = two_hosts(profile=web_profile(500_000), bandwidth_bytes_per_s=20e6)
    done = _run_of(project)
    assert done.results[0].outcome is Outcome.NOT_CONVERGED
    first = sentences(done, project)[0]
    assert first.text.startswith("1 of 1 migration did not converge: web-1. web-1 would complete by ")


def test_a_long_downtime_is_told() -> None:
    still = result("db", segments((Phase.STOP_AND_COPY, "heap", PieceKind.HEAP, 1, 4.0, MIB)))
    texts = [one.text for one in sentences(run(small(), still))]
    assert "db stood still for 4 s, 89 % of all downtime of the run." in texts


def test_free_memory_that_was_sent_is_told_and_what_skipping_it_saves() -> None:
    freed = Piece("freed", PieceKind.FREE, 600 * MIB)
    project = two_hosts(profile=Profile("Web", (Piece("kernel", PieceKind.KERNEL, 100 * MIB), freed)))
    told = next(one.text for one in sentences(_run_of(project), project) if "free memory" in one.text)
    assert "With free pages skipped, web-1 alone would send" in told


@pytest.mark.parametrize("technique", Technique)
def test_there_are_never_more_than_five_and_each_has_its_numbers(technique: Technique) -> None:
    project = two_hosts(3, technique=technique, profile=web_profile(60_000), bandwidth_bytes_per_s=40e6)
    found = sentences(_run_of(project), project)
    assert len(found) <= MOST
    for one in found:
        assert one.numbers
        assert one.text.endswith(".")
        assert set(one.migration_ids) <= {move.id for move in project.plan.migrations}
