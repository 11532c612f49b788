"""Stop-and-copy: stop the guest, send everything once, resume it at the target.

    T = D = (pages on the wire + device state) / bandwidth + resume

A hypervisor that speeds up its last pass (QEMU, below its threshold) does so here too.
"""

import math

from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Migration
from vmplanner.domain.results import Outcome, Phase
from vmplanner.simulation.policies import Policy, Threshold
from vmplanner.simulation.steps import Early, Ending, Pause, Process, Transfer, device_state
from vmplanner.simulation.techniques.pending import Pending


def stop_and_copy(machine: VirtualMachine, migration: Migration, policy: Policy) -> Process:
    """The steps of a stop-and-copy migration; the guest stands still in all of them."""
    pending = Pending(machine, policy)
    cap = policy.effective_cap(migration.max_bandwidth_bytes_per_s)
    yield Pause(Phase.STOP_AND_COPY, 1, policy.setup_s)
    if isinstance(policy.stop, Threshold):
        limit_s = migration.downtime_limit_s or policy.stop.downtime_limit_s
        early = Early(limit_s, policy.stop.look_every_s, policy.stop.burst_bytes)
        done = yield Transfer(Phase.STOP_AND_COPY, 1, pending.groups(), cap, early)
        pending.leave(done.left)
        cap = math.inf
    yield Transfer(Phase.STOP_AND_COPY, 1, (*pending.groups(), device_state(policy)), cap)
    yield Pause(Phase.RESUME, 1, policy.resume_s)
    return Ending(Outcome.COMPLETED)
