"""Rules that are broken by where VMs are drawn, before anything moves."""

import pytest

from tests.planning.placements import fleet
from vmplanner.domain.groups import Group
from vmplanner.domain.project import Change, Edit
from vmplanner.domain.rules import (
    Affinity,
    AntiAffinity,
    CpuLimit,
    Headroom,
    Limit,
    NeverOn,
    OnlyOn,
    Order,
    Pinned,
    Rule,
    Spare,
)
from vmplanner.planning.broken_rules import broken_rules

HOSTS = {"a": 10, "b": 10}
VMS = {"v1": ("a", 4), "v2": ("a", 5), "v3": ("b", 2)}


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (Affinity("r", "r", ["v1", "v3"]), ["v1 is on a and v3 is on b"]),
        (Affinity("r", "r", ["v1", "v2"]), []),
        (AntiAffinity("r", "r", ["all"]), ["v1 and v2 are both on a"]),
        (AntiAffinity("r", "r", ["v1", "v3"]), []),
        (OnlyOn("r", "r", ["all"], ["b"]), ["v1 and v2 are on a"]),
        (OnlyOn("r", "r", ["v3"], ["b"]), []),
        (NeverOn("r", "r", ["v1", "v3"], ["a", "b"]), ["v1 is on a", "v3 is on b"]),
        (NeverOn("r", "r", ["v3"], ["a"]), []),
        (Spare("r", "r", ["a"]), ["the hosts have 1 GiB free and have to keep 10 GiB"]),
        (Spare("r", "r"), ["the hosts have 9 GiB free and have to keep 10 GiB"]),
        (Headroom("r", "r", (), 0.1), []),
        (Headroom("r", "r", (), 0.2), ["only 10 % of the memory of a is free"]),
        (CpuLimit("r", "r", (), 0.4), ["the VMs on a have 4 vCPUs for 8 cores"]),
        (CpuLimit("r", "r", (), 0.5), []),
        (Pinned("r", "r", ["v1"]), []),
        (Order("r", "r", ["v1"], ["v2"]), []),
        (Limit("r", "r"), []),
    ],
)  # fmt: skip
def test_breaches_name_vms_and_hosts(rule: Rule, told: list[str]) -> None:
    everything = Group("all", "All", member_ids=list(VMS))
    project = fleet(HOSTS, VMS).applied(Change("", [Edit(None, everything), Edit(None, rule)]))
    assert broken_rules(project) == ({"r": told} if told else {})
