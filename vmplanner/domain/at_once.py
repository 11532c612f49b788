"""How many migrations may run at the same time, by the limits of hosts and by the project's rules.

Who schedules, who runs and who checks a plan all ask here, so that they count the same: the migrations of each host,
rack or site, over each link, or all.
"""

from collections.abc import Callable, Iterable, Iterator

from attrs import field, frozen

from vmplanner.domain import checks
from vmplanner.domain.link_names import link_names
from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project
from vmplanner.domain.rules import Limit, LimitPer


@frozen
class Way:
    """A migration by its id: the hosts that it leaves and goes to, and the links that it goes over."""

    migration_id: str
    source_id: str
    target_id: str
    link_ids: frozenset[str]


@frozen
class AtOnce:
    """Of some migrations at most `count` run at the same time; `name` says whose limit that is."""

    name: str
    count: int = field(validator=checks.whole(at_least=0))
    migration_ids: frozenset[str]


def ways_of(project: Project, plan: Plan, links: Callable[[str, str], Iterable[str]]) -> list[Way]:
    """The ways of a plan's migrations, if those before each complete. `links` gives the ids of the links from a host to
    another; it is asked only where a rule counts by links.
    """
    sources = project.sources_of(plan)
    by_link = any(isinstance(rule, Limit) and rule.per is LimitPer.LINK for rule in project.rules.values())
    found = []
    for migration in plan.migrations:
        source_id = sources[migration.id]
        over = frozenset(links(source_id, migration.target_id)) if by_link else frozenset()
        found.append(Way(migration.id, source_id, migration.target_id, over))
    return found


def limits_of(project: Project, ways: Iterable[Way]) -> Iterator[AtOnce]:
    """What holds for migrations that go these ways."""
    ways = list(ways)
    leaving: dict[str, set[str]] = {}
    coming: dict[str, set[str]] = {}
    for way in ways:
        leaving.setdefault(way.source_id, set()).add(way.migration_id)
        coming.setdefault(way.target_id, set()).add(way.migration_id)
    for host in project.hosts.values():
        limits = host.facts.limits
        for what, count, moves in (
            ("outgoing", limits.max_outgoing, leaving.get(host.id)),
            ("incoming", limits.max_incoming, coming.get(host.id)),
        ):
            if count is not None and moves:
                yield AtOnce(f"{what} migrations of {host.name}", count, frozenset(moves))
    for rule in project.rules.values():
        if isinstance(rule, Limit):
            for place, counted_ids in counted(project, rule, ways):
                if counted_ids:
                    yield AtOnce(f"{rule.name} of {place}", rule.count, counted_ids)


def counted(project: Project, rule: Limit, ways: Iterable[Way]) -> Iterator[tuple[str, frozenset[str]]]:
    """Each place that a limit counts for, by name, and the ids of the migrations there."""
    if rule.per is LimitPer.LINK:
        names = link_names(project)
        over: dict[str, set[str]] = {}
        for way in ways:
            for link_id in way.link_ids:
                over.setdefault(link_id, set()).add(way.migration_id)
        yield from ((names[link_id], frozenset(over[link_id])) for link_id in project.links if link_id in over)
        return
    of_host: dict[str, set[str]] = {}
    for way in ways:
        for host_id in (way.source_id, way.target_id):
            of_host.setdefault(host_id, set()).add(way.migration_id)
    for name, host_ids in _places(project, rule.per):
        yield name, frozenset().union(*(of_host.get(host_id, ()) for host_id in host_ids))


def _places(project: Project, per: LimitPer) -> Iterator[tuple[str, Iterable[str]]]:
    """The name of each place, and the ids of its hosts."""
    if per is LimitPer.PLAN:
        yield "the plan", project.hosts
    elif per is LimitPer.HOST:
        yield from ((host.name, (host.id,)) for host in project.hosts.values())
    else:
        for group in project.groups.values():
            if group.kind is per.group_kind:
                yield group.name, project.hosts_in([group.id])
