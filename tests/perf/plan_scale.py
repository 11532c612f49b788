"""How the cost of simulating a plan grows with its migrations.

    python tests/perf/plan_scale.py [--max 100000] [--json]

N pre-copy migrations (QEMU's policy) of guests that write to their memory go from the hosts of one hall to those of
another: N/10 hosts in racks of 20, and one shared backbone between the halls that is the bottleneck. In the mode `all`
they all start at once, in `waves` there are N/10 under way at any time. The time is that of the simulator alone, with
its network, as the application runs it; the project is built before. Each row has a process of its own, so that the
peak memory is its own too.

For comparison, SimGrid 4.1 with a live migration model of its own, measured elsewhere on a similar task: 11.5 CPU
seconds for 1,000 at once, 3.2 for 1,000 in waves of 100, 42 for 3,000 in waves.
"""

import argparse
import json
import math
import random
import resource
import subprocess
import sys
import time
from collections import deque
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from vmplanner.domain.events import Ended
from vmplanner.domain.machines import HotCold, Piece, PieceKind, Profile, Uniform, VirtualMachine
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import GIB, MIB
from vmplanner.domain.results import Outcome
from vmplanner.domain.topology import Host, Link, Switch
from vmplanner.simulation.simulator import Simulator

SIZES = (100, 1_000, 10_000, 100_000)
MODES = ("all", "waves")
# More than this many at once take more memory than the goal allows, and nobody plans so.
MOST_AT_ONCE = 10_000
HOSTS_PER_RACK = 20
PROFILES = 100
GIGABIT = 125e6


def datacenter(count: int, seed: int = 1) -> Project:
    """Two halls, and `count` guests in the first that are to move to the second; ten for each host."""
    dice = random.Random(seed)
    per_hall = max(1, count // 20)
    things: list[Host | Switch | Link | VirtualMachine | Plan] = [
        Link("backbone", "core-0", "core-1", per_hall * 2.5 * GIGABIT)
    ]
    for hall in range(2):
        things.append(Switch(f"core-{hall}", f"core {hall}"))
        for number in range(per_hall):
            rack = f"rack-{hall}-{number // HOSTS_PER_RACK}"
            if number % HOSTS_PER_RACK == 0:
                things += [Switch(rack, rack), Link(f"up-{rack}", rack, f"core-{hall}", 100 * GIGABIT)]
            host = f"host-{hall}-{number}"
            things += [Host(host, host, memory_bytes=1024 * GIB), Link(f"nic-{host}", host, rack, 10 * GIGABIT)]
    profiles = [application(dice) for _ in range(PROFILES)]
    migrations = []
    for number in range(count):
        profile = profiles[dice.randrange(PROFILES)]
        memory = profile.size_bytes + dice.randrange(64, 2048) * MIB
        home, target = f"host-0-{number % per_hall}", f"host-1-{dice.randrange(per_hall)}"
        things.append(VirtualMachine(f"vm-{number}", f"vm {number}", home, memory, profile=profile))
        migrations.append(Migration(f"migration-{number}", f"vm-{number}", target))
    return Project.of(*things, Plan("plan", "plan", migrations))


def application(dice: random.Random) -> Profile:
    """0.3 to 1 GiB, of which a heap is written at up to 16 MB a second."""
    return Profile(
        "Application",
        (
            Piece("kernel", PieceKind.KERNEL, dice.randrange(60, 120) * MIB, 20.0, Uniform()),
            Piece("cache", PieceKind.PAGE_CACHE, dice.randrange(100, 500) * MIB),
            Piece("heap", PieceKind.HEAP, dice.randrange(100, 400) * MIB, dice.uniform(100, 4000), HotCold(0.1, 0.9)),
        ),
    )


def simulate(project: Project, at_once: int) -> tuple[int, int]:
    """Simulate the plan with so many under way at a time; returns the numbers of events and of completed migrations."""
    simulator = Simulator(project)
    queued = deque(project.plan.migrations)
    under_way = events = completed = 0
    while queued or under_way:
        while queued and under_way < at_once:
            simulator.start(queued.popleft())
            under_way += 1
        for event in simulator.advance(simulator.next_event_s):
            events += 1
            if isinstance(event, Ended):
                under_way -= 1
                completed += event.outcome is Outcome.COMPLETED
    return events, completed


def measure(count: int, mode: str) -> dict[str, str | float]:
    """One row of the table, in this process."""
    project = datacenter(count)
    began = time.process_time()
    events, completed = simulate(project, count if mode == "all" else count // 10)
    cpu_s = time.process_time() - began
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    return {
        "n": count,
        "mode": mode,
        "cpu_s": round(cpu_s, 4),
        "events": events,
        "peak_mb": round(peak_mb, 1),
        "completed": completed,
    }


def measured_apart(count: int, mode: str) -> dict[str, str | float]:
    """One row of the table, in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--row", str(count), mode], capture_output=True, text=True, check=True
    )
    row: dict[str, str | float] = json.loads(done.stdout)
    return row


def growth_exponent(rows: list[dict[str, str | float]]) -> float:
    """The slope of log CPU seconds over log N in waves, by least squares; from N = 1,000 on where there is more than
    one such row."""
    points = [(float(row["n"]), float(row["cpu_s"])) for row in rows if row["mode"] == "waves"]
    large = [point for point in points if point[0] >= 1_000]
    logs = [(math.log(n), math.log(cpu_s)) for n, cpu_s in (large if len(large) > 1 else points)]
    if len(logs) < 2:
        return math.nan
    mean_n, mean_cpu = (sum(column) / len(logs) for column in zip(*logs, strict=True))
    return sum((n - mean_n) * (cpu - mean_cpu) for n, cpu in logs) / sum((n - mean_n) ** 2 for n, _ in logs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--max", type=int, default=SIZES[-1], help="the largest N (default: 100,000)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--row", nargs=2, metavar=("N", "MODE"), help="measure one row in this process, print it as JSON"
    )
    options = parser.parse_args()
    if options.row:
        print(json.dumps(measure(int(options.row[0]), options.row[1])))
        return
    rows = []
    if not options.json:
        print(f"{'N':>8}  {'mode':5}  {'CPU s':>8}  {'events':>10}  {'us/event':>8}  {'peak MB':>8}  {'completed':>9}")
    for count in [size for size in SIZES if size <= options.max]:
        for mode in MODES:
            if mode == "all" and count > MOST_AT_ONCE:
                continue
            row = measured_apart(count, mode)
            rows.append(row)
            if not options.json:
                per_event = 1e6 * float(row["cpu_s"]) / float(row["events"])
                print(
                    f"{count:8,}  {mode:5}  {row['cpu_s']:8.3f}  {row['events']:10,}  {per_event:8.1f}"
                    f"  {row['peak_mb']:8,.0f}  {row['completed']:9,}"
                )
    exponent = round(growth_exponent(rows), 3)
    print(json.dumps({"rows": rows, "exponent": exponent}) if options.json else f"growth exponent in waves: {exponent}")


if __name__ == "__main__":
    main()
