"""Findings on the network name the link and lead there in the drawing."""

from attrs import evolve

from tests.planning.preflight.cases import WARNS, broken
from tests.small_projects import GIGABIT, star
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.quantities import GIB
from vmplanner.domain.topology import Link, PolicyName


def to_one_host(**slow: float) -> Project:
    """Three hosts send a VM each to h1, whose link is slow."""
    project = star([10 * GIGABIT] * 4)
    hosts = [Edit(host, evolve(host, policy=PolicyName.VMOTION)) for host in project.hosts.values()]
    link = project.links["link-1"]
    machines = [VirtualMachine(f"vm-{n}", f"web-{n}", f"host-{n}", GIB) for n in (2, 3, 4)]
    plan = Plan("plan-1", "Plan", [Migration(f"m-{n}", f"vm-{n}", "host-1") for n in (2, 3, 4)], 9, 9)
    added = [Edit(None, thing) for thing in (*machines, plan)]
    return project.applied(Change("", [*hosts, Edit(link, evolve(link, **slow)), *added]))


def test_all_that_share_the_narrowest_link_are_one_finding_on_it() -> None:
    project = to_one_host(bandwidth_bytes_per_s=GIGABIT / 2)
    [finding] = broken(project, "bandwidth")
    assert (finding.thing_id, finding.severity) == ("link-1", WARNS)
    assert finding.message.startswith("The link h1 - core carries 500 Mbit/s for 3 migrations at once")
    assert finding.fix is not None
    [left] = broken(project.applied(finding.fix), "bandwidth")
    assert "less than the 1 Gbit/s" in left.message


def test_the_slowest_link_is_named_with_its_part_of_the_round_trip() -> None:
    [finding] = broken(to_one_host(latency_s=0.1), "round-trip")
    assert finding.thing_id == "link-1"
    assert "on the link h1 - core; vSphere moves VMs up to 150 ms" in finding.message


def test_only_links_that_something_goes_over_are_looked_at() -> None:
    project = to_one_host()
    busy = [Edit(project.links[i], evolve(project.links[i], background_share=0.95)) for i in ("link-1", "link-2")]
    apart = Link("link-9", "host-3", "host-4", background_share=0.99)
    after = project.applied(Change("", [*busy, Edit(None, apart)]))
    assert [finding.thing_id for finding in broken(after, "other-traffic")] == ["link-2", "link-1"]


def test_links_with_the_same_ends_are_told_apart() -> None:
    project = to_one_host(background_share=0.95)
    after = project.applied(Change("", [Edit(None, Link("link-9", "switch-1", "host-1", background_share=0.95))]))
    messages = [finding.message for finding in broken(after, "other-traffic")]
    assert any("(link-" in message for message in messages)
