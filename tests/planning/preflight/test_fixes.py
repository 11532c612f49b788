"""What a finding's button does mends it, and can be undone."""

from collections.abc import Callable

import pytest
from attrs import evolve

from tests.planning.preflight.cases import (
    GIGANTIC,
    NO_TOOLS,
    broken,
    fixed,
    project_with,
)
from tests.small_projects import GIGABIT, two_hosts
from vmplanner.domain import edits
from vmplanner.domain.plans import Compression, Options, Technique
from vmplanner.domain.platform import (
    HostFacts,
    HostLimits,
    Platform,
)
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.topology import PolicyName
from vmplanner.planning.preflight import blocking, check


def to_own_host() -> Project:
    return (
        two_hosts()
        .applied(edits.place_machines(two_hosts(), ["vm-1"], "host-2"))
        .applied(Change("", (Edit(Project().plan, two_hosts().plan),)))
    )


def twins() -> Project:
    project = two_hosts(2)
    vm = project.machines["vm-2"]
    return project.applied(Change("", (Edit(vm, evolve(vm, name="web-1")),)))


def bad_policy_value() -> Project:
    project = two_hosts()
    host = project.hosts["host-1"]
    return project.applied(Change("", (Edit(host, evolve(host, policy_values=[("no_such", 1.0)])),)))


FIXES: list[tuple[str, Callable[[], Project]]] = [
    ("elsewhere", to_own_host),
    ("names", twins),
    ("policy-values", bad_policy_value),
    ("technique", lambda: project_with(policy=PolicyName.XEN_4, technique=Technique.POST_COPY)),
    ("options", lambda: project_with(policy=PolicyName.XEN_4, options=Options(channels=2))),
    ("combination", lambda: project_with(options=Options(channels=2, xbzrle_cache_bytes=1))),
    ("combination", lambda: project_with(options=Options(compression=Compression.ZSTD))),
    ("combination", lambda: project_with(options=Options(xbzrle_cache_bytes=1, compression=Compression.ZSTD))),
    ("combination", lambda: project_with(technique=Technique.HYBRID, options=Options(channels=2))),
    ("combination", lambda: project_with(technique=Technique.HYBRID, options=Options(free_page_hints=True))),
    ("options", lambda: project_with(policy=PolicyName.XEN_4, options=Options(compress_threads=2))),
    ("threads-combination", lambda: project_with(options=Options(compress_threads=2, channels=2))),
    ("threads-combination", lambda: project_with(technique=Technique.HYBRID, options=Options(compress_threads=2))),
    (
        "threads-version",
        lambda: project_with(options=Options(compress_threads=2), target=HostFacts(hypervisor_version="9.1")),
    ),
    ("gigantic-pages", lambda: project_with(technique=Technique.POST_COPY, needs=GIGANTIC)),
    ("balloon", lambda: project_with(technique=Technique.CHECKPOINT, needs=NO_TOOLS)),
    ("balloon", lambda: project_with(options=Options(free_page_hints=True), needs=NO_TOOLS)),
    (
        "post-copy-version",
        lambda: project_with(technique=Technique.HYBRID, target=HostFacts(hypervisor_version="2.4")),
    ),
    ("leaving", lambda: project_with(machines=3, source=HostFacts(Platform.NOVA))),
    ("coming", lambda: project_with(machines=3, target=HostFacts(limits=HostLimits(max_incoming=2)))),
    ("in-all", lambda: project_with(machines=6, max_concurrent=6, source=HostFacts(Platform.KUBEVIRT))),
    (
        "bandwidth",
        lambda: project_with(machines=3, policy=PolicyName.VMOTION, bandwidth_bytes_per_s=GIGABIT / 2),
    ),
]


@pytest.mark.parametrize(("rule", "make"), FIXES, ids=[rule for rule, _ in FIXES])
def test_a_fix_mends_its_finding_and_can_be_undone(rule: str, make: Callable[[], Project]) -> None:
    project = make()
    [before] = broken(project, rule)
    after = fixed(project, rule)
    assert before.message not in [finding.message for finding in broken(after, rule)]
    assert len(blocking(check(after, after.plan))) <= len(blocking(check(project, project.plan)))
