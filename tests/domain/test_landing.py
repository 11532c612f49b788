"""After a real run the drawing shows where the VMs are, whatever was changed meanwhile."""

from attrs import evolve

from tests.small_projects import two_hosts
from vmplanner.domain import edits
from vmplanner.domain.landing import landed


def test_vms_that_arrived_are_there_and_their_moves_are_gone() -> None:
    project = two_hosts(2)
    after = project.applied(landed(project, project.plan, {"migration-1"}, "Run 1"))
    assert [machine.host_id for machine in after.machines.values()] == ["host-2", "host-1"]
    assert [migration.id for migration in after.plan.migrations] == ["migration-2"]


def test_a_plan_that_was_changed_meanwhile_does_not_hide_what_has_happened() -> None:
    ran = two_hosts()
    project = ran.applied(edits.delete(ran, ["migration-1"]))
    after = project.applied(landed(project, ran.plan, {"migration-1"}, "Run 1"))
    assert after.machines["vm-1"].host_id == "host-2"


def test_moves_of_other_plans_to_where_the_vm_is_now_go() -> None:
    project = two_hosts()
    copy = evolve(project.plan, id="plan-2", migrations=[evolve(project.plan.migrations[0], id="migration-9")])
    project = evolve(project, plans={**project.plans, "plan-2": copy})
    after = project.applied(landed(project, project.plans["plan-1"], {"migration-1"}, "Run 1"))
    assert after.plans["plan-2"].migrations == ()


def test_what_is_not_in_the_project_any_more_is_looked_over() -> None:
    ran = two_hosts()
    project = ran.applied(edits.delete(ran, ["host-2"]))
    assert landed(project, ran.plan, {"migration-1"}, "Run 1").edits == ()
