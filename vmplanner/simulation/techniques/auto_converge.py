"""Auto-converge: slow the guest down while it dirties memory faster than it can be sent (QEMU, migration/ram.c).

At each synchronisation of the dirty bitmap at least one second after the last one that counted:

    if dirtied bytes > 0.5 x sent bytes, for the second time:  throttle = initial, later + increment, at most max

A guest throttled by q runs in slices of 10 ms with sleeps of 10 q / (1 - q) ms between them; measured, it gets 1.17
(1 - q) of the time. One that uses a share u of its processors' time writes min(1, 1.17 (1 - q) / u) of what it wrote
before.
"""

from vmplanner.domain.plans import Options

_PERIOD_S = 1.0
_DIRTIED_TO_SENT = 0.5  # throttle-trigger-threshold, 50 % by default
_PERIODS_TO_ACT = 2
_RUNS = 1.17  # measured: 0.92, 0.83, 0.71, 0.57, 0.45, 0.36, 0.25 of the rate at 20, 30, ... 80 %


class AutoConverge:
    """The throttle of one migration. With auto-converge off it stays at 0."""

    def __init__(self, options: Options, cpu_use: float) -> None:
        self._options = options
        self._cpu_use = cpu_use
        self._seconds = self._dirtied = self._sent = 0.0
        self._high_periods = 0
        self.throttle = 0.0

    @property
    def guest_share(self) -> float:
        """How much of its writes the guest still makes, 0 to 1."""
        return min(1.0, _RUNS * (1 - self.throttle) / self._cpu_use) if self.throttle else 1.0

    @property
    def can_slow_more(self) -> bool:
        return self._options.auto_converge and self.throttle < self._options.throttle_max

    def synchronised(self, seconds: float, dirtied_bytes: float, sent_bytes: float) -> None:
        """The bitmap was synchronised `seconds` after the last time."""
        if not self._options.auto_converge:
            return
        self._seconds += seconds
        self._dirtied += dirtied_bytes
        self._sent += sent_bytes
        if self._seconds <= _PERIOD_S:
            return
        if self._dirtied > _DIRTIED_TO_SENT * self._sent:
            self._high_periods += 1
        if self._high_periods >= _PERIODS_TO_ACT:
            self._high_periods = 0
            more = self.throttle + self._options.throttle_increment if self.throttle else self._options.throttle_initial
            self.throttle = min(more, self._options.throttle_max)
        self._seconds = self._dirtied = self._sent = 0.0
