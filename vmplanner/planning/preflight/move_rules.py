"""Whether the moves of a plan keep the rules about moves: VMs that stay, order, and how many move at the same time."""

from collections import Counter
from collections.abc import Mapping, Sequence

from attrs import evolve

from vmplanner.domain.at_once import Way, counted
from vmplanner.domain.edits import count
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Change
from vmplanner.domain.results import MigrationResult
from vmplanner.domain.rule_sentences import joined
from vmplanner.domain.rules import Limit, LimitPer, Order, Pinned
from vmplanner.planning.preflight.rules import Case, Finding, Findings, Rule, Severity, against, plan_changed, time_told

_RULE = "move-rules"
# What ends and begins at the same time is not at once.
_SAME_S = 1e-6
_WHERE = {LimitPer.PLAN: "in", LimitPer.LINK: "over"}


def _check_pinned(case: Case) -> Findings:
    """VMs that are not to move, and do."""
    for rule in case.project.rules.values():
        pinned = set(case.project.machines_in(rule.vms)) if isinstance(rule, Pinned) else set()
        moved = dict.fromkeys(move.machine.id for move in case.moves if move.machine.id in pinned)
        if moved:
            names = joined([case.project.machines[vm_id].name for vm_id in moved])
            title = f"Leave {names} where {'it is' if len(moved) == 1 else 'they are'}"
            yield Finding(
                Severity.WARNS,
                next(iter(moved)),
                f"{names} would move, {against(case.project, rule)}",
                f"take {'it' if len(moved) == 1 else 'them'} out of the plan, or change the rule",
                plan_changed(case.plan, case.plan.excluding(moved), title),
            )


def check_moves(case: Case, results: Mapping[str, MigrationResult]) -> Findings:
    """Moves out of order, and more moves at the same time than a rule allows, by the results of a forecast by
    migration.
    """
    for finding in (*_out_of_order(case, results), *_too_many(case, results)):
        yield evolve(finding, rule=_RULE)


def _out_of_order(case: Case, results: Mapping[str, MigrationResult]) -> Findings:
    """VMs that begin to move before those that a rule puts first are done. One that moves several times has its order
    in the plan.
    """
    project = case.project
    often = Counter(move.machine.id for move in case.moves)
    moves = {
        move.machine.id: (move.migration, result)
        for move in case.moves
        if often[move.machine.id] == 1 and (result := results.get(move.migration.id))
    }
    for rule in project.rules.values():
        if not isinstance(rule, Order):
            continue
        firsts = [vm_id for vm_id in project.machines_in(rule.first) if vm_id in moves]
        for vm_id in project.machines_in(rule.vms):
            if vm_id not in moves:
                continue
            migration, result = moves[vm_id]
            early = [
                first
                for first in firsts
                if first != vm_id and moves[first][1].started_s + moves[first][1].total_s > result.started_s + _SAME_S
            ]
            if early:
                name, names = project.machines[vm_id].name, joined([project.machines[first].name for first in early])
                ids = dict.fromkeys((*migration.after, *(moves[first][0].id for first in early)))
                yield Finding(
                    Severity.WARNS,
                    vm_id,
                    f"{name} would begin to move after {time_told(result.started_s)}, before {names} "
                    f"{'is' if len(early) == 1 else 'are'} done, {against(project, rule)}",
                    f"let it wait for {names}",
                    _after_fix(case.plan, migration.id, tuple(ids), f"Move {name} after {names}"),
                )


def _too_many(case: Case, results: Mapping[str, MigrationResult]) -> Findings:
    """The place where most migrations are more than a rule allows at the same time."""
    project = case.project
    ways = [
        Way(
            move.migration.id,
            move.source.id,
            move.target.id,
            frozenset(link_id for link_id, _ in move.route.links) if move.route else frozenset(),
        )
        for move in case.moves
        if move.migration.id in results
    ]
    vm_of = {move.migration.id: move.machine.id for move in case.moves}
    for rule in project.rules.values():
        if isinstance(rule, Limit):
            worst: tuple[int, str, float, str] | None = None
            for place, ids in counted(project, rule, ways):
                most, at_s, migration_id = _most_at_once([results[each] for each in ids])
                if most > rule.count and (worst is None or most > worst[0]):
                    worst = most, place, at_s, migration_id
            if worst is not None:
                most, place, at_s, migration_id = worst
                where = f"{_WHERE.get(rule.per, 'at')} {place}"
                yield Finding(
                    Severity.WARNS,
                    vm_of[migration_id],
                    f"{count(most, 'move')} would be under way {where} after {time_told(at_s)}, "
                    f"{against(project, rule)}",
                    "schedule the plan anew, or change the rule",
                )


def _most_at_once(results: Sequence[MigrationResult]) -> tuple[int, float, str]:
    """How many run at the same time at most, when that is first so, and which one starts then."""
    events = sorted(
        event
        for result in results
        if result.total_s > _SAME_S
        for event in (
            (result.started_s, 1, result.migration_id),
            (result.started_s + result.total_s - _SAME_S, -1, result.migration_id),
        )
    )
    now, most = 0, (0, 0.0, "")
    for at_s, step, migration_id in events:
        now += step
        if now > most[0]:
            most = now, at_s, migration_id
    return most


def _after_fix(plan: Plan, migration_id: str, after: tuple[str, ...], title: str) -> Change | None:
    """The plan with a migration after others, None where these wait for it."""
    migrations = [evolve(each, after=after) if each.id == migration_id else each for each in plan.migrations]
    try:
        return plan_changed(plan, evolve(plan, migrations=migrations), title)
    except InvalidValue:
        return None


RULES = (Rule(_RULE, "VMs that are not to move stay where they are", _check_pinned),)
