"""Storages, and what is on them."""

from tests.planning.preflight.cases import SHARED_DISK, nas, project_with
from vmplanner.domain import edits
from vmplanner.planning.preflight import blocking, check


def test_a_move_by_way_of_a_storage_is_no_way() -> None:
    project = project_with(storages=nas("host-1", "host-2"))
    project = project.applied(edits.delete(project, ["link-1"]))
    assert [finding.rule for finding in blocking(check(project, project.plan))] == ["route"]


def test_the_disks_on_a_deleted_storage_go_with_it() -> None:
    project = project_with(needs=SHARED_DISK, storages=nas("host-1"))
    change = edits.delete(project, ["storage-1"])
    after = project.applied(change)
    assert change.title == "Delete nas and 1 link"
    assert after.machines["vm-1"].needs.disks == ()
    assert after.applied(change.inverse()) == project
