"""The policy `simgrid` gives what SimGrid's live-migration plug-in gives, case by case.

The cases are migrations between two hosts over one link of 100 us, with a downtime limit of 30 ms, by
src/plugins/vm/VmLiveMigration.cpp of github.com/simgrid/simgrid at 12a63c7 and its network model LV08. Two of them
never end there.
"""

import math

import pytest
from attrs import frozen

from tests.simulation.simulate import simulate_one
from vmplanner.domain.machines import Piece, PieceKind, Profile, Sequential, VirtualMachine
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import MIB, PAGE_BYTES
from vmplanner.domain.results import MigrationResult, Outcome
from vmplanner.domain.topology import Host, Link, PolicyName


@frozen
class Guest:
    """Megabytes written a second, and the MiB of the working set that they go to."""

    memory_mib: int
    written_mb_per_s: float
    working_set_mib: float
    link_gbit_per_s: float


# The guest; live rounds, their bytes, bytes of the last pass, total time in s, downtime in ms.
CASES = [
    (Guest(128, 0, 115.2, 1), 1, 134217728, 0, 1.110853, 1.301),
    (Guest(512, 0, 460.8, 1), 1, 536870912, 0, 4.431704, 1.301),
    (Guest(1024, 0, 921.6, 1), 1, 1073741824, 0, 8.859506, 1.301),
    (Guest(2048, 0, 1843.2, 1), 1, 2147483648, 0, 17.715108, 1.301),
    (Guest(4096, 0, 3686.4, 1), 1, 4294967296, 0, 35.426314, 1.301),
    (Guest(128, 37.5, 115.2, 1), 4, 192718533, 1298013, 1.607942, 12.006),
    (Guest(1024, 37.5, 921.6, 1), 5, 1550374033, 3108850, 12.821337, 26.941),
    (Guest(4096, 37.5, 3686.4, 1), 7, 6216796099, 1233149, 51.294424, 11.471),
    (Guest(1024, 12.5, 921.6, 1), 3, 1195882917, 1194592, 9.879309, 11.153),
    (Guest(1024, 62.5, 921.6, 1), 9, 2211492012, 2925955, 18.277552, 25.433),
    (Guest(1024, 100, 921.6, 1), 31, 6129833254, 3474236, 50.626912, 29.954),
    (Guest(1024, 100, 102.4, 1), 20, 1680634224, 3483488, 13.918253, 30.031),
    (Guest(1024, 100, 20.48, 1), 12, 1185998590, 3232064, 9.826302, 27.957),
    (Guest(1024, 0, 921.6, 10), 1, 1073741824, 0, 0.889463, 1.301),
    (Guest(4096, 0, 3686.4, 10), 1, 4294967296, 0, 3.546144, 1.301),
    (Guest(128, 375, 115.2, 10), 2, 176216240, 13477105, 0.161652, 12.416),
    (Guest(1024, 375, 921.6, 10), 3, 1509660295, 32450399, 1.278349, 28.064),
    (Guest(4096, 375, 3686.4, 10), 5, 6203003300, 12857998, 5.135591, 11.906),
    (Guest(4096, 1000, 3686.4, 10), 27, 24530027275, 31017342, 20.294261, 26.882),
    (Guest(4096, 1000, 409.6, 10), 16, 6680809832, 30874372, 5.558828, 26.764),
    (Guest(1024, 137.5, 2.048, 1), 1, 1073741824, 2147483, 8.877217, 19.012),
]
NEVER_ENDING = [Guest(1024, 118.75, 921.6, 1), Guest(1024, 137.5, 921.6, 1)]


def migrated(guest: Guest) -> MigrationResult:
    working_set = Piece(
        "working set",
        PieceKind.HOT_SET,
        int(guest.working_set_mib * MIB),
        guest.written_mb_per_s * 1e6 / PAGE_BYTES,
        Sequential(),
    )
    return simulate_one(
        Project.of(
            Host("a", "a", PolicyName.SIMGRID),
            Host("b", "b", PolicyName.SIMGRID),
            Link("link", "a", "b", guest.link_gbit_per_s * 125e6, 100e-6),
            VirtualMachine("vm", "vm", "a", guest.memory_mib * MIB, profile=Profile("guest", [working_set])),
            Plan("plan", "plan", [Migration("migration", "vm", "b")]),
        )
    )


@pytest.mark.parametrize(("guest", "live_rounds", "live_bytes", "last_bytes", "total_s", "downtime_ms"), CASES)
def test_times_rounds_and_bytes_are_simgrids(
    guest: Guest, live_rounds: int, live_bytes: int, last_bytes: int, total_s: float, downtime_ms: float
) -> None:
    result = migrated(guest)
    assert result.outcome is Outcome.COMPLETED
    assert result.rounds == live_rounds + 1
    assert result.total_s == pytest.approx(total_s, rel=1e-4)
    assert result.transferred_bytes - result.bytes_in_round(result.rounds) == pytest.approx(live_bytes, rel=1e-4)
    # Our working set is made of whole pages: where it goes in one piece in the last pass, one of them may be more.
    page_bytes = PAGE_BYTES if math.isclose(last_bytes, guest.working_set_mib * MIB, rel_tol=1e-6) else 0
    page_s = page_bytes / (0.97 * guest.link_gbit_per_s * 125e6)
    assert result.bytes_in_round(result.rounds) == pytest.approx(last_bytes, rel=1e-4, abs=page_bytes)
    assert result.downtime_s == pytest.approx(downtime_ms / 1e3, rel=1e-4, abs=page_s)


@pytest.mark.parametrize("guest", NEVER_ENDING)
def test_what_never_ends_there_is_called_not_converging_here(guest: Guest) -> None:
    result = migrated(guest)
    assert result.outcome is Outcome.NOT_CONVERGED
    assert result.downtime_s == 0
    assert "can be sent within the downtime limit" in result.reason
