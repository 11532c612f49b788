"""Whether the rules of the project hold when a plan is done, and at every moment of its forecast.

A rule that is broken as things are drawn, and no more than that by the plan, is not the plan's fault: it informs. What
rules say of several VMs or hosts together (affinity, spare hosts) can't always hold between two moves: it informs, too,
when it holds again in the end.
"""

from collections.abc import Iterator, Mapping

from attrs import evolve, frozen

from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Change, Project
from vmplanner.domain.results import MigrationResult, Outcome
from vmplanner.domain.rule_sentences import joined
from vmplanner.domain.rules import Affinity, CpuLimit, Headroom, Limit, Order, Spare
from vmplanner.domain.rules import Rule as PlacementRule
from vmplanner.planning.broken_rules import Breach, breaches, worse
from vmplanner.planning.moment import switched_s
from vmplanner.planning.preflight.rules import Case, Finding, Findings, Rule, Severity, against, plan_changed, time_told
from vmplanner.planning.standing import Standing

_RULE = "placement-rules"
# How many VMs are tried, one by one, for one that mends a rule when it stays where it is.
_MOST_TRIES = 10
# A moment between two switches at the same time is none.
_SAME_S = 1e-6


def _check_end(case: Case) -> Findings:
    """Rules that are broken when all migrations have completed."""
    if not case.moves:
        return
    project = case.project
    drawn, done = Standing(project), _done(project, case.plan)
    for rule in project.rules.values():
        after = list(breaches(project, rule, done))
        if not after:
            continue
        new = worse(rule, after, list(breaches(project, rule, drawn)))
        told = f"{joined([breach.told for breach in new or after])} when the plan is done, {against(project, rule)}"
        if new:
            yield Finding(
                Severity.WARNS,
                _place(case, rule, new[0]),
                told,
                "send VMs elsewhere, leave some where they are, or change the rule",
                _stay_fix(case, rule, new[0]),
            )
        else:
            message = f"{told}, which is broken before it already"
            mend = "nothing for this plan; to keep the rule, let a plan be found, or change it"
            yield Finding(Severity.INFORMS, _place(case, rule, after[0]), message, mend)


def check_on_the_way(case: Case, results: Mapping[str, MigrationResult]) -> Findings:
    """Rules that are broken at some time of a forecast, whose results are given by migration, and hold again later."""
    for finding in _broken_for_a_time(case, results):
        yield evolve(finding, rule=_RULE)


@frozen
class _Broken:
    """Since when a rule is broken, how, and by which VM's move."""

    since_s: float
    breach: Breach
    vm_id: str


def _broken_for_a_time(case: Case, results: Mapping[str, MigrationResult]) -> Findings:
    project, standing = case.project, Standing(case.project)
    drawn = {rule.id: list(breaches(project, rule, standing)) for rule in project.rules.values()}
    concerning = _Concerning(project)
    broken: dict[tuple[str, str], _Broken] = {}
    told: set[str] = set()
    completed = [
        (switched_s(result), move)
        for move in case.moves
        if (result := results.get(move.migration.id)) and result.outcome is Outcome.COMPLETED
    ]
    for now_s, move in sorted(completed, key=lambda each: each[0]):
        standing.move(move.machine.id, move.target.id)
        hosts = {move.source.id, move.target.id}
        for rule in concerning.rules(move.machine.id, hosts):
            there = list(breaches(project, rule, standing, hosts))
            now = {each.host_id: each for each in worse(rule, there, drawn[rule.id])}
            for host_id in (*hosts, ""):
                key = rule.id, host_id
                if host_id in now:
                    broken.setdefault(key, _Broken(now_s, now[host_id], move.machine.id))
                elif key in broken:
                    was = broken.pop(key)
                    if rule.id not in told and now_s - was.since_s > _SAME_S:
                        told.add(rule.id)
                        yield _for_a_time(case, rule, was, now_s)


def _for_a_time(case: Case, rule: PlacementRule, broken: _Broken, until_s: float) -> Finding:
    together = isinstance(rule, (Affinity, Spare))
    span = f"from {time_told(broken.since_s)} to {time_told(until_s)}"
    return Finding(
        Severity.INFORMS if together else Severity.WARNS,
        broken.vm_id,
        f"{broken.breach.told} {span} of the plan, {against(case.project, rule)}",
        "nothing, if that is short enough" if together else "let what mends it move first, or change the rule",
    )


class _Concerning:
    """Which rules a move may break or mend."""

    def __init__(self, project: Project) -> None:
        self._of_vm: dict[str, list[PlacementRule]] = {}
        self._of_host: dict[str, list[PlacementRule]] = {}
        for rule in project.rules.values():
            if isinstance(rule, (Headroom, CpuLimit, Spare)):
                for host_id in project.hosts_in(rule.hosts) if rule.hosts else project.hosts:
                    self._of_host.setdefault(host_id, []).append(rule)
            elif not isinstance(rule, (Limit, Order)):
                for vm_id in project.machines_in(rule.vms):
                    self._of_vm.setdefault(vm_id, []).append(rule)

    def rules(self, vm_id: str, host_ids: set[str]) -> list[PlacementRule]:
        found = {rule.id: rule for rule in self._of_vm.get(vm_id, ())}
        for host_id in host_ids:
            found |= {rule.id: rule for rule in self._of_host.get(host_id, ())}
        return list(found.values())


def _done(project: Project, plan: Plan) -> Standing:
    """Where the VMs are when all has completed."""
    standing = Standing(project)
    for migration in plan.migrations:
        standing.move(migration.vm_id, migration.target_id)
    return standing


def _place(case: Case, rule: PlacementRule, breach: Breach) -> str:
    """Where to look: the host, or a VM that the rule names, one that moves if there is one."""
    if breach.host_id:
        return breach.host_id
    named = case.project.machines_in(getattr(rule, "vms", ()))
    moved = {move.machine.id for move in case.moves}
    return next((vm_id for vm_id in named if vm_id in moved), next(iter(named), case.moves[-1].target.id))


def _stay_fix(case: Case, rule: PlacementRule, breach: Breach) -> Change | None:
    """One VM left where it is, where that is enough for the rule to hold as before."""
    project = case.project
    drawn = list(breaches(project, rule, Standing(project)))
    for vm_id in _movers(case, rule, breach):
        plan = case.plan.excluding([vm_id])
        if not worse(rule, list(breaches(project, rule, _done(project, plan))), drawn):
            return plan_changed(case.plan, plan, f"Leave {project.machines[vm_id].name} where it is")
    return None


def _movers(case: Case, rule: PlacementRule, breach: Breach) -> Iterator[str]:
    """VMs that move and have to do with a breach, the last of the plan first."""
    named = set(case.project.machines_in(getattr(rule, "vms", ())))
    last = {move.machine.id: move.target.id for move in case.moves}
    movers = [
        vm_id for vm_id, host_id in last.items() if (vm_id in named if named else breach.host_id in ("", host_id))
    ]
    yield from movers[: -_MOST_TRIES - 1 : -1]


RULES = (Rule(_RULE, "The rules of the project hold when the plan is done", _check_end),)
