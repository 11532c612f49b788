"""Domain values refuse what can't be, with a sentence that names the thing and the field."""

from collections.abc import Callable

import pytest

from tests.small_projects import two_hosts, web_profile
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.machines import HotCold, Piece, PieceKind, Profile, VirtualMachine
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import GIB, MIB
from vmplanner.domain.topology import Host, Link


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Host("host-1", "alpha", memory_bytes=0), "Host 'alpha': memory must be at least 1 B, not 0"),
        (lambda: Host("host-1", "  "), "Host: name must not be empty"),
        (lambda: Host("host-1", "a\nb"), "Host: name must not hold control characters"),
        (
            lambda: Host("host-1", "alpha", policy_values={"setup_s": float("nan")}),
            "Host 'alpha': policy values must have a number for 'setup_s', not nan",
        ),
        (lambda: Host("host-1", "alpha", policy_values={"set up": 1}), "policy values have no name such as 'set up'"),
        (lambda: VirtualMachine("vm-1", "web", "host-1", vcpus=0), "vCPUs must be between 1 and"),
        (lambda: VirtualMachine("vm-1", "web", "host-1", 9), "memory must be at least 4 KiB, not 9 B"),
        (lambda: Link("link-1", "host-1", "host-2", latency_s=99), "latency must be at most 10 s, not 99 s"),
        (lambda: Link("link-1", "host-1", "host-1"), "Link: ends must be two different things"),
        (lambda: Link("link-1", "host-1", "host-2", 0), "Link: bandwidth must be more than 0"),
        (lambda: Piece("heap", PieceKind.HEAP, 1, -1), "Piece 'heap': write rate must be at least 0"),
        (lambda: HotCold(0), "hot size share must be more than 0"),
        (
            lambda: Profile("P", [Piece("a", PieceKind.HEAP, 1), Piece("a", PieceKind.HEAP, 2)]),
            "hold two with the name 'a'",
        ),
        (lambda: Profile("P", [Piece("overhead", PieceKind.HEAP, 1)]), "must not have the name 'overhead'"),
        (
            lambda: VirtualMachine("vm-1", "web", "host-1", 500 * MIB, profile=web_profile()),
            "VirtualMachine 'web': memory of 500 MiB is less than the 700 MiB that the pieces of profile 'Web' fill",
        ),
        (lambda: Plan("plan-1", "P", max_concurrent=0), "Plan 'P': max concurrent must be between 1"),
        (lambda: Migration("migration-1", "vm-1", "host-1", downtime_limit_s=0), "downtime limit must be more than 0"),
        (
            lambda: Plan("plan-1", "P", [Migration("migration-1", "vm-1", "h"), Migration("migration-2", "vm-1", "h")]),
            "two migrations of the VM 'vm-1'",
        ),
        (lambda: Project.of(Host("host-1", "a"), Host("host-1", "b")), "'host-1' is used twice"),
        (lambda: Project.of(VirtualMachine("vm-1", "web", "host-9")), "'host-9' is not a host of the project"),
        (lambda: Project.of(Host("host-1", "a"), Link("link-1", "host-1", "x")), "is no host, switch or storage"),
    ],
)
def test_an_impossible_value_is_refused(make: Callable[[], object], sentence: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        make()
    assert sentence in str(refusal.value)


def test_policy_values_have_no_order() -> None:
    host = Host("host-1", "alpha", policy_values={"setup_s": 1, "resume_s": 2})
    assert host == Host("host-1", "alpha", policy_values=[("resume_s", 2.0), ("setup_s", 1.0)])
    assert host.with_policy_value("setup_s", 3).policy_values == (("resume_s", 2), ("setup_s", 3))
    assert host.with_policy_value("setup_s", None).policy_values == (("resume_s", 2),)


def test_memory_that_no_piece_fills_was_never_touched() -> None:
    machine = VirtualMachine("vm-1", "web", "host-1", GIB, profile=web_profile())
    *pieces, rest = machine.all_pieces()
    assert [piece.name for piece in pieces] == ["kernel", "cache", "heap"]
    assert (rest.size_bytes, rest.zero_share, rest.is_bad) == (GIB - 700 * MIB, 1.0, True)


def test_a_vm_is_coloured_by_what_it_holds_most_of() -> None:
    assert VirtualMachine("vm-1", "web", "host-1", GIB, profile=web_profile()).biggest_kind() is PieceKind.PAGE_CACHE
    assert VirtualMachine("vm-2", "idle", "host-1").biggest_kind() is PieceKind.FREE


def test_new_ids_are_free() -> None:
    project = two_hosts(3)
    assert project.new_id("vm") == "vm-4"
    assert project.new_id("migration", frozenset({"migration-4"})) == "migration-5"
    assert Project().new_id("host") == "host-1"
