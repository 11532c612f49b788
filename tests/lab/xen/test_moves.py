"""Real migrations between real Xen hosts, and all that can happen to them on the way. However one ends, the guest lives
on exactly one host afterwards, and has lost nothing.
"""

import time
from collections.abc import Callable

import pytest

from tests.lab.xen.hosts import LabHost
from tests.lab.xen.moves import Mover, wait_for_beats
from vmplanner.domain.events import Progressed
from vmplanner.domain.plans import Technique
from vmplanner.domain.quantities import MIB
from vmplanner.domain.results import MigrationResult, Outcome, Phase
from vmplanner.engine.runner import Runner

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]

Hosts = tuple[LabHost, LabHost]
MakeMover = Callable[..., Mover]


def check_whole(mover: Mover, *, on: str) -> None:
    """The guest lives on one host, its memory is whole, and it went on where it stopped."""
    assert mover.where() == [on]
    beats = mover.beats()
    assert all(beat.is_whole for beat in beats)
    numbers = [beat.number for beat in beats]
    assert len(set(numbers)) == len(numbers), "it lived twice"
    pages = [beat.pages for beat in beats]
    assert pages == sorted(pages)
    for host in mover.hosts.values():
        names = list(host.uuids())
        assert names == (["guest"] if host.name == on else [])
        assert host.run("ls -d /run/vmplanner.* /var/lib/xen/vmplanner* 2>/dev/null || true") == ""


def rounds(result: MigrationResult) -> dict[tuple[Phase, int], int]:
    """The bytes of each pass."""
    found: dict[tuple[Phase, int], int] = {}
    for segment in result.segments:
        found[segment.phase, segment.round] = found.get((segment.phase, segment.round), 0) + segment.bytes
    return found


@pytest.mark.parametrize("rate", [4, 0], ids=["writing", "idle"])
def test_a_guest_moves_there_and_back(hosts: Hosts, mover: MakeMover, rate: int) -> None:
    hosts[0].create(rate=rate)
    wait_for_beats(hosts[0])
    for source, target in (("xen-a", "xen-b"), ("xen-b", "xen-a")):
        move = mover()
        result = move.move(source, target)
        assert (result.outcome, result.reason) == (Outcome.COMPLETED, "")
        passes = rounds(result)
        assert passes[Phase.PRE_COPY, 1] == 128 * MIB
        assert (Phase.STOP_AND_COPY, max(number for _, number in passes)) in passes
        assert 0 < result.downtime_s < result.total_s
        check_whole(move, on=target)


def test_good_memory_gives_back_what_nobody_needs_and_the_guest_has_it_again(hosts: Hosts, mover: MakeMover) -> None:
    hosts[0].create(rate=0)
    wait_for_beats(hosts[0])
    move = mover(good_mib=96, technique=Technique.CHECKPOINT)
    result = move.move()
    assert (result.outcome, result.reason) == (Outcome.COMPLETED, "")
    passes = rounds(result)
    assert {Phase.BALLOON, Phase.DEFLATE} <= {phase for phase, _ in passes}
    assert passes[Phase.PRE_COPY, 1] <= 100 * MIB
    assert int(hosts[1].run("xl list guest").split()[-4]) >= 126
    check_whole(move, on="xen-b")


def test_stop_and_copy_saves_sends_and_restores(hosts: Hosts, mover: MakeMover) -> None:
    hosts[0].create()
    wait_for_beats(hosts[0])
    move = mover(technique=Technique.STOP_AND_COPY)
    result = move.move()
    assert (result.outcome, result.reason) == (Outcome.COMPLETED, "")
    assert rounds(result)[Phase.STOP_AND_COPY, 1] == 128 * MIB
    check_whole(move, on="xen-b")


@pytest.mark.parametrize(
    "when",
    [
        lambda event: event.phase is Phase.PRE_COPY and event.round == 1 and event.remaining_bytes < 100 * MIB,
        lambda event: event.phase is Phase.PRE_COPY and event.round >= 3,
    ],
    ids=["in the first round", "near the end"],
)
def test_what_is_cancelled_runs_where_it_was(
    hosts: Hosts, mover: MakeMover, when: Callable[[Progressed], bool]
) -> None:
    hosts[0].create()
    wait_for_beats(hosts[0])
    move = mover()
    result = move.move(when=when, then=Runner.cancel)
    if result.outcome is Outcome.COMPLETED:  # it was quicker than the wish
        check_whole(move, on="xen-b")
    else:
        assert result.outcome is Outcome.CANCELLED
        assert "guest runs on xen-a" in result.reason
        check_whole(move, on="xen-a")


def test_a_cut_cable_leaves_the_guest_where_it_was(hosts: Hosts, mover: MakeMover) -> None:
    hosts[0].create()
    wait_for_beats(hosts[0])
    move = mover()

    def cut(_runner: Runner) -> None:
        hosts[0].set_cable(is_plugged=False)
        # What would take TCP a quarter of an hour to find out.
        hosts[0].run("pkill -x nc")
        hosts[1].run("pkill -x xl || true")

    result = move.move(when=lambda event: event.phase is Phase.PRE_COPY and event.remaining_bytes < 90 * MIB, then=cut)
    assert result.outcome is Outcome.FAILED
    assert "guest runs on xen-a" in result.reason
    check_whole(move, on="xen-a")


def test_a_target_without_room_refuses_before_the_start(hosts: Hosts, mover: MakeMover) -> None:
    hosts[0].create()
    hosts[1].create("big", memory_mib=400)
    wait_for_beats(hosts[0])
    result = mover().move()
    assert result.outcome is Outcome.FAILED
    assert "xen-b has" in result.reason
    assert "guest needs" in result.reason
    assert "not started" in result.reason
    hosts[1].destroy_all()
    time.sleep(2)
    check_whole(mover(), on="xen-a")
