"""The groups and rules of an example: they name VMs, hosts and other groups by their names."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from attrs import fields as attributes

from vmplanner.domain.groups import Group, GroupKind
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.rules import ROLES, RULES, LimitPer, Rule
from vmplanner.domain.topology import Host
from vmplanner.store.fields import Fields

Named = Host | VirtualMachine | Group


def read_groups(fields: Fields, hosts: Mapping[str, Host], machines: Mapping[str, VirtualMachine]) -> dict[str, Group]:
    """The groups of a file by their names; a parent is a group that stands before. Raises PlannerError."""
    groups: dict[str, Group] = {}
    for number, table in enumerate(fields.tables("groups"), start=1):
        name = table.text("name")
        if name in groups:
            raise table.error("name", "is used twice")
        make = partial(_group, table, f"group-{number}", groups, {**hosts, **machines})
        groups[name] = table.build(make)
        table.nothing_else()
    return groups


def _group(table: Fields, group_id: str, groups: Mapping[str, Group], members: Mapping[str, Named]) -> Group:
    return Group(
        id=group_id,
        name=table.text("name"),
        kind=table.choice("kind", GroupKind) if table.has("kind") else GroupKind.GROUP,
        parent_id=groups[table.name_of("parent", groups)].id if table.has("parent") else None,
        member_ids=_ids(table, "members", members, "host or VM"),
    )


def read_rules(
    fields: Fields,
    hosts: Mapping[str, Host],
    machines: Mapping[str, VirtualMachine],
    groups: Mapping[str, Group],
) -> list[Rule]:
    """The rules of a file. Raises PlannerError that names the rule and the field."""
    rules = []
    for number, table in enumerate(fields.tables("rules"), start=1):
        rules.append(table.build(partial(_rule, table, f"rule-{number}", hosts, machines, groups)))
        table.nothing_else()
    return rules


def _rule(
    table: Fields,
    rule_id: str,
    hosts: Mapping[str, Host],
    machines: Mapping[str, VirtualMachine],
    groups: Mapping[str, Group],
) -> Rule:
    kinds = {rule.kind: rule for rule in RULES}
    kind = kinds[table.name_of("kind", kinds)]
    readers: dict[str, Callable[[str], Any]] = {
        "count": table.whole,
        "share": table.real,
        "vcpus_per_core": table.real,
        "priority": table.whole,
        "per": lambda name: table.choice(name, LimitPer),
    }
    values: dict[str, Any] = {"id": rule_id, "name": table.text("name")}
    for name in (attribute.name for attribute in attributes(kind)):
        if name in ROLES:
            known, one = (hosts, "host") if name == "hosts" else (machines, "VM")
            values[name] = _ids(table, name, {**known, **groups}, f"{one} or group")
        elif name in readers and table.has(name):
            values[name] = readers[name](name)
    return kind(**values)


def _ids(table: Fields, name: str, known: Mapping[str, Named], kind: str) -> list[str]:
    """The ids of the things that a list names."""
    return [known[each].id for each in table.names_of(name, known, f"{kind} of the file")]
