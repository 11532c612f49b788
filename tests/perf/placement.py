"""How soon there is a first answer to "evacuate 10 of 50 hosts" with 1,000 VMs under rules of every kind.

    python tests/perf/placement.py [--json] [--hosts 50] [--vms 1000] [--empty 10]

Before, hosts are about 70 % full. Each VM has data of its own, from which its cost is predicted.
"""

import argparse
import json
import random
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from vmplanner.domain.groups import Group, GroupKind
from vmplanner.domain.machines import HotCold, Piece, PieceKind, Profile, VirtualMachine
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import GIB, MIB
from vmplanner.domain.rules import Affinity, AntiAffinity, CpuLimit, Headroom, NeverOn, OnlyOn, Order, Pinned, Rule
from vmplanner.domain.topology import Host, Link, Switch
from vmplanner.planning.intents import Evacuate
from vmplanner.planning.placement.costs import Predicted
from vmplanner.planning.placement.place import place

SIZES_GIB = (2, 4, 4, 8, 8, 16, 32)


def cluster(hosts: int, vms: int, empty: int, seed: int = 1) -> Project:
    """Racks of ten hosts. The hosts that stay could hold all VMs nine tenths full."""
    dice = random.Random(seed)
    sizes = [dice.choice(SIZES_GIB) for _ in range(vms)]
    memory = int(sum(sizes) / (hosts - empty) / 0.9) + 1
    racks = [
        Group(f"rack-{n}", f"Rack {n + 1}", GroupKind.RACK, None, _ids("host", n * 10, hosts))
        for n in range(hosts // 10)
    ]
    nodes = [Host(f"host-{n}", f"h{n}", memory_bytes=memory * GIB, cores=64) for n in range(hosts)]
    links = [Link(f"link-{n}", f"host-{n}", f"switch-{n // 10}") for n in range(hosts)]
    links += [Link(f"up-{n}", f"switch-{n}", "core", 12.5e9) for n in range(hosts // 10)]
    machines = []
    used = [0] * hosts
    for n, size in enumerate(sizes):
        host = min(dice.sample(range(hosts), 3), key=used.__getitem__)
        used[host] += size
        heap = size * GIB // 2
        writes = dice.uniform(100, 5000)
        pieces = [
            Piece("kernel", PieceKind.KERNEL, 100 * MIB, 20),
            Piece("heap", PieceKind.HEAP, heap, writes, HotCold()),
        ]
        machines.append(VirtualMachine(f"vm-{n}", f"vm{n}", f"host-{host}", size * GIB, profile=Profile("App", pieces)))
    switches = [Switch("core", "core"), *(Switch(f"switch-{n}", f"s{n}") for n in range(hosts // 10))]
    names = [machine.id for machine in machines]
    dice.shuffle(names)
    take = iter(names)

    def some(count: int) -> list[str]:
        return [next(take) for _ in range(count)]

    rules: list[Rule] = [Headroom("rule-0", "Headroom", [], 0.02), CpuLimit("rule-1", "CPUs", [], 4)]
    rules += [AntiAffinity(f"anti-{n}", f"Apart {n}", some(3)) for n in range(40)]
    rules += [Affinity(f"pair-{n}", f"Pair {n}", some(2)) for n in range(10)]
    rules += [OnlyOn(f"only-{n}", f"Licence {n}", some(5), [f"rack-{n}", f"rack-{n + 2}"]) for n in range(3)]
    rules += [NeverOn(f"never-{n}", f"Never {n}", some(5), [f"rack-{n}"]) for n in range(3)]
    rules += [Order(f"order-{n}", f"Order {n}", some(1), some(3)) for n in range(20)]
    emptied = {f"host-{n}" for n in range(empty)}
    here = {machine.id: machine.host_id for machine in machines}
    rules.append(Pinned("pinned", "Do not move", [i for i in some(60) if here[i] not in emptied]))
    return Project.of(*nodes, *switches, *links, *machines, *racks, *rules)


def _ids(kind: str, first: int, end: int) -> list[str]:
    return [f"{kind}-{n}" for n in range(first, min(first + 10, end))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--hosts", type=int, default=50)
    parser.add_argument("--vms", type=int, default=1000)
    parser.add_argument("--empty", type=int, default=10)
    options = parser.parse_args()
    project = cluster(options.hosts, options.vms, options.empty)
    began = time.perf_counter()
    costs = Predicted(project)
    placement = place(project, Evacuate(tuple(f"host-{n}" for n in range(options.empty))), costs)
    ended = time.perf_counter()
    report(
        {
            "feasible": placement.is_possible,
            "seconds": round(ended - began, 3),
            "moves": len(placement.moves),
            "hops": sum(move.is_hop for move in placement.moves),
            "rules": len(project.rules),
            "conflicts": list(placement.conflicts),
            "peak_memory_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        },
        as_json=options.json,
    )


def report(figures: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name.replace('_', ' '):>18}  {value}")


if __name__ == "__main__":
    main()
