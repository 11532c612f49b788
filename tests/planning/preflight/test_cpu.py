"""CPU features and versions."""

from hypothesis import given
from hypothesis import strategies as st

from tests.planning.preflight.cases import broken, cpu, project_with
from vmplanner.domain.platform import (
    GuestNeeds,
    version_key,
)

numbers = st.lists(st.integers(0, 999), min_size=1, max_size=4)


@given(numbers, numbers)
def test_versions_compare_by_their_numbers(a: list[int], b: list[int]) -> None:
    longest = max(len(a), len(b))
    padded = [[*version, *[0] * (longest - len(version))] for version in (a, b)]
    keys = [version_key(".".join(map(str, version)) + "-1~bpo") for version in (a, b)]
    assert (keys[0] < keys[1]) == (padded[0] < padded[1])
    assert (keys[0] == keys[1]) == (padded[0] == padded[1])


FEATURES = st.frozensets(st.sampled_from(["aes", "avx", "avx2", "sse4_2", "fma"]))


@given(FEATURES, FEATURES)
def test_a_guest_goes_where_all_its_features_are(needed: frozenset[str], there: frozenset[str]) -> None:
    project = project_with(needs=GuestNeeds(cpu_features=needed), target=cpu(*there))
    assert bool(broken(project, "cpu-features")) == (bool(there) and not needed <= there)
