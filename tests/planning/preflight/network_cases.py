"""Links, round trips, and the networks of a guest."""

from tests.planning.preflight.cases import BLOCKS, INFORMS, WARNS, Broken
from tests.small_projects import GIGABIT
from vmplanner.domain.platform import (
    GuestNeeds,
    HostFacts,
)
from vmplanner.domain.topology import PolicyName

CASES = [
    Broken(
        "bandwidth",
        INFORMS,
        "The link alpha - beta carries 100 Mbit/s",
        {"bandwidth_bytes_per_s": GIGABIT / 10},
        {"bandwidth_bytes_per_s": GIGABIT},
        {},
    ),
    Broken(
        "bandwidth",
        WARNS,
        "carries 500 Mbit/s, less than the 1 Gbit/s below which vSphere warns",
        {"policy": PolicyName.VMOTION, "bandwidth_bytes_per_s": GIGABIT / 2},
        {"policy": PolicyName.VMOTION, "bandwidth_bytes_per_s": GIGABIT},
        {},
    ),
    Broken(
        "bandwidth",
        WARNS,
        "carries 500 Mbit/s for 3 migrations at once; vSphere wants 250 Mbit/s for each",
        {"policy": PolicyName.VMOTION, "bandwidth_bytes_per_s": GIGABIT / 2, "machines": 3},
        {"policy": PolicyName.VMOTION, "bandwidth_bytes_per_s": GIGABIT, "machines": 3},
        {},
    ),
    Broken(
        "other-traffic",
        WARNS,
        "Other traffic takes 95 % of the link alpha - beta, which leaves 500 Mbit/s for migrations",
        {"background_share": 0.95},
        {"background_share": 0.5},
        {},
    ),
    Broken(
        "round-trip",
        WARNS,
        "40 ms pass to beta and back from alpha",
        {"latency_s": 0.020},
        {"latency_s": 0.005},
        {},
    ),
    Broken(
        "round-trip",
        BLOCKS,
        "200 ms pass to beta and back from alpha; vSphere moves VMs up to 150 ms",
        {"policy": PolicyName.VMOTION, "latency_s": 0.1},
        {"policy": PolicyName.VMOTION, "latency_s": 0.001},
        {},
    ),
    Broken(
        "networks",
        BLOCKS,
        "web-1 is on 1 network, of which beta lacks DMZ",
        {"needs": GuestNeeds(networks={"DMZ"}), "target": HostFacts(networks={"LAN"})},
        {"needs": GuestNeeds(networks={"LAN"}), "target": HostFacts(networks={"LAN"})},
    ),
    Broken(
        "networks",
        BLOCKS,
        "web-1 is on 2 networks, of which beta lacks DMZ",
        {"needs": GuestNeeds(networks={"LAN", "DMZ"}), "target": HostFacts(networks={"LAN"})},
        {"needs": GuestNeeds(networks={"LAN"}), "target": HostFacts(networks={"LAN", "DMZ"})},
    ),
]
