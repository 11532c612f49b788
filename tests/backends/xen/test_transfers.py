"""What becomes of a migration, whatever happens to it or to us: it is told as it is, and put in order."""

import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from tests.backends.xen.fake_hosts import FakeHosts
from vmplanner.backends.xen import transfer
from vmplanner.backends.xen.backend import XenBackend, picked_up
from vmplanner.backends.xen.ssh import HostUnreachable
from vmplanner.backends.xen.under_way import Register, UnderWay
from vmplanner.backends.xen.xl import XlHost, new_folder
from vmplanner.domain.access import Access
from vmplanner.domain.events import Progressed
from vmplanner.domain.machines import Piece, PieceKind, Profile, VirtualMachine
from vmplanner.domain.plans import Migration, Options, Plan, Technique
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import MIB
from vmplanner.domain.results import MigrationResult, Outcome, Phase
from vmplanner.domain.topology import Host, PolicyName
from vmplanner.engine.jobs import RunEnded, RunnerEvent
from vmplanner.engine.runner import Runner

pytest_plugins = "tests.backends.xen.fake_fixtures"

UUID = "494e200b-cc65-463a-a672-000000000003"


def project_of(good_mib: int = 128) -> Project:
    profile = Profile("Writer", (Piece("all", PieceKind.HEAP, good_mib * MIB),))
    machine = VirtualMachine("vm-1", "guest", "xen-a", 128 * MIB, profile=profile, uuid=UUID)
    drawn = [Host(name, name, PolicyName.XEN_4, access=Access(f"root@{name}")) for name in ("xen-a", "xen-b", "xen-c")]
    return Project.of(*drawn, machine)


def runner_of(hosts: FakeHosts, emit: Callable[[RunnerEvent], None], *moves: Migration, good_mib: int = 128) -> Runner:
    moves = moves or (Migration("move", "vm-1", "xen-b"),)
    return Runner(project_of(good_mib), Plan("plan", "Plan", moves), XenBackend(hosts.settings), emit)


def moved(hosts: FakeHosts, good_mib: int = 128, **options: Any) -> MigrationResult:
    (result,) = (
        runner_of(hosts, lambda _: None, Migration("move", "vm-1", "xen-b", **options), good_mib=good_mib)
        .execute()
        .results
    )
    return result


def begun(hosts: FakeHosts, *, migration_id: str = "move") -> UnderWay:
    """A migration that somebody has begun and left, standing still."""
    hosts.hold(True)
    note = UnderWay(migration_id, "guest", UUID, "root@xen-a", "root@xen-b", new_folder(), 128 * MIB, "2026-11-22")
    register = Register(hosts.settings.register)
    register.add(note)
    register.release(note)
    hosts.host("xen-a").begin(note.folder, ["xl", "migrate", "3", "xen-b"])
    return note


def test_a_vm_arrives_and_nothing_is_left(hosts: FakeHosts, tmp_path: Path) -> None:
    result = moved(hosts)
    assert (result.outcome, result.reason) == (Outcome.COMPLETED, "")
    assert result.bytes_in_round(1) == 128 * MIB
    assert (hosts.vms("xen-a"), hosts.vms("xen-b")) == ([], ["guest"])
    assert Register(hosts.settings.register).left() == ([], [])
    assert list((tmp_path / "run").iterdir()) == []


def test_a_vm_that_moves_on_leaves_from_where_it_has_come_to(hosts: FakeHosts) -> None:
    hosts.add("xen-c")
    run = runner_of(
        hosts, lambda _: None, Migration("1", "vm-1", "xen-b"), Migration("2", "vm-1", "xen-c", after=["1"])
    ).execute()
    assert [result.outcome for result in run.results] == [Outcome.COMPLETED] * 2
    assert hosts.vms("xen-c") == ["guest"]


def test_what_fails_says_why_and_where_the_vm_runs(hosts: FakeHosts) -> None:
    (hosts.folder / "fail").touch()
    result = moved(hosts)
    assert result.outcome is Outcome.FAILED
    assert "no way; guest runs on xen-a" in result.reason


def test_what_is_cancelled_runs_on_at_its_source(hosts: FakeHosts) -> None:
    hosts.hold(True)

    def cancel(event: RunnerEvent) -> None:
        if isinstance(event, Progressed) and event.phase is Phase.PRE_COPY:
            runner.cancel()

    runner = runner_of(hosts, cancel)
    (result,) = runner.execute().results
    assert (result.outcome, result.reason) == (Outcome.CANCELLED, "cancelled; guest runs on xen-a")


