"""Disks of the host itself go with their VM: their time is in the prediction, and all the rest is as it was."""

import pytest
from attrs import evolve

from tests.simulation.simulate import simulate_one
from tests.small_projects import GIGABIT, two_hosts, web_profile
from vmplanner.domain.machines import PieceKind
from vmplanner.domain.plans import Technique
from vmplanner.domain.platform import Disk, GuestNeeds
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.quantities import GIB
from vmplanner.domain.results import MigrationResult, Outcome, Phase

_LOCAL = (Disk("vda", 8 * GIB), Disk("vdb", 2 * GIB))


def with_disks(project: Project, *disks: Disk) -> Project:
    (machine,) = project.machines.values()
    return project.applied(Change("", (Edit(machine, evolve(machine, needs=GuestNeeds(disks=disks))),)))


def copied(result: MigrationResult) -> dict[str, int]:
    return {part.piece: part.bytes for part in result.segments if part.phase is Phase.STORAGE_COPY}


@pytest.mark.parametrize("technique", Technique)
def test_disks_are_copied_before_the_memory_at_what_the_way_gives(technique: Technique) -> None:
    project = two_hosts(technique=technique, profile=web_profile(1000))
    plain, result = simulate_one(project), simulate_one(with_disks(project, *_LOCAL))
    assert copied(plain) == {}
    assert copied(result) == {"disk vda": 8 * GIB, "disk vdb": 2 * GIB}
    assert result.segments[0].kind is PieceKind.DISK
    assert result.outcome is Outcome.COMPLETED
    assert result.total_s == pytest.approx(plain.total_s + 10 * GIB / GIGABIT, rel=1e-6)
    assert result.downtime_s == pytest.approx(plain.downtime_s)
    assert result.transferred_bytes == pytest.approx(plain.transferred_bytes + 10 * GIB, abs=3)
    assert (result.rounds, result.reported_downtime_s) == (plain.rounds, pytest.approx(plain.reported_downtime_s))
