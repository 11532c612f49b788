"""Whether VMs can be told apart by their names, in tables and charts as in the tools of most platforms."""

from attrs import evolve

from vmplanner.domain import edits
from vmplanner.planning.preflight.rules import Case, Finding, Findings, Rule, Severity


def _check_names(case: Case) -> Findings:
    taken = {machine.name for machine in case.project.machines.values()}
    seen: set[str] = set()
    for machine in case.project.machines.values():
        if machine.name in seen:
            name = edits.unique_name(machine.name, taken)
            taken.add(name)
            yield Finding(
                Severity.WARNS,
                machine.id,
                f"more than one VM has the name {machine.name}",
                "give this one another name",
                edits.replace(machine, evolve(machine, name=name), f"Name the second {machine.name} {name}"),
            )
        seen.add(machine.name)


RULES = (Rule("names", "No two VMs have the same name", _check_names),)
