"""The fields of hosts, links, storages and VMs, but for their names: the same for one of them and for several."""

from vmplanner.domain.project import Project
from vmplanner.domain.quantities import BYTES, BYTES_PER_S, SECONDS, SHARE, TIB
from vmplanner.domain.topology import PolicyName
from vmplanner.ui.fields import ChoiceField, QuantityField, WholeField
from vmplanner.ui.forms import Row, row

# Beyond every machine and cable of today: more can only be a slip of the keys or of the unit.
_MOST_BYTES_PER_S = 1.25e12
_MOST_MEMORY_BYTES = 1024 * TIB
_MOST_STORAGE_BYTES = 1024 * 1024 * TIB


def host_rows() -> list[Row]:
    policies = [(name, name.label) for name in PolicyName]
    memory = QuantityField("Host memory", BYTES, whole=True, most=_MOST_MEMORY_BYTES)
    return [
        row("Hypervisor", "policy", ChoiceField("Hypervisor", policies, "Whose rules its migrations follow")),
        row("Memory", "memory_bytes", memory),
        row("CPU cores", "cores", WholeField("CPU cores")),
    ]


def storage_rows() -> list[Row]:
    room = "Room for disks of VMs"
    capacity = QuantityField("Capacity", BYTES, whole=True, most=_MOST_STORAGE_BYTES, tip=room)
    return [row("Capacity", "capacity_bytes", capacity)]


def link_rows() -> list[Row]:
    of_bandwidth = "What migrations can use of it, in each direction"
    of_traffic = "The share of the bandwidth that it takes, in each direction"
    of_loss = "The share of packets lost; over long ways TCP slows down by it"
    bandwidth = QuantityField("Bandwidth", BYTES_PER_S, most=_MOST_BYTES_PER_S, tip=of_bandwidth)
    return [
        row("Bandwidth", "bandwidth_bytes_per_s", bandwidth),
        row("Latency", "latency_s", QuantityField("Latency", SECONDS, tip="One way")),
        row("Other traffic", "background_share", QuantityField("Other traffic", SHARE, tip=of_traffic)),
        row("Packet loss", "loss_share", QuantityField("Packet loss", SHARE, tip=of_loss)),
    ]


def machine_rows(project: Project) -> list[Row]:
    of_use = "The share of its vCPUs' time that it uses"
    memory = QuantityField("VM memory", BYTES, whole=True, most=_MOST_MEMORY_BYTES)
    return [
        row("Host", "host_id", ChoiceField("Host", host_choices(project), "Where it is now")),
        row("Memory", "memory_bytes", memory),
        row("vCPUs", "vcpus", WholeField("vCPUs")),
        row("CPU use", "cpu_use", QuantityField("CPU use", SHARE, tip=of_use)),
    ]


def host_choices(project: Project) -> list[tuple[str, str]]:
    """All hosts by name."""
    return [(host.id, host.name) for host in sorted(project.hosts.values(), key=lambda host: host.name)]
