"""Whether a plan can work: checked before anything moves, each finding with its numbers and what would mend it.

`check` finds what can be seen without simulating anything, by the RULES. Whether a pre-copy converges depends on what
else moves at the same time, so `check_forecast` takes it from a simulated run of the plan.
"""

from collections.abc import Iterable

from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project
from vmplanner.planning.preflight import (
    cpu,
    devices,
    hypervisor,
    limits,
    memory,
    move_rules,
    names,
    network,
    placement_rules,
    storage,
    techniques,
)
from vmplanner.planning.preflight.forecast import check_forecast
from vmplanner.planning.preflight.rules import Case, Finding, Rule, Severity

__all__ = ["RULES", "Finding", "Rule", "Severity", "blocking", "check", "check_forecast", "ranked"]

RULES: tuple[Rule, ...] = (
    *hypervisor.RULES,
    *network.RULES,
    *techniques.RULES,
    *cpu.RULES,
    *memory.RULES,
    *storage.RULES,
    *devices.RULES,
    *limits.RULES,
    *names.RULES,
    *placement_rules.RULES,
    *move_rules.RULES,
)


def check(project: Project, plan: Plan) -> tuple[Finding, ...]:
    """All findings on a plan, the blocking ones first and the informing ones last."""
    case = Case.of(project, plan)
    return ranked(finding for rule in RULES for finding in rule.findings(case))


def ranked(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The blocking findings first and the informing ones last."""
    return tuple(sorted(findings, key=lambda finding: list(Severity).index(finding.severity)))


def blocking(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding.severity is Severity.BLOCKS)
