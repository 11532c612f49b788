"""Rules that a placement must keep: what belongs together, what stays apart, what stays free, what waits for what.

A rule names its VMs and hosts by their ids or by the ids of groups of them. Where `hosts` may be empty, that means all.
"""

from enum import StrEnum
from typing import Any

from attrs import Attribute, evolve, field, frozen

from vmplanner.domain import checks
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.groups import GroupKind


def _ids(*, may_be_empty: bool = False) -> Any:
    """A field of ids of VMs or hosts, or of groups of them."""

    def check(rule: object, attribute: "Attribute[Any]", ids: tuple[str, ...]) -> None:
        if not ids and not may_be_empty:
            raise InvalidValue(checks.describe(rule), checks.label(attribute.name), "must not be empty")
        if len(set(ids)) != len(ids):
            double = next(each for each in ids if ids.count(each) > 1)
            raise InvalidValue(checks.describe(rule), checks.label(attribute.name), f"name '{double}' twice")

    if may_be_empty:
        return field(default=(), converter=tuple[str, ...], validator=check)
    return field(converter=tuple[str, ...], validator=check)


class LimitPer(StrEnum):
    """What a limit counts the migrations of: each host, each rack, each site, each drawn link (both directions
    together), or the whole plan.
    """

    HOST = "host"
    RACK = "rack"
    SITE = "site"
    LINK = "link"
    PLAN = "plan"

    @property
    def group_kind(self) -> GroupKind | None:
        return {LimitPer.RACK: GroupKind.RACK, LimitPer.SITE: GroupKind.SITE}.get(self)


@frozen
class _Named:
    id: str = field(validator=checks.text())
    name: str = field(validator=checks.text())


@frozen
class Affinity(_Named):
    """These VMs are on the same host."""

    vms: tuple[str, ...] = _ids()
    kind = "affinity"


@frozen
class AntiAffinity(_Named):
    """No two of these VMs are on the same host."""

    vms: tuple[str, ...] = _ids()
    kind = "anti-affinity"


@frozen
class OnlyOn(_Named):
    """These VMs are on these hosts and on no others."""

    vms: tuple[str, ...] = _ids()
    hosts: tuple[str, ...] = _ids()
    kind = "only on"


@frozen
class NeverOn(_Named):
    """These VMs are not on these hosts."""

    vms: tuple[str, ...] = _ids()
    hosts: tuple[str, ...] = _ids()
    kind = "never on"


@frozen
class Pinned(_Named):
    """These VMs do not move."""

    vms: tuple[str, ...] = _ids()
    kind = "pinned"


@frozen
class Spare(_Named):
    """The hosts keep as much memory free, all together, as the `count` largest of them have: so many may fail (N+1).

    A host that is to be emptied gives no room.
    """

    hosts: tuple[str, ...] = _ids(may_be_empty=True)
    count: int = field(default=1, validator=checks.whole(at_least=1, at_most=100_000))
    kind = "spare"


@frozen
class Headroom(_Named):
    """Each of the hosts keeps this share of its memory free."""

    hosts: tuple[str, ...] = _ids(may_be_empty=True)
    share: float = field(default=0.1, validator=checks.number(above=0, at_most=1))
    kind = "headroom"


@frozen
class CpuLimit(_Named):
    """The VMs of each of the hosts have at most so many virtual CPUs for each of its cores."""

    hosts: tuple[str, ...] = _ids(may_be_empty=True)
    vcpus_per_core: float = field(default=4.0, validator=checks.number(above=0, at_most=1000))
    kind = "cpu limit"


@frozen
class Order(_Named):
    """Of the VMs that move, `vms` begin when those of `first` are done."""

    first: tuple[str, ...] = _ids()
    vms: tuple[str, ...] = _ids()
    kind = "order"


@frozen
class Limit(_Named):
    """At most so many migrations at the same time, from and to each host, rack or site, over each link, or in the whole
    plan.
    """

    count: int = field(default=2, validator=checks.whole(at_least=1, at_most=1_000_000))
    per: LimitPer = field(default=LimitPer.HOST, validator=checks.one_of(LimitPer))
    kind = "limit"


@frozen
class Priority(_Named):
    """Of moves that could start, those of these VMs start first, or (below 0) last: the higher priority before the
    lower. VMs that no rule names have the priority 0; of several rules for one VM the highest holds.
    """

    vms: tuple[str, ...] = _ids()
    priority: int = field(default=10, validator=checks.whole(at_least=-1000, at_most=1000))
    kind = "priority"


Rule = Affinity | AntiAffinity | OnlyOn | NeverOn | Pinned | Spare | Headroom | CpuLimit | Order | Limit | Priority
RULES: tuple[type[Rule], ...] = (
    Affinity, AntiAffinity, OnlyOn, NeverOn, Pinned, Spare, Headroom, CpuLimit, Order, Limit, Priority,
)  # fmt: skip
ROLES = ("vms", "hosts", "first")


def members(rule: Rule) -> dict[str, tuple[str, ...]]:
    """The ids that a rule names, by their role in it: 'vms', 'hosts' or 'first'."""
    return {role: getattr(rule, role) for role in ROLES if hasattr(rule, role)}


def without(rule: Rule, gone: set[str]) -> Rule | None:
    """The rule when these VMs, hosts and groups are no more; None when nothing is left for it to say."""
    kept = {role: tuple(i for i in ids if i not in gone) for role, ids in members(rule).items()}
    if any(ids and not kept[role] for role, ids in members(rule).items()):
        return None
    changed: Any = kept
    return evolve(rule, **changed)
