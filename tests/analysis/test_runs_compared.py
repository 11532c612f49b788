"""Two runs beside each other: which migration is which, what differs in its numbers and in what it was made from."""

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.runs import of_rounds, result, run, small
from tests.small_projects import two_hosts
from vmplanner.analysis.deltas import deltas
from vmplanner.analysis.input_changes import ABSENT, InputChange, changes, inputs_seen
from vmplanner.analysis.matching import matched
from vmplanner.domain.inputs import as_json, from_json, inputs_of
from vmplanner.domain.plans import Technique
from vmplanner.domain.project import Project


def test_the_same_id_and_vm_are_the_same_migration() -> None:
    first, second = run(small(), of_rounds("db", 2)), run(of_rounds("db", 3), small())
    assert list(matched([first, second])[0]) == list(reversed(matched([first, second])[1]))


def test_where_the_plan_was_made_anew_a_vm_is_found_by_its_name() -> None:
    again = evolve(small(), migration_id="another plan's")
    [delta] = deltas([run(small()), run(again, name="new")])
    assert (delta.before, delta.after) == (small(), again)
    assert (delta.total_s, delta.downtime_s, delta.bytes) == (0.0, 0.0, 0)


def test_a_vm_that_moves_twice_has_two_migrations() -> None:
    there, back = evolve(small(), migration_id="1"), evolve(small(), migration_id="2", source="b", target="a")
    others = run(evolve(there, migration_id="8"), evolve(back, migration_id="9"))
    pairs = [(delta.before, delta.after) for delta in deltas([run(there, back), others])]
    assert [(before.target, after.target) for before, after in pairs if before and after] == [
        ("host-2", "host-2"),
        ("a", "a"),
    ]


def test_what_is_the_same_is_no_change() -> None:
    same, other = deltas([run(small(), of_rounds("db", 2)), run(small(), of_rounds("db", 3), name="new")])
    assert (same.is_change, other.is_change) == (False, True)


def test_what_only_one_run_has_has_no_difference() -> None:
    found = deltas([run(small()), run(of_rounds("db", 2), name="other")])
    assert [(delta.vm, delta.total_s) for delta in found] == [("web-1", None), ("db", None)]
    assert found[0].after is None
    assert found[1].before is None


@given(st.lists(st.sampled_from("abc"), max_size=6), st.lists(st.sampled_from("abc"), max_size=6))
def test_nothing_is_lost_and_nothing_is_matched_twice(first: list[str], second: list[str]) -> None:
    runs = [
        run(*(evolve(result(vm, ()), migration_id=f"{place}-{number}") for number, vm in enumerate(names)))
        for place, names in enumerate((first, second))
    ]
    for keyed, one in zip(matched(runs), runs, strict=True):
        assert list(keyed.values()) == list(one.results)


def _inputs(project: Project) -> dict[str, dict[str, str]]:
    kept = from_json(as_json(inputs_of(project, project.plan)))
    assert kept is not None
    return {thing: dict(properties) for thing, properties in kept.items()}


def test_inputs_that_are_the_same_have_no_changes() -> None:
    assert changes(_inputs(two_hosts(2)), _inputs(two_hosts(2))) == []


def test_what_changed_is_told_in_words() -> None:
    before, after = two_hosts(), two_hosts(technique=Technique.POST_COPY, bandwidth_bytes_per_s=250e6, max_concurrent=2)
    assert changes(_inputs(before), _inputs(after)) == [
        InputChange("plan Plan", "at the same time", "4", "2"),
        InputChange("plan Plan", "at the same time on a host", "4", "2"),
        InputChange("move of web-1", "technique", "pre-copy", "post-copy"),
        InputChange("link alpha - beta", "bandwidth", "1 Gbit/s", "2 Gbit/s"),
    ]


def test_a_profile_that_writes_more_is_a_change_of_its_piece() -> None:
    before = two_hosts()
    machine = before.machines["vm-1"]
    pieces = [
        evolve(piece, write_rate_pages_per_s=9000.0) if piece.name == "heap" else piece
        for piece in machine.profile.pieces
    ]
    busier = evolve(machine, profile=evolve(machine.profile, pieces=pieces))
    after = evolve(before, machines={"vm-1": busier})
    [change] = changes(_inputs(before), _inputs(after))
    assert (change.thing, change.property) == ("VM web-1", "piece heap")
    assert "9 000 pages/s" in change.after.replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_a_vm_that_was_added_is_one_change() -> None:
    found = changes(_inputs(two_hosts(1)), _inputs(two_hosts(2)))
    assert InputChange("VM web-2", "", ABSENT, "there") in found
    assert InputChange("move of web-2", "", ABSENT, "there") in found


def test_without_kept_inputs_the_results_tell_ways_and_techniques() -> None:
    other = evolve(small(), technique=Technique.HYBRID, target="host-9")
    assert changes(inputs_seen(run(small())), inputs_seen(run(other))) == [
        InputChange("move of web-1", "way", "host-1 → host-2", "host-1 → host-9"),
        InputChange("move of web-1", "technique", "pre-copy", "hybrid"),
    ]
