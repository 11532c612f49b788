"""Options that would do nothing, or come too late, are told before anything moves, with a way to mend them."""

import pytest
from attrs import evolve

from tests.small_projects import two_hosts
from vmplanner.domain.plans import Options, Technique
from vmplanner.domain.platform import HostFacts
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.planning.preflight import Finding, Severity, check


def project_with(technique: Technique, options: Options, time_limit_s: float | None = None) -> Project:
    project = two_hosts(technique=technique)
    [move] = project.plan.migrations
    moves = [evolve(move, options=options, time_limit_s=time_limit_s)]
    return project.applied(Change("", (Edit(project.plan, evolve(project.plan, migrations=moves)),)))


def found(project: Project) -> list[Finding]:
    return [finding for finding in check(project, project.plan) if finding.rule == "idle-options"]


IDLE = [
    (Technique.PRE_COPY, Options(preempt=True), None, "preempt, pre-paging and a cap for post-copy act after a switch"),
    (Technique.STOP_AND_COPY, Options(prepaging=True), None, "web-1 is to move by stop-and-copy: preempt, pre-paging"),
    (Technique.PRE_COPY, Options(postcopy_bytes_per_s=1e6), None, "and a cap for post-copy act after a switch"),
    (Technique.CHECKPOINT, Options(cache_read_bytes_per_s=1e8), None, "a rate for reading its page cache again"),
    (
        Technique.HYBRID,
        Options(switch_after_s=60.0),
        60.0,
        "is to switch to post-copy after 60 s, and is given up after",
    ),
]
USED = [
    (Technique.POST_COPY, Options(preempt=True, prepaging=True, postcopy_bytes_per_s=1e6), None),
    (Technique.HYBRID, Options(preempt=True, switch_after_s=30.0), 60.0),
    (Technique.CHECKPOINT, Options(drop_cache=True, cache_read_bytes_per_s=1e8), None),
]


@pytest.mark.parametrize(("technique", "options", "limit_s", "words"), IDLE)
def test_an_option_that_does_nothing_is_told_and_mended(
    technique: Technique, options: Options, limit_s: float | None, words: str
) -> None:
    project = project_with(technique, options, limit_s)
    [finding] = found(project)
    assert finding.severity is Severity.WARNS
    assert words in finding.message
    assert finding.fix is not None
    assert found(project.applied(finding.fix)) == []


@pytest.mark.parametrize(("technique", "options", "limit_s"), USED)
def test_an_option_that_does_something_is_not_told(
    technique: Technique, options: Options, limit_s: float | None
) -> None:
    assert found(project_with(technique, options, limit_s)) == []


def test_preempt_needs_a_newer_qemu_than_post_copy() -> None:
    project = project_with(Technique.POST_COPY, Options(preempt=True))
    beta = project.hosts["host-2"]
    project = project.applied(Change("", (Edit(beta, evolve(beta, facts=HostFacts(hypervisor_version="6.2"))),)))
    [finding] = [finding for finding in check(project, project.plan) if finding.rule == "post-copy-version"]
    assert finding.severity is Severity.BLOCKS
    assert "with preempt, which needs QEMU 7.1, and beta has 6.2" in finding.message
    assert finding.fix is not None
    after = project.applied(finding.fix)
    assert [f for f in check(after, after.plan) if f.rule == "post-copy-version"] == []
