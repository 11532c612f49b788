"""Hosts, switches, storages and the links between them, as drawn."""

import math
from collections.abc import Iterable, Mapping
from enum import StrEnum

from attrs import evolve, field, frozen

from vmplanner.domain import checks
from vmplanner.domain.access import Access
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.platform import HostFacts
from vmplanner.domain.quantities import GIB, TIB


class PolicyName(StrEnum):
    """Whose rules a host follows when it migrates: when a hypervisor stops iterating."""

    QEMU = "qemu"
    XEN_4 = "xen-4"
    XEN_3 = "xen-3"
    VMOTION = "vmotion"
    HYPER_V = "hyper-v"
    SIMGRID = "simgrid"

    @property
    def label(self) -> str:
        return _POLICY_LABELS[self]


_POLICY_LABELS = {
    PolicyName.QEMU: "QEMU/KVM",
    PolicyName.XEN_4: "Xen 4",
    PolicyName.XEN_3: "Xen 3",
    PolicyName.VMOTION: "VMware vSphere",
    PolicyName.HYPER_V: "Hyper-V",
    PolicyName.SIMGRID: "SimGrid's model",
}


@frozen
class Position:
    """A place on the canvas, in scene units (pixels at zoom 1); the centre of the thing."""

    x: float = field(default=0.0, validator=checks.number())
    y: float = field(default=0.0, validator=checks.number())


PolicyValues = tuple[tuple[str, float], ...]


def _by_name(values: Mapping[str, float] | Iterable[tuple[str, float]]) -> PolicyValues:
    """Of values for the same name the last one counts."""
    return tuple(sorted(dict(values).items()))


@frozen
class Host:
    """A machine that runs virtual machines.

    `policy_values` take the place of values of its policy, by name and in base units; the simulation knows which values
    a policy has, and what they can be. They may be given as a mapping. `uuid` is what its hypervisor calls it by, if
    that is known, and `access` is how it is reached.
    """

    id: str = field(validator=checks.text())
    name: str = field(validator=checks.text())
    policy: PolicyName = field(default=PolicyName.QEMU, validator=checks.one_of(PolicyName))
    memory_bytes: int = field(default=64 * GIB, validator=checks.whole(at_least=1))
    cores: int = field(default=16, validator=checks.whole(at_least=1, at_most=100_000))
    position: Position = field(default=Position(), validator=checks.one_of(Position))
    facts: HostFacts = field(default=HostFacts(), validator=checks.one_of(HostFacts))
    policy_values: PolicyValues = field(default=(), converter=_by_name)
    uuid: str = field(default="", validator=checks.text(may_be_empty=True))
    access: Access = field(default=Access(), validator=checks.one_of(Access))

    @policy_values.validator
    def _check_policy_values(self, _attribute: object, values: PolicyValues) -> None:
        for name, value in values:
            if not isinstance(name, str) or not name.isidentifier():
                raise InvalidValue(checks.describe(self), "policy values", f"have no name such as {name!a}")
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
                why = f"must have a number for '{name}', not {value!r}"
                raise InvalidValue(checks.describe(self), "policy values", why)

    def with_policy_value(self, name: str, value: float | None) -> "Host":
        """The host with another value of its policy; None gives the policy's own back."""
        values = {other: kept for other, kept in self.policy_values if other != name}
        return evolve(self, policy_values=values if value is None else {**values, name: value})


@frozen
class Storage:
    """An array or file server that keeps disks of VMs. The hosts that links lead to it from, over switches or not,
    reach it.
    """

    id: str = field(validator=checks.text())
    name: str = field(validator=checks.text())
    capacity_bytes: int = field(default=10 * TIB, validator=checks.whole(at_least=1))
    position: Position = field(default=Position(), validator=checks.one_of(Position))


@frozen
class Switch:
    """A network switch; its backplane is never the bottleneck."""

    id: str = field(validator=checks.text())
    name: str = field(validator=checks.text())
    position: Position = field(default=Position(), validator=checks.one_of(Position))


@frozen
class Link:
    """A full-duplex cable between two nodes (hosts, switches or storages): each direction has the whole bandwidth.

    In either direction other traffic takes `background_share` of the bandwidth, and `loss_share` of the packets are
    lost, both 0 to less than 1.
    """

    id: str = field(validator=checks.text())
    end_a_id: str = field(validator=checks.text())
    end_b_id: str = field(validator=checks.text())
    bandwidth_bytes_per_s: float = field(default=1.25e9, validator=checks.number(above=0))
    latency_s: float = field(default=0.0001, validator=checks.number(at_least=0, at_most=10))
    background_share: float = field(default=0.0, validator=checks.number(at_least=0, at_most=0.999))
    loss_share: float = field(default=0.0, validator=checks.number(at_least=0, at_most=0.999))

    def __attrs_post_init__(self) -> None:
        if self.end_a_id == self.end_b_id:
            raise InvalidValue("Link", "ends", "must be two different things")

    def touches(self, node_id: str) -> bool:
        return node_id in (self.end_a_id, self.end_b_id)