@pytest.mark.parametrize("where", ["xen-a", "xen-b"])
def test_what_can_t_be_looked_at_is_not_started(hosts: FakeHosts, where: str) -> None:
    (hosts.folder / where / "silent").touch()
    result = moved(hosts)
    assert result.outcome is Outcome.FAILED
    assert result.reason.endswith("nothing answers at that address and port. It was not started")
    assert not any("migrate" in line for line in hosts.told())


class TestGoodMemory:
    def test_a_guest_shrinks_moves_and_has_its_memory_again(self, hosts: FakeHosts) -> None:
        result = moved(hosts, 96, technique=Technique.CHECKPOINT, options=Options())
        assert (result.outcome, result.reason) == (Outcome.COMPLETED, "")
        assert hosts.memory_mib("xen-b", 3) == 128
        assert "xen-a: mem-set 3 96m" in hosts.told()

    def test_it_has_it_again_where_the_move_fails(self, hosts: FakeHosts) -> None:
        (hosts.folder / "fail").touch()
        assert moved(hosts, 96, technique=Technique.CHECKPOINT).outcome is Outcome.FAILED
        assert hosts.memory_mib("xen-a", 3) == 128

    def test_it_is_told_where_it_can_t_have_it_again(self, hosts: FakeHosts) -> None:
        (hosts.folder / "xen-b" / "no-memory").touch()
        result = moved(hosts, 96, technique=Technique.CHECKPOINT)
        assert result.outcome is Outcome.COMPLETED
        assert "could not be given its 128 MiB of memory back" in result.reason

    def test_one_with_nothing_to_give_is_left_as_it_is(self, hosts: FakeHosts) -> None:
        assert moved(hosts, 128, technique=Technique.CHECKPOINT).outcome is Outcome.COMPLETED
        assert not any("mem-set" in line for line in hosts.told())

    def test_whoever_picks_it_up_gives_it_back(self, hosts: FakeHosts) -> None:
        note = begun(hosts)
        register = Register(hosts.settings.register)
        register.add(evolve(note, gives_back=True))
        register.release(note)
        hosts.host("xen-a").set_memory(hosts.host("xen-a").domains()[0], 96 * MIB)
        hosts.hold(False)
        assert [ended.outcome for _, ended in picked_up(hosts.settings, print)] == [Outcome.COMPLETED]
        assert hosts.memory_mib("xen-b", 3) == 128


