"""The lab's hosts, booted once for all tests of this folder, and empty before each."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.lab.xen.hosts import LabHost, lab
from tests.lab.xen.moves import Mover
from vmplanner.backends.xen.backend import Settings

pytestmark = pytest.mark.lab


@pytest.fixture(scope="session")
def booted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LabHost, LabHost]]:
    with lab(tmp_path_factory.mktemp("xen")) as hosts:
        yield hosts


@pytest.fixture
def hosts(booted: tuple[LabHost, LabHost]) -> tuple[LabHost, LabHost]:
    for host in booted:
        host.set_cable(is_plugged=True)
        host.destroy_all()
    return booted


@pytest.fixture
def settings(hosts: tuple[LabHost, LabHost], tmp_path: Path) -> Settings:
    return Settings(tmp_path / "under-way", hosts[0].folder / "ssh_config", "carry {host}")


@pytest.fixture
def mover(hosts: tuple[LabHost, LabHost], settings: Settings) -> Callable[..., Mover]:
    return lambda **options: Mover(hosts, settings, **options)
