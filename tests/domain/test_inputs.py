"""The inputs of a run are kept as text that says all that a plan touches."""

import pytest
from attrs import evolve

from tests.small_projects import two_hosts
from vmplanner.domain.inputs import MOST_BYTES, as_json, from_json, inputs_of
from vmplanner.domain.plans import Migration, Options


def test_inputs_come_back_as_they_were_kept() -> None:
    project = two_hosts(3)
    inputs = inputs_of(project, project.plan)
    assert from_json(as_json(inputs)) == inputs
    assert set(inputs) == {
        "plan Plan",
        *(f"{what} web-{number}" for what in ("move of", "VM") for number in (1, 2, 3)),
        "host alpha",
        "host beta",
        "link alpha - beta",
    }


@pytest.mark.parametrize("text", ["", "[]", "{", '{"VM": 3}', '{"VM": {"vCPUs": 3}}', "null", "[" * 100_000])
def test_text_that_holds_no_inputs_is_told_apart(text: str) -> None:
    assert from_json(text) is None


def test_inputs_of_more_than_a_file_should_keep_are_not_kept() -> None:
    assert as_json({"VM db": {"profile": "x" * MOST_BYTES}}) == ""


def test_options_are_told_only_where_they_are_not_as_usual() -> None:
    project = two_hosts()
    [move] = project.plan.migrations
    assert set(inputs_of(project, project.plan)["move of web-1"]) == {"way", "technique"}
    options = Options(auto_converge=True, throttle_initial=0.4, xbzrle_cache_bytes=2**26)
    plan = project.plan.replaced(evolve(move, options=options, downtime_limit_s=0.5))
    told = inputs_of(project, plan)["move of web-1"]
    assert told["auto converge"] == "yes"
    assert told["throttle initial"] == "40 %"
    assert told["xbzrle cache"] == "64 MiB"
    assert told["downtime limit"] == "500 ms"


def test_a_vm_that_moves_twice_has_both_moves() -> None:
    project = two_hosts()
    [there] = project.plan.migrations
    back = Migration("migration-2", there.vm_id, "host-1", after=(there.id,))
    inputs = inputs_of(project, evolve(project.plan, migrations=(there, back)))
    assert inputs["move of web-1"]["way"] == "alpha → beta"
    assert inputs["move 2 of web-1"]["way"] == "beta → alpha"
