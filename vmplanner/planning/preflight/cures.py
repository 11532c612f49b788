"""What would make a pre-copy converge that does not: what its hypervisor offers, each tried alone in the simulation."""

from collections.abc import Iterator
from typing import Any

from attrs import evolve, frozen

from vmplanner.domain.plans import Compression, Migration, Technique
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import SECONDS, format_duration
from vmplanner.domain.results import MigrationResult
from vmplanner.domain.topology import Host
from vmplanner.simulation.alone import simulate_alone
from vmplanner.simulation.policy_values import fitting, policy_of
from vmplanner.simulation.stop_rules import Switchover, Threshold

_LONGER = 2  # times the downtime limit
_WITH_POST_COPY: dict[str, Any] = {
    "channels": 0,
    "compression": Compression.NONE,
    "compress_threads": 0,
    "free_page_hints": False,
}


@frozen
class Cure:
    """A migration that converges in the place of one that does not; `name` says what is other about it."""

    name: str
    migration: Migration
    result: MigrationResult

    @property
    def told(self) -> str:
        """'post-copy (12.3 s, 26 ms down)'."""
        result = self.result
        return f"{self.name} ({format_duration(result.total_s)}, {format_duration(result.downtime_s)} down)"


def converges_alone(project: Project, migration: Migration) -> bool:
    """Whether it would, if nothing else moved."""
    return simulate_alone(project, migration).converged


def cures_of(project: Project, migration: Migration, source: Host) -> list[Cure]:
    """What helps, that which costs the guest least work first."""
    tried = (Cure(name, other, simulate_alone(project, other)) for name, other in _offered(project, migration, source))
    found = [cure for cure in tried if cure.result.converged and not cure.result.is_forced]
    return sorted(found, key=lambda cure: (cure.result.lost_work_s, cure.result.total_s))


def _offered(project: Project, migration: Migration, source: Host) -> Iterator[tuple[str, Migration]]:
    policy, options = policy_of(fitting(source)), migration.options
    by_pre_copy = migration.technique is Technique.PRE_COPY
    for technique in (Technique.POST_COPY, Technique.HYBRID):
        if by_pre_copy and technique in policy.offers:
            yield technique.value, evolve(migration, technique=technique, options=evolve(options, **_WITH_POST_COPY))
    if policy.offers_options and not options.auto_converge:
        yield "auto-converge", evolve(migration, options=evolve(options, auto_converge=True))
    if policy.offers_options and not (options.xbzrle_cache_bytes or options.channels or options.compress_threads):
        memory_bytes = project.machines[migration.vm_id].memory_bytes
        cache_bytes = 1 << (memory_bytes.bit_length() - 1)  # QEMU's is a power of two, and no larger than the memory
        yield "XBZRLE", evolve(migration, options=evolve(options, xbzrle_cache_bytes=cache_bytes))
    if isinstance(policy.stop, (Threshold, Switchover)):
        limit_s = _LONGER * (migration.downtime_limit_s or policy.stop.downtime_limit_s)
        yield f"a downtime limit of {SECONDS.format(limit_s)}", evolve(migration, downtime_limit_s=limit_s)