class TestLeft:
    def test_an_abandoned_run_goes_on_and_is_picked_up(self, hosts: FakeHosts) -> None:
        hosts.hold(True)
        events: list[RunnerEvent] = []

        def abandon(event: RunnerEvent) -> None:
            events.append(event)
            if isinstance(event, Progressed) and event.phase is Phase.PRE_COPY:
                runner.abandon()

        runner = runner_of(hosts, abandon)
        runner.start()
        assert runner.join(10)
        assert isinstance(events[-1], RunEnded)
        (note,), faults = Register(hosts.settings.register).left()
        assert (note.vm, faults) == ("guest", [])
        hosts.hold(False)
        ((picked, ended),) = picked_up(hosts.settings, print)
        assert (picked, ended.outcome) == (note, Outcome.COMPLETED)
        assert hosts.vms("xen-b") == ["guest"]

    def test_what_somebody_follows_is_offered_to_nobody_else(self, hosts: FakeHosts) -> None:
        note = begun(hosts)
        register = Register(hosts.settings.register)
        assert register.claim(note)
        assert Register(hosts.settings.register).left() == ([], [])
        assert list(picked_up(hosts.settings, print)) == []
        register.release(note)
        hosts.hold(False)
        assert len(list(picked_up(hosts.settings, print))) == 1

    def test_moves_of_two_projects_may_have_the_same_id(self, hosts: FakeHosts) -> None:
        first, second = begun(hosts), begun(hosts)
        hosts.hold(False)
        found = {note.folder: ended.outcome for note, ended in picked_up(hosts.settings, print)}
        assert found == {first.folder: Outcome.COMPLETED, second.folder: Outcome.COMPLETED}

    def test_following_can_be_given_up(self, hosts: FakeHosts) -> None:
        begun(hosts)
        given_up = threading.Event()
        threading.Timer(0.3, given_up.set).start()
        assert list(picked_up(hosts.settings, print, given_up)) == []
        assert len(Register(hosts.settings.register).left()[0]) == 1
        hosts.hold(False)
        assert len(list(picked_up(hosts.settings, print))) == 1

    def test_one_that_was_noted_and_never_begun_ends(self, hosts: FakeHosts, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(transfer, "_QUIET_S", 0.1)
        register = Register(hosts.settings.register)
        note = UnderWay("m", "guest", UUID, "root@xen-a", "root@xen-b", new_folder(), 128 * MIB, "2026-11-22")
        register.add(note)
        register.release(note)
        ((_, ended),) = picked_up(hosts.settings, print)
        assert ended.outcome is Outcome.FAILED
        assert ended.reason == "it never began, or its host has restarted since; guest runs on root@xen-a"
        assert register.left() == ([], [])

    def test_one_whose_log_nobody_ends_is_looked_for(self, hosts: FakeHosts, monkeypatch: pytest.MonkeyPatch) -> None:
        """Such as when the host kills what watches xl: then the log just stops."""
        monkeypatch.setattr(transfer, "_QUIET_S", 0.1)
        note = begun(hosts)
        log = Path(note.folder) / "log"
        while '"done": 16384' not in log.read_text():
            pass
        Path(note.folder, "pid").write_text("1")  # by now another process's number
        hosts.hold(False)
        ((_, ended),) = picked_up(hosts.settings, print)
        assert ended.outcome is Outcome.COMPLETED


class TestFaults:
    def test_a_spoilt_line_ends_nothing(self, hosts: FakeHosts) -> None:
        note = begun(hosts)
        with (Path(note.folder) / "log").open("a") as log:
            log.write('{"progress": "Frames iteration 3"}\nhalf a li\n[]\n')
        hosts.hold(False)
        ((_, ended),) = picked_up(hosts.settings, print)
        assert ended.outcome is Outcome.COMPLETED

    def test_a_fault_of_ours_does_not_pass_for_an_end(self, hosts: FakeHosts, monkeypatch: pytest.MonkeyPatch) -> None:
        """While it goes on it must not be called over, nor its part of a copy at the target be removed."""

        def broken(*_: object) -> None:
            raise RuntimeError("a bug")

        begun(hosts)
        monkeypatch.setattr(transfer.Transfer, "_lines", broken)
        ((_, ended),) = picked_up(hosts.settings, print)
        assert ended.outcome is Outcome.UNKNOWN
        assert "may still be moving" in ended.reason
        assert len(Register(hosts.settings.register).left()[0]) == 1
        monkeypatch.undo()
        hosts.hold(False)

    def test_a_begin_that_is_not_answered_is_followed_all_the_same(
        self, hosts: FakeHosts, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        begin = XlHost.begin

        def no_answer(self: XlHost, folder: str, command: list[str]) -> None:
            begin(self, folder, command)
            raise HostUnreachable("it did not answer within 60 s.")

        monkeypatch.setattr(XlHost, "begin", no_answer)
        assert moved(hosts).outcome is Outcome.COMPLETED

    def test_nothing_starts_that_can_t_be_noted(self, hosts: FakeHosts) -> None:
        hosts.settings.register.parent.mkdir(parents=True)
        hosts.settings.register.write_text("a file where the folder should be")
        result = moved(hosts)
        assert result.outcome is Outcome.FAILED
        assert "It was not started" in result.reason
        assert not any("migrate" in line for line in hosts.told())


def test_another_process_with_the_same_number_is_not_touched(hosts: FakeHosts) -> None:
    host, folder = hosts.host("xen-a"), new_folder()
    Path(folder).mkdir()
    with subprocess.Popen(["sleep", "30"]) as stranger:
        Path(folder, "pid").write_text(str(stranger.pid))
        assert not host.is_watched(folder)
        host.cancel(folder)
        assert stranger.poll() is None
        stranger.terminate()


def test_a_session_that_is_given_up_waits_for_no_host(hosts: FakeHosts) -> None:
    (hosts.folder / "xen-a" / "hangs").touch()
    ssh = hosts.host("xen-a").ssh
    threading.Timer(0.2, ssh.given_up.set).start()
    with pytest.raises(HostUnreachable, match="not waited for"):
        ssh.run(["true"])


def test_a_key_is_shown_kept_and_known_from_then_on(hosts: FakeHosts) -> None:
    hosts.make_unknown("xen-a")
    known = hosts.folder / "known_hosts"
    known.write_text("other ssh-ed25519 AAAA")  # without a line break at its end
    ssh = hosts.host("xen-a").ssh
    key = ssh.unknown_key()
    assert key is not None
    assert key.fingerprints[0].startswith("256 SHA256:")
    ssh.accept(key)
    assert known.read_text().splitlines()[0] == "other ssh-ed25519 AAAA"
    assert ssh.unknown_key() is None
