"""What an import does to a project: it creates, updates and leaves alone, in one step that can be undone."""

from pathlib import Path

import pytest

from tests.interchange import inventories as given
from tests.interchange.inventories import folder, workbook
from tests.interchange.rvtools_tables import RVTOOLS
from vmplanner.domain.edits import plan_moves
from vmplanner.domain.machines import Piece, PieceKind, Profile, VirtualMachine
from vmplanner.domain.platform import Disk, GuestNeeds
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import GIB
from vmplanner.domain.topology import Host, Link, Position, Storage, Switch
from vmplanner.interchange.importing import read
from vmplanner.interchange.inventory import Inventory, Place, ReadDisk, ReadGroup, ReadHost, ReadLink, ReadMachine
from vmplanner.interchange.merge import JOINED, Merge, merge
from vmplanner.store import library

HERE = Place("file")
PROFILES = library.profiles()


def machine(name: str = "web", **more: object) -> ReadMachine:
    return ReadMachine(name, HERE, **{"host": "alpha", "memory_bytes": 4 * GIB, "vcpus": 2, **more})  # type: ignore[arg-type]


def merged(project: Project, *machines: ReadMachine, **more: object) -> Merge:
    return merge(project, Inventory(machines=machines, **more), PROFILES)  # type: ignore[arg-type]


def told(result: Merge) -> list[str]:
    return [str(problem) for problem in result.problems]


PROJECT = Project.of(
    Host("host-1", "alpha", position=Position(100, 100)),
    Host("host-2", "beta"),
    Storage("storage-1", "nas"),
    VirtualMachine(
        "vm-1", "web", "host-1", 4 * GIB, 2, Profile("Mine", [Piece("heap", PieceKind.HEAP, 3 * GIB)]), uuid="AA-1"
    ),
)


def test_a_site_becomes_a_project_and_is_then_unchanged(tmp_path: Path) -> None:
    inventory = read([workbook(tmp_path / "site.xlsx", RVTOOLS)])
    first = merge(Project(), inventory, PROFILES)
    project = Project().applied(first.change)
    assert first.change.title == "Import 2 hosts and 2 VMs"
    assert [machine.profile.name for machine in project.machines.values()] == [
        "Web server (guess)",
        "PostgreSQL database (guess)",
    ]
    assert all(piece.source.startswith("guess from") for vm in project.machines.values() for piece in vm.profile.pieces)
    [cluster, site] = sorted(project.groups.values(), key=lambda group: group.name)
    assert (cluster.parent_id, cluster.member_ids) == (site.id, ("host-1", "host-2"))
    assert project.applied(first.change.inverse()) == Project()
    second = merge(project, inventory, PROFILES)
    assert second.change.edits == ()
    assert len(second.unchanged) == len(first.created)


def test_a_vm_is_known_by_its_uuid_even_with_a_new_name_and_host() -> None:
    result = merged(PROJECT, machine("web-renamed", uuid="aa-1", host="beta", memory_bytes=8 * GIB))
    [edit] = result.change.edits
    assert isinstance(edit.after, VirtualMachine)
    assert (edit.after.id, edit.after.name, edit.after.host_id) == ("vm-1", "web-renamed", "host-2")
    assert edit.after.profile.name == "Mine"
    assert [entry.what for entry in result.updated] == ["name, host, memory, UUID"]
    assert result.untouched == 2


def test_without_a_uuid_by_its_name_and_then_the_uuid_is_kept() -> None:
    bare = Project.of(Host("host-1", "alpha"), VirtualMachine("vm-1", "Web", "host-1"))
    after = bare.applied(merged(bare, machine(uuid="bb-2")).change)
    assert after.machines["vm-1"].uuid == "bb-2"
    assert list(after.machines) == ["vm-1"]


def test_another_uuid_is_another_vm_even_with_the_same_name() -> None:
    result = merged(PROJECT, machine(uuid="bb-2"))
    after = PROJECT.applied(result.change)
    assert [vm.name for vm in after.machines.values()] == ["web", "web-2"]
    assert told(result) == ["file: another VM is called 'web'; this one is called web-2 here"]


def test_a_uuid_that_clones_share_says_nothing() -> None:
    result = merged(PROJECT, machine("a", uuid="cc-3"), machine("b", uuid="cc-3"))
    assert [entry.name for entry in result.created] == ["a", "b"]
    assert "VM a has a UUID that others have too" in told(result)[0]


def test_one_without_a_uuid_can_t_be_told_from_one_with_it() -> None:
    result = merged(PROJECT, machine("a", uuid="cc-3"), machine("a"))
    assert [entry.name for entry in result.created] == ["a"]
    assert "another VM is called a too, and this one has no UUID of its own" in told(result)[0]


def test_what_is_told_twice_counts_once() -> None:
    result = merged(PROJECT, machine("a"), machine("a"), machine("a", vcpus=4))
    assert [entry.name for entry in result.created] == ["a"]
    assert told(result) == ["file: VM a is told differently at file; what is told there counts"]


def test_two_of_the_project_with_the_name_are_not_touched() -> None:
    twins = PROJECT.applied(merged(PROJECT, machine(uuid="bb-2")).change)
    twins = Project.of(*twins.hosts.values(), *(VirtualMachine(f"vm-{n}", "web", "host-1") for n in (1, 2)))
    result = merged(twins, machine())
    assert result.change.edits == ()
    assert told(result) == ["file: the project has 2 of the name 'web'; give them different names; none was changed"]


