"""How a guest runs at the target while part of its memory is still at the source (post-copy).

After Hines and Gopalan (VEE 2009). The source pushes what is missing in the order of addresses, each page once; a page
that the guest asks for goes first. Of a class of N pages touched w times a second, m are missing; so a guest at full
speed asks for F = sum w m / N of them a second, and waits for each

    L = round trip + page / B + queue

    queue = socket / B                          on a network slower than the sender: behind what its socket holds
    queue = 1 / (1 / window + cap / socket)     under a bandwidth cap: in a window once for the next one to begin, and
                                                each time that a socket is filled in it
    queue = measured, 0.7 ms                    with preempt: a connection of its own

With n processors that need a share u of their time for their work, and wait one by one, it makes the share

    s = min(1,  1 / (u + F L / n),  R / F)      R = pages sent a second, those asked for among them

of its work, and asks s F times a second: a guest with one processor all but stands still. With pre-paging the push goes
on around the page that was asked for last: it goes where the faults are, and half of it stays ahead of a walk of w
pages a second, which so runs for (R / 2) L / (w - R / 2) longer until it has to wait again.

Assumed: the guest touches pages as it writes them. What it only reads is not known of it.
"""

import math

import numpy as np

from vmplanner.domain.plans import Options
from vmplanner.simulation.dirtying import Dirtying, Floats, Law, share_of
from vmplanner.simulation.policy import Policy
from vmplanner.simulation.stop_rules import Threshold

# Steps in which all of the memory is followed. Between two of them the speed of the guest counts as constant.
_STEPS = 200


class DemandPaging:
    """The missing pages of one guest: `missing` says how many of each class each stretch of the push holds, in its
    order; shape (stretches, classes).

    `processors` of the guest use the share `cpu_use` of their time; the sender is held back to `cap_bytes_per_s`
    (infinite: by the network alone).
    """

    def __init__(
        self,
        missing: Floats,
        dirtying: Dirtying,
        processors: int,
        cpu_use: float,
        options: Options,
        policy: Policy,
        cap_bytes_per_s: float,
    ) -> None:
        self._missing = missing.copy()
        self._step_pages = float(missing.sum()) / _STEPS
        self._touches = share_of(dirtying.writes_per_s, dirtying.pages)
        self._walks_per_s = dirtying.writes_per_s * (dirtying.law == Law.WALK)
        self._processors = processors
        self._cpu_use = cpu_use
        self._options = options
        self._policy = policy
        self._cap_bytes_per_s = cap_bytes_per_s

    def advance(
        self, seconds: float, pages_left: float, bytes_per_s: float, is_network_bound: bool, round_trip_s: float
    ) -> tuple[float, float]:
        """The push went on for so long at `bytes_per_s` and has `pages_left`. Returns which share of its work the guest
        made meanwhile, and how many pages it waited for.
        """
        sent = float(self._missing.sum()) - pages_left
        if not seconds or sent <= 0:
            return 1.0, 0.0
        wait_s = self._wait_s(bytes_per_s, is_network_bound, round_trip_s)
        pages_per_s = sent / seconds
        steps = math.ceil(sent / self._step_pages)
        work = faults = 0.0
        for _ in range(steps):
            asked_per_s = self._asked_per_s(wait_s, pages_per_s)
            share, faults_per_s = self._speed(asked_per_s, pages_per_s, wait_s)
            found = min(faults_per_s * seconds, sent) / steps
            work += share / steps
            faults += self._send(sent / steps, found, asked_per_s)
        return min(1.0, work), faults

    def _wait_s(self, bytes_per_s: float, is_network_bound: bool, round_trip_s: float) -> float:
        """How long the guest waits for a page."""
        policy = self._policy
        socket_bytes = policy.stop.burst_bytes if isinstance(policy.stop, Threshold) else 0
        if self._options.preempt:
            queue_s = policy.preempt_wait_s
        elif is_network_bound:
            queue_s = socket_bytes / bytes_per_s
        elif policy.window_s and socket_bytes:
            queue_s = 1 / (1 / policy.window_s + self._cap_bytes_per_s / socket_bytes)
        else:
            queue_s = 0.0
        return round_trip_s + policy.page_bytes / bytes_per_s + queue_s

    def _asked_per_s(self, wait_s: float, pages_per_s: float) -> Floats:
        """How often a guest at full speed would ask for a page, by class."""
        asked_per_s: Floats = self._touches * self._missing.sum(axis=0)
        if not self._options.prepaging:
            return asked_per_s
        ahead_per_s = pages_per_s / 2
        outrun_per_s = self._walks_per_s - ahead_per_s
        caught_s = np.divide(
            ahead_per_s * wait_s, outrun_per_s, out=np.full_like(outrun_per_s, math.inf), where=outrun_per_s > 0
        )
        # A class that is no walk is never caught up with, nor helped.
        caught_s = np.where(self._walks_per_s > 0, caught_s, 0.0)
        seldom: Floats = asked_per_s / (1 + np.where(asked_per_s > 0, asked_per_s, 1.0) * caught_s)
        return seldom

    def _speed(self, asked_per_s: Floats, pages_per_s: float, wait_s: float) -> tuple[float, float]:
        """The share of its work that the guest makes, and the pages a second that it waits for."""
        asked = float(asked_per_s.sum())
        share = min(1.0, 1 / (self._cpu_use + asked * wait_s / self._processors))
        if asked:
            share = min(share, pages_per_s / asked)
        return share, share * asked

    def _send(self, pages: float, found: float, asked_per_s: Floats) -> float:
        """`pages` go over: first those that the guest `found` missing, then others in the order of the push. Returns
        how many pages it was sent for asking: not more than there are.
        """
        there = self._missing.sum(axis=0)
        first = pages if self._options.prepaging else found
        taken = np.minimum(there, first * share_of(asked_per_s, np.full_like(asked_per_s, asked_per_s.sum())))
        self._missing *= 1 - share_of(taken, there)
        in_order = self._missing.sum(axis=1)
        rest = pages - float(taken.sum())
        sent = np.clip(rest - (np.cumsum(in_order) - in_order), 0.0, in_order)
        self._missing *= 1 - share_of(sent, in_order)[:, None]
        return min(found, float(taken.sum()))
