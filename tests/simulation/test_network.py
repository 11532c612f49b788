"""Routes over the drawn topology, and fair shares of its links."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.simulation.fair_shares import Wish, share_fairly
from tests.small_projects import star
from vmplanner.domain.project import Project
from vmplanner.domain.topology import Host, Link, Switch
from vmplanner.simulation.network import DirectedLink, Network

INFINITE = float("inf")
WIRES: list[DirectedLink] = [(name, "end") for name in "abcd"]


def test_a_route_leads_over_switches_and_not_through_a_third_host() -> None:
    project = Project.of(
        Host("a", "a"),
        Host("b", "b"),
        Host("c", "c"),
        Switch("s", "s"),
        Link("ab", "a", "b", latency_s=0.001),
        Link("bc", "b", "c", latency_s=0.001),
        Link("as", "a", "s", latency_s=0.02),
        Link("sc", "s", "c", latency_s=0.03),
    )
    route = Network(project).route("a", "c")
    assert route is not None
    assert route.links == (("as", "a"), ("sc", "s"))
    assert route.latency_s == pytest.approx(0.05)


def test_of_two_ways_the_quicker_is_taken_and_of_equal_links_the_wider() -> None:
    project = Project.of(
        Host("a", "a"),
        Host("b", "b"),
        Link("slow", "a", "b", 1e9, 0.01),
        Link("thin", "a", "b", 1e6),
        Link("wide", "a", "b", 1e9),
    )
    route = Network(project).route("a", "b")
    assert route is not None
    assert route.links == (("wide", "a"),)


def test_hosts_that_no_link_joins_have_no_route() -> None:
    assert Network(Project.of(Host("a", "a"), Host("b", "b"))).route("a", "b") is None


def test_other_traffic_leaves_less_of_a_link_in_both_directions() -> None:
    project = star([100.0, 100.0])
    busy = evolve(project.links["link-1"], background_share=0.25)
    network = Network(evolve(project, links={**project.links, "link-1": busy}))
    assert {link: network.capacity[link] for link in (("link-1", "host-1"), ("link-1", "switch-1"))} == {
        ("link-1", "host-1"): 75.0,
        ("link-1", "switch-1"): 75.0,
    }
    assert network.capacity["link-2", "host-2"] == 100.0


def test_a_host_with_two_cables_takes_the_quicker_way_for_each_target() -> None:
    project = Project.of(
        Host("a", "a"),
        Host("near", "near"),
        Host("far", "far"),
        Switch("s", "s"),
        Switch("t", "t"),
        Link("a-s", "a", "s", latency_s=0.001),
        Link("a-t", "a", "t", latency_s=0.004),
        Link("s-t", "s", "t", latency_s=0.002),
        Link("s-near", "s", "near", latency_s=0.001),
        Link("t-far", "t", "far", latency_s=0.001),
        Link("direct", "a", "far", latency_s=0.01),
    )
    near, far = Network(project).route("a", "near"), Network(project).route("a", "far")
    assert near is not None
    assert far is not None
    assert near.links == (("a-s", "a"), ("s-near", "s"))
    assert far.links == (("a-s", "a"), ("s-t", "s"), ("t-far", "t"))
    assert far.latency_s == pytest.approx(0.004)


def test_the_two_directions_of_a_link_do_not_disturb_each_other() -> None:
    network = Network(star([100.0, 100.0]))
    flows = {}
    for name, source, target in (("there", "host-1", "host-2"), ("back", "host-2", "host-1")):
        route = network.route(source, target)
        assert route is not None
        flows[name] = Wish(route.links, INFINITE)
    assert share_fairly(flows, network.capacity) == {"there": 100.0, "back": 100.0}


def test_what_a_capped_flow_leaves_goes_to_the_others() -> None:
    link = WIRES[0]
    flows = {"capped": Wish((link,), 10.0), "one": Wish((link,), INFINITE), "two": Wish((link,), INFINITE)}
    assert share_fairly(flows, {link: 100.0}) == pytest.approx({"capped": 10.0, "one": 45.0, "two": 45.0})


flows_and_capacity = st.tuples(
    st.dictionaries(
        st.text("xyzuvw", min_size=1, max_size=3),
        st.builds(
            Wish,
            st.lists(st.sampled_from(WIRES), min_size=1, max_size=3, unique=True).map(tuple),
            st.one_of(st.just(INFINITE), st.floats(0.1, 1e4)),
        ),
        max_size=8,
    ),
    st.fixed_dictionaries({wire: st.floats(1, 1e4) for wire in WIRES}),
)


@given(flows_and_capacity)
def test_shares_are_max_min_fair(case: tuple[dict[str, Wish], dict[DirectedLink, float]]) -> None:
    """No link carries more than it can, and each flow is held back by its cap or by a full link where none has more."""
    flows, capacity = case
    rates = share_fairly(flows, capacity)
    used = {link: sum(rates[key] for key, flow in flows.items() if link in flow.links) for link in capacity}
    assert all(used[link] <= capacity[link] * (1 + 1e-9) for link in capacity)
    for key, flow in flows.items():
        at_cap = rates[key] >= flow.cap_bytes_per_s * (1 - 1e-9)
        held_back = any(
            used[link] >= capacity[link] * (1 - 1e-9)
            and rates[key] >= max(rates[other] for other, f in flows.items() if link in f.links) * (1 - 1e-9)
            for link in flow.links
        )
        assert at_cap or held_back
