"""What is found before anything moves."""

from attrs import evolve

from tests.small_projects import GIGABIT, two_hosts, web_profile
from vmplanner.domain import edits
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.quantities import GIB
from vmplanner.domain.topology import PolicyName
from vmplanner.planning.preflight import Severity, blocking, check


def found(project: Project) -> list[tuple[Severity, str, str]]:
    return [(finding.severity, finding.thing_id, finding.message) for finding in check(project, project.plan)]


def replaced(project: Project, **changes: object) -> Project:
    host = project.hosts["host-2"]
    return project.applied(Change("", (Edit(host, evolve(host, **changes)),)))


def test_a_sound_plan_has_no_findings() -> None:
    assert found(two_hosts(3)) == []


def test_hosts_without_a_way_between_them_block() -> None:
    project = two_hosts()
    project = project.applied(edits.delete(project, ["link-1"]))
    assert found(project) == [(Severity.BLOCKS, "vm-1", "web-1 can't reach beta: no link leads there from alpha")]


def test_unlike_hypervisors_block() -> None:
    [(severity, _, message)] = found(replaced(two_hosts(), policy=PolicyName.XEN_4))
    assert severity is Severity.BLOCKS
    assert message == "web-1 runs on QEMU/KVM and beta is a Xen 4 host"


def test_a_target_that_would_be_too_full_blocks_with_the_numbers() -> None:
    project = two_hosts(3, target_memory_bytes=2 * GIB)
    assert found(project) == [(Severity.BLOCKS, "host-2", "beta would need 3 GiB of memory and has 2 GiB")]


def test_a_guest_that_writes_faster_than_its_way_carries_is_a_warning() -> None:
    project = two_hosts(profile=web_profile(60_000), bandwidth_bytes_per_s=GIGABIT / 10)
    findings = check(project, project.plan)
    assert [finding.severity for finding in findings] == [Severity.WARNS]
    assert "pre-copy may not converge" in findings[0].message
    assert blocking(findings) == ()
