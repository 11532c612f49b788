"""What is to be scheduled: migrations as jobs that need links, places at hosts, and memory.

A job that runs has the full rate of its path to itself: of every link on its way it takes that rate, of every limit
one place. A busy guest is then copied in the least time, with the fewest bytes and the shortest downtime; two that
share a link would both write for longer. Memory is taken at the target from the start on, and freed at the source at
the end.
"""

from collections.abc import Mapping
from enum import Enum, StrEnum, auto
from functools import cached_property

from attrs import field, frozen, validators

from vmplanner.domain import checks
from vmplanner.domain.at_once import AtOnce
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.plans import check_order
from vmplanner.simulation.network import DirectedLink


@frozen
class Job:
    """One migration as the scheduler sees it: what it takes when nothing else moves.

    `duration_s` and `bytes` are those of the migration alone at `rate_bytes_per_s`, the rate that is reserved for it
    on `links`. `peak_bytes_per_s` is what it may take at most (QEMU does not hold the last pass to its cap).
    Its guest stops `switch_s` after its start, for `downtime_s`. It starts between the first and the last time of one
    of `starts` (none: whenever). `after` are the ids of jobs that must have ended. A job with a `pinned_start_s` starts
    then and at no other time; of two jobs that could start, that of the higher `priority` does.
    """

    id: str
    duration_s: float = field(validator=checks.number(above=0))
    bytes: int = field(validator=checks.whole(at_least=0))
    rate_bytes_per_s: float = field()
    peak_bytes_per_s: float = field()
    links: tuple[DirectedLink, ...]
    source_id: str
    target_id: str
    memory_bytes: int
    downtime_s: float = 0.0
    earliest_start_s: float = field(default=0.0, validator=checks.number(at_least=0))
    after: tuple[str, ...] = ()
    priority: int = 0
    pinned_start_s: float | None = field(default=None, validator=validators.optional(checks.number(at_least=0)))
    switch_s: float = 0.0
    starts: tuple[tuple[float, float], ...] = ()

    @property
    def mean_bytes_per_s(self) -> float:
        """Less than the rate where it pauses, or looks for pages to send."""
        return self.bytes / self.duration_s

    def next_start_s(self, now: float) -> float:
        """The first time from `now` on at which it may start; now, when there is none: then it can't keep them."""
        return next((max(first, now) for first, last in self.starts if last >= now), now)

    @property
    def not_before_s(self) -> float:
        return self.earliest_start_s if self.pinned_start_s is None else self.pinned_start_s


@frozen
class Limits:
    """How many migrations may run at the same time (None: any number): in all, from and to one host together, from
    one host, to one host.
    """

    total: int | None = None
    per_host: int | None = None
    sending: int | None = None
    receiving: int | None = None


class ResourceKind(StrEnum):
    """What jobs compete for."""

    LINK = "link"
    PLAN = "plan"
    HOST = "host"
    SENDING = "sending host"
    RECEIVING = "receiving host"
    RULE = "rule"
    MEMORY = "memory"


@frozen
class Resource:
    """`id` is that of the link or the host, or a rule's name; `entered_from` tells the directions of a link apart."""

    kind: ResourceKind
    id: str = ""
    entered_from: str = ""


# Resources by number, each with the amount that a job takes or gives back.
Amounts = tuple[tuple[int, float], ...]


@frozen
class Problem:
    """Jobs in the order of the plan, and what there is for them: bytes/s of links, free bytes of hosts, places.

    Raises InvalidValue when jobs wait for each other in a circle or want more than a link carries.
    """

    jobs: tuple[Job, ...] = field(converter=tuple[Job, ...])
    link_bytes_per_s: Mapping[DirectedLink, float]
    free_memory_bytes: Mapping[str, int]
    limits: Limits = Limits()
    rules: tuple[AtOnce, ...] = field(default=(), converter=tuple[AtOnce, ...])

    def __attrs_post_init__(self) -> None:
        check_order("The schedule", {job.id: job.after for job in self.jobs})
        for job in self.jobs:
            for link in job.links:
                if job.rate_bytes_per_s > self.link_bytes_per_s[link]:
                    raise InvalidValue(f"Job '{job.id}'", "rate", f"is more than link '{link[0]}' carries")

    @cached_property
    def places(self) -> dict[str, int]:
        """Where in `jobs` each job stands, by id."""
        return {job.id: index for index, job in enumerate(self.jobs)}

    @cached_property
    def followers(self) -> list[list[int]]:
        """For each job those that wait for its end."""
        found: list[list[int]] = [[] for _ in self.jobs]
        for index, job in enumerate(self.jobs):
            for before in job.after:
                found[self.places[before]].append(index)
        return found

    @cached_property
    def in_order(self) -> list[int]:
        """The jobs with each after those that it waits for."""
        missing = [len(job.after) for job in self.jobs]
        order = [index for index, count in enumerate(missing) if not count]
        for index in order:
            for follower in self.followers[index]:
                missing[follower] -= 1
                if not missing[follower]:
                    order.append(follower)
        return order


