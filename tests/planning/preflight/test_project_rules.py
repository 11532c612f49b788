"""What is found where a plan breaks the project's rules: at its end, on the way, by its order, by too many at once."""

import pytest
from attrs import evolve

from tests.planning.placements import fleet
from vmplanner.backends.simulated import SimulatedBackend
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.quantities import GIB
from vmplanner.domain.results import Outcome, Run
from vmplanner.domain.rules import (
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
    Rule,
    Spare,
)
from vmplanner.engine.runner import run_plan
from vmplanner.planning.preflight import Finding, Severity, check, check_forecast

HOSTS = {"a": 10, "b": 10, "c": 10}
VMS = {"v1": ("a", 4), "v2": ("a", 4), "v3": ("b", 4)}
RULES = {"placement-rules", "move-rules"}


def planned(*rules: Rule, vms: dict[str, tuple[str, int]] = VMS, **moves: str) -> Project:
    """VMs that move to hosts, all at once."""
    project = fleet(HOSTS, vms, *rules)
    migrations = [Migration(f"m-{vm_id}", vm_id, target) for vm_id, target in moves.items()]
    return project.applied(Change("", [Edit(None, Plan("plan-1", "Plan", migrations, 9, 9))]))


def found(project: Project) -> list[Finding]:
    return [finding for finding in check(project, project.plan) if finding.rule in RULES]


def forecast(project: Project) -> Run:
    return run_plan(project, project.plan, SimulatedBackend()).run


def on_the_way(project: Project, run: Run | None = None) -> list[Finding]:
    findings = check_forecast(project, project.plan, run or forecast(project))
    return [finding for finding in findings if finding.rule in RULES]


BROKEN: list[tuple[Rule, str, str]] = [
    (Affinity("r", "r", ["v1", "v2"]), "v1", "v1 is on c and v2 is on a when the plan is done"),
    (OnlyOn("r", "r", ["v1"], ["a", "b"]), "v1", "v1 is on c when the plan is done"),
    (NeverOn("r", "r", ["v1"], ["c"]), "v1", "v1 is on c when the plan is done"),
    (Headroom("r", "r", ["c"], 0.7), "c", "only 60 % of the memory of c is free when the plan is done"),
    (CpuLimit("r", "r", ["c"], 0.1), "c", "the VMs on c have 2 vCPUs for 8 cores when the plan is done"),
]


@pytest.mark.parametrize(("rule", "place", "told"), BROKEN)
def test_a_rule_that_the_plan_breaks_is_a_warning_with_a_fix(rule: Rule, place: str, told: str) -> None:
    project = planned(rule, v1="c")
    [finding] = found(project)
    assert (finding.severity, finding.rule, finding.thing_id) == (Severity.WARNS, "placement-rules", place)
    assert finding.message.startswith(told)
    assert ", against the rule '" in finding.message
    assert finding.fix is not None
    assert finding.fix.title == "Leave v1 where it is"
    mended = project.applied(finding.fix)
    assert mended.plan.migrations == ()
    assert [excluded.vm_id for excluded in mended.plan.excluded] == ["v1"]


@pytest.mark.parametrize("rule", [AntiAffinity("r", "r", ["v1", "v3"]), Spare("r", "r", ["c", "b"], 1)])
def test_of_a_rule_that_holds_nothing_is_said(rule: Rule) -> None:
    project = planned(rule, v1="c")
    assert found(project) == []
    assert on_the_way(project) == []


def test_rules_of_several_hosts_together_are_told_too() -> None:
    project = planned(Spare("r", "Room", ["b", "c"], 1), v1="b", v2="c")
    [finding] = found(project)
    assert finding.message == (
        "the hosts have 8 GiB free and have to keep 10 GiB when the plan is done, against the rule "
        "'b and c keep room for the failure of 1 host'"
    )
    assert finding.fix is not None


def test_a_rule_that_is_broken_already_informs_and_one_that_is_made_worse_warns() -> None:
    headroom = Headroom("r", "r", [], 0.3)
    [finding] = found(planned(headroom, v3="c"))
    assert (finding.severity, finding.thing_id) == (Severity.INFORMS, "a")
    assert finding.message.endswith("which is broken before it already")
    assert found(planned(headroom, v1="c")) == [], "the plan mends it"
    [worse] = found(planned(headroom, v2="b"))
    assert (worse.severity, worse.thing_id) == (Severity.WARNS, "b")
    apart = AntiAffinity("r", "r", ["v1", "v2"])
    [together] = found(planned(apart, v1="c", v2="c"))
    assert together.severity is Severity.INFORMS
    assert found(planned(apart)) == [], "without moves there is no plan to judge"


@pytest.mark.parametrize(
    ("rule", "moves", "told"),
    [
        (AntiAffinity("r", "r", ["v1", "v2", "v3"]), {"v2": "b"}, "v2 and v3 are both on b"),
        (NeverOn("r", "r", ["v1", "v3"], ["a"]), {"v1": "b", "v3": "a"}, "v3 is on a"),
        (OnlyOn("r", "r", ["v1", "v3"], ["b"]), {"v1": "b", "v3": "c"}, "v3 is on c"),
        (Affinity("r", "r", ["v1", "v2", "v3"]), {"v1": "b"}, "v1 and v3 are on b and v2 is on a"),
    ],
    ids=lambda each: getattr(each, "kind", None),
)
def test_a_new_breach_does_not_hide_behind_an_old_one_of_the_same_rule(
    rule: Rule, moves: dict[str, str], told: str
) -> None:
    """One that is mended must not make up for it."""
    [finding] = found(planned(rule, **moves))
    assert finding.severity is Severity.WARNS
    assert finding.message.startswith(f"{told} when the plan is done")


