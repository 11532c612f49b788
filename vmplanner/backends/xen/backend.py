"""Carries out plans on real Xen hosts. Which host is reached how is given by the project's hosts (domain/access.py)."""

import math
import queue
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from attrs import frozen

from vmplanner.backends.drawn_links import DrawnLinks
from vmplanner.backends.xen.ssh import Ssh
from vmplanner.backends.xen.transfer import Job, Transfer
from vmplanner.backends.xen.under_way import Register, UnderWay
from vmplanner.backends.xen.xl import XlHost
from vmplanner.domain.access import Access
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.events import Ended, MigrationEvent
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Migration, Plan, Technique
from vmplanner.domain.project import Project
from vmplanner.domain.results import Outcome

_LOOK_EVERY_S = 0.2
OFFERED = (Technique.PRE_COPY, Technique.STOP_AND_COPY, Technique.CHECKPOINT)


@frozen
class Settings:
    """What belongs to the user and not to a project: where notes of what is under way are kept, another configuration
    file for ssh, and another transport than ssh between the hosts, see xl.migrate.
    """

    register: Path
    ssh_config: Path | None = None
    transport: str = ""


class XenBackend:
    """Xen hosts that xl drives, over ssh."""

    name = "xen"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._links = DrawnLinks()

    def links(self, project: Project, source_id: str, target_id: str) -> frozenset[str]:
        """Those of the drawing: which way the hosts' traffic really goes is not asked."""
        return self._links.between(project, source_id, target_id)

    def open(self, project: Project, plan: Plan) -> "XenSession":
        for migration in plan.migrations:
            check_offered(project, migration)
        return XenSession(project, self._settings)


def check_offered(project: Project, migration: Migration) -> None:
    """Raises PlannerError when a migration is one that this backend can't carry out as it is planned."""
    machine = project.machines[migration.vm_id]
    options = migration.options
    if migration.technique not in OFFERED:
        raise PlannerError(
            f"{machine.name}: xl has no {migration.technique.value}; choose {' or '.join(OFFERED)} for real Xen hosts"
        )
    if options.checkpoint_age_s is not None or options.drop_cache:
        raise PlannerError(
            f"{machine.name}: xl can't send the rest of a checkpoint, nor drop a guest's cache; leave both out"
        )
    if not machine.uuid:
        raise PlannerError(f"{machine.name} has no uuid, so that it can't be told from others; discover its host")
    for host_id in (machine.host_id, migration.target_id):
        host = project.hosts[host_id]
        if not host.access.address:
            raise PlannerError(
                f"{host.name} has no address; give the host one in the inspector, such as root@{host.name}"
            )


class XenSession:
    """Migrations on real hosts, each in a thread of its own. The clock counts seconds since the session was opened.

    What is under way when it is closed goes on on the hosts, and stays in the register.
    """

    def __init__(self, project: Project, settings: Settings) -> None:
        self._project = project
        self._settings = settings
        self._register = Register(settings.register)
        self._folder = Path(tempfile.mkdtemp(prefix="vmplanner-ssh-"))
        self._hosts: dict[str, XlHost] = {}
        self._host_of = {machine.id: machine.host_id for machine in project.machines.values()}
        self._began = time.monotonic()
        self._events: queue.SimpleQueue[MigrationEvent] = queue.SimpleQueue()
        self._transfers: dict[str, Transfer] = {}
        self._moves: dict[str, Migration] = {}
        self._lock = threading.Lock()

    @property
    def clock_s(self) -> float:
        return time.monotonic() - self._began

    def start(self, migration: Migration) -> float:
        machine = self._project.machines[migration.vm_id]
        source, target = (self._project.hosts[i] for i in (self._host_of[machine.id], migration.target_id))
        job = Job(
            migration.id,
            machine.name,
            machine.uuid,
            self._host(source.access),
            self._host(target.access),
            source.name,
            target.name,
            target.access.peer,
            self._settings.transport,
            migration.max_bandwidth_bytes_per_s,
            good_bytes(machine) if migration.technique is Technique.CHECKPOINT else 0,
            migration.technique is Technique.STOP_AND_COPY,
        )
        self._moves[migration.id] = migration
        self._begin(job, None)
        return self.clock_s

    def pick_up(self, under_way: UnderWay) -> bool:
        """Follow a migration that was left, whose events then have its folder for their migration id: ids of several
        projects may be the same. False when somebody else follows it by now.
        """
        if not self._register.claim(under_way):
            return False
        source, target = under_way.source, under_way.target
        hosts = self._host(Access(source)), self._host(Access(target))
        job = Job(under_way.folder, under_way.vm, under_way.uuid, *hosts, source, target, peer="")
        self._begin(job, under_way)
        return True

    def cancel(self, migration_id: str) -> None:
        with self._lock:
            transfer = self._transfers.get(migration_id)
        if transfer is not None:
            transfer.cancel()

    def next_event(self, timeout_s: float, until_s: float = math.inf) -> MigrationEvent | None:
        try:
            event = self._events.get(timeout=max(0.0, min(timeout_s, until_s - self.clock_s)))
        except queue.Empty:
            return None
        if isinstance(event, Ended):
            with self._lock:
                transfer = self._transfers.pop(event.migration_id)
            transfer.join()
            move = self._moves.pop(event.migration_id, None)
            if move is not None and event.outcome is Outcome.COMPLETED:
                self._host_of[move.vm_id] = move.target_id
        return event

    def close(self) -> None:
        """Follow nothing any more. What goes on on the hosts is in the register."""
        with self._lock:
            transfers, self._transfers = self._transfers, {}
        for transfer in transfers.values():
            transfer.leave()
        for transfer in transfers.values():
            transfer.join()
        for host in self._hosts.values():
            host.ssh.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _begin(self, job: Job, under_way: UnderWay | None) -> None:
        transfer = Transfer(job, self._register, lambda: self.clock_s, self._events.put, under_way)
        with self._lock:
            self._transfers[job.migration_id] = transfer
        transfer.start()

    def _host(self, access: Access) -> XlHost:
        if access.address not in self._hosts:
            self._hosts[access.address] = XlHost(Ssh(access.address, self._folder, self._settings.ssh_config))
        return self._hosts[access.address]


def picked_up(
    settings: Settings, tell: Callable[[str], None], given_up: threading.Event | None = None
) -> Iterator[tuple[UnderWay, Ended]]:
    """Follow all that was left under way to its end, each as it ends, until it is `given_up`. Notes that can't be read
    are told of.
    """
    found, faults = Register(settings.register).left()
    for fault in faults:
        tell(fault)
    session = XenSession(Project(), settings)
    try:
        waiting = {under_way.folder: under_way for under_way in found if session.pick_up(under_way)}
        while waiting and not (given_up is not None and given_up.is_set()):
            event = session.next_event(_LOOK_EVERY_S)
            if isinstance(event, Ended):
                yield waiting.pop(event.migration_id), event
    finally:
        session.close()


def good_bytes(machine: VirtualMachine) -> int:
    """What of a VM's memory has to move: all that its profile does not call free."""
    return sum(piece.size_bytes for piece in machine.all_pieces() if not piece.is_bad)
