"""What becomes of migrations, and of their VMs, when links, hosts and migrations fail on the way."""

import math

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.small_projects import GIGABIT, two_hosts
from vmplanner.backends.simulated import SimulatedBackend
from vmplanner.domain.failures import Abort, Failure, HostDown, LinkDown
from vmplanner.domain.plans import Technique
from vmplanner.domain.project import Project
from vmplanner.domain.results import MigrationResult, Outcome, Phase, Run
from vmplanner.domain.topology import Host, Link, PolicyName, Switch
from vmplanner.engine.runner import run_plan
from vmplanner.planning.what_if import lost_machines

SOURCE, TARGET, LINK = "host-1", "host-2", "link-1"


def run_with(project: Project, *failures: Failure) -> Run:
    ended = run_plan(project, project.plan, SimulatedBackend(failures=failures))
    assert ended.bug is None
    return ended.run


def moved(technique: Technique, *failures: Failure, project: Project | None = None) -> MigrationResult:
    [result] = run_with(project or two_hosts(technique=technique), *failures).results
    return result


def middle_of(phase: Phase, technique: Technique) -> float:
    """A time in the middle of a phase, when nothing fails."""
    segments = [segment for segment in moved(technique).segments if segment.phase is phase]
    return (segments[0].start_s + segments[-1].end_s) / 2


COPY, POST = Technique.PRE_COPY, Technique.POST_COPY


@pytest.mark.parametrize(
    ("technique", "phase", "what", "outcome", "where"),
    [
        (COPY, Phase.PRE_COPY, LINK, Outcome.FAILED, "keeps running on alpha"),
        (COPY, Phase.PRE_COPY, SOURCE, Outcome.LOST, "web-1 is lost"),
        (COPY, Phase.PRE_COPY, TARGET, Outcome.FAILED, "keeps running on alpha"),
        (COPY, Phase.STOP_AND_COPY, LINK, Outcome.FAILED, "keeps running on alpha"),
        (COPY, Phase.STOP_AND_COPY, SOURCE, Outcome.LOST, "web-1 is lost"),
        (COPY, Phase.RESUME, LINK, Outcome.COMPLETED, ""),
        (COPY, Phase.RESUME, SOURCE, Outcome.COMPLETED, ""),
        (COPY, Phase.RESUME, TARGET, Outcome.LOST, "web-1 is lost"),
        (POST, Phase.STOP_AND_COPY, LINK, Outcome.FAILED, "keeps running on alpha"),
        (POST, Phase.RESUME, LINK, Outcome.LOST, "web-1 is lost"),
        (POST, Phase.RESUME, SOURCE, Outcome.LOST, "web-1 is lost"),
        (POST, Phase.POST_COPY, LINK, Outcome.LOST, "web-1 is lost"),
        (POST, Phase.POST_COPY, SOURCE, Outcome.LOST, "web-1 is lost"),
        (POST, Phase.POST_COPY, TARGET, Outcome.LOST, "web-1 is lost"),
    ],
)
def test_what_fails_and_when_decides_where_the_vm_is(
    technique: Technique, phase: Phase, what: str, outcome: Outcome, where: str
) -> None:
    at_s = middle_of(phase, technique)
    failure = LinkDown(what, at_s) if what == LINK else HostDown(what, at_s)
    result = moved(technique, failure)
    assert result.outcome is outcome
    assert result.reason.endswith(where)
    if outcome in (Outcome.FAILED, Outcome.LOST) and phase is not Phase.RESUME:
        assert result.total_s == pytest.approx(at_s)


def test_the_reason_says_what_went_down() -> None:
    assert moved(COPY, HostDown(TARGET, 1.0)).reason == "beta went down; web-1 keeps running on alpha"
    assert moved(COPY, LinkDown(LINK, 1.0)).reason == (
        "the link alpha - beta went down, and no other way was left; web-1 keeps running on alpha"
    )
    assert moved(COPY, Abort("migration-1", 1.0)).reason == "it was aborted; web-1 keeps running on alpha"


def test_an_aborted_migration_fails_only_while_there_is_a_way_back() -> None:
    assert moved(COPY, Abort("migration-1", 1.0)).outcome is Outcome.FAILED
    assert moved(POST, Abort("migration-1", middle_of(Phase.POST_COPY, POST))).outcome is Outcome.COMPLETED
    assert moved(COPY, Abort("migration-1", 1e6)).outcome is Outcome.COMPLETED


def two_ways() -> Project:
    """Two hosts, a way of 1 Gbit/s over one switch, and one over another that is slower and longer."""
    project = two_hosts()
    links = [
        Link("link-1", SOURCE, "switch-1", GIGABIT),
        Link("link-2", "switch-1", TARGET, GIGABIT),
        Link("link-3", SOURCE, "switch-2", GIGABIT / 2, 0.001),
        Link("link-4", "switch-2", TARGET, GIGABIT / 2, 0.001),
    ]
    switches = [Switch("switch-1", "core"), Switch("switch-2", "spare")]
    return Project.of(*project.hosts.values(), *switches, *links, *project.machines.values(), project.plan)


