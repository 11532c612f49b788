"""In which site or rack things lie, and what moving, filling and dissolving them does."""

import pytest

from vmplanner.domain import edits, places
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.groups import Frame, Group, GroupKind
from vmplanner.domain.project import Project
from vmplanner.domain.topology import Host, Link, Position, Storage, Switch


@pytest.fixture
def project() -> Project:
    """A site of two racks with a host each; switches in the racks, between them, and beyond; an array on the last."""
    return Project.of(
        Host("host-1", "a"),
        Host("host-2", "b", position=Position(400, 0)),
        Host("host-3", "c", position=Position(900, 0)),
        *(Switch(f"switch-{n}", f"s{n}") for n in range(1, 6)),
        Storage("storage-1", "array"),
        Link("link-1", "host-1", "switch-1"),
        Link("link-2", "host-2", "switch-2"),
        Link("link-3", "switch-1", "switch-3"),
        Link("link-4", "switch-2", "switch-3"),
        Link("link-5", "switch-3", "storage-1"),
        Link("link-6", "host-1", "switch-4"),
        Link("link-7", "host-3", "switch-4"),
        Group("group-1", "Site 1", GroupKind.SITE, frame=Frame(-300, -300, 100, 100)),
        Group("group-2", "Rack 1", GroupKind.RACK, "group-1", ["host-1"]),
        Group("group-3", "Rack 2", GroupKind.RACK, "group-1", ["host-2"]),
        Group("group-4", "Web", GroupKind.GROUP, member_ids=["host-3"]),
    )


def test_a_switch_lies_where_all_that_use_it_lie(project: Project) -> None:
    found = places.places(project)
    assert found.place_of == {
        "host-1": "group-2",
        "host-2": "group-3",
        "switch-1": "group-2",
        "switch-2": "group-3",
        "switch-3": "group-1",
        "storage-1": "group-1",
    }
    assert found.around("host-1") == ["group-2", "group-1"]
    assert found.inside("group-1") == (set(found.place_of), {"group-2", "group-3"})


def test_moving_a_site_moves_all_in_it_and_its_frame(project: Project) -> None:
    change = places.move_place(project, "group-1", 10, 20, None)
    after = project.applied(change)
    assert change.title == "Move Site 1"
    assert after.hosts["host-2"].position == Position(410, 20)
    assert after.hosts["host-3"].position == Position(900, 0)
    assert after.groups["group-1"].frame == Frame(-290, -280, 100, 100)
    assert not places.move_place(project, "group-1", 0, 0, None).edits


def test_a_site_can_not_go_into_its_own_rack(project: Project) -> None:
    with pytest.raises(InvalidValue, match="must not be a group inside it"):
        project.applied(places.move_place(project, "group-1", 0, 0, "group-2"))


def test_a_host_goes_into_one_place_and_stays_in_its_other_groups(project: Project) -> None:
    change = places.move_into(project, {"host-3": Position(0, 300)}, ["host-3"], "group-2")
    after = project.applied(change)
    assert change.title == "Move c into Rack 1"
    assert after.groups["group-2"].member_ids == ("host-1", "host-3")
    assert after.groups["group-4"].member_ids == ("host-3",)
    out = places.move_into(after, {}, ["host-1", "host-3"], None)
    assert out.title == "Move 2 hosts out of Rack 1"
    assert after.applied(out).groups["group-2"].member_ids == ()


def test_a_place_is_collapsed_and_resized_with_a_name_for_it(project: Project) -> None:
    assert places.collapse(project, "group-2", True).title == "Collapse Rack 1"
    assert not places.collapse(project, "group-2", False).edits
    assert places.resize_place(project, "group-1", None).title == "Resize Site 1"


def test_a_dissolved_site_leaves_its_racks(project: Project) -> None:
    after = project.applied(edits.delete(project, {"group-1"}))
    assert after.groups["group-2"].parent_id is None
    assert after.hosts.keys() == project.hosts.keys()


def test_a_selection_stands_for_places_where_it_has_all_in_them_and_nothing_else(project: Project) -> None:
    assert places.selected_places(project, {"host-1"}) == ["group-2"]
    assert places.selected_places(project, {"host-1", "switch-1"}) == ["group-2"]
    assert places.selected_places(project, {"host-1", "host-2"}) == ["group-1"], "the outermost"
    assert places.selected_places(project, places.nodes_in(project, "group-1") | {"link-3"}) == ["group-1"]
    assert places.selected_places(project, {"host-1", "host-3"}) == []
    assert places.selected_places(project, {"host-1", "switch-4"}) == []
    assert places.selected_places(project, {"host-1", "link-7"}) == []
    assert places.selected_places(project, {"switch-1"}) == []


def test_hosts_that_are_given_to_a_place_leave_their_own(project: Project) -> None:
    change = places.set_hosts(project, "group-2", ("host-1", "host-2"))
    after = project.applied(change)
    assert change.title == "Change hosts of Rack 1"
    assert after.groups["group-2"].member_ids == ("host-1", "host-2")
    assert after.groups["group-3"].member_ids == ()
    assert after.groups["group-4"].member_ids == ("host-3",), "a group of another sort is no place"
    assert not places.set_hosts(project, "group-2", ("host-1",)).edits


def test_several_places_are_collapsed_and_moved_in_one_step(project: Project) -> None:
    change = places.collapse_all(project, ["group-2", "group-3"], True)
    assert change.title == "Collapse 2 places"
    assert all(project.applied(change).groups[each].is_collapsed for each in ("group-2", "group-3"))
    change = places.move_places(project, ["group-2", "group-3"], None)
    assert change.title == "Move 2 places out of their sites"
    assert project.applied(change).groups["group-3"].parent_id is None
