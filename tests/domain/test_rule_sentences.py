"""What rules say, in words."""

import pytest

from tests.planning.placements import fleet
from vmplanner.domain.groups import Group
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.rule_sentences import joined, sentence
from vmplanner.domain.rules import (
    RULES,
    Affinity,
    AntiAffinity,
    CpuLimit,
    Headroom,
    Limit,
    LimitPer,
    NeverOn,
    OnlyOn,
    Order,
    Pinned,
    Priority,
    Rule,
    Spare,
)


def _project() -> Project:
    plain = fleet({"a": 8, "b": 8}, {f"v{n}": ("a", 1) for n in range(1, 6)})
    groups = (Group("web", "Web servers", member_ids=["v1", "v2"]), Group("rack", "Rack 1", member_ids=["a"]))
    return plain.applied(Change("", [Edit(None, group) for group in groups]))


CASES: list[tuple[Rule, str]] = [
    (Affinity("r", "r", ["v1", "v2"]), "v1 and v2 stay together"),
    (AntiAffinity("r", "r", ["web"]), "Web servers stay apart"),
    (AntiAffinity("r", "r", ["v1", "v2", "v3", "v4"]), "v1, v2 and 2 more stay apart"),
    (OnlyOn("r", "r", ["v1"], ["rack", "b"]), "v1 is only on Rack 1 and b"),
    (NeverOn("r", "r", ["v1", "web"], ["b"]), "v1 and Web servers are never on b"),
    (Pinned("r", "r", ["v1"]), "v1 stays where it is"),
    (Pinned("r", "r", ["web"]), "Web servers stay where they are"),
    (Spare("r", "r"), "All hosts together keep room for the failure of 1 host"),
    (Spare("r", "r", ["rack", "b"], 2), "Rack 1 and b keep room for the failure of 2 hosts"),
    (Headroom("r", "r", (), 0.25), "Each host keeps 25 % of its memory free"),
    (Headroom("r", "r", ["a"], 0.1), "a keeps 10 % of its memory free"),
    (CpuLimit("r", "r", ["rack"], 1.5), "Each host of Rack 1 has at most 1.5 vCPUs for each core"),
    (Order("r", "r", ["v1"], ["v2", "v3"]), "v1 moves before v2 and v3"),
    (Limit("r", "r", 1, LimitPer.PLAN), "At most 1 move at the same time in the whole plan"),
    (Limit("r", "r", 4, LimitPer.RACK), "At most 4 moves at the same time for each rack"),
    (Limit("r", "r", 2, LimitPer.LINK), "At most 2 moves at the same time over each link"),
    (Priority("r", "r", ["v1"], 5), "v1 moves first (priority 5)"),
    (Priority("r", "r", ["web"], -5), "Web servers move last (priority -5)"),
    (Priority("r", "r", ["v1"], 0), "v1 moves when others do (priority 0)"),
]


@pytest.mark.parametrize(("rule", "told"), CASES)
def test_a_rule_is_a_sentence(rule: Rule, told: str) -> None:
    assert sentence(_project(), rule) == told


def test_every_kind_has_one() -> None:
    assert {type(rule) for rule, _ in CASES} == set(RULES)


def test_names_are_joined() -> None:
    assert [joined(["a", "b", "c", "d"][:many]) for many in range(5)] == [
        "",
        "a",
        "a and b",
        "a, b and c",
        "a, b and 2 more",
    ]
