"""Placements do what was asked under all rules, with room at every step, or name the rules in conflict."""

from itertools import product

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.planning.placements import broken, costs, fleet, fleets, walked, without_rules
from vmplanner.domain import edits
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.groups import Group, GroupKind
from vmplanner.domain.platform import Cpu, CpuVendor, HostFacts
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.rules import Affinity, AntiAffinity, Headroom, OnlyOn, Order, Pinned, Spare
from vmplanner.domain.topology import Host, PolicyName
from vmplanner.planning.intents import Balance, Consolidate, Drain, Evacuate, Intent, Move, Roll, Spread
from vmplanner.planning.placement.constraints import Demand, Fleet, Problem, Requirement
from vmplanner.planning.placement.costs import Cost
from vmplanner.planning.placement.place import NO_HOST_LEFT, Placement, place, solve
from vmplanner.planning.placement.room import MEMORY

FLEETS = settings(max_examples=100, deadline=None)


def placed(project: Project, intent: Intent) -> Placement:
    return place(project, intent, costs(project))


def ends(placement: Placement) -> dict[str, str]:
    return {move.vm_id: move.target_id for move in placement.moves}


def any_state_keeps(project: Project, closed: set[str]) -> bool:
    """Whether the VMs can be anywhere at all, however they get there. Orders hold on the way only."""
    vms = list(project.machines)
    return any(
        not broken(project, dict(zip(vms, where, strict=True)), closed)
        for where in product(project.hosts, repeat=len(vms))
    )


@FLEETS
@given(fleets(), st.data())
def test_emptied_hosts_are_empty_and_every_rule_holds(project: Project, data: st.DataObject) -> None:
    closed = set(data.draw(st.lists(st.sampled_from(list(project.hosts)), min_size=1, max_size=2, unique=True)))
    placement = placed(project, Evacuate(tuple(closed)))
    if placement.is_possible:
        assert broken(project, walked(project, placement), closed) == []
    else:
        assert placement.moves == ()


@settings(max_examples=80, deadline=None)
@given(fleets(), st.data())
def test_rules_in_conflict_are_as_few_as_can_be(project: Project, data: st.DataObject) -> None:
    """Without any one of them there is a placement; with only them there is none."""
    host = data.draw(st.sampled_from(list(project.hosts)))
    placement = placed(project, Evacuate((host,)))
    if placement.is_possible:
        return
    conflict = tuple(project.rules.get(name, name) for name in placement.conflicts)
    if conflict == (NO_HOST_LEFT,):
        conflict = ()
    fleet = Fleet(project, costs(project))

    def can_be_kept(*kept: Requirement) -> bool:
        return solve(Problem(fleet, tuple(fleet.drawn), Demand({host: ""}), kept)) is not None

    assert not can_be_kept(*conflict)
    for one in conflict:
        assert can_be_kept(*(other for other in conflict if other != one))


@settings(max_examples=80, deadline=None)
@given(fleets(), st.data())
def test_what_can_not_be_reached_is_not_claimed_and_what_can_be_kept_is_found(
    project: Project, data: st.DataObject
) -> None:
    """Against all states of a small fleet: without rules for the way, every state that can be kept is found."""
    orders = [rule.name for rule in project.rules.values() if isinstance(rule, (Order, Pinned))]
    project = without_rules(project, *orders)
    host = data.draw(st.sampled_from(list(project.hosts)))
    placement = placed(project, Evacuate((host,)))
    if not any_state_keeps(project, {host}):
        assert not placement.is_possible


@FLEETS
@given(fleets(), st.sampled_from(["balance", "consolidate", "bring back", "roll", "spread"]))
def test_every_intent_keeps_the_rules(project: Project, kind: str) -> None:
    first = next(iter(project.hosts))
    intents: dict[str, Intent] = {
        "balance": Balance(),
        "consolidate": Consolidate(),
        "bring back": Evacuate((first,), bring_back=True),
        "roll": Roll(tuple(project.hosts), 60),
        "spread": Spread((first,)),
    }
    placement = placed(project, intents[kind])
    if not placement.is_possible:
        return
    where = walked(project, placement)
    if kind == "spread":
        lost = {vm for vm, host in where.items() if project.machines[vm].host_id == first}
        assert lost == set(placement.unmoved)
        assert all(move.vm_id not in lost and move.target_id != first for move in placement.moves)
    else:
        assert broken(project, where, set()) == []


