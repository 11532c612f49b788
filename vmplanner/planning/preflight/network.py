"""Whether a way leads to the target, what it carries, and whether the guest finds its networks there.

vSphere warns below 1 Gbit/s, wants 250 Mbit/s for each migration under way, and goes up to 150 ms of round-trip time
(seen); older releases allowed 5 or 10 ms (recalled). Networks must be there by name: vSphere port groups (seen),
bridges of xl and libvirt (recalled).
"""

from collections import Counter
from collections.abc import Callable

from attrs import evolve

from vmplanner.domain.edits import count
from vmplanner.domain.link_names import link_names
from vmplanner.domain.platform import Platform
from vmplanner.domain.quantities import BYTES_PER_S, SHARE, format_duration
from vmplanner.planning.preflight.rules import (
    Case,
    Finding,
    Findings,
    Move,
    Rule,
    Severity,
    ids_of,
    listed,
    move_rule,
    plan_changed,
)
from vmplanner.simulation.network import DirectedLink

_SLOW_BYTES_PER_S = 125e6
_VSPHERE_EACH_BYTES_PER_S = 31.25e6
_BUSY_SHARE = 0.9
_LONG_RTT_S = 0.010
_VSPHERE_LONGEST_RTT_S = 0.150


def _check_route(move: Move) -> Findings:
    if move.route is None:
        yield Finding(
            Severity.BLOCKS,
            move.machine.id,
            f"{move.machine.name} can't reach {move.target.name}: no link leads there from {move.source.name}",
            "draw a link, or a switch between them",
        )


def _check_bandwidth(case: Case) -> Findings:
    """One finding for each link that is the narrowest of the ways over it: all moves over it share it."""
    narrow = _by_link(case, lambda move: min(_links(move), key=lambda link: case.network.capacity[link]))
    names = link_names(case.project)
    for (link_id, entered_from), moves in narrow.items():
        carried = case.network.capacity[link_id, entered_from]
        over = [move for move in case.moves if move.route and (link_id, entered_from) in move.route.links]
        told = f"The link {names[link_id]} carries {BYTES_PER_S.format(carried)}"
        on_vsphere = any(move.platform is Platform.VSPHERE for move in moves)
        at_once = min(len(over), case.plan.max_concurrent, _most_at_hosts(case, over))
        if on_vsphere and carried < at_once * _VSPHERE_EACH_BYTES_PER_S:
            fits = max(1, int(carried // _VSPHERE_EACH_BYTES_PER_S))
            fewer = evolve(case.plan, max_concurrent=min(fits, case.plan.max_concurrent))
            yield Finding(
                Severity.WARNS,
                link_id,
                f"{told} for {at_once} migrations at once; vSphere wants 250 Mbit/s for each",
                f"move no more than {fits} at once over it",
                plan_changed(case.plan, fewer, f"Move {fits} at once") if fits < at_once else None,
            )
        elif carried < _SLOW_BYTES_PER_S:
            yield Finding(
                Severity.WARNS if on_vsphere else Severity.INFORMS,
                link_id,
                f"{told}, less than the 1 Gbit/s below which vSphere warns",
                "use a faster link for migrations",
            )


def _check_other_traffic(case: Case) -> Findings:
    """Links that something goes over, and that have little left for it."""
    names = link_names(case.project)
    for link_id in dict.fromkeys(link_id for move in case.moves if move.route for link_id, _ in move.route.links):
        link = case.project.links[link_id]
        if link.background_share >= _BUSY_SHARE:
            left = BYTES_PER_S.format(link.bandwidth_bytes_per_s * (1 - link.background_share))
            yield Finding(
                Severity.WARNS,
                link_id,
                f"Other traffic takes {SHARE.format(link.background_share)} of the link {names[link_id]}, which leaves "
                f"{left} for migrations",
                "move at a quieter time, or draw a link of its own for migrations",
            )


def _check_round_trip(case: Case) -> Findings:
    """One finding for each link that is the slowest of the ways over it, for the longest of these."""
    names = link_names(case.project)
    slowest = _by_link(case, lambda move: max(_links(move), key=lambda link: case.project.links[link[0]].latency_s))
    for (link_id, _), moves in slowest.items():
        too_far = [move for move in moves if _is_too_far(move)]
        move = max(too_far or moves, key=_round_trip_s)
        round_trip_s = _round_trip_s(move)
        told = f"{format_duration(round_trip_s)} pass to {move.target.name} and back from {move.source.name}"
        if len(_links(move)) > 1:
            share = 2 * case.project.links[link_id].latency_s
            told += f", {format_duration(share)} of them on the link {names[link_id]}"
        if too_far:
            message = f"{told}; vSphere moves VMs up to {format_duration(_VSPHERE_LONGEST_RTT_S)}"
            yield Finding(Severity.BLOCKS, link_id, message, "choose a nearer target", moves=ids_of(too_far))
        elif round_trip_s > _LONG_RTT_S:
            message = f"{told}; above {format_duration(_LONG_RTT_S)} the last pass and each page fault take long"
            yield Finding(Severity.WARNS, link_id, message, "choose a nearer target, or prefer pre-copy")


def _check_networks(move: Move) -> Findings:
    needed, there = move.machine.needs.networks, move.target.facts.networks
    missing = needed - there
    if there and missing:
        yield Finding(
            Severity.BLOCKS,
            move.machine.id,
            f"{move.machine.name} is on {count(len(needed), 'network')}, of which {move.target.name} lacks "
            f"{listed(missing)}",
            f"make them on {move.target.name}, or choose a target that has them",
        )


def _by_link(case: Case, chosen: Callable[[Move], DirectedLink]) -> dict[DirectedLink, list[Move]]:
    """The moves that have a route, by one of its links."""
    found: dict[DirectedLink, list[Move]] = {}
    for move in case.moves:
        if move.route is not None and move.route.links:
            found.setdefault(chosen(move), []).append(move)
    return found


def _links(move: Move) -> tuple[DirectedLink, ...]:
    assert move.route is not None, "a way without a route"
    return move.route.links


def _round_trip_s(move: Move) -> float:
    assert move.route is not None, "a way without a route"
    return 2 * move.route.latency_s


def _is_too_far(move: Move) -> bool:
    return move.platform is Platform.VSPHERE and _round_trip_s(move) > _VSPHERE_LONGEST_RTT_S


def _most_at_hosts(case: Case, moves: list[Move]) -> int:
    """How many of these the plan's limit for each host lets run at the same time, as far as their sources say."""
    leaving = Counter(move.source.id for move in moves)
    return sum(min(number, case.plan.max_concurrent_per_host) for number in leaving.values())


RULES = (
    move_rule("route", "A way leads to the target over links and switches", _check_route),
    Rule("bandwidth", "The way carries 1 Gbit/s or more, and enough for all that move at once", _check_bandwidth),
    Rule("other-traffic", "Other traffic leaves a link room for migrations", _check_other_traffic),
    Rule("round-trip", "The target is near: 10 ms there and back", _check_round_trip),
    move_rule("networks", "The target has all networks of the VM", _check_networks),
)
