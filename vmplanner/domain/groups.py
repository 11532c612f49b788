"""Groups of hosts and of virtual machines: sites, racks, and whatever else belongs together."""

from collections.abc import Iterable, Iterator
from enum import StrEnum

from attrs import field, frozen, validators

from vmplanner.domain import checks
from vmplanner.domain.errors import InvalidValue


class GroupKind(StrEnum):
    """What a group stands for. Limits may count the migrations of a rack or of a site."""

    SITE = "site"
    RACK = "rack"
    GROUP = "group"


@frozen
class Frame:
    """The least room that a group's box has on the canvas, in scene units; (x, y) is its upper left corner."""

    x: float = field(validator=checks.number())
    y: float = field(validator=checks.number())
    width: float = field(validator=checks.number(at_least=1))
    height: float = field(validator=checks.number(at_least=1))


@frozen
class Group:
    """Hosts or VMs by their ids. A group is also part of its parent: the hosts of a rack are hosts of its site.

    On the canvas a site or a rack is a box around its hosts, at least as large as its `frame` where it has one. A
    collapsed one is drawn as one card.
    """

    id: str = field(validator=checks.text())
    name: str = field(validator=checks.text())
    kind: GroupKind = field(default=GroupKind.GROUP, validator=checks.one_of(GroupKind))
    parent_id: str | None = field(default=None, validator=validators.optional(checks.text()))
    member_ids: tuple[str, ...] = field(default=(), converter=tuple[str, ...])
    frame: Frame | None = field(default=None, validator=validators.optional(checks.one_of(Frame)))
    is_collapsed: bool = field(default=False, validator=checks.one_of(bool))

    @property
    def is_place(self) -> bool:
        """Whether it stands for somewhere: sites and racks are drawn, other groups are only named."""
        return self.kind is not GroupKind.GROUP

    def __attrs_post_init__(self) -> None:
        if self.parent_id == self.id:
            raise InvalidValue(checks.describe(self), "parent", "must be another group")
        if len(set(self.member_ids)) != len(self.member_ids):
            double = next(member for member in self.member_ids if self.member_ids.count(member) > 1)
            raise InvalidValue(checks.describe(self), "members", f"name '{double}' twice")


def nested(groups: Iterable[Group]) -> Iterator[tuple[int, Group]]:
    """Groups by name, each followed by those inside it, with how many of these groups each is inside."""
    by_name = sorted(groups, key=lambda group: group.name)
    known = {group.id for group in by_name}
    waiting = [(0, group) for group in reversed(by_name) if group.parent_id not in known]
    while waiting:
        level, group = waiting.pop()
        yield level, group
        waiting += [(level + 1, each) for each in reversed(by_name) if each.parent_id == group.id]
