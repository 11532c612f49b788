"""What holds a project together: what a thing names is there. Of a change only what it touched has to be checked."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from vmplanner.domain import checks
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.failures import HostDown, LinkDown
from vmplanner.domain.groups import Group
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Plan
from vmplanner.domain.rules import RULES, Rule, members
from vmplanner.domain.topology import Link
from vmplanner.domain.windows import Window

if TYPE_CHECKING:
    from vmplanner.domain.project import Change, Project


def check(project: "Project") -> None:
    """Raises InvalidValue for the first thing that names something that is not there, or is filed under a wrong id."""
    for thing_id, thing in project.filed():
        if thing.id != thing_id:
            raise InvalidValue(checks.describe(thing), "id", f"'{thing.id}' is filed as '{thing_id}'")
        if check_thing := _CHECKS.get(type(thing)):
            check_thing(project, thing)


def check_changed(project: "Project", change: "Change") -> None:
    """The same for a project that held together before `change`, in less time: things that only came or changed can
    break nothing but themselves. What goes may be named by anything.
    """
    if any(edit.after is None for edit in change.edits):
        check(project)
        return
    for edit in change.edits:
        if check_thing := _CHECKS.get(type(edit.thing)):
            check_thing(project, getattr(project, edit.collection)[edit.thing.id])


def _check_link(project: "Project", link: Link) -> None:
    for end in (link.end_a_id, link.end_b_id):
        if project.node(end) is None:
            raise InvalidValue(f"Link '{link.id}'", "end", f"'{end}' is no host, switch or storage of the project")


def _check_machine(project: "Project", machine: VirtualMachine) -> None:
    if machine.host_id not in project.hosts:
        raise InvalidValue(checks.describe(machine), "host", f"'{machine.host_id}' is not a host of the project")
    for disk in machine.needs.disks:
        if disk.storage_id is not None and disk.storage_id not in project.storages:
            raise InvalidValue(
                checks.describe(machine), "disk", f"is on '{disk.storage_id}', no storage of the project"
            )


def _check_plan(project: "Project", plan: Plan) -> None:
    for migration in (*plan.migrations, *plan.excluded):
        if migration.vm_id not in project.machines:
            raise InvalidValue(checks.describe(plan), "VM", f"'{migration.vm_id}' is not in the project")
        if migration.target_id not in project.hosts:
            why = f"'{migration.target_id}' is not a host of the project"
            raise InvalidValue(checks.describe(plan), "target", why)
    for failure in plan.failures:
        known: Mapping[str, object] | None = {HostDown: project.hosts, LinkDown: project.links}.get(type(failure))
        if known is not None and failure.thing_id not in known:
            why = f"name '{failure.thing_id}', no host or link of the project"
            raise InvalidValue(checks.describe(plan), "failures", why)


def _check_group(project: "Project", group: Group) -> None:
    for member_id in group.member_ids:
        if member_id not in project.hosts and member_id not in project.machines:
            why = f"'{member_id}' is neither a host nor a VM of the project"
            raise InvalidValue(checks.describe(group), "member", why)
    seen = {group.id}
    parent_id = group.parent_id
    while parent_id is not None:
        if parent_id not in project.groups:
            raise InvalidValue(checks.describe(group), "parent", f"'{parent_id}' is no group of the project")
        if parent_id in seen:
            raise InvalidValue(checks.describe(group), "parent", "must not be a group inside it")
        seen.add(parent_id)
        parent_id = project.groups[parent_id].parent_id


def _check_rule(project: "Project", rule: Rule) -> None:
    for role, ids in members(rule).items():
        known: Mapping[str, object] = project.hosts if role == "hosts" else project.machines
        for each in ids:
            if each not in known and each not in project.groups:
                what = "host" if role == "hosts" else "VM"
                why = f"name '{each}', no {what} or group of the project"
                raise InvalidValue(checks.describe(rule), checks.label(role), why)


def _check_window(project: "Project", window: Window) -> None:
    for each in window.applies_to:
        if each not in project.hosts and each not in project.machines and each not in project.groups:
            why = f"names '{each}', no host, VM or group of the project"
            raise InvalidValue(checks.describe(window), "what it applies to", why)


_CHECKS: dict[type, Callable[["Project", Any], None]] = {
    Link: _check_link,
    VirtualMachine: _check_machine,
    Plan: _check_plan,
    Group: _check_group,
    Window: _check_window,
    **dict.fromkeys(RULES, _check_rule),
}
