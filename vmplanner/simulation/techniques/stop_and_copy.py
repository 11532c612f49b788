"""Stop-and-copy: stop the guest, send everything once, resume it at the target.

    T = D = (pages on the wire + device state) / bandwidth + resume

A hypervisor that lets go of its bandwidth cap for the last pages (QEMU, below its threshold) does so here too.
"""

import math
from collections.abc import Generator

from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Migration
from vmplanner.domain.results import Outcome, Phase
from vmplanner.simulation.demand_paging import DemandPaging
from vmplanner.simulation.policy import Policy
from vmplanner.simulation.steps import Done, Early, Ending, Pause, Process, Step, Transfer, device_state
from vmplanner.simulation.stop_rules import Threshold
from vmplanner.simulation.techniques.pending import Pending


def stop_and_copy(machine: VirtualMachine, migration: Migration, policy: Policy) -> Process:
    """The steps of a stop-and-copy migration; the guest stands still in all of them."""
    pending = Pending.of(machine, migration, policy)
    cap = policy.effective_cap(migration.max_bandwidth_bytes_per_s)
    yield Pause(Phase.STOP_AND_COPY, 1, policy.setup_s)
    behind_s = yield from send_to_the_end(Phase.STOP_AND_COPY, pending, migration, policy, cap)
    yield Transfer(Phase.STOP_AND_COPY, 1, (device_state(policy),))
    yield Pause(Phase.RESUME, 1, policy.resume_s + behind_s)
    return Ending(Outcome.COMPLETED)


def send_to_the_end(
    phase: Phase,
    pending: Pending,
    migration: Migration,
    policy: Policy,
    cap: float,
    paging: DemandPaging | None = None,
) -> Generator[Step, Done, float]:
    """Send all pending pages once, with the guest not writing at the source. `paging` where it runs at the target.
    Returns by how much the target is behind then, in seconds.
    """
    if isinstance(policy.stop, Threshold):
        limit_s = migration.downtime_limit_s or policy.stop.downtime_limit_s
        early = Early(limit_s, policy.stop.look_every_s, policy.stop.burst_bytes)
        done = yield Transfer(phase, pending.round, pending.groups(), cap, early, paging=paging)
        pending.leave(done.duration_s, done.left)
        pending.lift_cap()
        cap = math.inf
    done = yield Transfer(phase, pending.round, pending.groups(), cap, paging=paging)
    return pending.target_behind_s(done.duration_s)
