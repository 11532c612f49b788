"""The project: everything a user has drawn, planned and run, as one immutable value."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, Self

from attrs import evolve, field, frozen

from vmplanner.domain import checks
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.groups import Group
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.results import ReferenceFigure, Run
from vmplanner.domain.rules import RULES, Rule, members
from vmplanner.domain.topology import Host, Link, Storage, Switch
from vmplanner.domain.windows import Window

Thing = Host | Switch | Storage | Link | VirtualMachine | Plan | Group | Rule | Window
Collection = Literal["hosts", "switches", "storages", "links", "machines", "plans", "groups", "rules", "windows"]
COLLECTION_OF: dict[type, Collection] = {
    Host: "hosts",
    Switch: "switches",
    Storage: "storages",
    Link: "links",
    VirtualMachine: "machines",
    Plan: "plans",
    Group: "groups",
    **dict.fromkeys(RULES, "rules"),
    Window: "windows",
}
COLLECTIONS = tuple(dict.fromkeys(COLLECTION_OF.values()))


@frozen
class Edit:
    """One thing before and after: `before` is None when it is new, `after` is None when it goes."""

    before: Thing | None
    after: Thing | None

    @property
    def thing(self) -> Thing:
        thing = self.after or self.before
        assert thing is not None, "an edit without a thing"
        return thing

    @property
    def collection(self) -> Collection:
        return COLLECTION_OF[type(self.thing)]


@frozen
class Change:
    """Edits that belong together and are undone together; `title` says what they do ("Move 3 hosts")."""

    title: str
    edits: tuple[Edit, ...] = field(converter=tuple[Edit, ...])

    def inverse(self) -> "Change":
        return Change(self.title, tuple(Edit(edit.after, edit.before) for edit in reversed(self.edits)))

    def touched(self, collection: Collection) -> set[str]:
        """The ids of the things of one collection that it adds, changes or removes."""
        return {edit.thing.id for edit in self.edits if edit.collection == collection}


@frozen(slots=True)
class Project:
    """Mappings from id to thing; `figures` are published or measured results to compare with; `runs` are results,
    newest last.
    """

    name: str = field(default="Untitled", validator=checks.text())
    notes: str = ""
    hosts: Mapping[str, Host] = field(factory=dict)
    switches: Mapping[str, Switch] = field(factory=dict)
    storages: Mapping[str, Storage] = field(factory=dict)
    links: Mapping[str, Link] = field(factory=dict)
    machines: Mapping[str, VirtualMachine] = field(factory=dict)
    plans: Mapping[str, Plan] = field(factory=dict)
    groups: Mapping[str, Group] = field(factory=dict)
    rules: Mapping[str, Rule] = field(factory=dict)
    windows: Mapping[str, Window] = field(factory=dict)
    figures: tuple[ReferenceFigure, ...] = field(default=(), converter=tuple[ReferenceFigure, ...])
    runs: tuple[Run, ...] = field(default=(), converter=tuple[Run, ...])

    def __attrs_post_init__(self) -> None:
        self._check_references()

    def applied(self, change: Change) -> "Project":
        """The project after `change`. Raises InvalidValue when the result would not hold together."""
        changed: dict[str, Any] = {}
        for edit in change.edits:
            things = changed.setdefault(edit.collection, dict(getattr(self, edit.collection)))
            if edit.after is None:
                things.pop(edit.thing.id, None)
            else:
                things[edit.after.id] = edit.after
        return evolve(self, **changed)

    def with_run(self, run: Run) -> "Project":
        return evolve(self, runs=(*self.runs, run))

    def node(self, node_id: str) -> Host | Switch | Storage | None:
        """The thing with a place in the drawing that has this id."""
        return self.hosts.get(node_id) or self.switches.get(node_id) or self.storages.get(node_id)

    def thing(self, thing_id: str) -> Thing | None:
        for collection in COLLECTIONS:
            found: Thing | None = getattr(self, collection).get(thing_id)
            if found is not None:
                return found
        return None

    def machines_on(self, host_id: str) -> list[VirtualMachine]:
        return [machine for machine in self.machines.values() if machine.host_id == host_id]

    def links_of(self, node_id: str) -> list[Link]:
        return [link for link in self.links.values() if link.touches(node_id)]

    def hosts_in(self, ids: Iterable[str]) -> list[str]:
        """The ids of the hosts that `ids` names, directly or as groups, in the order of the project."""
        named = self._members(ids)
        return [host_id for host_id in self.hosts if host_id in named]

    def machines_in(self, ids: Iterable[str]) -> list[str]:
        """The ids of the VMs that `ids` names, directly or as groups, in the order of the project."""
        named = self._members(ids)
        return [vm_id for vm_id in self.machines if vm_id in named]

    def _members(self, ids: Iterable[str]) -> set[str]:
        """`ids` with the members of the groups among them, and of the groups in those."""
        found: set[str] = set()
        waiting = list(ids)
        while waiting:
            thing_id = waiting.pop()
            if thing_id in found:
                continue
            found.add(thing_id)
            if thing_id in self.groups:
                waiting += self.groups[thing_id].member_ids
                waiting += [group.id for group in self.groups.values() if group.parent_id == thing_id]
        return found

    @property
    def plan(self) -> Plan:
        """The plan that the window shows and `simulate` runs: the first one."""
        return next(iter(self.plans.values()), Plan("plan-1", "Plan"))

    def sources_of(self, plan: Plan) -> dict[str, str]:
        """The id of the host that each migration of a plan leaves, by the migration's id, if those before complete."""
        where = {machine.id: machine.host_id for machine in self.machines.values()}
        sources = {}
        for migration in plan.migrations:
            sources[migration.id] = where[migration.vm_id]
            where[migration.vm_id] = migration.target_id
        return sources

    def find_plan(self, migration_id: str) -> tuple[Plan, Migration] | None:
        for plan in self.plans.values():
            for migration in plan.migrations:
                if migration.id == migration_id:
                    return plan, migration
        return None

    def new_id(self, kind: str, also_taken: frozenset[str] = frozenset()) -> str:
        """A free id such as 'host-12': one above the highest number that `kind` has had here."""
        prefix = f"{kind}-"
        ids = {migration.id for plan in self.plans.values() for migration in plan.migrations} | also_taken
        for collection in COLLECTIONS:
            ids.update(getattr(self, collection))
        ids.update(run.id for run in self.runs)
        numbers = [
            int(i.removeprefix(prefix)) for i in ids if i.startswith(prefix) and i.removeprefix(prefix).isdecimal()
        ]
        return f"{prefix}{max(numbers, default=0) + 1}"

    def _check_references(self) -> None:
        for collection in COLLECTIONS:
            for thing_id, thing in getattr(self, collection).items():
                if thing.id != thing_id:
                    raise InvalidValue(checks.describe(thing), "id", f"'{thing.id}' is filed as '{thing_id}'")
        for link in self.links.values():
            for end in (link.end_a_id, link.end_b_id):
                if self.node(end) is None:
                    raise InvalidValue(
                        f"Link '{link.id}'", "end", f"'{end}' is no host, switch or storage of the project"
                    )
        for machine in self.machines.values():
            if machine.host_id not in self.hosts:
                raise InvalidValue(
                    checks.describe(machine), "host", f"'{machine.host_id}' is not a host of the project"
                )
            for disk in machine.needs.disks:
                if disk.storage_id is not None and disk.storage_id not in self.storages:
                    raise InvalidValue(
                        checks.describe(machine), "disk", f"is on '{disk.storage_id}', no storage of the project"
                    )
        for plan in self.plans.values():
            for migration in plan.migrations:
                if migration.vm_id not in self.machines:
                    raise InvalidValue(checks.describe(plan), "VM", f"'{migration.vm_id}' is not in the project")
                if migration.target_id not in self.hosts:
                    raise InvalidValue(
                        checks.describe(plan), "target", f"'{migration.target_id}' is not a host of the project"
                    )

        self._check_groups_and_rules()
        self._check_windows()

    def _check_groups_and_rules(self) -> None:
        for group in self.groups.values():
            for member_id in group.member_ids:
                if member_id not in self.hosts and member_id not in self.machines:
                    why = f"'{member_id}' is neither a host nor a VM of the project"
                    raise InvalidValue(checks.describe(group), "member", why)
            seen = {group.id}
            parent_id = group.parent_id
            while parent_id is not None:
                if parent_id not in self.groups:
                    raise InvalidValue(checks.describe(group), "parent", f"'{parent_id}' is no group of the project")
                if parent_id in seen:
                    raise InvalidValue(checks.describe(group), "parent", "must not be a group inside it")
                seen.add(parent_id)
                parent_id = self.groups[parent_id].parent_id
        for rule in self.rules.values():
            for role, ids in members(rule).items():
                known: Mapping[str, object] = self.hosts if role == "hosts" else self.machines
                for each in ids:
                    if each not in known and each not in self.groups:
                        what = "host" if role == "hosts" else "VM"
                        raise InvalidValue(
                            checks.describe(rule),
                            checks.label(role),
                            f"name '{each}', no {what} or group of the project",
                        )

    def _check_windows(self) -> None:
        for window in self.windows.values():
            for each in window.applies_to:
                if each not in self.hosts and each not in self.machines and each not in self.groups:
                    why = f"names '{each}', no host, VM or group of the project"
                    raise InvalidValue(checks.describe(window), "what it applies to", why)

    @classmethod
    def of(cls, *things: Thing, name: str = "Untitled", **more: Any) -> Self:
        """A project made of things. Raises InvalidValue when two have the same id."""
        filed: dict[str, Any] = {collection: {} for collection in COLLECTIONS}
        for thing in things:
            where = filed[COLLECTION_OF[type(thing)]]
            if thing.id in where:
                raise InvalidValue(type(thing).__name__, "id", f"'{thing.id}' is used twice")
            where[thing.id] = thing
        return cls(name=name, **filed, **more)
