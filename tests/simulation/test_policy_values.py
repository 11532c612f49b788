"""What a hypervisor's own rules give, and what a user's values for one host change of it."""

import math

import pytest
from attrs import evolve

from tests.simulation.simulate import only, simulate_one
from tests.small_projects import GIGABIT, two_hosts, web_profile
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.plans import Technique
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.quantities import GIB
from vmplanner.domain.results import MigrationResult, Outcome, Phase
from vmplanner.domain.topology import Host, PolicyName
from vmplanner.simulation.policies import POLICIES
from vmplanner.simulation.policy_values import fitting, misfits, policy_of, values_of, with_value
from vmplanner.simulation.stop_rules import Rounds, Switchover


def alpha(policy: PolicyName = PolicyName.QEMU, **values: float) -> Host:
    return Host("host-1", "alpha", policy, policy_values=values)


def with_values(project: Project, **values: float) -> Project:
    """The project with other policy values for the host that the VM leaves."""
    host = project.hosts["host-1"]
    return project.applied(Change("", (Edit(host, evolve(host, policy_values=values)),)))


def with_cap(project: Project, bytes_per_s: float) -> Project:
    migration = evolve(only(project), max_bandwidth_bytes_per_s=bytes_per_s)
    return project.applied(Change("", (Edit(project.plan, project.plan.replaced(migration)),)))


@pytest.mark.parametrize("policy", PolicyName)
class TestEveryPolicy:
    def test_its_values_can_be_told_apart_and_are_where_they_may_be(self, policy: PolicyName) -> None:
        values = values_of(POLICIES[policy])
        for names in ([value.name for value in values], [value.about.label for value in values]):
            assert len(set(names)) == len(names) > 8
        for value in values:
            assert value.about.at_least <= value.default <= value.about.at_most
            assert value.about.meaning.endswith(".")
            assert value.source.startswith(("measured", "seen", "recalled", "derived", "assumed", "rule"))

    def test_it_is_itself_with_its_own_values(self, policy: PolicyName) -> None:
        values = {value.name: value.default for value in values_of(POLICIES[policy])}
        assert policy_of(alpha(policy, **values)) == policy_of(alpha(policy)) == POLICIES[policy]

    @pytest.mark.parametrize("end", ["at_least", "at_most"])
    def test_a_migration_ends_with_each_value_at_its_ends(self, policy: PolicyName, end: str) -> None:
        project = with_cap(two_hosts(policy=policy), GIGABIT / 2)
        for value in values_of(POLICIES[policy]):
            result = simulate_one(with_values(project, **{value.name: getattr(value.about, end)}))
            assert result.outcome in (Outcome.COMPLETED, Outcome.NOT_CONVERGED), value
            assert math.isfinite(result.total_s)


def test_only_qemu_has_post_copy() -> None:
    for technique in (Technique.POST_COPY, Technique.HYBRID):
        assert [name for name, policy in POLICIES.items() if technique in policy.offers] == [PolicyName.QEMU]


def test_simgrid_is_offered_last() -> None:
    assert list(PolicyName)[-1] is PolicyName.SIMGRID


class TestVmotion:
    def test_a_quiet_guest_is_switched_over_within_its_goal(self) -> None:
        result = simulate_one(two_hosts(policy=PolicyName.VMOTION))
        policy = POLICIES[PolicyName.VMOTION]
        assert isinstance(policy.stop, Switchover)
        assert result.outcome is Outcome.COMPLETED
        assert result.downtime_s < policy.stop.downtime_limit_s + policy.device_state_bytes / GIGABIT + 0.3
        assert all(segment.guest_share == 1 for segment in result.segments if not segment.phase.is_downtime)

    def test_a_busy_guest_is_slowed_until_it_converges(self) -> None:
        def migrated(policy: PolicyName) -> MigrationResult:
            slow_link = two_hosts(policy=policy, profile=web_profile(60_000), bandwidth_bytes_per_s=GIGABIT / 10)
            return simulate_one(slow_link)

        assert migrated(PolicyName.QEMU).outcome is Outcome.NOT_CONVERGED
        result = migrated(PolicyName.VMOTION)
        assert result.outcome is Outcome.COMPLETED
        shares = [segment.guest_share for segment in result.segments if segment.phase is Phase.PRE_COPY]
        assert shares[0] == 1
        assert shares == sorted(shares, reverse=True)
        assert shares[-1] < 1


