"""What would have been better: every technique that the hypervisor has is really simulated, and no other."""

import pytest

from tests.small_projects import two_hosts
from vmplanner.analysis.techniques import AS_PLANNED, by_techniques, offered
from vmplanner.domain.inputs import from_json
from vmplanner.domain.plans import Technique
from vmplanner.domain.topology import PolicyName
from vmplanner.simulation.alone import simulate_alone


def test_qemu_has_all_and_each_is_a_run_of_its_own() -> None:
    project = two_hosts(2)
    runs = by_techniques(project, project.plan)
    assert [run.name for run in runs] == [AS_PLANNED, *(technique.value for technique in Technique)]
    for run in runs[1:]:
        assert {result.technique.value for result in run.results} == {run.name}
        assert [result.vm for result in run.results] == ["web-1", "web-2"]


@pytest.mark.parametrize("policy", PolicyName)
def test_only_what_the_hypervisor_has_is_tried(policy: PolicyName) -> None:
    project = two_hosts(policy=policy)
    [move] = project.plan.migrations
    names = [run.name for run in by_techniques(project, project.plan)]
    assert names == [AS_PLANNED, *(technique.value for technique in offered(project, move))]


def test_the_numbers_are_those_of_the_migration_alone() -> None:
    project = two_hosts(2)
    run = next(run for run in by_techniques(project, project.plan) if run.name == "post-copy")
    alone = simulate_alone(project, project.plan.migrations[1].by(Technique.POST_COPY))
    assert run.results[1].total_s == alone.total_s


def test_the_inputs_of_each_run_name_its_technique() -> None:
    project = two_hosts()
    for run in by_techniques(project, project.plan)[1:]:
        inputs = from_json(run.inputs)
        assert inputs is not None
        assert inputs["move of web-1"]["technique"] == run.name


def test_it_can_be_given_up() -> None:
    project = two_hosts(3)
    assert all(run.results == () for run in by_techniques(project, project.plan, lambda: True))
