"""The same plan gives the same results to the last byte, in every process: nothing hangs on the order of a set."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.test_equal_ways import fabric
from tests.small_projects import web_profile
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Migration, Plan, Technique
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import GIB
from vmplanner.store.library import example
from vmplanner.store.project_file import save


def crowded() -> Project:
    """Forty VMs of several techniques that cross a fabric at the same time."""
    project = fabric(4)
    sources = [host_id for host_id in project.hosts if host_id.startswith("leaf-1")]
    targets = [host_id for host_id in project.hosts if host_id.startswith("leaf-2")]
    machines = [
        VirtualMachine(f"vm-{n}", f"web-{n}", sources[n % 4], GIB, profile=web_profile(300.0 * n)) for n in range(40)
    ]
    techniques = (Technique.PRE_COPY, Technique.POST_COPY, Technique.HYBRID, Technique.STOP_AND_COPY)
    migrations = [
        Migration(f"migration-{n}", f"vm-{n}", targets[n // 4 % 4], techniques[n // 3 % 4], priority=n % 2)
        for n in range(40)
    ]
    plan = Plan("plan-1", "Cross", migrations, max_concurrent=12, max_concurrent_per_host=4)
    links = project.links.values()
    return Project.of(*project.hosts.values(), *project.switches.values(), *links, *machines, plan)


@pytest.mark.parametrize(
    ("name", "failures"),
    [
        ("evacuate-a-rack", ()),
        ("crowded", ()),
        ("crowded", ("link:leaf-1 - spine-1@5s", "host:leaf-2 1@20s", "migration:web-3@2s")),
    ],
)
def test_processes_with_other_hash_seeds_print_the_same(tmp_path: Path, name: str, failures: tuple[str, ...]) -> None:
    project = crowded() if name == "crowded" else example(name)
    told = set()
    for seed in ("1", "2", "3"):
        path = tmp_path / f"{seed}.vmplan"
        save(project, path)
        options = [word for failure in failures for word in ("--fail", failure)]
        process = subprocess.run(
            [sys.executable, "-c", "from vmplanner.cli import main; main()", "simulate", path, "--json", *options],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=False,
        )
        assert process.returncode == (1 if failures else 0), process.stderr
        told.add(process.stdout)
    assert len(told) == 1
    assert len(told.pop()) > 10_000
