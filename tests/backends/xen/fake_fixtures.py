"""Fake Xen hosts, for the modules that name this one as their `pytest_plugins`."""

import os
from pathlib import Path

import pytest

from tests.backends.xen import fake_hosts
from tests.backends.xen.fake_hosts import FakeHosts
from vmplanner.backends.xen import transfer, xl


@pytest.fixture
def hosts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHosts:
    """Two fake hosts, xen-a and xen-b, and a VM 'guest' of 128 MiB on the first one."""
    lab, programs = tmp_path / "lab", tmp_path / "bin"
    programs.mkdir()
    for name, text in (("ssh", fake_hosts.SSH), ("xl", fake_hosts.XL)):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    (tmp_path / "run").mkdir()
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("FAKE_LAB", str(lab))
    monkeypatch.setattr(xl, "FOLDERS", str(tmp_path / "run"))
    for name in ("_LOOK_EVERY_S", "_RECONNECT_S"):
        monkeypatch.setattr(transfer, name, 0.05)
    monkeypatch.setattr(transfer, "_LEFTOVER_GOES_S", 0.3)
    found = FakeHosts(lab)
    for name in ("xen-a", "xen-b"):
        found.add(name)
    found.add_vm("xen-a", "guest", 3)
    return found
