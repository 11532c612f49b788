"""A change is taken or refused as if the whole project were looked at anew, though only what it touches is."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.groups import Group
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.platform import Disk, GuestNeeds
from vmplanner.domain.project import COLLECTIONS, Change, Edit, Project, Thing
from vmplanner.domain.quantities import GIB
from vmplanner.domain.rules import Pinned, Spare
from vmplanner.domain.topology import Host, Link, Storage, Switch

NUMBERS = st.integers(1, 3)
_SAME = (lambda move: move.id, lambda move: move.vm_id)


def _ids(kind: str) -> st.SearchStrategy[str]:
    return NUMBERS.map(lambda number: f"{kind}-{number}")


NODES = _ids("host") | _ids("switch") | _ids("storage")
MEMBERS = st.lists(_ids("host") | _ids("vm"), max_size=3, unique=True)
DISKS = st.lists(_ids("storage").map(lambda storage_id: Disk("system", 1 * GIB, storage_id)), max_size=1)
THINGS: st.SearchStrategy[Thing] = st.one_of(
    st.builds(Host, _ids("host"), st.just("a host")),
    st.builds(Switch, _ids("switch"), st.just("a switch")),
    st.builds(Storage, _ids("storage"), st.just("a storage")),
    st.tuples(_ids("link"), NODES, NODES)
    .filter(lambda link: link[1] != link[2])
    .map(lambda link: Link(link[0], link[1], link[2])),
    st.builds(VirtualMachine, _ids("vm"), st.just("a VM"), _ids("host"), needs=st.builds(GuestNeeds, disks=DISKS)),
    st.builds(
        Plan,
        _ids("plan"),
        st.just("a plan"),
        st.lists(st.builds(Migration, _ids("migration"), _ids("vm"), _ids("host")), max_size=2, unique_by=_SAME),
    ),
    st.tuples(_ids("group"), st.none() | _ids("group"), MEMBERS)
    .filter(lambda group: group[0] != group[1])
    .map(lambda group: Group(group[0], "a group", parent_id=group[1], member_ids=group[2])),
    st.builds(Pinned, _ids("rule"), st.just("a rule"), st.lists(_ids("vm") | _ids("group"), min_size=1, max_size=1)),
    st.builds(Spare, _ids("rule"), st.just("a rule"), st.lists(_ids("host") | _ids("group"), max_size=1)),
)


@st.composite
def edits(draw: st.DrawFn, project: Project) -> list[Edit]:
    """Things that come, change or go, in any order and more than once."""
    found = []
    for thing in draw(st.lists(THINGS, min_size=1, max_size=6)):
        there = project.thing(thing.id)
        found.append(Edit(there, None if there is not None and draw(st.integers(0, 3)) == 0 else thing))
    return found


def _anew(project: Project, change: Change) -> Project:
    filed: dict[str, Any] = {collection: dict(getattr(project, collection)) for collection in COLLECTIONS}
    for edit in change.edits:
        if edit.after is None:
            filed[edit.collection].pop(edit.thing.id, None)
        else:
            filed[edit.collection][edit.after.id] = edit.after
    return Project(**filed)


@given(st.data())
def test_a_change_is_refused_exactly_when_the_project_after_it_would_not_hold_together(data: st.DataObject) -> None:
    project = Project()
    for _step in range(data.draw(st.integers(1, 12))):
        change = Change("Change something", data.draw(edits(project)))
        try:
            expected = _anew(project, change)
        except InvalidValue:
            try:
                project.applied(change)
            except InvalidValue:
                continue
            raise AssertionError(f"taken: {change}") from None
        project = project.applied(change)
        assert project == expected


def test_ids_for_many_things_follow_the_highest() -> None:
    ids = Project.of(Host("host-7", "a")).new_ids("host")
    assert [next(ids), next(ids)] == ["host-8", "host-9"]
