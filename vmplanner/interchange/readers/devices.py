"""Hardware that is handed to a VM, by a name that comes from a file and may hold anything."""

from collections import Counter
from collections.abc import Iterable

from vmplanner.domain.platform import Device, DeviceKind
from vmplanner.interchange.inventory import brief


def devices_of(named: Iterable[tuple[DeviceKind, str]]) -> tuple[Device, ...]:
    """A device for each kind and name, with how many there are of it. One without a name is called by its kind."""
    counts = Counter((kind, brief(" ".join(name.split()), 100) or kind.label) for kind, name in named)
    return tuple(Device(kind, name, count) for (kind, name), count in counts.items())
