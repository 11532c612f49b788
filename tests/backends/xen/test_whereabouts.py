"""Where a VM is, after whatever happened: told as both hosts say it, and nothing ended that could be the only copy."""

from itertools import product

import pytest

from vmplanner.backends.xen.whereabouts import Sight, judge
from vmplanner.backends.xen.xl import INCOMING, Domain, State
from vmplanner.domain.quantities import MIB
from vmplanner.domain.results import Outcome

SIGHTS = ["absent", "silent", "incoming", *State]


def sight(host: str, what: str) -> Sight:
    if what == "absent":
        return Sight(host)
    if what == "silent":
        return Sight(host, trouble=f"{host} does not answer.")
    state = State.PAUSED if what == "incoming" else State(what)
    return Sight(host, Domain("web" + (INCOMING if what == "incoming" else ""), "uuid", 3, MIB, state))


def verdict(source: str, target: str, *, was_cancelled: bool = False):
    return judge("web", sight("a", source), sight("b", target), was_cancelled=was_cancelled, cause="xl: broken pipe")


@pytest.mark.parametrize(("source", "target"), [*product(SIGHTS, SIGHTS)])
def test_what_is_said_is_what_is_seen(source: str, target: str) -> None:
    found = verdict(source, target)
    up = (State.RUNNING, State.PAUSED)
    match found.outcome:
        case Outcome.COMPLETED:
            assert target in up
            assert source not in up
        case Outcome.FAILED:
            assert source in up
            assert target not in up
        case Outcome.LOST:
            assert source not in (*up, "silent")
            assert target not in (*up, "silent")
        case Outcome.UNKNOWN:
            assert "silent" in (source, target) or (source in up and target in up)
    # Only what is left over may go, and only while the VM is seen to run.
    if found.may_clean_up:
        assert (source, target) == (State.RUNNING, "incoming")
    if found.outcome is not Outcome.COMPLETED:
        assert "web" in found.words


def test_a_cancelled_one_says_where_it_runs() -> None:
    found = verdict("running", "absent", was_cancelled=True)
    assert (found.outcome, found.words) == (Outcome.CANCELLED, "cancelled; web runs on a")


def test_both_copies_up_is_an_alarm() -> None:
    assert "end the wrong one at once" in verdict("running", "running").words


def test_a_copy_that_is_left_is_named_with_what_to_do() -> None:
    assert "xl destroy 3" in verdict("shut down", "running").words
