"""The project: everything a user has drawn, planned and run, as one immutable value."""

from collections.abc import Mapping
from typing import Any, Literal, Self

from attrs import evolve, field, frozen

from vmplanner.domain import checks
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.results import ReferenceFigure, Run
from vmplanner.domain.topology import Host, Link, Switch

Thing = Host | Switch | Link | VirtualMachine | Plan
Collection = Literal["hosts", "switches", "links", "machines", "plans"]
COLLECTION_OF: dict[type, Collection] = {
    Host: "hosts",
    Switch: "switches",
    Link: "links",
    VirtualMachine: "machines",
    Plan: "plans",
}


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
    links: Mapping[str, Link] = field(factory=dict)
    machines: Mapping[str, VirtualMachine] = field(factory=dict)
    plans: Mapping[str, Plan] = field(factory=dict)
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

    def node(self, node_id: str) -> Host | Switch | None:
        return self.hosts.get(node_id) or self.switches.get(node_id)

    def thing(self, thing_id: str) -> Thing | None:
        for collection in COLLECTION_OF.values():
            found: Thing | None = getattr(self, collection).get(thing_id)
            if found is not None:
                return found
        return None

    def machines_on(self, host_id: str) -> list[VirtualMachine]:
        return [machine for machine in self.machines.values() if machine.host_id == host_id]

    def links_of(self, node_id: str) -> list[Link]:
        return [link for link in self.links.values() if link.touches(node_id)]

    @property
    def plan(self) -> Plan:
        """The plan that the window shows and `simulate` runs: the first one."""
        return next(iter(self.plans.values()), Plan("plan-1", "Plan"))

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
        for collection in COLLECTION_OF.values():
            ids.update(getattr(self, collection))
        ids.update(run.id for run in self.runs)
        numbers = [
            int(i.removeprefix(prefix)) for i in ids if i.startswith(prefix) and i.removeprefix(prefix).isdecimal()
        ]
        return f"{prefix}{max(numbers, default=0) + 1}"

    def _check_references(self) -> None:
        for collection in COLLECTION_OF.values():
            for thing_id, thing in getattr(self, collection).items():
                if thing.id != thing_id:
                    raise InvalidValue(checks.describe(thing), "id", f"'{thing.id}' is filed as '{thing_id}'")
        for link in self.links.values():
            for end in (link.end_a_id, link.end_b_id):
                if end not in self.hosts and end not in self.switches:
                    raise InvalidValue(
                        f"Link '{link.id}'", "end", f"'{end}' is neither a host nor a switch of the project"
                    )
        for machine in self.machines.values():
            if machine.host_id not in self.hosts:
                raise InvalidValue(
                    checks.describe(machine), "host", f"'{machine.host_id}' is not a host of the project"
                )
        for plan in self.plans.values():
            for migration in plan.migrations:
                if migration.vm_id not in self.machines:
                    raise InvalidValue(checks.describe(plan), "VM", f"'{migration.vm_id}' is not in the project")
                if migration.target_id not in self.hosts:
                    raise InvalidValue(
                        checks.describe(plan), "target", f"'{migration.target_id}' is not a host of the project"
                    )

    @classmethod
    def of(cls, *things: Thing, name: str = "Untitled", **more: Any) -> Self:
        """A project made of things. Raises InvalidValue when two have the same id."""
        filed: dict[str, Any] = {collection: {} for collection in COLLECTION_OF.values()}
        for thing in things:
            where = filed[COLLECTION_OF[type(thing)]]
            if thing.id in where:
                raise InvalidValue(type(thing).__name__, "id", f"'{thing.id}' is used twice")
            where[thing.id] = thing
        return cls(name=name, **filed, **more)