# How far links may be overbooked where they are to be filled: four migrations leave room for a fifth.
_OVERBOOKED = 1.25


class LinkUse(Enum):
    """What a job takes of each link on its way: the rate at which it copies, the most that it may take, its mean rate
    of a link that may be overbooked a little, or nothing at all. In the last two, jobs share links.
    """

    RATE = auto()
    PEAK = auto()
    FILLED = auto()
    FREE = auto()

    @property
    def shares(self) -> bool:
        return self in (LinkUse.FILLED, LinkUse.FREE)

    def taken_bytes_per_s(self, job: Job) -> float:
        match self:
            case LinkUse.RATE:
                return job.rate_bytes_per_s
            case LinkUse.PEAK:
                return max(job.peak_bytes_per_s, job.rate_bytes_per_s)
            case LinkUse.FILLED:
                return job.mean_bytes_per_s
            case LinkUse.FREE:
                return 0.0


@frozen
class Demands:
    """The resources of a problem by number, what there is of each, and what each job takes and gives back."""

    problem: Problem
    links: LinkUse = LinkUse.RATE
    resources: list[Resource] = field(init=False, factory=list)
    capacity: list[float] = field(init=False, factory=list)
    takes: list[Amounts] = field(init=False, factory=list)
    gives: list[Amounts] = field(init=False, factory=list)

    def __attrs_post_init__(self) -> None:
        numbers: dict[Resource, int] = {}

        def number(kind: ResourceKind, capacity: float, identity: str = "", entered_from: str = "") -> int:
            resource = Resource(kind, identity, entered_from)
            if resource not in numbers:
                numbers[resource] = len(self.resources)
                self.resources.append(resource)
                self.capacity.append(capacity)
            return numbers[resource]

        problem, limits = self.problem, self.problem.limits
        rules_of: dict[str, list[AtOnce]] = {}
        for rule in problem.rules:
            for job_id in rule.migration_ids:
                rules_of.setdefault(job_id, []).append(rule)
        for job in problem.jobs:
            ends = dict.fromkeys((job.source_id, job.target_id))
            places = [(ResourceKind.PLAN, limits.total, "")]
            places += [(ResourceKind.HOST, limits.per_host, host_id) for host_id in ends]
            places += [(ResourceKind.SENDING, limits.sending, job.source_id)]
            places += [(ResourceKind.RECEIVING, limits.receiving, job.target_id)]
            places += [(ResourceKind.RULE, rule.count, rule.name) for rule in rules_of.get(job.id, ())]
            shared = [(number(kind, limit, thing), 1.0) for kind, limit, thing in places if limit is not None]
            for link in job.links if self.links is not LinkUse.FREE else ():
                capacity = problem.link_bytes_per_s[link] * (_OVERBOOKED if self.links is LinkUse.FILLED else 1)
                rate = min(self.links.taken_bytes_per_s(job), capacity)
                shared.append((number(ResourceKind.LINK, capacity, *link), rate))
            at_target, at_source = (
                number(ResourceKind.MEMORY, problem.free_memory_bytes[host_id], host_id)
                for host_id in (job.target_id, job.source_id)
            )
            self.takes.append((*shared, (at_target, float(job.memory_bytes))))
            self.gives.append((*shared, (at_source, float(job.memory_bytes))))


class Ledger:
    """What is free of each resource while jobs start and end."""

    def __init__(self, demands: Demands) -> None:
        self.free = list(demands.capacity)
        # Rates are not whole numbers: a full link must not be refused for the last digit of a sum.
        self._slack = [max(1.0, abs(capacity)) * 1e-9 for capacity in demands.capacity]
        self._demands = demands

    def lack(self, job: int) -> int | None:
        """The first resource of which too little is free for a job, by number."""
        for resource, amount in self._demands.takes[job]:
            if self.free[resource] + self._slack[resource] < amount:
                return resource
        return None

    def lacks_places_only(self, job: int) -> bool:
        """Whether a job that can't start waits for the ends of others, and not for memory."""
        *_, (memory, amount) = self._demands.takes[job]
        return self.has(memory, amount)

    def has(self, resource: int, amount: float) -> bool:
        return self.free[resource] + self._slack[resource] >= amount

    def take(self, job: int) -> None:
        for resource, amount in self._demands.takes[job]:
            self.free[resource] -= amount

    def give(self, job: int, *, moved: bool = True) -> None:
        """At the end of a job; one that has not `moved` frees its memory at the target."""
        for resource, amount in self._demands.gives[job] if moved else self._demands.takes[job]:
            self.free[resource] += amount
