"""The same by the command line: discover the hosts, plan, migrate; and what is left when the command is killed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from attrs import evolve

from tests.lab.xen.hosts import LabHost
from tests.lab.xen.moves import Mover, wait_for_beats
from vmplanner.backends.xen.backend import Settings
from vmplanner.domain.plans import Migration
from vmplanner.domain.project import Project
from vmplanner.domain.results import Outcome
from vmplanner.store import project_file

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]

Hosts = tuple[LabHost, LabHost]
NAMES = ["two words", "it's; reboot", "$(touch gone)", "`touch gone`", "naïve-été", "--help", "12"]


def vmplanner(*arguments: str | Path) -> list[str]:
    return [str(Path(sys.executable).with_name("vmplanner")), *map(str, arguments)]


def told(*arguments: str | Path) -> str:
    done = subprocess.run(vmplanner(*arguments), capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def discovered(hosts: Hosts, settings: Settings, tmp_path: Path) -> Path:
    """A project with the hosts as they were found, the guest being on the first one."""
    hosts[0].create(rate=0)
    wait_for_beats(hosts[0])
    path = tmp_path / "lab.vmplan"
    told("discover", "--xen", "xen-a", "--xen", "xen-b", "--ssh-config", settings.ssh_config, "--join", "-o", path)
    return path


def planned(path: Path) -> Project:
    """The project, with the plan to move the guest to the other host."""
    project = project_file.load(path)
    (machine,) = project.machines.values()
    (target,) = (host for host in project.hosts.values() if host.id != machine.host_id)
    plan = evolve(project.plan, migrations=[Migration("move", machine.id, target.id)])
    project = evolve(project, plans={plan.id: plan})
    project_file.save(project, path)
    return project


def test_what_is_there_is_discovered(discovered: Path, hosts: Hosts) -> None:
    project = project_file.load(discovered)
    by_name = {host.name: host for host in project.hosts.values()}
    assert set(by_name) == {"xen-a", "xen-b"}
    assert by_name["xen-a"].access.address == "xen-a"
    assert by_name["xen-a"].facts.hypervisor_version.startswith("4.17")
    (machine,) = project.machines.values()
    assert (machine.name, machine.host_id) == ("guest", by_name["xen-a"].id)
    assert machine.uuid == hosts[0].uuids()["guest"]


def test_a_plan_is_carried_out_and_the_project_tells_the_truth_afterwards(
    discovered: Path, hosts: Hosts, settings: Settings
) -> None:
    planned(discovered)
    ssh = ("--ssh-config", str(settings.ssh_config), "--transport", settings.transport)
    answer = json.loads(told("migrate", discovered, "--backend", "xen", "--yes", "--json", *ssh))
    assert answer["migrations"][0]["outcome"] == "completed"
    after = project_file.load(discovered)
    (machine,) = after.machines.values()
    assert after.hosts[machine.host_id].name == "xen-b"
    assert after.plan.migrations == ()
    assert after.runs[-1].results[0].outcome is Outcome.COMPLETED


def test_a_killed_command_leaves_the_migration_going_and_the_next_one_picks_it_up(
    discovered: Path, hosts: Hosts, settings: Settings
) -> None:
    planned(discovered)
    ssh = ("--ssh-config", str(settings.ssh_config))
    command = vmplanner("migrate", discovered, "--backend", "xen", "--yes", *ssh, "--transport", settings.transport)
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "pre-copy round 1" in line:
                os.kill(process.pid, signal.SIGKILL)
    time.sleep(2)
    (one,) = json.loads(told("migrate", discovered, "--backend", "xen", "--pick-up", "--json", *ssh))
    assert (one["vm"], one["outcome"]) == ("guest", "completed")
    assert told("migrate", discovered, "--backend", "xen", "--pick-up", *ssh) == "nothing is under way\n"
    assert Mover(hosts, settings).where() == ["xen-b"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_never_a_command(hosts: Hosts, settings: Settings, tmp_path: Path, name: str) -> None:
    hosts[0].create(name, memory_mib=96, write_mib=4, rate=0)
    path = tmp_path / "lab.vmplan"
    ssh = ("--ssh-config", str(settings.ssh_config))
    told("discover", "--xen", "xen-a", "--xen", "xen-b", *ssh, "--join", "-o", path)
    (machine,) = planned(path).machines.values()
    assert machine.name == name
    told("migrate", path, "--backend", "xen", "--yes", *ssh, "--transport", settings.transport)
    assert list(hosts[1].uuids()) == [name]
    for host in hosts:
        assert host.run("ls gone 2>/dev/null || true") == ""
