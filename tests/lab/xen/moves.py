"""Moves the lab's guest with the product's own backend and runner, and says what can be seen of it afterwards."""

import time
from collections.abc import Callable
from typing import Any

from tests.lab.xen.hosts import Beat, LabHost
from vmplanner.backends.xen.backend import Settings, XenBackend
from vmplanner.domain.access import Access
from vmplanner.domain.events import Progressed
from vmplanner.domain.machines import Piece, PieceKind, Profile, VirtualMachine
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import MIB
from vmplanner.domain.results import MigrationResult
from vmplanner.domain.topology import Host, PolicyName
from vmplanner.engine.runner import Runner, RunnerEvent


def project_of(hosts: tuple[LabHost, LabHost], uuid: str, source: str, *, good_mib: int = 128) -> Project:
    """The lab as a project, with the guest on the host `source`."""
    machine = VirtualMachine(
        "guest",
        "guest",
        source,
        128 * MIB,
        1,
        profile=Profile("Writer", (Piece("all", PieceKind.HEAP, good_mib * MIB),)),
        uuid=uuid,
    )
    drawn = {
        host.name: Host(host.name, host.name, PolicyName.XEN_4, 1279 * MIB, 1, access=Access(host.name, host.name))
        for host in hosts
    }
    return Project(hosts=drawn, machines={"guest": machine})


class Mover:
    """Moves the guest between the hosts, `options` being those of the migration."""

    def __init__(self, hosts: tuple[LabHost, LabHost], settings: Settings, *, good_mib: int = 128, **options: Any):
        self.hosts = {host.name: host for host in hosts}
        self._both, self._settings, self._good_mib, self._options = hosts, settings, good_mib, options
        self.events: list[RunnerEvent] = []

    def move(
        self,
        source: str = "xen-a",
        target: str = "xen-b",
        when: Callable[[Progressed], bool] = lambda _event: False,
        then: Callable[[Runner], None] = lambda _runner: None,
    ) -> MigrationResult:
        """Carry the migration out. As soon as `when` is true of an event, `then` is done, once."""
        uuid = self.hosts[source].uuids()["guest"]
        project = project_of(self._both, uuid, source, good_mib=self._good_mib)
        plan = Plan("plan", "Plan", [Migration("move", "guest", target, **self._options)])
        self.events, todo = [], [then]

        def take(event: RunnerEvent) -> None:
            self.events.append(event)
            if todo and isinstance(event, Progressed) and when(event):
                todo.pop()(runner)

        runner = Runner(project, plan, XenBackend(self._settings), take)
        (result,) = runner.execute().results
        return result

    def where(self) -> list[str]:
        """The hosts on which the guest gives signs of life."""
        before = {name: len(host.beats()) for name, host in self.hosts.items()}
        until = time.monotonic() + 60
        found: list[str] = []
        while not found and time.monotonic() < until:
            time.sleep(2)
            found = [name for name, host in self.hosts.items() if len(host.beats()) > before[name]]
        return found

    def beats(self) -> list[Beat]:
        """All signs of life, of whichever host, by their number."""
        return sorted((beat for host in self.hosts.values() for beat in host.beats()), key=lambda beat: beat.number)


def wait_for_beats(host: LabHost, count: int = 10) -> None:
    until = time.monotonic() + 120
    while len(host.beats()) < count:
        assert time.monotonic() < until, host.run("xl list; cat /var/log/xen/console/guest-*.log | tail -5")
        time.sleep(1)
