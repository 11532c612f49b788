"""Whether a way leads to the target, what it carries, and whether the guest finds its networks there.

vSphere warns below 1 Gbit/s, wants 250 Mbit/s for each migration under way, and goes up to 150 ms of round-trip time
(seen); older releases allowed 5 or 10 ms (recalled). Networks must be there by name: vSphere port groups (seen),
bridges of xl and libvirt (recalled).
"""

from attrs import evolve

from vmplanner.domain.platform import Platform
from vmplanner.domain.quantities import BYTES_PER_S, format_duration
from vmplanner.planning.preflight.rules import (
    Case,
    Finding,
    Findings,
    Move,
    Rule,
    Severity,
    listed,
    move_rule,
    plan_changed,
)

_SLOW_BYTES_PER_S = 125e6
_VSPHERE_EACH_BYTES_PER_S = 31.25e6
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
    """One finding for each pair of hosts: their moves share the way."""
    for moves in _by_way(case).values():
        move, carried = moves[0], _carried(case, moves[0])
        ways = f"The way from {move.source.name} to {move.target.name} carries {BYTES_PER_S.format(carried)}"
        on_vsphere = move.platform is Platform.VSPHERE
        at_once = min(len(moves), case.plan.max_concurrent, case.plan.max_concurrent_per_host)
        if on_vsphere and carried < at_once * _VSPHERE_EACH_BYTES_PER_S:
            fits = max(1, int(carried // _VSPHERE_EACH_BYTES_PER_S))
            fewer = evolve(case.plan, max_concurrent_per_host=fits)
            yield Finding(
                Severity.WARNS,
                move.source.id,
                f"{ways} for {at_once} migrations at once; vSphere wants 250 Mbit/s for each",
                f"move no more than {fits} at once over it",
                plan_changed(case.plan, fewer, f"Move {fits} per host at once") if fits < at_once else None,
            )
        elif carried < _SLOW_BYTES_PER_S:
            yield Finding(
                Severity.WARNS if on_vsphere else Severity.INFORMS,
                move.source.id,
                f"{ways}, less than the 1 Gbit/s below which vSphere warns",
                "use a faster link for migrations",
            )


def _check_round_trip(case: Case) -> Findings:
    for moves in _by_way(case).values():
        move = moves[0]
        assert move.route is not None, "a way without a route"
        round_trip_s = 2 * move.route.latency_s
        told = f"{format_duration(round_trip_s)} pass to {move.target.name} and back from {move.source.name}"
        if move.platform is Platform.VSPHERE and round_trip_s > _VSPHERE_LONGEST_RTT_S:
            message = f"{told}; vSphere moves VMs up to {format_duration(_VSPHERE_LONGEST_RTT_S)}"
            yield Finding(Severity.BLOCKS, move.machine.id, message, "choose a nearer target")
        elif round_trip_s > _LONG_RTT_S:
            message = f"{told}; above {format_duration(_LONG_RTT_S)} the last pass and each page fault take long"
            yield Finding(Severity.WARNS, move.machine.id, message, "choose a nearer target, or prefer pre-copy")


def _check_networks(move: Move) -> Findings:
    needed, there = move.machine.needs.networks, move.target.facts.networks
    missing = needed - there
    if there and missing:
        yield Finding(
            Severity.BLOCKS,
            move.machine.id,
            f"{move.machine.name} is on {len(needed)} networks, of which {move.target.name} lacks {listed(missing)}",
            f"make them on {move.target.name}, or choose a target that has them",
        )


def _by_way(case: Case) -> dict[tuple[str, str], list[Move]]:
    """The moves that have a route, by source and target."""
    ways: dict[tuple[str, str], list[Move]] = {}
    for move in case.moves:
        if move.route is not None:
            ways.setdefault((move.source.id, move.target.id), []).append(move)
    return ways


def _carried(case: Case, move: Move) -> float:
    """The bandwidth of the narrowest link on the way."""
    assert move.route is not None, "a way without a route"
    return min(case.network.capacity[link] for link in move.route.links)


RULES = (
    move_rule("route", "A way leads to the target over links and switches", _check_route),
    Rule("bandwidth", "The way carries 1 Gbit/s or more, and enough for all that move at once", _check_bandwidth),
    Rule("round-trip", "The target is near: 10 ms there and back", _check_round_trip),
    move_rule("networks", "The target has all networks of the VM", _check_networks),
)
