"""Which VMs move first, by the project's rules."""

from attrs import evolve

from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project
from vmplanner.domain.rules import Priority


def priorities(project: Project) -> dict[str, int]:
    """The priority of each VM that a rule gives one, by its id; of several rules the highest holds."""
    found: dict[str, int] = {}
    for rule in project.rules.values():
        if isinstance(rule, Priority):
            for vm_id in project.machines_in(rule.vms):
                found[vm_id] = max(rule.priority, found.get(vm_id, rule.priority))
    return found


def with_priorities(project: Project, plan: Plan) -> Plan:
    """The plan whose migrations have the priority that a rule gives their VM; the others keep their own."""
    ruled = priorities(project)
    if not ruled:
        return plan
    return evolve(
        plan, migrations=[evolve(each, priority=ruled.get(each.vm_id, each.priority)) for each in plan.migrations]
    )
