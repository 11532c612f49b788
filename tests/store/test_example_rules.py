"""Groups and rules in the TOML file of an example."""

from typing import Any

import pytest
from attrs import evolve

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.groups import Group, GroupKind
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.rules import AntiAffinity, Limit, LimitPer, OnlyOn, Order, Spare
from vmplanner.planning.broken_rules import broken_rules
from vmplanner.planning.intents import Drain, Roll
from vmplanner.planning.preflight import blocking, check
from vmplanner.planning.proposal import propose
from vmplanner.store.examples import read_example
from vmplanner.store.fields import Fields
from vmplanner.store.library import example, profiles


def _read(**more: Any) -> Project:
    values: dict[str, Any] = {
        "title": "Small",
        "notes": "",
        "hosts": [{"name": n, "policy": "qemu", "memory": "8 GiB", "cores": 4, "at": [0, 0]} for n in ("a", "b")],
        "machines": [{"name": n, "host": "a", "vcpus": 1, "profile": "Web server"} for n in ("v1", "v2")],
        "plan": {"name": "Plan", "max_concurrent": 1, "max_concurrent_per_host": 1},
        **more,
    }
    return read_example(Fields("small.toml", values), {each.name: each for each in profiles()})


def test_groups_and_rules_name_things_by_their_names() -> None:
    project = _read(
        groups=[
            {"name": "Site", "kind": "site"},
            {"name": "Rack", "kind": "rack", "parent": "Site", "members": ["a"]},
            {"name": "Web", "members": ["v1", "v2"]},
        ],
        rules=[
            {"name": "Apart", "kind": "anti-affinity", "vms": ["Web"]},
            {"name": "Here", "kind": "only on", "vms": ["v1"], "hosts": ["Rack", "b"]},
            {"name": "In turn", "kind": "order", "first": ["v1"], "vms": ["v2"]},
            {"name": "Room", "kind": "spare"},
            {"name": "One", "kind": "limit", "count": 1, "per": "rack"},
        ],
    )
    assert list(project.groups.values()) == [
        Group("group-1", "Site", GroupKind.SITE),
        Group("group-2", "Rack", GroupKind.RACK, "group-1", ["host-1"]),
        Group("group-3", "Web", GroupKind.GROUP, None, ["vm-1", "vm-2"]),
    ]
    assert list(project.rules.values()) == [
        AntiAffinity("rule-1", "Apart", ["group-3"]),
        OnlyOn("rule-2", "Here", ["vm-1"], ["group-2", "host-2"]),
        Order("rule-3", "In turn", ["vm-1"], ["vm-2"]),
        Spare("rule-4", "Room"),
        Limit("rule-5", "One", 1, LimitPer.RACK),
    ]


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        (
            {"groups": [{"name": "G", "members": ["x"]}]},
            "small.toml, groups 'G': members names 'x', which is no host or",
        ),
        ({"groups": [{"name": "G", "parent": "H"}]}, "small.toml, groups 'G': parent must be one of"),
        ({"groups": [{"name": "G"}, {"name": "G"}]}, "small.toml, groups 'G': name is used twice"),
        ({"groups": [{"name": "G", "kind": "row"}]}, "groups 'G': kind must be one of site, rack, group, not 'row'"),
        ({"rules": [{"name": "R", "kind": "glue"}]}, "small.toml, rules 'R': kind must be one of affinity, anti"),
        ({"rules": [{"name": "R", "kind": "pinned"}]}, "small.toml, rules 'R': Pinned 'R': VMs must not be empty"),
        (
            {"rules": [{"name": "R", "kind": "pinned", "vms": ["a"]}]},
            "rules 'R': vms names 'a', which is no VM or group",
        ),
        ({"rules": [{"name": "R", "kind": "spare", "count": 0}]}, "rules 'R': Spare 'R': count must be between 1 and"),
        ({"rules": [{"name": "R", "kind": "spare", "share": 0.5}]}, "rules 'R': share is not known here"),
    ],
)
def test_a_refusal_names_the_file_the_table_and_the_field(more: dict[str, Any], refusal: str) -> None:
    with pytest.raises(PlannerError) as error:
        _read(**more)
    assert refusal in str(error.value)


def test_a_move_may_wait_for_one_before_it() -> None:
    moves = [{"vm": "v1", "to": "b"}, {"vm": "v2", "to": "b", "after": ["v1"]}]
    plan = {"name": "Plan", "max_concurrent": 2, "max_concurrent_per_host": 2, "migrations": moves}
    assert [move.after for move in _read(plan=plan).plan.migrations] == [(), ("migration-1",)]
    with pytest.raises(PlannerError, match="migrations 1: after names 'v2', which is no VM that moves before it"):
        _read(plan={**plan, "migrations": [{"vm": "v1", "to": "b", "after": ["v2"]}]})


class TestEvacuateARack:
    def test_its_rules_hold_before_and_after_its_plan(self) -> None:
        project = example("evacuate-a-rack")
        assert {type(rule) for rule in project.rules.values()} == {AntiAffinity, Order, Spare}
        targets = {move.vm_id: move.target_id for move in project.plan.migrations}
        machines = [vm for vm in project.machines.values() if vm.id in targets]
        moved = [Edit(vm, evolve(vm, host_id=targets[vm.id])) for vm in machines]
        assert broken_rules(project) == {}
        assert broken_rules(project.applied(Change("", moved))) == {}
        assert not blocking(check(project, project.plan))

    def test_its_rack_can_be_drained_and_rolled_through(self) -> None:
        project = example("evacuate-a-rack")
        [rack] = [group for group in project.groups.values() if group.name == "Rack 1"]
        drained = propose(project, Drain(rack.id))
        assert len(drained.plan.migrations) == 20
        assert not blocking(check(project, drained.plan))
        rolled = propose(project, Roll([rack.id]))
        assert {move.target_id for move in rolled.plan.migrations[-3:]} <= set(rack.member_ids)
