"""Whether there is room: memory now, at each moment of the plan and after it, NUMA nodes, and huge pages.

A migration takes its memory at the target when it starts and frees the source's when it ends, as all hypervisors do.
"""

from collections import deque

from vmplanner.domain.platform import PageSize
from vmplanner.domain.quantities import BYTES, grouped
from vmplanner.domain.topology import Host
from vmplanner.planning.preflight.rules import Case, Finding, Findings, Move, Rule, Severity, ids_of, move_rule
from vmplanner.planning.priorities import with_priorities


def _check_now(case: Case) -> Findings:
    used = _used_now(case)
    for host in {host.id: host for host in (*case.sources(), *case.targets())}.values():
        if used[host.id] > host.memory_bytes:
            yield Finding(
                Severity.WARNS,
                host.id,
                f"The VMs on {host.name} have {BYTES.format(used[host.id])} of memory now, and it has "
                f"{BYTES.format(host.memory_bytes)}",
                "check the sizes, or move VMs away from it",
            )


def _check_after(case: Case) -> Findings:
    """Every host that gets a VM must hold what it has when the plan is done."""
    used = _used_now(case)
    for move in case.moves:
        used[move.source.id] -= move.machine.memory_bytes
        used[move.target.id] += move.machine.memory_bytes
    for host in case.targets():
        if used[host.id] > host.memory_bytes:
            yield Finding(
                Severity.BLOCKS,
                host.id,
                f"{host.name} would need {BYTES.format(used[host.id])} of memory"
                f" and has {BYTES.format(host.memory_bytes)}",
                f"send {BYTES.format(used[host.id] - host.memory_bytes)} or more elsewhere",
                moves=ids_of(case.moves_to(host)),
            )


def _check_on_the_way(case: Case) -> Findings:
    """Some order must leave room for each VM when its turn comes; full hosts that swap VMs have none."""
    free_now = _free_now(case)
    if all(_coming_bytes(case, host) <= free_now[host.id] for host in case.targets()) or any(_check_after(case)):
        return  # there is room whatever the order, or in none
    early, left = _walked(case)
    stuck = left and _left_one_by_one(case)
    for move, free in stuck or ():
        yield Finding(
            Severity.BLOCKS,
            move.machine.id,
            f"{move.machine.name} finds no room on {move.target.name}: {BYTES.format(free)} would be free, and it "
            f"needs {BYTES.format(move.machine.memory_bytes)} before what leaves {move.target.name} can leave",
            "send one of the VMs to a third host first",
            moves=ids_of([move]),
        )
    for move, free in early:
        if stuck and move.migration.id in left:
            continue
        room = (
            f"{BYTES.format(free)} is free when its turn comes, and it needs {BYTES.format(move.machine.memory_bytes)}"
        )
        if move.migration.id in left:
            severity, told = Severity.WARNS, f"{move.machine.name} may find no room on {move.target.name} in this order"
        else:
            severity, told = Severity.INFORMS, f"{move.machine.name} has to wait for room on {move.target.name}"
        yield Finding(severity, move.machine.id, f"{told}: {room}", "let what leaves its target move first")


def _walked(case: Case) -> tuple[list[tuple[Move, int]], set[str]]:
    """The plan by its order, the priorities that rules give, and its limits, as if what started first ended first.

    Returns the moves whose turn came before there was room, each with the bytes that were free then, and the ids of the
    migrations that never started.
    """
    plan, free = case.plan, _free_now(case)
    moves = {move.migration.id: move for move in case.moves}
    in_turn = with_priorities(case.project, plan).in_turn
    queue = [moves[migration.id] for migration in in_turn if migration.id in moves]
    going = moves.keys()
    ended = {migration.id for migration in plan.migrations} - going
    busy = dict.fromkeys(case.project.hosts, 0)
    running: deque[Move] = deque()
    early: dict[str, tuple[Move, int]] = {}
    while queue:
        kept = []
        for move in queue:
            source, target, needed = move.source.id, move.target.id, move.machine.memory_bytes
            is_its_turn = (
                len(running) < plan.max_concurrent
                and max(busy[source], busy[target]) < plan.max_concurrent_per_host
                and ended.issuperset(move.migration.after)
            )
            if is_its_turn and needed <= free[target]:
                running.append(move)
                free[target] -= needed
                busy[source] += 1
                busy[target] += 1
                continue
            if is_its_turn:
                early.setdefault(move.migration.id, (move, free[target]))
            kept.append(move)
        queue = kept
        if not running:
            break
        first = running.popleft()
        ended.add(first.migration.id)
        free[first.source.id] += first.machine.memory_bytes
        busy[first.source.id] -= 1
        busy[first.target.id] -= 1
    return list(early.values()), {move.migration.id for move in queue}


