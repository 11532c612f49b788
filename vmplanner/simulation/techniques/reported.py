"""What the hypervisor itself would say of a migration, which is not what the guest feels.

QEMU measures at the source alone:

    total time   until the last bytes are in the source's socket, with no regard to the target's resume, nor to what was
                 done before and after with the guest's balloon
    downtime     its last phase: the guest's stop and what is sent after the threshold was reached, until the socket has
                 it. A guest that was stopped before (stop-and-copy) was so for longer, which QEMU does not count.

What still lies in the socket, at most as much as it holds, takes its time on the network after that.
"""

from vmplanner.domain.results import Outcome, Phase
from vmplanner.simulation.policies import Policy, Threshold
from vmplanner.simulation.steps import Done, Ending, Process, Step, Transfer

_ON_ITS_CLOCK = (Phase.PREFLIGHT, Phase.PRE_COPY, Phase.STOP_AND_COPY, Phase.POST_COPY)


def with_report(process: Process, policy: Policy) -> Process:
    """The same steps, and at their end what the hypervisor would report; nothing where it reports nothing."""
    watch = _Watch(policy)
    try:
        step = next(process)
        while True:
            done = yield step
            watch.add(step, done)
            step = process.send(done)
    except StopIteration as stop:
        ending: Ending = stop.value
    finally:
        process.close()
    if not policy.reports or ending.outcome is not Outcome.COMPLETED:
        return ending
    return Ending(ending.outcome, ending.reason, ending.afterwards, watch.total_s, watch.downtime_s)


class _Watch:
    """The clock of the source."""

    def __init__(self, policy: Policy) -> None:
        self._stop_s = policy.stop_s
        self._socket_bytes = policy.stop.burst_bytes if isinstance(policy.stop, Threshold) else 0
        self._total_s = self._downtime_s = 0.0
        self._sent_bytes = self._sent_down_bytes = 0
        self._buffered_s = self._buffered_down_s = 0.0

    def add(self, step: Step, done: Done) -> None:
        """A step is over."""
        if step.phase not in _ON_ITS_CLOCK:
            return
        self._total_s += done.duration_s
        if not isinstance(step, Transfer):
            return
        self._sent_bytes += done.sent_bytes
        self._buffered_s = min(self._socket_bytes, self._sent_bytes) / done.bytes_per_s
        if step.phase is Phase.STOP_AND_COPY and step.early is None:
            self._downtime_s += done.duration_s
            self._sent_down_bytes += done.sent_bytes
            self._buffered_down_s = min(self._socket_bytes, self._sent_down_bytes) / done.bytes_per_s

    @property
    def total_s(self) -> float:
        return max(0.0, self._total_s - self._buffered_s)

    @property
    def downtime_s(self) -> float:
        return self._stop_s + max(0.0, self._downtime_s - self._buffered_down_s)
