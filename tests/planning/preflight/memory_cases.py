"""Memory now, NUMA nodes, huge pages."""

from tests.planning.preflight.cases import BLOCKS, GIGANTIC, HUGE, WARNS, Broken
from vmplanner.domain.platform import (
    GuestNeeds,
    HostFacts,
)
from vmplanner.domain.quantities import GIB

CASES = [
    Broken(
        "memory-now",
        WARNS,
        "The VMs on alpha have 2 GiB of memory now, and it has 1 GiB",
        {"machines": 2, "source_memory_bytes": GIB},
        {"machines": 2, "source_memory_bytes": 2 * GIB},
        {},
    ),
    Broken(
        "numa",
        WARNS,
        "web-1 has 1 GiB, more than the 512 MiB of the largest NUMA node of beta",
        {"target": HostFacts(numa_node_bytes=[GIB // 2, GIB // 2])},
        {"target": HostFacts(numa_node_bytes=[GIB, GIB])},
    ),
    Broken(
        "numa",
        WARNS,
        "web-1 was given 2 NUMA nodes and beta has 1",
        {"needs": GuestNeeds(numa_nodes=2), "target": HostFacts(numa_node_bytes=[64 * GIB])},
        {"needs": GuestNeeds(numa_nodes=2), "target": HostFacts(numa_node_bytes=[GIB // 2, GIB // 2])},
    ),
    Broken(
        "huge-pages",
        BLOCKS,
        "beta would need 1\N{NARROW NO-BREAK SPACE}024 huge pages of 2 MiB and has 1\N{NARROW NO-BREAK SPACE}000 free",
        {"machines": 2, "needs": HUGE, "target": HostFacts(free_2mib_pages=1000)},
        {"machines": 2, "needs": HUGE, "target": HostFacts(free_2mib_pages=1024)},
    ),
    Broken(
        "huge-pages",
        BLOCKS,
        "beta would need 1 huge pages of 1 GiB and has 0 free",
        {"needs": GIGANTIC, "target": HostFacts(free_1gib_pages=0)},
        {"needs": GIGANTIC, "target": HostFacts(free_1gib_pages=1)},
    ),
]