@pytest.mark.parametrize("policy", [PolicyName.QEMU, PolicyName.SIMGRID])
def test_where_another_way_is_left_the_copy_goes_on_over_it(policy: PolicyName) -> None:
    project = two_ways()
    hosts = {host.id: evolve(host, policy=policy) for host in project.hosts.values()}
    project = evolve(project, hosts=hosts)
    whole, cut = moved(COPY, project=project), moved(COPY, LinkDown("link-2", 2.0), project=project)
    assert cut.outcome is Outcome.COMPLETED
    assert cut.total_s > whole.total_s * 1.3
    both = moved(COPY, LinkDown("link-2", 2.0), LinkDown("link-3", 3.0), project=project)
    assert both.outcome is Outcome.FAILED


def test_a_link_that_goes_during_a_pause_holds_nothing_up() -> None:
    """While the migration is set up, too, it finds the other way and comes to its end."""
    project = two_ways()
    assert moved(COPY, LinkDown("link-1", 1e-4), project=project).outcome is Outcome.COMPLETED
    in_resume = middle_of_resume(project)
    assert moved(COPY, LinkDown("link-1", in_resume), project=project).outcome is Outcome.COMPLETED


def middle_of_resume(project: Project) -> float:
    resume = next(s for s in moved(COPY, project=project).segments if s.phase is Phase.RESUME)
    return (resume.start_s + resume.end_s) / 2


def test_what_starts_after_a_failure_knows_of_it() -> None:
    project = two_hosts(3, max_concurrent=1)
    first, *_ = run_with(project).results
    again_s = first.total_s * 1.5
    target_down = run_with(project, HostDown(TARGET, again_s)).results
    assert [r.outcome for r in target_down] == [Outcome.COMPLETED, Outcome.FAILED, Outcome.FAILED]
    assert target_down[2].reason == "web-3 can't move: beta is down; it keeps running on alpha"
    source_down = run_with(project, HostDown(SOURCE, again_s)).results
    assert [r.outcome for r in source_down] == [Outcome.COMPLETED, Outcome.LOST, Outcome.LOST]
    assert source_down[2].reason == "web-3 was lost before it could move"
    no_link = run_with(project, LinkDown(LINK, again_s)).results
    assert [r.outcome for r in no_link] == [Outcome.COMPLETED, Outcome.FAILED, Outcome.FAILED]
    assert "no link leads" in no_link[2].reason


def test_a_host_takes_all_vms_with_it_that_are_there() -> None:
    project = two_hosts(3, max_concurrent=1)
    first, *_ = run_with(project).results
    failures = [HostDown(TARGET, first.total_s * 1.5)]
    run = run_with(project, *failures)
    assert lost_machines(project, project.plan, run, failures) == ["web-1"]
    failures = [HostDown(SOURCE, first.total_s * 1.5)]
    run = run_with(project, *failures)
    assert lost_machines(project, project.plan, run, failures) == ["web-2", "web-3"]
    assert lost_machines(project, project.plan, run_with(project), []) == []


def test_a_vm_whose_source_goes_while_it_resumes_is_not_lost() -> None:
    project = two_hosts()
    failures = [HostDown(SOURCE, middle_of(Phase.RESUME, COPY))]
    assert lost_machines(project, project.plan, run_with(project, *failures), failures) == []


def test_what_a_failed_migration_leaves_of_a_link_is_there_for_others() -> None:
    project = two_hosts(2)
    alone = moved(COPY)
    _, other = run_with(project, Abort("migration-1", 0.5)).results
    assert other.outcome is Outcome.COMPLETED
    assert other.total_s < alone.total_s + 0.6


failures_ = st.lists(
    st.one_of(
        st.builds(LinkDown, st.sampled_from(["link-1", "link-2", "link-3", "link-4"]), st.floats(0, 15)),
        st.builds(HostDown, st.sampled_from([SOURCE, TARGET]), st.floats(0, 15)),
        st.builds(Abort, st.sampled_from(["migration-1"]), st.floats(0, 15)),
    ),
    max_size=4,
)


@given(failures_, st.sampled_from([Technique.PRE_COPY, Technique.POST_COPY, Technique.HYBRID, Technique.STOP_AND_COPY]))
def test_every_run_comes_to_an_end_and_says_truly_where_the_vm_is(
    failures: list[Failure], technique: Technique
) -> None:
    project = two_ways()
    plan = project.plan.replaced(evolve(project.plan.migrations[0], technique=technique))
    project = evolve(project, plans={plan.id: plan})
    run = run_with(project, *failures)
    [result] = run.results
    first_down = {
        host: min((f.at_s for f in failures if isinstance(f, HostDown) and f.host_id == host), default=math.inf)
        for host in (SOURCE, TARGET)
    }
    end_s = result.started_s + result.total_s
    match result.outcome:
        case Outcome.COMPLETED:
            assert first_down[TARGET] >= end_s - 1e-6
        case Outcome.LOST:
            assert failures
        case Outcome.FAILED:
            assert first_down[SOURCE] >= end_s - 1e-6
        case _:
            pytest.fail(result.outcome)
    stays_up = first_down[SOURCE] == math.inf and first_down[TARGET] == math.inf
    lost = lost_machines(project, plan, run, failures)
    assert not lost or not stays_up or technique in (Technique.POST_COPY, Technique.HYBRID)
    assert run == evolve(run_with(project, *failures), started_at=run.started_at)


def test_a_host_is_a_thing_of_its_own() -> None:
    """One that takes no part in the plan can go down without harm to it."""
    project = two_hosts()
    project = evolve(project, hosts={**project.hosts, "host-3": Host("host-3", "gamma")})
    assert moved(COPY, HostDown("host-3", 1.0), project=project).outcome is Outcome.COMPLETED
