"""The project: everything a user has drawn, planned and run, as one immutable value."""

from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from functools import cached_property
from itertools import count
from typing import Any, Literal, Self

from attrs import evolve, field, fields, frozen

from vmplanner.domain import checks, references
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.groups import Group
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.results import ReferenceFigure, Run
from vmplanner.domain.rules import RULES, Rule
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
# What makes up a thing with a place in the drawing, but for that place.
_NODE_FIELDS: dict[type, tuple[str, ...]] = {
    kind: tuple(each.name for each in fields(kind) if each.name != "position") for kind in (Host, Switch, Storage)
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

    @cached_property
    def only_moves(self) -> bool:
        """Whether all it does is to give things other places in the drawing."""
        return all(
            type(edit.before) is type(edit.after)
            and type(edit.after) in _NODE_FIELDS
            and all(getattr(edit.before, name) == getattr(edit.after, name) for name in _NODE_FIELDS[type(edit.after)])
            for edit in self.edits
        )

    @cached_property
    def _touched(self) -> dict[str, set[str]]:
        touched: dict[str, set[str]] = {}
        for edit in self.edits:
            touched.setdefault(edit.collection, set()).add(edit.thing.id)
        return touched

    def touched(self, collection: Collection) -> set[str]:
        """The ids of the things of one collection that it adds, changes or removes."""
        return set(self._touched.get(collection, ()))


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
        references.check(self)

    def applied(self, change: Change) -> "Project":
        """The project after `change`. Raises InvalidValue when the result would not hold together.

        Only what the change touches is checked: the rest held together before.
        """
        changed: dict[str, Any] = {}
        for edit in change.edits:
            if edit.collection not in changed:
                changed[edit.collection] = dict(getattr(self, edit.collection))
            things = changed[edit.collection]
            if edit.after is None:
                things.pop(edit.thing.id, None)
            else:
                things[edit.after.id] = edit.after
        after = copy(self)  # evolve would check everything anew
        for collection, things in changed.items():
            object.__setattr__(after, collection, things)
        references.check_changed(after, change)
        return after

    def with_run(self, run: Run) -> "Project":
        """The project with one more run, or with `run` in the place of the one that has its id."""
        if any(each.id == run.id for each in self.runs):
            return evolve(self, runs=[run if each.id == run.id else each for each in self.runs])
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

    def filed(self) -> Iterator[tuple[str, Thing]]:
        """Every thing under the id that it is filed as."""
        for collection in COLLECTIONS:
            yield from getattr(self, collection).items()

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

    def move(self, migration_id: str) -> Migration | None:
        """A migration of the current plan."""
        return next((each for each in self.plan.migrations if each.id == migration_id), None)

    def new_id(self, kind: str, also_taken: frozenset[str] = frozenset()) -> str:
        """A free id such as 'host-12': one above the highest number that `kind` has had here."""
        return next(self.new_ids(kind, also_taken))

    def new_ids(self, kind: str, also_taken: frozenset[str] = frozenset()) -> Iterator[str]:
        """Free ids for several things of a kind, in their order."""
        prefix = f"{kind}-"
        ids = {move.id for plan in self.plans.values() for move in (*plan.migrations, *plan.excluded)} | also_taken
        for collection in COLLECTIONS:
            ids.update(getattr(self, collection))
        ids.update(run.id for run in self.runs)
        numbers = [
            int(i.removeprefix(prefix)) for i in ids if i.startswith(prefix) and i.removeprefix(prefix).isdecimal()
        ]
        return (f"{prefix}{number}" for number in count(max(numbers, default=0) + 1))

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
