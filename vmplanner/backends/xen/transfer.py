"""One migration on real hosts, from the last look before its start to the last look after its end.

It runs in a thread of its own, and tells what happens through `emit`. What it has begun on the hosts goes on whatever
becomes of this process: see watch_xl.py and under_way.py.
"""

import os
import selectors
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime

from attrs import evolve, frozen

from vmplanner.backends.xen.rounds import WatchedMigration
from vmplanner.backends.xen.ssh import CommandFailed, HostUnreachable
from vmplanner.backends.xen.under_way import Register, UnderWay
from vmplanner.backends.xen.whereabouts import Sight, Verdict, judge
from vmplanner.backends.xen.xl import Domain, State, XlHost, migrate, new_folder, relocate
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.events import NOTHING_MOVED, Ended, MigrationEvent, Progressed
from vmplanner.domain.quantities import BYTES, MIB
from vmplanner.domain.results import Outcome, Phase

_LOOK_EVERY_S = 1.0
_GLANCE_S = 0.2
_BALLOON_STALLS_S = 30.0  # without a page more given back, the guest has given what it can
_LEFTOVER_GOES_S = 30.0  # within which xl at the target clears away what it has received in vain
_RECONNECT_S = 5.0
_QUIET_S = 30.0  # without a line, it is time to ask whether somebody still writes
_SILENT_S = 300.0  # after so long without the source, its migration is a thing for later
_OVERHEAD_BYTES = 8 * MIB  # of page tables and so on; of a guest with a few GiB


@frozen
class Job:
    """A migration with all that is needed to carry it out: the VM by its uuid, and both hosts. `peer` is what the
    source knows the target as, `transport` as in xl.migrate. `good_bytes` is what the balloon leaves the guest before
    the copy (0: all that it has).
    """

    migration_id: str
    vm: str
    uuid: str
    source: XlHost
    target: XlHost
    source_name: str
    target_name: str
    peer: str
    transport: str = ""
    max_bandwidth_bytes_per_s: float | None = None
    good_bytes: int = 0
    is_stop_and_copy: bool = False


