"""The failures that a plan is to try go where their things go."""

import pytest
from attrs import evolve

from tests.small_projects import two_hosts
from vmplanner.domain import edits, plan_edits
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.failures import Abort, Failure, HostDown, LinkDown
from vmplanner.domain.project import Change, Edit, Project

ALL = (LinkDown("link-1", 1), HostDown("host-2", 2), Abort("migration-1", 3), Abort("migration-2", 4))


def trying(*failures: Failure) -> Project:
    project = two_hosts(2)
    return project.applied(plan_edits.try_failures(project, failures, "Try"))


def test_they_are_kept_once_and_in_the_order_of_their_times() -> None:
    assert trying(*reversed(ALL), ALL[0]).plan.failures == ALL


@pytest.mark.parametrize(
    ("gone", "left"),
    [
        ("link-1", ALL[1:]),
        ("migration-1", (*ALL[:2], ALL[3])),
        ("vm-2", ALL[:3]),
        ("host-2", ()),
    ],
)
def test_what_is_deleted_takes_its_failures_along_and_brings_them_back(gone: str, left: tuple[Failure, ...]) -> None:
    project = trying(*ALL)
    change = edits.delete(project, [gone])
    assert project.applied(change).plan.failures == left
    assert project.applied(change).applied(change.inverse()) == project


def test_the_abort_of_an_excluded_move_waits_for_it() -> None:
    project = trying(*ALL)
    without = project.applied(plan_edits.exclude(project, ["migration-1"]))
    assert without.plan.failures == ALL
    assert without.applied(plan_edits.include(without, ["migration-1"])).plan.failures == ALL


def test_a_copy_of_the_plan_tries_them_on_its_own_moves() -> None:
    project = trying(*ALL)
    copied = project.applied(plan_edits.copy_plan(project))
    assert [failure.thing_id for failure in copied.plan.failures] == [
        "link-1",
        "host-2",
        *(migration.id for migration in copied.plan.migrations),
    ]


def test_a_host_that_is_not_there_can_not_fail() -> None:
    project = two_hosts(1)
    plan = evolve(project.plan, failures=[HostDown("host-9", 1)])
    with pytest.raises(InvalidValue, match="failures name 'host-9', no host or link of the project"):
        project.applied(Change("", [Edit(project.plan, plan)]))