def test_the_fewest_and_cheapest_vms_move() -> None:
    project = fleet({"a": 10, "b": 10, "c": 10}, {"v1": ("a", 4), "v2": ("a", 2), "v3": ("b", 3)})
    placement = placed(project, Evacuate(("a",)))
    assert set(ends(placement)) == {"v1", "v2"}
    assert ends(placement)["v1"] == "c", "the larger one goes where most is free"
    assert [move.why for move in placement.moves] == ["a is to be empty"] * 2


def test_what_is_in_the_way_makes_room() -> None:
    """8 GiB must go where only 4 and 4 are free: the smaller ones there move together."""
    project = fleet({"a": 8, "b": 10, "c": 10}, {"big": ("a", 8), "s1": ("b", 4), "s2": ("c", 4)})
    placement = placed(project, Evacuate(("a",)))
    assert len(placement.moves) == 2
    assert placement.moves[0].why == "makes room for big"
    assert broken(project, walked(project, placement), {"a"}) == []


def test_a_swap_between_full_hosts_goes_over_a_third() -> None:
    project = fleet({"a": 4, "b": 4, "c": 4}, {"v1": ("a", 4), "v2": ("b", 4)})
    placement = placed(project, Move({"v1": "b", "v2": "a"}))
    assert [move.is_hop for move in placement.moves] == [True, False, False]
    assert walked(project, placement) == {"v1": "b", "v2": "a"}


def test_a_swap_without_a_third_host_is_told() -> None:
    project = fleet({"a": 4, "b": 4}, {"v1": ("a", 4), "v2": ("b", 4)})
    assert placed(project, Move({"v1": "b", "v2": "a"})).conflicts == (MEMORY,)


def test_the_conflict_names_the_rules_and_nothing_else() -> None:
    rules = (
        OnlyOn("r1", "Licence", ["db"], ["a", "b"]),
        AntiAffinity("r2", "Apart", ["db", "copy"]),
        Pinned("r3", "Copy stays", ["copy"]),
        Headroom("r4", "Some free", [], 0.1),
    )
    project = fleet({"a": 20, "b": 20, "c": 20}, {"db": ("a", 4), "copy": ("b", 4)}, *rules)
    placement = placed(project, Evacuate(("a",)))
    assert set(placement.conflicts) == {"Licence", "Apart", "Copy stays"}
    assert set(placement.unmoved) == {"db"}


def test_memory_and_hypervisors_are_named_like_rules() -> None:
    full = fleet({"a": 8, "b": 8}, {"v1": ("a", 5), "v2": ("b", 5)})
    assert placed(full, Evacuate(("a",))).conflicts == (MEMORY,)
    host = full.hosts["b"]
    other = full.applied(Change("", [Edit(host, Host("b", "b", PolicyName.XEN_4))]))
    assert placed(other, Evacuate(("a",))).conflicts == ("a VM stays on its kind of hypervisor",)
    apart = full.applied(Change("", [Edit(full.links["link-b"], None), Edit(host, Host("b", "b"))]))
    assert placed(apart, Evacuate(("a",))).conflicts == ("a VM moves over links",)
    assert placed(full, Evacuate(("a", "b"))).conflicts == ("no host is left for what has to move",)


def test_a_vm_goes_only_where_it_finds_its_cpu_and_its_networks() -> None:
    project = fleet({"a": 10, "b": 10, "c": 10}, {"v1": ("a", 5), "v2": ("c", 1)})
    intel, amd = (HostFacts(cpu=Cpu(vendor)) for vendor in (CpuVendor.INTEL, CpuVendor.AMD))
    facts = [
        Edit(project.hosts[i], evolve(project.hosts[i], facts=facts))
        for i, facts in (("a", intel), ("b", amd), ("c", intel))
    ]
    project = project.applied(Change("", facts))
    assert ends(placed(project, Evacuate(("a",)))) == {"v1": "c"}
    alone = project.applied(edits.delete(project, ["c"]))
    assert placed(alone, Evacuate(("a",))).conflicts == ("a VM finds on its host what it needs",)


def test_a_host_s_worth_stays_free() -> None:
    vms = {"v1": ("a", 4), "v2": ("b", 4), "v3": ("c", 4)}
    project = fleet({"a": 10, "b": 10, "c": 10}, vms, Spare("r1", "N+1"))
    assert placed(project, Evacuate(("a",))).conflicts == ("N+1",)
    assert placed(fleet({"a": 10, "b": 12, "c": 12}, vms, Spare("r1", "N+1")), Evacuate(("a",))).is_possible


