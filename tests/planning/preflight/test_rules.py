"""Each rule of the pre-flight: told with its numbers where it is broken, silent where it is kept or not known."""

import pytest

from tests.planning.preflight import (
    cpu_cases,
    devices_cases,
    hypervisor_cases,
    limits_cases,
    memory_cases,
    network_cases,
    storage_cases,
    techniques_cases,
)
from tests.planning.preflight.cases import Broken, broken, project_with
from vmplanner.planning.forecast import without_blocked
from vmplanner.planning.preflight import RULES, blocking, check
from vmplanner.store import library

CASES = [
    *cpu_cases.CASES,
    *devices_cases.CASES,
    *hypervisor_cases.CASES,
    *limits_cases.CASES,
    *memory_cases.CASES,
    *network_cases.CASES,
    *storage_cases.CASES,
    *techniques_cases.CASES,
]
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.severity}")


@each_case
def test_a_broken_rule_is_told_with_its_numbers_and_what_would_mend_it(case: Broken) -> None:
    found = broken(project_with(**case.wrong), case.rule)
    assert {finding.severity for finding in found} == {case.severity}
    assert case.words in found[0].message
    assert all(finding.mend for finding in found)


@each_case
def test_what_blocks_names_the_moves_that_it_blocks(case: Broken) -> None:
    project = project_with(**case.wrong)
    rest, blocked = without_blocked(project, project.plan, check(project, project.plan))
    assert blocking(check(project, rest)) == ()
    assert blocked.keys() | {migration.id for migration in rest.migrations} == {
        migration.id for migration in project.plan.migrations
    }


@each_case
def test_a_rule_that_is_kept_is_silent(case: Broken) -> None:
    assert broken(project_with(**case.right), case.rule) == []


@each_case
def test_what_is_not_known_gives_no_finding(case: Broken) -> None:
    assert broken(project_with(**case.not_known), case.rule) == []


def test_every_rule_has_a_test_and_an_id_of_its_own() -> None:
    ids = [rule.id for rule in RULES]
    assert len(set(ids)) == len(ids)
    in_other_tests = {
        "elsewhere",
        "route",
        "technique",
        "options",
        "combination",
        "idle-options",
        "memory-after",
        "memory-on-the-way",
        "policy-values",
        "names",
        "placement-rules",
        "move-rules",
    }
    assert set(ids) <= {case.rule for case in CASES} | in_other_tests


@pytest.mark.parametrize("name", [info.name for info in library.examples()])
def test_nothing_blocks_a_shipped_example(name: str) -> None:
    project = library.example(name)
    assert blocking(check(project, project.plan)) == ()
