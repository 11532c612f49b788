"""What a check is and what it finds. The checks themselves are in the modules beside this one, one per subject.

A check says nothing about what it does not know. Figures from the platforms' documents are marked `seen` where the
document was read for this, `recalled` where it was not looked up again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cached_property
from typing import Any

from attrs import evolve, field, frozen

from vmplanner.domain import edits
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.platform import Platform
from vmplanner.domain.project import Change, Project
from vmplanner.domain.quantities import format_duration
from vmplanner.domain.rule_sentences import sentence
from vmplanner.domain.rules import Rule as PlacementRule
from vmplanner.domain.topology import Host, PolicyName
from vmplanner.simulation.network import Network, Route


class Severity(StrEnum):
    """BLOCKS: it can't be carried out. WARNS: it can, but probably not as wished. INFORMS: good to know."""

    BLOCKS = "blocks"
    WARNS = "warns"
    INFORMS = "informs"


@frozen
class Finding:
    """`thing_id` is where to look in the drawing; `message` says what is wrong with the numbers; `mend` what would
    help. `fix` is a change that mends it, where the plan or a name can be changed for that. `rule` is the id of the
    rule that was broken. `moves` are the ids of the migrations that it is about: one that blocks names all that it
    blocks, so that the others can go on; in one that doesn't they may be left out.
    """

    severity: Severity
    thing_id: str
    message: str
    mend: str
    fix: Change | None = None
    rule: str = ""
    moves: tuple[str, ...] = field(default=(), converter=tuple[str, ...])


Findings = Iterator[Finding]


@frozen
class Move:
    """A planned migration with what it is between. `route` is None where no way leads."""

    plan: Plan
    migration: Migration
    machine: VirtualMachine
    source: Host
    target: Host
    route: Route | None

    @property
    def platform(self) -> Platform | None:
        return platform_of(self.source)

    def changed(self, title: str, **values: Any) -> Change:
        """A fix: the migration with other values."""
        return plan_changed(self.plan, self.plan.replaced(evolve(self.migration, **values)), title)

    def with_options(self, title: str, **values: Any) -> Change:
        """A fix: the migration with other options."""
        return self.changed(title, options=evolve(self.migration.options, **values))


@frozen
class Case:
    """What is checked: a plan with its moves. A migration to the host that the VM is on already is no move."""

    project: Project
    plan: Plan
    network: Network
    moves: tuple[Move, ...]
    _leaving: Mapping[str, list[Move]]
    _coming: Mapping[str, list[Move]]

    @classmethod
    def of(cls, project: Project, plan: Plan) -> "Case":
        network = Network(project)
        moves = []
        sources = project.sources_of(plan)
        leaving: dict[str, list[Move]] = {}
        coming: dict[str, list[Move]] = {}
        for migration in plan.migrations:
            machine = project.machines[migration.vm_id]
            source, target = project.hosts[sources[migration.id]], project.hosts[migration.target_id]
            if source.id != target.id:
                move = Move(plan, migration, machine, source, target, network.route(source.id, target.id))
                moves.append(move)
                leaving.setdefault(source.id, []).append(move)
                coming.setdefault(target.id, []).append(move)
        return cls(project, plan, network, tuple(moves), leaving, coming)

    @cached_property
    def _after(self) -> dict[str, tuple[str, ...]]:
        return {migration.id: migration.after for migration in self.plan.migrations}

    def waits_for(self, migration: Migration) -> set[str]:
        """The ids of all migrations that must have completed before one starts."""
        after = self._after
        found: set[str] = set()
        waiting = list(migration.after)
        while waiting:
            first = waiting.pop()
            if first not in found:
                found.add(first)
                waiting += after[first]
        return found

    def moves_from(self, host: Host) -> list[Move]:
        return self._leaving.get(host.id, [])

    def moves_to(self, host: Host) -> list[Move]:
        return self._coming.get(host.id, [])

    def sources(self) -> list[Host]:
        """The hosts that something leaves."""
        return [self.project.hosts[host_id] for host_id in self._leaving]

    def targets(self) -> list[Host]:
        """The hosts that something comes to."""
        return [self.project.hosts[host_id] for host_id in self._coming]


@frozen
class Rule:
    """A rule with an id and a title (what should be), and the check that finds where it is broken."""

    id: str
    title: str
    check: Callable[[Case], Findings]

    def findings(self, case: Case) -> Findings:
        for finding in self.check(case):
            assert finding.moves or finding.severity is not Severity.BLOCKS, f"{self.id} does not say what it blocks"
            yield evolve(finding, rule=self.id)


def move_rule(
    rule_id: str, title: str, check: Callable[[Move], Findings], platforms: frozenset[Platform] | None = None
) -> Rule:
    """A rule about each move on its own, from hosts of some platforms (None: of any)."""

    def check_all(case: Case) -> Findings:
        for move in case.moves:
            if platforms is None or move.platform in platforms:
                for finding in check(move):
                    yield evolve(finding, moves=(move.migration.id,))

    return Rule(rule_id, title, check_all)


_PLATFORMS = {
    PolicyName.QEMU: Platform.LIBVIRT,
    PolicyName.XEN_4: Platform.XL,
    PolicyName.XEN_3: Platform.XL,
    PolicyName.VMOTION: Platform.VSPHERE,
    PolicyName.HYPER_V: Platform.HYPER_V,
}


def platform_of(host: Host) -> Platform | None:
    """A host's platform: as it was told, else the plainest that has its hypervisor."""
    return host.facts.platform or _PLATFORMS.get(host.policy)


def against(project: Project, rule: PlacementRule) -> str:
    """The end of a sentence that tells what a plan does to a rule of the project."""
    return f"against the rule '{sentence(project, rule)}'"


def ids_of(moves: Iterable[Move]) -> tuple[str, ...]:
    """The ids of migrations, for a finding."""
    return tuple(move.migration.id for move in moves)


def time_told(seconds: float) -> str:
    """A time since the start of the plan."""
    return format_duration(seconds) if seconds else "0 s"


def plan_changed(before: Plan, after: Plan, title: str) -> Change:
    """A fix: another plan."""
    return edits.replace(before, after, title)


def listed(names: Iterable[str], most: int = 5) -> str:
    """'aes, avx2 and 3 more': names in order, not more than `most` of them."""
    ordered = sorted(names)
    shown, more = ordered[:most], len(ordered) - most
    return f"{', '.join(shown)} and {more} more" if more > 0 else ", ".join(shown)
