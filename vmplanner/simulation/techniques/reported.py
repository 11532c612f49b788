"""What the hypervisor itself would say of a migration, which is not what the guest feels.

QEMU measures at the source alone:

    total time   until the last bytes are in the source's socket, with no regard to the target's resume, nor to what was
                 done before and after with the guest's balloon
    downtime     its last phase: the guest's stop and what is sent after the threshold was reached, until the socket has
                 it. A guest that was stopped before (stop-and-copy) was so for longer, which QEMU does not count.

What still lies in the socket, at most as much as it holds, takes its time on the network after that.
"""

import math

from vmplanner.domain.results import Outcome, Phase
from vmplanner.simulation.policy import Policy
from vmplanner.simulation.steps import Done, Ending, Step, Transfer
from vmplanner.simulation.stop_rules import Threshold

_ON_ITS_CLOCK = (Phase.PREFLIGHT, Phase.PRE_COPY, Phase.STOP_AND_COPY, Phase.POST_COPY)


class SourceClock:
    """The clock of a source that reports: tell it of each step that is over, and it has the report of the ending."""

    def __init__(self, policy: Policy) -> None:
        self._stop_s = policy.stop_s
        self._socket_bytes = policy.stop.burst_bytes if isinstance(policy.stop, Threshold) else 0
        self._total_s = self._downtime_s = 0.0
        self._sent_bytes = self._sent_down_bytes = 0
        self._bytes_per_s = self._down_bytes_per_s = math.inf

    def add(self, step: Step, done: Done) -> None:
        """A step is over."""
        if step.phase not in _ON_ITS_CLOCK:
            return
        self._total_s += done.duration_s
        if not isinstance(step, Transfer):
            return
        self._sent_bytes += done.sent_bytes
        self._bytes_per_s = done.bytes_per_s
        if step.phase is Phase.STOP_AND_COPY and step.early is None:
            self._downtime_s += done.duration_s
            self._sent_down_bytes += done.sent_bytes
            self._down_bytes_per_s = done.bytes_per_s

    def reported(self, ending: Ending) -> Ending:
        """The ending as the source reports it; it tells nothing of a migration that did not complete."""
        if ending.outcome is not Outcome.COMPLETED:
            return ending
        return Ending(ending.outcome, ending.reason, ending.afterwards, self._total(), self._downtime())

    def _total(self) -> float:
        return max(0.0, self._total_s - min(self._socket_bytes, self._sent_bytes) / self._bytes_per_s)

    def _downtime(self) -> float:
        in_socket_s = min(self._socket_bytes, self._sent_down_bytes) / self._down_bytes_per_s
        return self._stop_s + max(0.0, self._downtime_s - in_socket_s)
