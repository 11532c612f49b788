"""Post-copy: let the guest run at the target first, and send its memory after it.

After Hines and Gopalan (VEE 2009), as QEMU does it: the guest stops for the state of its devices alone,

    D = device state / B + time to load it          T = switch + D + pending pages / B

then the source pushes what is pending in the order of addresses, each page once, while a page that the guest asks for
goes first. How often that happens and how fast the guest runs meanwhile is in demand_paging.py. A hybrid copy sends
some rounds before (pre_copy.py), so that less is left. While memory is on both sides, the loss of either host loses the
guest.
"""

import numpy as np

from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Migration
from vmplanner.domain.results import Outcome, Phase
from vmplanner.simulation.demand_paging import DemandPaging
from vmplanner.simulation.policy import Policy
from vmplanner.simulation.steps import Ending, Pause, Process, Transfer, device_state
from vmplanner.simulation.techniques.pending import Pending
from vmplanner.simulation.techniques.stop_and_copy import send_to_the_end


def post_copy(machine: VirtualMachine, migration: Migration, policy: Policy) -> Process:
    """The steps of a migration that switches to the target at once."""
    pending = Pending.of(machine, migration, policy)
    yield Pause(Phase.PREFLIGHT, 0, policy.setup_s)
    return (yield from switch_over(pending, machine, migration, policy))


def switch_over(pending: Pending, machine: VirtualMachine, migration: Migration, policy: Policy) -> Process:
    """The steps from the guest's stop on: it resumes without its pending pages, and these follow."""
    pending.send_whole_pages(policy)
    yield Transfer(Phase.STOP_AND_COPY, pending.round, (device_state(policy),))
    yield Pause(Phase.RESUME, pending.round, policy.postcopy_resume_s)
    cap = policy.effective_cap(migration.options.postcopy_bytes_per_s)  # QEMU's max-postcopy-bandwidth
    paging = _paging(pending, machine, migration, policy, cap)
    yield from send_to_the_end(Phase.POST_COPY, pending, migration, policy, cap, paging)
    return Ending(Outcome.COMPLETED)


def _paging(
    pending: Pending, machine: VirtualMachine, migration: Migration, policy: Policy, cap: float
) -> DemandPaging:
    groups = pending.groups()
    missing = np.zeros((len(groups), len(pending.dirtying.pages)))
    for row, group in zip(missing, groups, strict=True):
        for part in group.parts:
            row[part.class_index] += part.pages
    return DemandPaging(missing, pending.dirtying, machine.vcpus, machine.cpu_use, migration.options, policy, cap)