class TestHyperV:
    def test_it_makes_ten_live_rounds_of_a_busy_guest_and_one_last(self) -> None:
        result = simulate_one(two_hosts(policy=PolicyName.HYPER_V, profile=web_profile(60_000)))
        assert result.outcome is Outcome.COMPLETED
        assert result.rounds == 11

    def test_it_stops_earlier_when_little_is_left(self) -> None:
        assert simulate_one(two_hosts(policy=PolicyName.HYPER_V, profile=web_profile(10))).rounds < 5


class TestValues:
    def test_they_take_the_place_of_the_policys_own(self) -> None:
        policy = policy_of(alpha(PolicyName.XEN_4, max_rounds=9, resume_s=0.25))
        assert policy.stop == Rounds(max_rounds=9, target_pages=50)
        assert policy.resume_s == 0.25
        assert evolve(policy, stop=POLICIES[PolicyName.XEN_4].stop, resume_s=0.05) == POLICIES[PolicyName.XEN_4]

    def test_a_migration_follows_those_of_its_source(self) -> None:
        project = two_hosts(policy=PolicyName.XEN_4, profile=web_profile(60_000))
        assert simulate_one(project).rounds == 6
        assert simulate_one(with_values(project, max_rounds=9)).rounds == 10

    def test_a_share_of_the_bandwidth_is_what_the_sender_gets(self) -> None:
        project = two_hosts(policy=PolicyName.XEN_4, profile=web_profile(0))
        whole, half = (simulate_one(with_values(project, bandwidth_factor=share)) for share in (1.0, 0.5))
        assert half.total_s == pytest.approx(2 * whole.total_s, rel=0.02)

    def test_whole_numbers_stay_whole(self) -> None:
        host = with_value(alpha(PolicyName.XEN_4), "max_rounds", 7.0)
        assert host.policy_values == (("max_rounds", 7),)
        assert isinstance(dict(host.policy_values)["max_rounds"], int)

    def test_none_gives_the_policys_own_back(self) -> None:
        assert with_value(alpha(resume_s=1.0, setup_s=2.0), "resume_s", None) == alpha(setup_s=2.0)

    @pytest.mark.parametrize(
        ("policy", "name", "value", "told"),
        [
            (PolicyName.QEMU, "downtime_limit_s", 0, "downtime limit must be between 1 ms and 86"),
            (PolicyName.QEMU, "bandwidth_factor", 1.5, "bandwidth used must be between 1 % and 100 %, not 150 %"),
            (PolicyName.XEN_4, "max_rounds", 2.5, "live rounds must be a whole number, not 2.5"),
            (PolicyName.XEN_4, "downtime_limit_s", 1, "downtime limit is no value of Xen 4"),
            (PolicyName.QEMU, "speed", 1, "speed is no value of QEMU/KVM"),
            (PolicyName.XEN_4, "window_s", 1, "window is no value of Xen 4"),
        ],
    )
    def test_what_can_not_be_is_refused_with_the_host_and_the_value(
        self, policy: PolicyName, name: str, value: float, told: str
    ) -> None:
        with pytest.raises(InvalidValue) as refusal:
            with_value(alpha(policy), name, value)
        assert str(refusal.value).startswith(f"Host 'alpha': {told}")
        host = alpha(policy, resume_s=1.0, **{name: value})
        with pytest.raises(InvalidValue):
            policy_of(host)
        assert [str(each) for each in misfits(host)] == [str(refusal.value)]

    def test_what_another_policy_has_too_is_kept(self) -> None:
        host = alpha(downtime_limit_s=0.5, look_every_s=1.0, setup_s=2.0, device_state_bytes=GIB)
        for policy in (PolicyName.VMOTION, PolicyName.SIMGRID):
            kept = fitting(evolve(host, policy=policy))
            assert [name for name, _ in kept.policy_values] == ["device_state_bytes", "downtime_limit_s", "setup_s"]
        assert dict(fitting(evolve(host, policy=PolicyName.XEN_3)).policy_values) == {
            "device_state_bytes": GIB,
            "setup_s": 2.0,
        }
