"""Hosts, switches and the links between them, as drawn."""

from enum import StrEnum

from attrs import field, frozen

from vmplanner.domain import checks
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.quantities import GIB


class PolicyName(StrEnum):
    """Whose rules a host follows when it migrates: when a hypervisor stops iterating."""

    QEMU = "qemu"
    XEN_4 = "xen-4"
    XEN_3 = "xen-3"

    @property
    def label(self) -> str:
        return {"qemu": "QEMU/KVM", "xen-4": "Xen 4", "xen-3": "Xen 3"}[self.value]


@frozen
class Position:
    """A place on the canvas, in scene units (pixels at zoom 1); the centre of the thing."""

    x: float = field(default=0.0, validator=checks.number())
    y: float = field(default=0.0, validator=checks.number())


@frozen
class Host:
    """A machine that runs virtual machines."""

    id: str = field(validator=checks.text())
    name: str = field(validator=checks.text())
    policy: PolicyName = field(default=PolicyName.QEMU, validator=checks.one_of(PolicyName))
    memory_bytes: int = field(default=64 * GIB, validator=checks.whole(at_least=1))
    cores: int = field(default=16, validator=checks.whole(at_least=1, at_most=100_000))
    position: Position = field(default=Position(), validator=checks.one_of(Position))


@frozen
class Switch:
    """A network switch; its backplane is never the bottleneck."""

    id: str = field(validator=checks.text())
    name: str = field(validator=checks.text())
    position: Position = field(default=Position(), validator=checks.one_of(Position))


@frozen
class Link:
    """A full-duplex cable between two nodes (hosts or switches): each direction has the whole bandwidth."""

    id: str = field(validator=checks.text())
    end_a_id: str = field(validator=checks.text())
    end_b_id: str = field(validator=checks.text())
    bandwidth_bytes_per_s: float = field(default=1.25e9, validator=checks.number(above=0))
    latency_s: float = field(default=0.0001, validator=checks.number(at_least=0, at_most=10))

    def __attrs_post_init__(self) -> None:
        if self.end_a_id == self.end_b_id:
            raise InvalidValue("Link", "ends", "must be two different things")

    def touches(self, node_id: str) -> bool:
        return node_id in (self.end_a_id, self.end_b_id)
