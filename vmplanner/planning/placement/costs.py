"""What moving each VM costs: its own migration predicted from its own data, when nothing else moves.

VMs that are alike are simulated once.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from attrs import evolve, frozen

from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Migration, Technique
from vmplanner.domain.platform import GuestNeeds
from vmplanner.domain.project import Project
from vmplanner.domain.results import MigrationResult
from vmplanner.domain.topology import Host, Link
from vmplanner.simulation.alone import simulate_alone

# What a second of downtime weighs in seconds of migration, and what every move costs besides, in seconds: the fewest
# moves are the best ones as long as their times do not differ by more.
DOWNTIME_WEIGHT = 10.0
EACH_MOVE_S = 10.0
# Of a host without a link, which can only be moved from where links do not count.
_USUAL_BYTES_PER_S = 1.25e9


@frozen
class Cost:
    """A migration alone: its total time, its downtime, and what is sent. One that does not converge has its time until
    it is given up.
    """

    total_s: float
    downtime_s: float
    bytes: int = 0
    converges: bool = True

    @property
    def weight(self) -> float:
        """How much a placement tries to avoid it."""
        return EACH_MOVE_S + self.total_s + DOWNTIME_WEIGHT * self.downtime_s


class Predicted(Mapping[str, Cost]):
    """The cost of each VM of a project by its id, over the fastest link of its host; simulated when it is asked for."""

    def __init__(self, project: Project, technique: Technique = Technique.PRE_COPY) -> None:
        self._project = project
        self._migration = Migration("migration-1", "vm-1", "host-2", technique)
        self._known: dict[str, Cost] = {}
        self._fastest: dict[str, float] = {}
        for link in project.links.values():
            for end in (link.end_a_id, link.end_b_id):
                self._fastest[end] = max(self._fastest.get(end, 0.0), link.bandwidth_bytes_per_s)

    def __getitem__(self, vm_id: str) -> Cost:
        if vm_id not in self._known:
            machine = self._project.machines[vm_id]
            host = self._project.hosts[machine.host_id]
            bandwidth = self._fastest.get(host.id, _USUAL_BYTES_PER_S)
            self._known[vm_id] = cost_of(machine, host, self._migration, bandwidth)
        return self._known[vm_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._project.machines)

    def __len__(self) -> int:
        return len(self._project.machines)


def cost_of(
    machine: VirtualMachine, source: Host, migration: Migration, bandwidth_bytes_per_s: float, latency_s: float = 0.0001
) -> Cost:
    """The cost of one migration over a path that nothing else uses."""
    return _simulated(
        # What it needs besides, such as disks on storages, says where it may go and not how long that takes.
        evolve(machine, id="vm-1", name="vm", host_id="host-1", needs=GuestNeeds()),
        evolve(source, id="host-1", name="source"),
        evolve(migration, id="migration-1", vm_id="vm-1", target_id="host-2", after=(), earliest_start_s=0.0),
        bandwidth_bytes_per_s,
        latency_s,
    )


@lru_cache(maxsize=4096)
def _simulated(
    machine: VirtualMachine, source: Host, migration: Migration, bandwidth_bytes_per_s: float, latency_s: float
) -> Cost:
    target = evolve(source, id="host-2", name="target")
    link = Link("link-1", "host-1", "host-2", bandwidth_bytes_per_s, latency_s)
    result: MigrationResult = simulate_alone(Project.of(source, target, link, machine), migration)
    return Cost(result.total_s, result.downtime_s, result.transferred_bytes, result.converged)