def test_vms_that_belong_together_go_together() -> None:
    vms = {"v1": ("a", 3), "v2": ("a", 3), "v3": ("b", 3)}
    project = fleet({"a": 10, "b": 8, "c": 8}, vms, Affinity("r1", "Pair", ["v1", "v2"]))
    assert ends(placed(project, Evacuate(("a",)))) == {"v1": "c", "v2": "c"}


def test_a_database_goes_before_its_web_servers() -> None:
    vms = {"web": ("a", 3), "db": ("a", 1)}
    project = fleet({"a": 10, "b": 10}, vms, Order("r1", "Database first", ["db"], ["web"]))
    assert [move.vm_id for move in placed(project, Evacuate(("a",))).moves] == ["db", "web"]


def test_two_orders_against_each_other_are_a_conflict() -> None:
    rules = Order("r1", "One", ["v1"], ["v2"]), Order("r2", "Other", ["v2"], ["v1"])
    project = fleet({"a": 10, "b": 10}, {"v1": ("a", 3), "v2": ("a", 3)}, *rules)
    assert set(placed(project, Evacuate(("a",))).conflicts) == {"One", "Other"}


def test_what_left_comes_back() -> None:
    project = fleet({"a": 10, "b": 10}, {"v1": ("a", 3), "v2": ("a", 2), "v3": ("b", 1)})
    placement = placed(project, Evacuate(("a",), bring_back=True))
    assert [stage.title for stage in placement.stages] == ["Empty a", "Bring back to a"]
    assert walked(project, placement) == {"v1": "a", "v2": "a", "v3": "b"}


def test_a_cluster_is_rolled_through_host_by_host() -> None:
    project = fleet({"a": 10, "b": 10, "c": 10}, {"v1": ("a", 5), "v2": ("b", 5), "v3": ("c", 5)})
    placement = placed(project, Roll(("a", "b", "c"), maintain_s=600))
    titles = ["Empty a", "Bring back to a", "Empty b", "Bring back to b", "Empty c", "Bring back to c"]
    assert [stage.title for stage in placement.stages] == titles
    assert [stage.pause_s for stage in placement.stages] == [0, 600] * 3


def test_a_rack_is_drained_with_the_racks_inside_its_site() -> None:
    project = fleet({"a": 10, "b": 10, "c": 10}, {"v1": ("a", 5), "v2": ("b", 5)})
    site = Group("site", "Site", GroupKind.SITE, None, ["a"])
    rack = Group("rack", "Rack", GroupKind.RACK, "site", ["b"])
    project = project.applied(Change("", [Edit(None, site), Edit(None, rack)]))
    assert ends(placed(project, Drain("site"))) == {"v1": "c", "v2": "c"}


def test_balance_moves_from_the_full_to_the_empty() -> None:
    vms = {f"v{n}": ("a", 2) for n in range(5)}
    placement = placed(fleet({"a": 10, "b": 10}, vms), Balance())
    assert len(placement.moves) == 2
    assert {move.why for move in placement.moves} == {"evens out how full the hosts are"}


def test_what_is_balanced_stays() -> None:
    project = fleet({"a": 10, "b": 10}, {"v1": ("a", 2), "v2": ("b", 2)})
    assert placed(project, Balance()).moves == ()


def test_consolidate_empties_as_many_hosts_as_it_can() -> None:
    vms = {"v1": ("a", 3), "v2": ("b", 3), "v3": ("c", 3), "v4": ("d", 6)}
    placement = placed(fleet({"a": 10, "b": 10, "c": 10, "d": 10}, vms), Consolidate())
    where = walked(fleet({"a": 10, "b": 10, "c": 10, "d": 10}, vms), placement)
    assert len(set(where.values())) == 2


def test_the_cheaper_of_two_that_must_part_moves() -> None:
    project = fleet({"a": 10, "b": 10}, {"v1": ("a", 3), "v2": ("a", 3)}, AntiAffinity("r1", "Apart", ["v1", "v2"]))
    placement = place(project, Balance(1.0), {"v1": Cost(100, 1), "v2": Cost(5, 1)})
    assert ends(placement) == {"v2": "b"}
    assert placement.moves[0].why == "rule 'Apart'"


@pytest.mark.parametrize("intent", [Evacuate(("x",)), Drain("x"), Move({"v1": "x"}), Move({"x": None})])
def test_what_is_not_there_is_told(intent: Intent) -> None:
    project = fleet({"a": 10, "b": 10}, {"v1": ("a", 2)})
    with pytest.raises(PlannerError, match="'x'"):
        placed(project, intent)
