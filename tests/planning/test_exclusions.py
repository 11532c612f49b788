"""VMs that a plan excludes stay where they are, whatever is planned, and it is said that they do."""

import pytest
from attrs import evolve

from tests.planning.placements import fleet
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.platform import Device, DeviceKind
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.rules import Affinity, Pinned
from vmplanner.planning.exclusions import EXCLUDED, propose_without_excluded
from vmplanner.planning.intents import Balance, Consolidate, Evacuate, Intent, Move, Roll

THREE = {"v1": ("a", 4), "v2": ("a", 2), "v3": ("b", 2)}


def excluding(vm_id: str, *rules: Pinned) -> Project:
    """A plan that leaves out a VM's move to c."""
    project = fleet({"a": 10, "b": 10, "c": 10}, THREE, *rules)
    return evolve(project, plans={"plan-1": Plan("plan-1", "Plan", excluded=[Migration("m-9", vm_id, "c")])})


@pytest.mark.parametrize(
    "intent", [Evacuate(["a"]), Evacuate(["a"], True), Roll(["a", "b"]), Balance(0.01), Consolidate()]
)
def test_it_moves_in_no_plan(intent: Intent) -> None:
    found = propose_without_excluded(excluding("v1"), intent)
    assert found.fits
    assert found.plan.migrations
    assert "v1" not in {migration.vm_id for migration in found.plan.migrations}
    assert "v1" not in {move.vm_id for move in found.placement.moves}
    assert found.placement.unmoved["v1"] == EXCLUDED
    assert [migration.id for migration in found.plan.excluded] == ["m-9"]


def test_the_rest_of_a_host_is_evacuated_with_a_schedule_of_its_own() -> None:
    whole = propose_without_excluded(fleet({"a": 10, "b": 10, "c": 10}, THREE), Evacuate(["a"]))
    part = propose_without_excluded(excluding("v1"), Evacuate(["a"]))
    assert [move.migration.vm_id for move in part.moves] == ["v2"]
    assert [move.move is not None and move.move.why for move in part.moves] == ["a is to be empty"]
    assert part.schedule is not None
    assert whole.schedule is not None
    assert part.schedule.makespan_s < whole.schedule.makespan_s


def test_a_host_with_it_is_not_powered_off() -> None:
    found = propose_without_excluded(excluding("v3"), Consolidate())
    assert {migration.target_id for migration in found.plan.migrations} == {"b"}


def test_what_was_asked_for_by_name_is_refused_with_the_reason() -> None:
    found = propose_without_excluded(excluding("v1"), Move({"v1": "b"}))
    assert found.placement.conflicts == ("VMs excluded from this plan stay",)


def test_what_stands_against_the_rest_is_still_told() -> None:
    found = propose_without_excluded(excluding("v1", Pinned("rule-1", "v2 stays", ["v2"])), Evacuate(["a"]))
    assert found.placement.conflicts == ("v2 stays",)


@pytest.mark.parametrize("intent", [Evacuate(["b"]), Move({"v3": "c"})])
def test_a_vm_that_would_not_have_moved_is_not_told_as_excluded(intent: Intent) -> None:
    assert propose_without_excluded(excluding("v1"), intent).placement.unmoved == {}


def test_the_cost_is_that_of_the_rest() -> None:
    whole = propose_without_excluded(fleet({"a": 10, "b": 10, "c": 10}, THREE), Evacuate(["a"]))
    part = propose_without_excluded(excluding("v1"), Evacuate(["a"]))
    assert 0 < part.cost_s < whole.cost_s


def test_one_that_no_host_could_take_may_stay_while_the_rest_leaves() -> None:
    project = excluding("v1")
    machine = project.machines["v1"]
    held = evolve(machine, needs=evolve(machine.needs, devices=[Device(DeviceKind.PCI, "gpu")]))
    found = propose_without_excluded(project.applied(Change("", [Edit(machine, held)])), Evacuate(["a"]))
    assert found.fits
    assert [(move.migration.vm_id, move.move is not None) for move in found.moves] == [("v2", True)]


def test_what_must_be_beside_it_can_not_leave_without_it() -> None:
    project = excluding("v1").applied(Change("", [Edit(None, Affinity("rule-1", "together", ["v1", "v2"]))]))
    assert propose_without_excluded(project, Evacuate(["a"])).placement.conflicts == ("together",)
