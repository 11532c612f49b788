"""Which of several equal ways a pair of hosts takes: they are spread, and each keeps its own."""

import json
import os
import subprocess
import sys
from collections import Counter

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from vmplanner.domain.project import Project
from vmplanner.domain.topology import Host, Link, Switch
from vmplanner.simulation.network import Network

SPINES = ("spine-1", "spine-2", "spine-3", "spine-4")


def fabric(hosts: int = 16) -> Project:
    """Two leaf switches with hosts, and four spines between them."""
    things: list[Host | Switch | Link] = [Switch(name, name) for name in ("leaf-1", "leaf-2", *SPINES)]
    for leaf in ("leaf-1", "leaf-2"):
        things += [Link(f"{leaf} {spine}", leaf, spine) for spine in SPINES]
        for number in range(hosts):
            things.append(Host(f"{leaf} host-{number}", f"{leaf} {number}"))
            things.append(Link(f"{leaf} cable-{number}", f"{leaf} host-{number}", leaf))
    return Project.of(*things)


def ways(project: Project) -> dict[str, list[str]]:
    """The links on the way from each host at the first leaf to each at the second."""
    network = Network(project)
    found = {}
    for source in project.hosts:
        for target in project.hosts:
            if source.startswith("leaf-1") and target.startswith("leaf-2"):
                route = network.route(source, target)
                assert route is not None
                found[f"{source} {target}"] = [link for link, _ in route.links]
    return found


def test_pairs_of_hosts_are_spread_over_all_equal_ways() -> None:
    found = ways(fabric())
    used = Counter(way[1] for way in found.values())
    assert set(used) == {f"leaf-1 {spine}" for spine in SPINES}
    assert min(used.values()) > len(found) / len(SPINES) * 0.6
    assert max(used.values()) < len(found) / len(SPINES) * 1.4


def test_parallel_links_are_spread_over_too() -> None:
    hosts = [Host(f"host-{n}", f"{n}") for n in range(40)]
    cables = [Link(f"cable-{n}", f"host-{n}", "near") for n in range(40)]
    bundle = [Link(f"bundle-{n}", "near", "far") for n in range(2)]
    project = Project.of(
        *hosts,
        *cables,
        *bundle,
        Host("end", "end"),
        Switch("near", "n"),
        Switch("far", "f"),
        Link("last", "far", "end"),
    )
    network = Network(project)
    used = Counter(route.links[1][0] for host in hosts if (route := network.route(host.id, "end")))
    assert set(used) == {"bundle-0", "bundle-1"}
    assert min(used.values()) >= 10


def test_a_wider_way_is_better_than_an_equally_quick_one() -> None:
    """The narrow link is not the first on its way: what counts is the narrowest of all."""
    project = Project.of(
        Host("a", "a"),
        Host("b", "b"),
        *[Switch(name, name) for name in "stuv"],
        Link("a-s", "a", "s"),
        Link("s-t", "s", "t", 5e9),
        Link("t-v", "t", "v", 1e8),
        Link("s-u", "s", "u", 2e9),
        Link("u-v", "u", "v", 2e9),
        Link("v-b", "v", "b"),
    )
    for source, target in (("a", "b"), ("b", "a")):
        route = Network(project).route(source, target)
        assert route is not None
        assert {link for link, _ in route.links} == {"a-s", "s-u", "u-v", "v-b"}


def test_only_the_pairs_on_a_link_that_is_down_go_another_way() -> None:
    project = fabric()
    before = ways(project)
    left = evolve(project, links={i: link for i, link in project.links.items() if i != "leaf-1 spine-2"})
    after = ways(left)
    assert {pair for pair in before if before[pair] != after[pair]} == {
        pair for pair, way in before.items() if "leaf-1 spine-2" in way
    }


@given(st.permutations(SPINES))
def test_the_order_in_which_links_were_drawn_does_not_matter(order: list[str]) -> None:
    project = fabric(hosts=3)
    links = sorted(project.links.values(), key=lambda link: [spine in link.id for spine in order])
    assert ways(evolve(project, links={link.id: link for link in links})) == ways(project)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 5), st.integers(0, 5), st.sampled_from([0.0, 0.001, 0.002]), st.sampled_from([1e8, 1e9])
        ),
        max_size=14,
    )
)
def test_the_way_is_the_quickest_and_of_these_the_widest(drawn: list[tuple[int, int, float, float]]) -> None:
    """Held against all ways there are. Nodes 0 and 5 are hosts, the rest switches; latencies of 0 are links too."""
    nodes: list[Host | Switch] = [Host("0", "0"), Host("5", "5"), *[Switch(str(n), "s") for n in range(1, 5)]]
    links = [Link(f"{i}", str(a), str(b), width, s) for i, (a, b, s, width) in enumerate(drawn) if a != b]
    route = Network(Project.of(*nodes, *links)).route("0", "5")
    every = _all_ways("0", links, {"0"})
    if route is None:
        assert not every
        return
    by_id = {link.id: link for link in links}
    way = [by_id[i] for i, _ in route.links]
    quickest = min(sum(link.latency_s for link in each) for each in every)
    assert route.latency_s == pytest.approx(quickest)
    fewest = min(len(each) for each in every if sum(link.latency_s for link in each) <= quickest + 1e-9)
    assert len(way) == fewest
    rivals = [each for each in every if sum(k.latency_s for k in each) <= quickest + 1e-9 and len(each) == fewest]
    assert _width(way) == max(_width(each) for each in rivals)


def _all_ways(node: str, links: list[Link], seen: set[str]) -> list[list[Link]]:
    if node == "5":
        return [[]]
    found = []
    for link in links:
        if link.touches(node):
            other = link.end_b_id if link.end_a_id == node else link.end_a_id
            if other not in seen:
                found += [[link, *rest] for rest in _all_ways(other, links, {*seen, other})]
    return found


def _width(way: list[Link]) -> float:
    return min(link.bandwidth_bytes_per_s for link in way)


def test_every_process_takes_the_same_ways() -> None:
    code = "import json; from tests.simulation.test_equal_ways import *; print(json.dumps(ways(fabric(4))))"
    for seed in ("1", "2"):
        told = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        )
        assert json.loads(told.stdout) == ways(fabric(4))
