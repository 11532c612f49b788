"""Small projects that tests of several packages begin with."""

from collections.abc import Sequence

from vmplanner.domain.machines import HotCold, Piece, PieceKind, Profile, VirtualMachine
from vmplanner.domain.plans import Migration, Plan, Technique
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import GIB, MIB
from vmplanner.domain.topology import Host, Link, PolicyName, Switch

GIGABIT = 125e6


def web_profile(writes_pages_per_s: float = 2000.0) -> Profile:
    """Kernel, page cache and a hot heap: 700 MiB in all."""
    return Profile(
        "Web",
        (
            Piece("kernel", PieceKind.KERNEL, 100 * MIB, 20),
            Piece("cache", PieceKind.PAGE_CACHE, 400 * MIB),
            Piece("heap", PieceKind.HEAP, 200 * MIB, writes_pages_per_s, HotCold(0.1, 0.9)),
        ),
    )


def two_hosts(
    machines: int = 1,
    *,
    policy: PolicyName = PolicyName.QEMU,
    technique: Technique = Technique.PRE_COPY,
    bandwidth_bytes_per_s: float = GIGABIT,
    profile: Profile | None = None,
    max_concurrent: int = 4,
    target_memory_bytes: int = 64 * GIB,
) -> Project:
    """`machines` VMs of 1 GiB on alpha, all planned to move to beta over one link."""
    vms = [
        VirtualMachine(f"vm-{n}", f"web-{n}", "host-1", GIB, profile=profile or web_profile())
        for n in range(1, machines + 1)
    ]
    plan = Plan(
        "plan-1",
        "Plan",
        [Migration(f"migration-{n}", f"vm-{n}", "host-2", technique) for n in range(1, machines + 1)],
        max_concurrent=max_concurrent,
        max_concurrent_per_host=max_concurrent,
    )
    hosts = (Host("host-1", "alpha", policy), Host("host-2", "beta", policy, memory_bytes=target_memory_bytes))
    return Project.of(*hosts, Link("link-1", "host-1", "host-2", bandwidth_bytes_per_s), *vms, plan)


def star(arms: Sequence[float]) -> Project:
    """A switch in the middle and a host at the end of each arm of that bandwidth (bytes/s)."""
    hosts = [Host(f"host-{n}", f"h{n}") for n in range(1, len(arms) + 1)]
    links = [Link(f"link-{n}", f"host-{n}", "switch-1", speed) for n, speed in enumerate(arms, 1)]
    return Project.of(*hosts, Switch("switch-1", "core"), *links)
