"""Slow down during page send: a guest that writes faster than it is copied is put to sleep for moments (vMotion).

Since vSphere 5.0 the processors of such a guest sleep for a few milliseconds at a time, just enough for the copy to
keep up (D. Epping, yellow-bricks.com, 2011 and 2012: seen). How much that is, is not published. Assumed here, not
measured: after each round in which the guest dirtied d bytes while s bytes were sent, its speed g becomes

    g min(1, 0.8 s / d)
"""

_KEPT_BELOW = 0.8
_LEAST_SHARE = 0.01


class SlowDown:
    """How fast one guest runs while it is copied; at full speed always where the policy does not slow it down."""

    def __init__(self, acts: bool) -> None:
        self._acts = acts
        self.guest_share = 1.0

    @property
    def can_slow_more(self) -> bool:
        return self._acts and self.guest_share > _LEAST_SHARE

    def round_over(self, dirtied_bytes: float, sent_bytes: float) -> None:
        if self._acts and dirtied_bytes > _KEPT_BELOW * sent_bytes:
            self.guest_share = max(_LEAST_SHARE, self.guest_share * _KEPT_BELOW * sent_bytes / dirtied_bytes)
