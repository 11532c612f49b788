"""What is found before anything moves."""

import pytest
from attrs import evolve

from tests.small_projects import GIGABIT, two_hosts, web_profile
from vmplanner.backends.simulated import SimulatedBackend
from vmplanner.domain import edits
from vmplanner.domain.machines import Piece, PieceKind, PowerLaw, Profile
from vmplanner.domain.plans import Compression, Options, Technique
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.quantities import GIB, MIB
from vmplanner.domain.topology import PolicyName
from vmplanner.engine.runner import run_plan
from vmplanner.planning.preflight import Finding, Severity, blocking, check, check_forecast


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


def forecast_findings(project: Project) -> tuple[Finding, ...]:
    forecast = run_plan(project, project.plan, SimulatedBackend()).run
    return check_forecast(project, project.plan, forecast)


def busy(**limits: object) -> Project:
    """A guest that writes faster than its link carries, with other limits for its move."""
    project = two_hosts(profile=web_profile(60_000), bandwidth_bytes_per_s=GIGABIT / 10)
    [move] = project.plan.migrations
    return project.applied(Change("", (Edit(project.plan, project.plan.replaced(evolve(move, **limits))),)))


def test_a_move_that_the_forecast_gives_up_is_a_warning_with_its_reason() -> None:
    [finding] = forecast_findings(busy())
    assert finding.severity is Severity.WARNS
    assert finding.message.startswith("web-1 would not converge: the guest writes ")
    assert "can be sent within the downtime limit of 300 ms" in finding.message
    assert finding.message.endswith("It writes up to 1.97 Gbit/s and its way to beta carries 100 Mbit/s")
    assert finding.mend.startswith("give it more bandwidth")
    assert blocking((finding,)) == ()


def test_the_cap_is_named_where_the_cap_is_what_limits() -> None:
    [finding] = forecast_findings(busy(max_bandwidth_bytes_per_s=GIGABIT / 100))
    assert finding.message.endswith("and its bandwidth cap is 10 Mbit/s")
    assert finding.mend.startswith("raise the cap")


def test_what_is_given_up_for_its_time_limit_needs_more_time() -> None:
    [finding] = forecast_findings(busy(time_limit_s=20.0))
    assert finding.mend.startswith("give it more time than 20 s")


def test_what_the_forecast_completes_gives_no_alarm() -> None:
    project = busy(technique=Technique.STOP_AND_COPY)
    assert [severity for severity, _, _ in found(project)] == [Severity.INFORMS]  # of the slow link
    assert forecast_findings(project) == ()


def test_vms_of_one_name_are_allowed_but_told() -> None:
    project = two_hosts(2)
    second = project.machines["vm-2"]
    project = project.applied(Change("", (Edit(second, evolve(second, name="web-1")),)))
    assert found(project) == [(Severity.WARNS, "vm-2", "more than one VM has the name web-1")]


def with_migration(project: Project, **changes: object) -> Project:
    [migration] = project.plan.migrations
    plan = project.plan.replaced(evolve(migration, **changes))
    return project.applied(Change("", (Edit(project.plan, plan),)))


@pytest.mark.parametrize(
    ("policy", "changes", "words"),
    [
        (PolicyName.XEN_4, {"technique": Technique.POST_COPY}, "post-copy, which Xen 4 does not have"),
        (PolicyName.XEN_4, {"options": Options(auto_converge=True)}, "options of QEMU, which Xen 4 does not have"),
        (PolicyName.QEMU, {"options": Options(channels=2, xbzrle_cache_bytes=1)}, "several channels and with XBZRLE"),
        (
            PolicyName.QEMU,
            {"technique": Technique.HYBRID, "options": Options(channels=2)},
            "by hybrid over several channels",
        ),
    ],
)
def test_what_the_hypervisor_can_not_do_blocks(policy: PolicyName, changes: dict[str, object], words: str) -> None:
    [(severity, thing, message)] = found(with_migration(two_hosts(policy=policy), **changes))
    assert (severity, thing) == (Severity.BLOCKS, "vm-1")
    assert words in message


def test_packing_without_channels_is_a_warning() -> None:
    [(severity, _, message)] = found(with_migration(two_hosts(), options=Options(compression=Compression.ZSTD)))
    assert severity is Severity.WARNS
    assert "needs channels" in message


def test_full_hosts_that_swap_vms_block_and_a_little_room_is_enough() -> None:
    def swap(spare_bytes: int) -> Project:
        project = two_hosts(1, target_memory_bytes=GIB + spare_bytes)
        project = project.applied(edits.add_machine(project, "host-2", Profile(), GIB))
        project = project.applied(edits.plan_moves(project, ["vm-2"], "host-1"))
        alpha = project.hosts["host-1"]
        return project.applied(Change("", (Edit(alpha, evolve(alpha, memory_bytes=GIB)),)))

    assert [(severity, thing) for severity, thing, _ in found(swap(0))] == [
        (Severity.BLOCKS, "vm-1"),
        (Severity.BLOCKS, "vm-2"),
    ]
    assert blocking(check(swap(GIB), swap(GIB).plan)) == ()


def rewriting() -> Project:
    """A guest that writes less in a second than its link carries, but more in a round than fits into the limit."""
    heap = Piece("heap", PieceKind.HEAP, 512 * MIB, 26_000, PowerLaw(0.5), rewrite_share=0.1)
    return two_hosts(profile=Profile("Rewriting", (heap,)), bandwidth_bytes_per_s=GIGABIT)


def test_a_guest_below_the_rate_of_its_way_is_not_said_to_be_above_it() -> None:
    [finding] = forecast_findings(rewriting())
    assert "Its way to beta carries 1 Gbit/s" in finding.message
    assert "writes up to" not in finding.message


def test_what_would_help_is_named_and_the_best_of_it_mends_the_plan() -> None:
    project = rewriting()
    [finding] = forecast_findings(project)
    assert "use XBZRLE (" in finding.mend
    assert " or hybrid (" in finding.mend
    assert finding.fix is not None
    assert forecast_findings(project.applied(finding.fix)) == ()


def test_a_throttle_that_did_not_help_is_told_with_how_far_it_went() -> None:
    [finding] = forecast_findings(busy(options=Options(auto_converge=True, throttle_max=0.4)))
    assert "auto-converge slowed it down by up to 40 %" in finding.message


def test_what_would_converge_alone_is_told_to_move_alone() -> None:
    project = two_hosts(8, profile=web_profile(9_000), bandwidth_bytes_per_s=GIGABIT)
    plan = evolve(project.plan, max_concurrent=8, max_concurrent_per_host=8)
    findings = forecast_findings(project.applied(Change("", (Edit(project.plan, plan),))))
    assert findings
    assert {finding.mend for finding in findings} == {"move less at the same time: alone it would converge"}


def test_a_guest_that_is_stopped_by_force_is_a_warning() -> None:
    project = two_hosts(profile=web_profile(200_000), bandwidth_bytes_per_s=GIGABIT / 4, policy=PolicyName.XEN_4)
    [finding] = forecast_findings(project)
    assert finding.severity is Severity.WARNS
    assert "forced to stop after 5 rounds, did not converge" in finding.message
    quiet = two_hosts(profile=web_profile(10), bandwidth_bytes_per_s=GIGABIT / 4, policy=PolicyName.XEN_4)
    assert forecast_findings(quiet) == ()
