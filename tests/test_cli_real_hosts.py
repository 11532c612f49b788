"""Real hosts by the command line: discovered, asked about, migrated, picked up. The hosts are fakes."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pytest
from attrs import evolve

from tests.backends.xen.fake_hosts import FakeHosts
from vmplanner.backends.xen.under_way import Register, UnderWay
from vmplanner.backends.xen.xl import new_folder
from vmplanner.cli import main
from vmplanner.domain.plans import Migration
from vmplanner.domain.quantities import MIB
from vmplanner.store import project_file

pytest_plugins = "tests.backends.xen.fake_fixtures"


class Told(NamedTuple):
    """How a command ended, and what it said."""

    status: object
    out: str
    err: str


Command = Callable[..., Told]


@pytest.fixture
def vmplanner(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    def call(*arguments: object, answer: str = "") -> Told:
        monkeypatch.setattr("sys.stdin", StringIO(answer))
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        return Told(ended.value.code, *capsys.readouterr())

    return call


@pytest.fixture
def discovered(vmplanner: Command, hosts: FakeHosts, tmp_path: Path) -> Path:
    """Both hosts as they were found, with the plan to move the guest."""
    path = tmp_path / "site.vmplan"
    done = vmplanner("discover", "--xen", "root@xen-a", "--xen", "root@xen-b", "--join", "-o", path)
    assert done.status == 0, done.err
    project = project_file.load(path)
    (machine,) = project.machines.values()
    (target,) = (host for host in project.hosts.values() if host.id != machine.host_id)
    plan = evolve(project.plan, migrations=[Migration("move", machine.id, target.id)])
    project_file.save(evolve(project, plans={plan.id: plan}), path)
    return path


def test_addresses_come_with_the_hosts(discovered: Path) -> None:
    project = project_file.load(discovered)
    assert {host.access.address for host in project.hosts.values()} == {"root@xen-a", "root@xen-b"}


def test_two_hosts_of_one_name_are_refused(vmplanner: Command, hosts: FakeHosts, tmp_path: Path) -> None:
    info = hosts.folder / "xen-b" / "info"
    info.write_text(info.read_text().replace(": xen-b", ": xen-a"))
    done = vmplanner("discover", "--xen", "root@xen-a", "--xen", "root@xen-b", "-o", tmp_path / "site.vmplan")
    assert done.status != 0
    assert "root@xen-a and root@xen-b both call themselves 'xen-a'" in done.err


def test_an_unknown_key_is_asked_about(vmplanner: Command, hosts: FakeHosts, tmp_path: Path) -> None:
    hosts.make_unknown("xen-a")
    command = ("discover", "--xen", "root@xen-a", "-o", tmp_path / "site.vmplan")
    refused = vmplanner(*command, answer="n\n")
    assert "SHA256:" in refused.err
    assert "was not accepted" in refused.err
    assert vmplanner(*command, answer="y\n").status == 0


def test_nothing_moves_without_a_yes(vmplanner: Command, discovered: Path, hosts: FakeHosts) -> None:
    assert "nothing was moved" in vmplanner("migrate", discovered, "--backend", "xen", answer="n\n").err
    assert hosts.vms("xen-a") == ["guest"]


def test_a_plan_is_carried_out_and_the_project_tells_the_truth(
    vmplanner: Command, discovered: Path, hosts: FakeHosts
) -> None:
    done = vmplanner("migrate", discovered, "--backend", "xen", "--yes")
    assert done.status == 0, done.err
    after = project_file.load(discovered)
    (machine,) = after.machines.values()
    assert after.hosts[machine.host_id].name == "xen-b"
    assert after.plan.migrations == ()
    assert hosts.vms("xen-b") == ["guest"]


def test_what_was_left_is_picked_up(vmplanner: Command, hosts: FakeHosts, tmp_path: Path) -> None:
    uuid, at = "494e200b-cc65-463a-a672-000000000003", "2026-11-22T23:00:00+00:00"
    note = UnderWay("move", "guest", uuid, "root@xen-a", "root@xen-b", new_folder(), 128 * MIB, at)
    register = Register(hosts.settings.register)
    register.add(note)
    register.release(note)
    hosts.host("xen-a").begin(note.folder, ["xl", "migrate", "3", "xen-b"])
    command = ("migrate", tmp_path / "any.vmplan", "--backend", "xen", "--pick-up")
    (tmp_path / "any.vmplan").touch()
    (told,) = json.loads(vmplanner(*command, "--json").out)
    assert (told["vm"], told["outcome"]) == ("guest", "completed")
    assert vmplanner(*command).out == "nothing is under way\n"