class Transfer:
    """Carries out a job. `clock` gives seconds since the session was opened."""

    def __init__(
        self,
        job: Job,
        register: Register,
        clock: Callable[[], float],
        emit: Callable[[MigrationEvent], None],
        under_way: UnderWay | None = None,
    ) -> None:
        self._job = job
        self._register = register
        self._clock = clock
        self._emit = emit
        self._is_cancelled = threading.Event()
        self._is_left = threading.Event()
        self._under_way = under_way
        self._ballooned_bytes = 0
        self._may_go_on = False  # whether something that nobody sees the end of may be at work on the hosts
        self._thread = threading.Thread(target=self._run, name=f"vmplanner-xen-{job.uuid[:8]}")

    def start(self) -> None:
        self._thread.start()

    def cancel(self) -> None:
        """Ask for the end. What comes of it is seen on the hosts, and told by `Ended`."""
        self._is_cancelled.set()

    def leave(self) -> None:
        """Follow it no more. On the hosts it goes on, and whoever comes next finds it."""
        self._is_left.set()

    def join(self) -> None:
        self._thread.join()

    def _run(self) -> None:
        try:
            verdict = self._carry_out() if self._under_way is None else self._see_to_its_end(self._under_way)
        except Exception as error:  # where the VM is is told all the same, after a bug too
            cause = str(error) if isinstance(error, PlannerError) else f"vmplanner broke off: {error!r}"
            verdict = self._end_after(cause)
        if self._under_way is not None:
            self._register.release(self._under_way)
        if verdict is not None:
            self._emit(Ended(self._job.migration_id, self._clock(), verdict.outcome, verdict.words))

    def _carry_out(self) -> Verdict | None:
        """The verdict; None where it was left."""
        job = self._job
        try:
            domain = self._checked()
            if job.is_stop_and_copy:
                command = relocate(domain, job.peer)
            else:
                command = migrate(domain, job.peer, transport=job.transport, rate=job.max_bandwidth_bytes_per_s)
            shrinks = 0 < job.good_bytes < domain.memory_bytes
            # Noted before anything happens, so that whatever happens it is known where to look.
            under_way = self._under_way = self._note(domain, gives_back=shrinks)
        except PlannerError as refusal:
            return Verdict(Outcome.FAILED, f"{str(refusal).rstrip('.')}. It was not started")
        self._passed(Phase.PREFLIGHT)
        if shrinks:
            self._ballooned_bytes = self._balloon(job.good_bytes)
            self._passed(Phase.BALLOON)
        if self._is_cancelled.is_set() or self._is_left.is_set():
            verdict = Verdict(Outcome.CANCELLED, f"cancelled; {job.vm} runs on {job.source_name}")
            return self._settled(under_way, verdict)
        self._may_go_on = True
        try:
            job.source.begin(under_way.folder, command)
        except HostUnreachable:
            pass  # whether it has begun for all that is seen by its log
        except CommandFailed:
            self._may_go_on = False
            raise
        return self._see_to_its_end(under_way)

    def _see_to_its_end(self, under_way: UnderWay) -> Verdict | None:
        """Follow what has begun; None where it was left."""
        self._may_go_on = True
        watched = self._follow(under_way)
        if watched is None:
            return None
        verdict = self._look_around(_cause(watched))
        return self._settled(under_way, verdict) if verdict is not None else None

    def _end_after(self, cause: str) -> Verdict | None:
        """The verdict after something that nobody has thought of."""
        try:
            verdict = self._look_around(cause)
            if verdict is not None and self._under_way is not None:
                verdict = self._settled(self._under_way, verdict)
        except Exception as error:
            return Verdict(Outcome.UNKNOWN, f"{cause}; where {self._job.vm} is was not found out: {error!r}")
        return verdict

    def _settled(self, under_way: UnderWay, verdict: Verdict) -> Verdict:
        """Put in order what is left to do. What is not known at the end stays in the register."""
        if verdict.outcome is Outcome.UNKNOWN:
            return verdict
        if under_way.gives_back:
            verdict = self._give_back(under_way, verdict)
        self._register.remove(under_way)
        with suppress(HostUnreachable, CommandFailed):
            self._job.source.remove(under_way.folder)
        return verdict

    def _follow(self, under_way: UnderWay) -> WatchedMigration | None:
        """Read the log to its end, over as many connections as it takes; None where it was left."""
        copied_bytes = self._ballooned_bytes or under_way.memory_bytes
        watched = WatchedMigration(self._job.migration_id, copied_bytes, self._clock())
        lines_read, answered = 0, time.monotonic()
        while time.monotonic() - answered < _SILENT_S:
            for number, line in enumerate(self._lines(under_way)):
                answered = time.monotonic()
                if number >= lines_read:
                    lines_read += 1
                    self._take(watched, line)
                if watched.exit_status is not None:
                    self._may_go_on = False
                    return watched
            if self._is_left.wait(_RECONNECT_S):
                return None
            with suppress(HostUnreachable):
                is_over = not self._job.source.is_watched(under_way.folder)
                answered = time.monotonic()
                # What was written just before its end is read first.
                if is_over and self._job.source.log_lines(under_way.folder) <= lines_read:
                    self._may_go_on = False
                    return watched
        return watched

    def _take(self, watched: WatchedMigration, line: str) -> None:
        with suppress(ValueError, KeyError, TypeError):  # a line that a crash has spoilt ends no migration
            for event in watched.take(line):
                self._emit(event)

    def _lines(self, under_way: UnderWay) -> Iterator[str]:
        """The lines of the log over one connection, until that ends or is silent, or somebody wants something else."""
        is_asked, heard = False, time.monotonic()
        arguments = self._job.source.follow(under_way.folder)
        process = subprocess.Popen(
            arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        try:
            for line in _as_they_come(process):
                if self._is_left.is_set():
                    return
                if self._is_cancelled.is_set() and not is_asked:
                    with suppress(HostUnreachable, CommandFailed):
                        self._job.source.cancel(under_way.folder)
                        is_asked = True
                if line:
                    heard = time.monotonic()
                    yield line
                elif time.monotonic() - heard > _QUIET_S:
                    return
        finally:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()

    def _look_around(self, cause: str) -> Verdict | None:
        """Ask both hosts, until what xl still has to clear away is gone, or stays; None where it was left meanwhile."""
        job, until = self._job, time.monotonic() + _LEFTOVER_GOES_S
        while True:
            source, target = (
                _sight(host, name, job.uuid)
                for host, name in ((job.source, job.source_name), (job.target, job.target_name))
            )
            verdict = judge(job.vm, source, target, was_cancelled=self._is_cancelled.is_set(), cause=cause)
            if verdict.outcome is Outcome.COMPLETED or (source.has_it_up and target.is_known and not target.domain):
                break
            if self._is_left.is_set():
                return None
            if time.monotonic() > until or self._is_left.wait(_LOOK_EVERY_S):
                break
        if self._may_go_on and verdict.outcome is not Outcome.COMPLETED:
            return Verdict(Outcome.UNKNOWN, f"{verdict.words}; it may still be moving: follow it again later")
        if verdict.may_clean_up and target.domain is not None:
            with suppress(HostUnreachable, CommandFailed):
                job.target.destroy(target.domain)
                return evolve(verdict, words=f"{verdict.words}; the part of a copy on {job.target_name} was removed")
        return verdict

    def _checked(self) -> Domain:
        """The VM, after a last look at both hosts. Raises PlannerError when it must not start."""
        job = self._job
        domain = job.source.find(job.uuid)
        if domain is None:
            raise PlannerError(f"{job.vm} is not on {job.source_name} any more; discover the hosts again")
        if domain.state is not State.RUNNING:
            raise PlannerError(
                f"{job.vm} is {domain.state.value} on {job.source_name}; only a running VM migrates live"
            )
        info, source = job.target.info(), job.source.info()
        if (older := _older(info.version, source.version)) is not None:
            raise PlannerError(f"{job.target_name} has Xen {older[0]}, older than {older[1]} on {job.source_name}")
        others = job.target.domains()
        if any(other.uuid == job.uuid or other.name == domain.name for other in others):
            raise PlannerError(f"{job.target_name} has a VM with the name or uuid of {job.vm}; see what it is first")
        needed = max(domain.memory_bytes, job.good_bytes) + _OVERHEAD_BYTES
        if info.free_bytes < needed:
            free, wanted = BYTES.format(info.free_bytes), BYTES.format(needed)
            raise PlannerError(f"{job.target_name} has {free} of memory free, and {job.vm} needs {wanted}")
        return domain

    def _balloon(self, size_bytes: int) -> int:
        """Wait until the guest has given back what it does not need, or gives no more; returns what it has kept."""
        job = self._job
        domain = self._found()
        job.source.set_memory(domain, size_bytes)
        least, since = domain.memory_bytes, time.monotonic()
        while least > size_bytes + MIB and time.monotonic() - since < _BALLOON_STALLS_S:
            if self._is_cancelled.wait(_LOOK_EVERY_S) or self._is_left.is_set():
                break
            now = self._found().memory_bytes
            if now < least:
                least, since = now, time.monotonic()
        return least

    def _give_back(self, under_way: UnderWay, verdict: Verdict) -> Verdict:
        """Give the guest its memory again, wherever it is."""
        if verdict.outcome is Outcome.LOST:
            return verdict
        host = self._job.target if verdict.outcome is Outcome.COMPLETED else self._job.source
        try:
            there = host.find(self._job.uuid)
            if there is not None:
                host.set_memory(there, under_way.memory_bytes)
                self._passed(Phase.DEFLATE)
        except PlannerError as trouble:
            size = BYTES.format(under_way.memory_bytes)
            kept = f"it could not be given its {size} of memory back ({trouble}); use 'xl mem-set'"
            return evolve(verdict, words="; ".join(filter(None, (verdict.words, kept))))
        return verdict

    def _found(self) -> Domain:
        domain = self._job.source.find(self._job.uuid)
        if domain is None:
            raise PlannerError(f"{self._job.vm} is not on {self._job.source_name} any more")
        return domain

    def _note(self, domain: Domain, *, gives_back: bool) -> UnderWay:
        job = self._job
        under_way = UnderWay(
            job.migration_id,
            job.vm,
            job.uuid,
            job.source.ssh.destination,
            job.target.ssh.destination,
            new_folder(),
            domain.memory_bytes,
            datetime.now(UTC).isoformat(timespec="seconds"),
            gives_back,
        )
        self._register.add(under_way)
        return under_way

    def _passed(self, phase: Phase) -> None:
        self._emit(Progressed(self._job.migration_id, self._clock(), phase, 0, (NOTHING_MOVED,), 0))


def _as_they_come(process: subprocess.Popen[bytes]) -> Iterator[str]:
    """The lines that a process prints, and an empty one whenever a moment has brought none."""
    assert process.stdout is not None
    rest = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            if not selector.select(_GLANCE_S):
                yield ""
                continue
            data = os.read(process.stdout.fileno(), 1 << 16)
            if not data:
                return
            *lines, rest = (rest + data).split(b"\n")
            yield from (line.decode(errors="replace") for line in lines)
            yield ""


def _sight(host: XlHost, name: str, uuid: str) -> Sight:
    try:
        return Sight(name, host.find(uuid))
    except PlannerError as trouble:
        return Sight(name, trouble=str(trouble))


def _cause(watched: WatchedMigration) -> str:
    """Why xl ended, in its own words."""
    errors = [line for line in watched.last_words if "error" in line.lower() or "failed" in line.lower()]
    words = (errors or watched.last_words or ["it said nothing"])[-1]
    if watched.exit_status is None and not watched.has_begun:
        return "it never began, or its host has restarted since"
    if watched.exit_status is None:
        return f"nobody knows how xl ended; its last words: {words[:300]}"
    return f"xl ended with status {watched.exit_status}: {words[:300]}"


def _older(target: str, source: str) -> tuple[str, str] | None:
    """The versions, where the target's is older than the source's: Xen takes guests of the same or an older one."""
    versions = [tuple(int(part) for part in version.split(".")[:2] if part.isdecimal()) for version in (target, source)]
    return (target, source) if all(versions) and versions[0] < versions[1] else None
