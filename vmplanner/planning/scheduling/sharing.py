"""How far jobs have come that share links, for the rules that do not reserve them.

On a link that is asked for more than it carries, each job gets the same part of what it asks, and its duration is
stretched by as much. That a busy guest writes for longer meanwhile is left out: the simulator tells.
"""

from vmplanner.planning.scheduling.jobs import Problem
from vmplanner.simulation.network import DirectedLink

# When a job will end, its number, and how often that has changed: of several ends the one with the last version holds.
NewEnd = tuple[float, int, int]


class Sharing:
    """Jobs under way, each at its present speed (1: as fast as alone)."""

    def __init__(self, problem: Problem) -> None:
        self._jobs = problem.jobs
        self._capacity = problem.link_bytes_per_s
        self._users: dict[DirectedLink, set[int]] = {link: set() for link in problem.link_bytes_per_s}
        self._asked = dict.fromkeys(problem.link_bytes_per_s, 0.0)
        self._left_s = [job.duration_s for job in problem.jobs]
        self._speed = [0.0] * len(problem.jobs)
        self._looked_s = [0.0] * len(problem.jobs)
        self._version = [0] * len(problem.jobs)

    def is_current(self, job: int, version: int) -> bool:
        return self._version[job] == version

    def started(self, job: int, now: float) -> list[NewEnd]:
        """The new ends of this job and of those that it slows down."""
        self._looked_s[job] = now
        for link in self._jobs[job].links:
            self._users[link].add(job)
        return self._changed(job, now, {job})

    def ended(self, job: int, now: float) -> list[NewEnd]:
        """The new ends of those that go on faster."""
        for link in self._jobs[job].links:
            self._users[link].discard(job)
        return self._changed(job, now, set())

    def _changed(self, job: int, now: float, affected: set[int]) -> list[NewEnd]:
        for link in self._jobs[job].links:
            self._asked[link] = sum(self._jobs[user].mean_bytes_per_s for user in self._users[link])
            affected |= self._users[link]
        ends = []
        for user in sorted(affected):
            speed = self._speed_of(user)
            if speed != self._speed[user]:
                self._left_s[user] -= (now - self._looked_s[user]) * self._speed[user]
                self._looked_s[user], self._speed[user] = now, speed
                self._version[user] += 1
                ends.append((now + max(0.0, self._left_s[user]) / speed, user, self._version[user]))
        return ends

    def _speed_of(self, job: int) -> float:
        shares = (self._capacity[link] / self._asked[link] for link in self._jobs[job].links if self._asked[link])
        return min(1.0, min(shares, default=1.0))