@pytest.mark.parametrize(
    ("rule", "moves"),
    [
        (AntiAffinity("r", "r", ["v1", "v2"]), {"v1": "c", "v2": "c"}),
        (NeverOn("r", "r", ["v1"], ["a", "c"]), {"v1": "c"}),
        (OnlyOn("r", "r", ["v1"], ["b"]), {"v1": "c"}),
        (Affinity("r", "r", ["v1", "v3"]), {"v1": "c"}),
    ],
    ids=lambda each: getattr(each, "kind", None),
)
def test_what_is_as_bad_elsewhere_informs(rule: Rule, moves: dict[str, str]) -> None:
    [finding] = found(planned(rule, **moves))
    assert finding.severity is Severity.INFORMS
    assert finding.message.endswith("which is broken before it already")


def test_a_vm_that_is_not_to_move_is_a_warning_even_when_it_comes_back() -> None:
    project = planned(Pinned("r", "r", ["v1"]), v1="c")
    plan = project.plan
    back = Migration("m-back", "v1", "a", after=["m-v1"])
    project = project.applied(Change("", [Edit(plan, evolve(plan, migrations=[*plan.migrations, back]))]))
    [finding] = found(project)
    assert (finding.severity, finding.rule) == (Severity.WARNS, "move-rules")
    assert finding.message == "v1 would move, against the rule 'v1 stays where it is'"
    assert finding.fix is not None
    assert project.applied(finding.fix).plan.migrations == ()


def test_a_rule_that_is_broken_for_a_time_is_told_with_the_time() -> None:
    """The small VM comes before the large one has left."""
    vms = {"v1": ("a", 1), "v2": ("b", 4)}
    project = planned(AntiAffinity("r", "r", ["v1", "v2"]), vms=vms, v1="b", v2="c")
    assert found(project) == []
    [finding] = on_the_way(project)
    assert (finding.severity, finding.rule, finding.thing_id) == (Severity.WARNS, "placement-rules", "v1")
    assert finding.message.startswith("v1 and v2 are both on b from ")
    assert finding.message.endswith(" of the plan, against the rule 'v1 and v2 stay apart'")
    first, second = project.plan.migrations
    waits = evolve(project.plan, migrations=[evolve(first, after=[second.id]), second])
    assert on_the_way(project.applied(Change("", [Edit(project.plan, waits)]))) == []


def test_what_moves_together_is_apart_for_a_time_which_informs() -> None:
    vms = {"v1": ("a", 1), "v2": ("a", 4)}
    [finding] = on_the_way(planned(Affinity("r", "r", ["v1", "v2"]), vms=vms, v1="c", v2="c"))
    assert finding.severity is Severity.INFORMS
    assert "v1 is on c and v2 is on a from" in finding.message


def test_a_move_out_of_order_is_a_warning_and_can_be_mended() -> None:
    project = planned(Order("r", "r", ["v2"], ["v1"]), v1="c", v2="b")
    [finding] = on_the_way(project)
    assert (finding.severity, finding.rule, finding.thing_id) == (Severity.WARNS, "move-rules", "v1")
    assert finding.message == (
        "v1 would begin to move after 0 s, before v2 is done, against the rule 'v2 moves before v1'"
    )
    assert finding.fix is not None
    mended = project.applied(finding.fix)
    assert mended.plan.migrations[0].after == ("m-v2",)
    assert on_the_way(mended) == []


def test_an_order_that_the_plan_turns_round_has_no_fix() -> None:
    project = planned(Order("r", "r", ["v2"], ["v1"]), v1="c", v2="b")
    first, second = project.plan.migrations
    turned = evolve(project.plan, migrations=[first, evolve(second, after=[first.id])])
    [finding] = on_the_way(project.applied(Change("", [Edit(project.plan, turned)])))
    assert finding.fix is None


@pytest.mark.parametrize(
    ("per", "place"), [(LimitPer.LINK, "over a - core"), (LimitPer.HOST, "at a"), (LimitPer.PLAN, "in the plan")]
)
def test_more_moves_at_the_same_time_than_a_rule_allows_are_told(per: LimitPer, place: str) -> None:
    project = planned(v1="c", v2="b")
    run = forecast(project)
    limited = project.applied(Change("", [Edit(None, Limit("r", "r", 1, per))]))
    [finding] = on_the_way(limited, run)
    assert (finding.severity, finding.rule) == (Severity.WARNS, "move-rules")
    assert finding.message.startswith(f"2 moves would be under way {place} after 0 s, against the rule 'At most 1")
    assert all(result.outcome is Outcome.COMPLETED for result in run.results)


def test_memory_is_counted_where_the_guest_runs() -> None:
    """A host with free memory for one of them, and one leaves before the other comes."""
    vms = {"v1": ("a", 4), "v2": ("b", 5)}
    project = planned(Headroom("r", "r", ["b"], 0.4), vms=vms, v1="b", v2="c")
    assert project.machines["v1"].memory_bytes == 4 * GIB
    [finding] = on_the_way(project)
    assert finding.message.startswith("only 10 % of the memory of b is free from")
