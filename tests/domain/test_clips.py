"""What copying and pasting give: the copied things with all that belongs to them, under ids and names of their own."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from vmplanner.domain.clips import Clip, clip, cut, paste
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.groups import Frame, Group, GroupKind
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.platform import Disk, GuestNeeds
from vmplanner.domain.project import Project
from vmplanner.domain.topology import Host, Link, Position, Storage, Switch

PROJECT = Project.of(
    Host("host-1", "alpha", position=Position(0, 0), uuid="a-1"),
    Host("host-2", "beta", position=Position(400, 0)),
    Switch("switch-1", "core", Position(200, 300)),
    Storage("storage-1", "nas"),
    Link("link-1", "host-1", "switch-1"),
    Link("link-2", "host-2", "switch-1"),
    VirtualMachine("vm-1", "web-1", "host-1", needs=GuestNeeds(disks=[Disk("root", 5, "storage-1")])),
    VirtualMachine("vm-2", "web-2", "host-2"),
    Plan("plan-1", "Plan", [Migration("migration-1", "vm-1", "host-2"), Migration("migration-2", "vm-2", "host-1")]),
    Group("group-1", "Rack 1", GroupKind.RACK, None, ["host-1", "host-2"], Frame(-200, -100, 800, 300)),
)


def test_a_host_takes_its_vms_and_its_links_along() -> None:
    change = paste(PROJECT, clip(PROJECT, {"host-1"}), (0, 160))
    after = PROJECT.applied(change)
    assert change.title == "Paste alpha-2"
    assert after.hosts["host-3"] == evolve(
        PROJECT.hosts["host-1"], id="host-3", name="alpha-2", position=Position(0, 160), uuid=""
    )
    assert after.machines["vm-3"] == evolve(PROJECT.machines["vm-1"], id="vm-3", name="web-3", host_id="host-3")
    assert (after.links["link-3"].end_a_id, after.links["link-3"].end_b_id) == ("host-3", "switch-1")
    assert len(after.plan.migrations) == 2


def test_moves_go_along_when_both_ends_do() -> None:
    change = paste(PROJECT, clip(PROJECT, {"host-1", "host-2"}), verb="Duplicate")
    moves = PROJECT.applied(change).plan.migrations
    assert [(move.id, move.vm_id, move.target_id) for move in moves[2:]] == [
        ("migration-3", "vm-3", "host-4"),
        ("migration-4", "vm-4", "host-3"),
    ]
    assert change.title == "Duplicate 2 hosts"


def test_a_rack_goes_along_when_all_of_it_does() -> None:
    after = PROJECT.applied(paste(PROJECT, clip(PROJECT, {"host-1", "host-2"}), (10, 20)))
    assert after.groups["group-2"] == Group(
        "group-2", "Rack 2", GroupKind.RACK, None, ["host-3", "host-4"], Frame(-190, -80, 800, 300)
    )
    assert not clip(PROJECT, {"host-1"}).part.groups


def test_a_vm_alone_stays_on_its_host_or_goes_to_another() -> None:
    copied = clip(PROJECT, {"vm-1"})
    assert copied.nodes == []
    assert PROJECT.applied(paste(PROJECT, copied)).machines["vm-3"].host_id == "host-1"
    there = PROJECT.applied(paste(PROJECT, copied, host_id="host-2")).machines["vm-3"]
    assert there.host_id == "host-2"
    assert there.needs.disks[0].storage_id == "storage-1"


def test_into_another_project_without_what_is_not_there() -> None:
    other = Project.of(Host("host-1", "other"))
    after = other.applied(paste(other, clip(PROJECT, {"host-1", "vm-2"}), host_id="host-1"))
    assert [host.name for host in after.hosts.values()] == ["other", "alpha"]
    assert after.hosts["host-2"].uuid == "a-1"
    assert not after.links
    assert after.machines["vm-1"].needs.disks[0].storage_id is None
    assert after.machines["vm-2"].host_id == "host-1"
    with pytest.raises(PlannerError, match="need a host"):
        paste(other, clip(PROJECT, {"vm-1"}))


def test_what_was_cut_comes_back_under_its_own_name() -> None:
    copied = clip(PROJECT, {"host-1", "host-2"})
    change = cut(PROJECT, {"host-1", "host-2"})
    assert change.title == "Cut 2 hosts, 2 VMs and 2 links"
    after = PROJECT.applied(change)
    back = after.applied(paste(after, copied))
    assert sorted(host.name for host in back.hosts.values()) == ["alpha", "beta"]
    assert len(back.links) == 2
    assert len(back.plan.migrations) == 2


def test_nothing_to_paste() -> None:
    with pytest.raises(PlannerError, match="nothing to paste"):
        paste(PROJECT, clip(PROJECT, {"link-1"}))


@given(st.sets(st.sampled_from([thing_id for thing_id, _thing in PROJECT.filed()])))
def test_any_part_can_be_pasted_and_undone(ids: set[str]) -> None:
    copied = clip(PROJECT, ids)
    if copied.nodes or copied.machines:
        change = paste(PROJECT, copied)
        after = PROJECT.applied(change)
        assert after.applied(change.inverse()) == PROJECT
        for things in (after.hosts, after.switches, after.storages, after.machines):
            names = [thing.name for thing in things.values()]
            assert len(names) == len(set(names))


def test_the_middle_of_a_clip() -> None:
    assert clip(PROJECT, {"host-1", "switch-1"}).middle == (100, 150)
    assert Clip(Project()).middle == (0, 0)
