"""How many migrations the platforms run at the same time by default, and what that would cost on a plan."""

import threading

from attrs import evolve, frozen

from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project
from vmplanner.domain.results import Provenance
from vmplanner.planning.scheduling.choices import best_choice
from vmplanner.planning.scheduling.jobs import Limits, Problem
from vmplanner.planning.scheduling.schedule import Schedule


@frozen
class PlatformLimits:
    """One platform's defaults, and how we know them."""

    name: str
    limits: Limits
    provenance: Provenance
    source: str


PLATFORM_LIMITS = (
    PlatformLimits(
        "KubeVirt",
        Limits(total=5, sending=2),
        Provenance.SEEN,
        "OpenShift Virtualization, live migration limits: parallelMigrationsPerCluster 5, "
        "parallelOutboundMigrationsPerNode 2",
    ),
    PlatformLimits(
        "OpenStack Nova",
        Limits(sending=1),
        Provenance.SEEN,
        "nova/conf/compute.py: max_concurrent_live_migrations 1 per compute host",
    ),
    PlatformLimits(
        "oVirt",
        Limits(sending=2, receiving=2),
        Provenance.RECALLED,
        "VDSM: max_outgoing_migrations 2, max_incoming_migrations 2",
    ),
    PlatformLimits(
        "XenServer, XCP-ng (XAPI)",
        Limits(sending=10),
        Provenance.SEEN,
        "XCP-ng 8.3 release notes: ten at a time when a host is evacuated",
    ),
    PlatformLimits(
        "VMware vSphere",
        Limits(per_host=8),
        Provenance.SEEN,
        "vSphere 6.5 to 6.7, limits on simultaneous migrations: 8 per host, on 10 Gbit/s",
    ),
    PlatformLimits(
        "Hyper-V",
        Limits(per_host=2),
        Provenance.SEEN,
        "Windows Server, set up hosts for live migration: 2 at a time",
    ),
)


@frozen
class PlatformCost:
    """The best schedule of a plan that one platform's default limits allow."""

    platform: PlatformLimits
    schedule: Schedule


def platform_costs(
    project: Project, plan: Plan, problem: Problem, stop: threading.Event | None = None
) -> tuple[PlatformCost, ...]:
    """What each platform's limits, in the place of the plan's, make of `problem`, the migrations of `plan`. Raises
    PlannerError where `best_choice` does, and Stopped when `stop` is set.
    """
    limited = ((platform, evolve(problem, limits=platform.limits)) for platform in PLATFORM_LIMITS)
    return tuple(PlatformCost(each, best_choice(project, plan, of, stop).schedule) for each, of in limited)
