"""Where the VMs are at a moment of a plan, and what that takes of the hosts' memory."""

import pytest
from attrs import evolve

from tests.planning.placements import fleet
from tests.small_projects import two_hosts, web_profile
from vmplanner.backends.simulated import SimulatedBackend
from vmplanner.domain.plans import Migration, Plan, Technique
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.quantities import GIB
from vmplanner.domain.results import Outcome, Run
from vmplanner.engine.runner import run_plan
from vmplanner.planning.moment import switched_s, where_at


def forecast_of(project: Project) -> Run:
    return run_plan(project, project.plan, SimulatedBackend()).run


def test_a_vm_is_on_its_target_once_its_guest_has_switched() -> None:
    project = two_hosts(1)
    forecast = forecast_of(project)
    [result] = forecast.results
    switch = switched_s(result)
    assert 0 < switch <= result.total_s
    for seconds, host in ((0.0, "host-1"), (switch - 1e-3, "host-1"), (switch + 1e-6, "host-2"), (1e9, "host-2")):
        assert where_at(project, project.plan, forecast, seconds).host_of["vm-1"] == host


def test_memory_is_held_at_both_ends_while_a_vm_moves() -> None:
    project = two_hosts(2, max_concurrent=1)
    forecast = forecast_of(project)
    first, second = forecast.results
    before = where_at(project, project.plan, forecast, 0.0)
    assert before.used_bytes == {"host-1": 2 * GIB, "host-2": 0}
    assert before.under_way == frozenset()
    moving = where_at(project, project.plan, forecast, first.total_s / 2)
    assert moving.under_way == {"migration-1"}
    assert moving.used_bytes == {"host-1": 2 * GIB, "host-2": GIB}
    assert moving.held_bytes == {"host-1": 0, "host-2": GIB}
    later = where_at(project, project.plan, forecast, second.started_s + second.total_s / 2)
    assert later.used_bytes == {"host-1": GIB, "host-2": 2 * GIB}
    assert where_at(project, project.plan, forecast, forecast.makespan_s).used_bytes == {"host-1": 0, "host-2": 2 * GIB}


def test_in_post_copy_the_source_holds_memory_after_the_switch() -> None:
    project = two_hosts(1, technique=Technique.POST_COPY)
    forecast = forecast_of(project)
    [result] = forecast.results
    seconds = (switched_s(result) + result.total_s) / 2
    moment = where_at(project, project.plan, forecast, seconds)
    assert moment.host_of["vm-1"] == "host-2"
    assert moment.held_bytes == {"host-1": GIB, "host-2": 0}


def test_what_does_not_complete_leaves_all_as_it_was() -> None:
    project = two_hosts(bandwidth_bytes_per_s=1e6, profile=web_profile(writes_pages_per_s=200_000))
    forecast = forecast_of(project)
    assert forecast.results[0].outcome is Outcome.NOT_CONVERGED
    after = where_at(project, project.plan, forecast, forecast.makespan_s)
    assert after.host_of["vm-1"] == "host-1"
    assert after.used_bytes == {"host-1": GIB, "host-2": 0}


def test_a_vm_that_moves_twice_goes_on_from_its_first_target() -> None:
    project = fleet({"a": 4, "b": 4, "c": 4}, {"v": ("a", 2)})
    plan = Plan("plan-1", "Plan", [Migration("m-1", "v", "b"), Migration("m-2", "v", "c", after=["m-1"])])
    project = project.applied(Change("", (Edit(None, plan),)))
    forecast = forecast_of(project)
    hosts = [
        where_at(project, plan, forecast, seconds).host_of["v"]
        for seconds in (0.0, forecast.results[1].started_s, forecast.makespan_s)
    ]
    assert hosts == ["a", "b", "c"]


def test_a_forecast_of_other_moves_says_nothing_of_these() -> None:
    project = two_hosts(1)
    other = evolve(forecast_of(project), results=[])
    assert where_at(project, project.plan, other, 5.0).used_bytes == pytest.approx({"host-1": GIB, "host-2": 0})
