"""How good schedules are and how long they take to find: random evacuations of racks, by every list rule.

    python tests/perf/schedules.py [--json] [--n 1000] [--seeds 3] [--optimise 30] [--nic 25] [--uplink 150] [--cap 10]

VMs of lognormal memory move between hosts in racks behind uplinks, at most two at a time per host, each as fast as one
sender is (10 Gbit/s). `verified` is the makespan that the simulator finds with the schedule's start times.
"""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
from attrs import frozen

from vmplanner.domain.machines import HotCold, Piece, PieceKind, Profile, VirtualMachine
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import GIB
from vmplanner.domain.topology import Host, Link, Switch
from vmplanner.planning.scheduling.choices import best_choice, search_on
from vmplanner.planning.scheduling.jobs import Problem
from vmplanner.planning.scheduling.lists import ListRule
from vmplanner.planning.scheduling.predict import problem_of
from vmplanner.planning.scheduling.rehearse import rehearse
from vmplanner.planning.scheduling.schedule import Schedule, best, schedule

HOSTS_PER_RACK = 16
GIGABIT = 125e6


def random_project(
    migrations: int, seed: int = 1, *, nic_gbit: float = 25, uplink_gbit: float = 150, cap_gbit: float = 10
) -> Project:
    """VMs of 0.5 to 64 GiB, eight in the median, in racks of 16 hosts; each is to move to any other host. The cap is
    what one sender is held to (0: the network's).
    """
    dice = np.random.default_rng(seed)
    racks = max(2, round(migrations / 16 / HOSTS_PER_RACK))
    count = racks * HOSTS_PER_RACK
    hosts = [Host(f"host-{n}", f"h{n}", memory_bytes=4096 * GIB) for n in range(count)]
    switches = [Switch(f"switch-{n}", f"rack-{n}") for n in range(racks)]
    links = [
        Link(f"link-{n}", host.id, switches[n // HOSTS_PER_RACK].id, nic_gbit * GIGABIT) for n, host in enumerate(hosts)
    ]
    uplinks = [Link(f"uplink-{n}", switch.id, "core", uplink_gbit * GIGABIT) for n, switch in enumerate(switches)]
    machines, moves = [], []
    for n in range(migrations):
        source, target = dice.choice(count, 2, replace=False)
        memory = int(np.clip(dice.lognormal(np.log(8), 1.0), 0.5, 64) * GIB)
        used = dice.uniform(0.5, 0.95)
        writes = float(10 ** dice.uniform(1, 4.5))
        pieces = (
            Piece("cache", PieceKind.PAGE_CACHE, int(memory * used * 0.4), 10.0),
            Piece("heap", PieceKind.HEAP, int(memory * used * 0.6), writes, HotCold(0.1, 0.9)),
        )
        machines.append(VirtualMachine(f"vm-{n}", f"vm-{n}", hosts[source].id, memory, 4, Profile("random", pieces)))
        moves.append(
            Migration(f"move-{n}", f"vm-{n}", hosts[target].id, max_bandwidth_bytes_per_s=cap_gbit * GIGABIT or None)
        )
    plan = Plan("plan-1", "Random", moves, max_concurrent=1_000_000, max_concurrent_per_host=2)
    return Project.of(*hosts, *switches, Switch("core", "core"), *links, *uplinks, *machines, plan)


@frozen
class Figures:
    """Of one way to schedule one project. Ratios are to the lower bound; `cpu_s` is without the simulations alone."""

    makespan_s: float
    ratio: float
    verified_ratio: float
    sum_of_ends_s: float
    cpu_s: float


def measured(project: Project, problem: Problem, made: Schedule, cpu_s: float) -> Figures:
    verified = rehearse(project, project.plan, problem, made)
    return Figures(
        made.makespan_s,
        made.makespan_s / made.bound.seconds,
        verified.makespan_s / made.bound.seconds,
        made.sum_of_ends_s,
        cpu_s,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--n", type=int, default=1000, help="number of migrations")
    parser.add_argument("--seeds", type=int, default=3, help="number of random projects")
    parser.add_argument("--nic", type=float, default=25.0, help="Gbit/s of each host")
    parser.add_argument("--uplink", type=float, default=150.0, help="Gbit/s of each rack's uplink")
    parser.add_argument("--cap", type=float, default=10.0, help="Gbit/s that a sender is held to (0: the network's)")
    parser.add_argument("--optimise", type=float, default=0.0, metavar="SECONDS", help="let CP-SAT go on so long")
    options = parser.parse_args()
    found: dict[str, list[Figures]] = {}
    alone_s: list[float] = []
    bounds: list[str] = []
    for seed in range(1, options.seeds + 1):
        project = random_project(
            options.n, seed, nic_gbit=options.nic, uplink_gbit=options.uplink, cap_gbit=options.cap
        )
        began = time.process_time()
        problem = problem_of(project, project.plan)
        alone_s.append(time.process_time() - began)
        for rule in ListRule:
            began = time.process_time()
            made = schedule(problem, rule)
            spent_s = time.process_time() - began
            found.setdefault(rule.value, []).append(measured(project, problem, made, spent_s))
        began = time.process_time()
        made = best(problem)
        spent_s = time.process_time() - began
        found.setdefault("best of the lists", []).append(measured(project, problem, made, spent_s))
        bounds.append(f"{made.bound.seconds:.1f} s ({made.bound.kind.value} {made.bound.id})")
        unplanned = rehearse(project, project.plan, problem)
        ratio = unplanned.makespan_s / made.bound.seconds
        found.setdefault("no schedule", []).append(
            Figures(unplanned.makespan_s, ratio, ratio, sum(unplanned.ends.values()), 0.0)
        )
        if options.optimise:
            first = best_choice(project, project.plan, problem)
            began = time.process_time()
            choice = search_on(project, project.plan, problem, first, time_limit_s=options.optimise)
            spent_s = time.process_time() - began
            found.setdefault("CP-SAT", []).append(measured(project, problem, choice.schedule, spent_s))
    report(found, bounds, alone_s, as_json=options.json)


def report(found: dict[str, list[Figures]], bounds: list[str], alone_s: list[float], *, as_json: bool) -> None:
    """Over all seeds: the worst of how far each is above its bound, the median of everything else."""
    rows = {
        name: {
            "makespan_s": round(statistics.median(each.makespan_s for each in figures), 1),
            "above_bound": round(max(each.ratio for each in figures) - 1, 4),
            "verified_above_bound": round(max(each.verified_ratio for each in figures) - 1, 4),
            "sum_of_ends_s": round(statistics.median(each.sum_of_ends_s for each in figures)),
            "cpu_s": round(statistics.median(each.cpu_s for each in figures), 3),
        }
        for name, figures in found.items()
    }
    if as_json:
        print(json.dumps({"rules": rows, "bounds": bounds, "alone_cpu_s": round(statistics.median(alone_s), 3)}))
        return
    print(f"lower bounds: {'; '.join(bounds)}\nsimulating each alone: {statistics.median(alone_s):.2f} s of CPU time\n")
    print(f"{'':20} {'makespan':>10} {'above bound':>12} {'verified':>10} {'sum of ends':>12} {'CPU':>8}")
    for name, row in rows.items():
        print(
            f"{name:20} {row['makespan_s']:>8.1f} s {row['above_bound']:>11.2%} {row['verified_above_bound']:>10.2%}"
            f" {row['sum_of_ends_s']:>10,} s {row['cpu_s']:>6.3f} s"
        )


if __name__ == "__main__":
    main()