def test_a_vm_on_an_unknown_host_is_left_out() -> None:
    result = merged(PROJECT, machine("a", host="gamma"), machine("b", host=""))
    assert result.change.edits == ()
    assert told(result) == [
        "file, host: the host 'gamma' of a is neither in the files nor in the project; "
        "import or draw the host first; the VM is left out",
        "file: nothing says on which host b runs; import what describes the host with it, from the same folder",
    ]


def test_a_value_that_the_project_refuses_costs_its_row_only() -> None:
    result = merged(PROJECT, machine("a", memory_bytes=17), machine("b"))
    assert [entry.name for entry in result.created] == ["b"]
    assert "VirtualMachine 'a': memory must be at least 4 KiB, not 17 B" in told(result)[0]


def test_what_is_not_told_is_assumed_aloud() -> None:
    result = merged(
        Project(), machine("a", memory_bytes=None, vcpus=None), hosts=(ReadHost("alpha", HERE, memory_bytes=GIB),)
    )
    assert told(result) == [
        "file: the files don't tell the cores of alpha; 16 cores are assumed; mend it in the inspector",
        "file: the files don't tell the memory and the vCPUs of a; "
        "4 GiB and 2 vCPUs are assumed; mend it in the inspector",
    ]


def test_a_profile_shrinks_with_the_memory() -> None:
    after = PROJECT.applied(merged(PROJECT, machine(uuid="aa-1", memory_bytes=GIB)).change)
    assert after.machines["vm-1"].profile.size_bytes <= GIB


def test_disks_keep_their_snapshots_and_need_a_known_storage() -> None:
    before = Project.of(
        Host("host-1", "alpha"),
        Storage("storage-1", "nas"),
        VirtualMachine("vm-1", "web", "host-1", needs=GuestNeeds(disks=[Disk("root", GIB, None, 3)])),
    )
    disks = (ReadDisk("root", 2 * GIB, "NAS"), ReadDisk("data", None), ReadDisk("more", GIB, "tape"))
    result = merged(before, machine(disks=disks))
    after = before.applied(result.change)
    assert after.machines["vm-1"].needs.disks == (Disk("root", 2 * GIB, "storage-1", 3),)
    assert [problem.what for problem in result.problems] == [
        "the storage 'tape' of disk more is neither in the files nor in the project",
        "the files don't tell the sizes of web's disks (data)",
    ]


def test_a_planned_move_that_was_made_meanwhile_goes() -> None:
    planned = PROJECT.applied(plan_moves(PROJECT, ["vm-1"], "host-2"))
    after = planned.applied(merged(planned, machine(uuid="aa-1", host="beta")).change)
    assert after.plan.migrations == ()


def test_links_are_updated_and_several_between_two_things_stay_several() -> None:
    before = Project.of(
        Host("host-1", "alpha"), Switch("switch-1", "core"), Link("link-1", "host-1", "switch-1", 1.25e8)
    )
    links = (ReadLink("core", "alpha", HERE, 1.25e9), ReadLink("alpha", "core", HERE), ReadLink("core", "x", HERE))
    result = merged(before, links=links)
    after = before.applied(result.change)
    assert [link.bandwidth_bytes_per_s for link in after.links.values()] == [1.25e9, 1.25e9]
    assert [problem.what for problem in result.problems] == [
        "the link leads to 'x', which is neither in the files nor in the project",
        "1 link has no speed in the files",
    ]


def test_new_hosts_can_be_joined_over_a_switch() -> None:
    hosts = tuple(ReadHost(name, HERE, memory_bytes=GIB, cores=1) for name in ("gamma", "delta"))
    result = merge(PROJECT, Inventory(hosts=hosts), join=True)
    after = PROJECT.applied(result.change)
    [switch] = after.switches.values()
    assert switch.name == JOINED
    assert {link.end_b_id for link in after.links.values()} == {"host-3", "host-4"}
    assert merge(after, Inventory(hosts=hosts), join=True).change.edits == ()


def test_groups_in_a_circle_are_kept_without_it() -> None:
    groups = (ReadGroup("a", HERE, parent="b"), ReadGroup("b", HERE, parent="a"))
    after = PROJECT.applied(merged(PROJECT, groups=groups).change)
    assert [(group.name, group.parent_id) for group in after.groups.values()] == [("a", None), ("b", None)]


def test_new_things_lie_below_those_that_are_there(tmp_path: Path) -> None:
    after = PROJECT.applied(merge(PROJECT, read([folder(tmp_path / "tables", given.TABLES)]), PROFILES).change)
    nodes = [*after.hosts.values(), *after.switches.values(), *after.storages.values()]
    places = [(node.position.x, node.position.y) for node in nodes if node.id not in ("host-1", "host-2", "storage-1")]
    assert len(set(places)) == len(places)
    assert min(y for _, y in places) > 100


@pytest.mark.parametrize(
    ("name", "os", "memory", "profile"),
    [
        ("pg-main-01", "Debian", 8 * GIB, "PostgreSQL database"),
        ("redis3", "", 8 * GIB, "In-memory cache"),
        ("anna-pc", "Microsoft Windows 11 (64-bit)", 8 * GIB, "Desktop"),
        ("x", "", GIB, "Idle Linux"),
        ("x", "", 64 * GIB, "Java application server"),
    ],
)
def test_profiles_are_guessed_from_name_system_and_size(name: str, os: str, memory: int, profile: str) -> None:
    after = PROJECT.applied(merged(PROJECT, machine(name, os=os, memory_bytes=memory)).change)
    assert after.machines["vm-2"].profile.name == f"{profile} (guess)"


def test_a_profile_that_is_told_is_no_guess() -> None:
    after = PROJECT.applied(merged(PROJECT, machine("a", profile="web server")).change)
    assert after.machines["vm-2"].profile.name == "Web server"