def _left_one_by_one(case: Case) -> list[tuple[Move, int]]:
    """What is left when, one after the other and in whatever order, all have moved that find room; with the bytes that
    are free for each then.
    """
    free, waiting = _free_now(case), list(case.moves)
    while ready := next((move for move in waiting if move.machine.memory_bytes <= free[move.target.id]), None):
        free[ready.target.id] -= ready.machine.memory_bytes
        free[ready.source.id] += ready.machine.memory_bytes
        waiting.remove(ready)
    return [(move, free[move.target.id]) for move in waiting]


def _check_numa(move: Move) -> Findings:
    nodes, needed = move.target.facts.numa_node_bytes, move.machine.needs.numa_nodes
    if not nodes:
        return
    share = move.machine.memory_bytes // needed
    if needed > len(nodes):
        yield Finding(
            Severity.WARNS,
            move.machine.id,
            f"{move.machine.name} was given {needed} NUMA nodes and {move.target.name} has {len(nodes)}",
            f"choose a target with {needed} nodes or more",
        )
    elif share > max(nodes):
        each = "" if needed == 1 else " in each of its nodes"
        yield Finding(
            Severity.WARNS,
            move.machine.id,
            f"{move.machine.name} has {BYTES.format(share)}{each}, more than the {BYTES.format(max(nodes))} of the "
            f"largest NUMA node of {move.target.name}",
            "choose a target with larger nodes, or give the VM more nodes",
        )


def _check_huge_pages(case: Case) -> Findings:
    for host in case.targets():
        for size, free in (
            (PageSize.HUGE, host.facts.free_2mib_pages),
            (PageSize.GIGANTIC, host.facts.free_1gib_pages),
        ):
            if free is None:
                continue
            needed = sum(_pages(move, size) for move in case.moves_to(host))
            free += sum(_pages(move, size) for move in case.moves_from(host))
            if needed > free:
                yield Finding(
                    Severity.BLOCKS,
                    host.id,
                    f"{host.name} would need {grouped(needed)} huge pages of {size.value} and has {grouped(free)} free",
                    f"reserve {grouped(needed - free)} more on it, or send VMs elsewhere",
                    moves=ids_of(move for move in case.moves_to(host) if _pages(move, size)),
                )


def _pages(move: Move, size: PageSize) -> int:
    """How many huge pages of a size the VM needs."""
    return -(-move.machine.memory_bytes // size.bytes) if move.machine.needs.page_size is size else 0


def _coming_bytes(case: Case, host: Host) -> int:
    return sum(move.machine.memory_bytes for move in case.moves_to(host))


def _used_now(case: Case) -> dict[str, int]:
    used = dict.fromkeys(case.project.hosts, 0)
    for machine in case.project.machines.values():
        used[machine.host_id] += machine.memory_bytes
    return used


def _free_now(case: Case) -> dict[str, int]:
    used = _used_now(case)
    return {host.id: host.memory_bytes - used[host.id] for host in case.project.hosts.values()}


RULES = (
    Rule("memory-now", "A host holds the VMs that are on it", _check_now),
    Rule("memory-after", "A host holds what is on it when the plan is done", _check_after),
    Rule("memory-on-the-way", "Each VM finds room when its turn comes", _check_on_the_way),
    move_rule("numa", "The VM fits into the target's NUMA nodes", _check_numa),
    Rule("huge-pages", "The target has huge pages for the VMs that use them", _check_huge_pages),
)
