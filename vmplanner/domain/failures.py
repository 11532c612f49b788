"""What may go wrong while a plan runs, and when: the question behind "what if".

All times are seconds on the run's clock. What is down stays down. A plan keeps the failures that its simulated runs
are to try: they are a question that somebody asks of that plan, and work that must not be lost with the window.
"""

from collections.abc import Container, Iterable, Mapping

from attrs import evolve, field, frozen

from vmplanner.domain import checks


@frozen
class LinkDown:
    """A link carries nothing any more, in either direction."""

    link_id: str = field(validator=checks.text())
    at_s: float = field(validator=checks.number(at_least=0))
    kind = "link down"

    @property
    def thing_id(self) -> str:
        return self.link_id


@frozen
class HostDown:
    """A host stops, and all guests that it runs with it."""

    host_id: str = field(validator=checks.text())
    at_s: float = field(validator=checks.number(at_least=0))
    kind = "host down"

    @property
    def thing_id(self) -> str:
        return self.host_id


@frozen
class Abort:
    """Someone or something ends a migration, if it is under way then."""

    migration_id: str = field(validator=checks.text())
    at_s: float = field(validator=checks.number(at_least=0))
    kind = "abort"

    @property
    def thing_id(self) -> str:
        return self.migration_id


Failure = LinkDown | HostDown | Abort
FAILURES: tuple[type[Failure], ...] = (LinkDown, HostDown, Abort)


def by_time(failures: Iterable[Failure]) -> tuple[Failure, ...]:
    """Each once, in the order of their times."""
    return tuple(sorted(dict.fromkeys(failures), key=lambda failure: failure.at_s))


def without(failures: Iterable[Failure], gone: Container[str]) -> tuple[Failure, ...]:
    """Those whose host, link or migration stays."""
    return tuple(failure for failure in failures if failure.thing_id not in gone)


def with_ids(failures: Iterable[Failure], ids: Mapping[str, str]) -> tuple[Failure, ...]:
    """For a plan whose migrations have other ids: `ids` by their former ones. An abort of one that is not there any
    more goes.
    """
    return tuple(
        evolve(failure, migration_id=ids[failure.migration_id]) if isinstance(failure, Abort) else failure
        for failure in failures
        if not isinstance(failure, Abort) or failure.migration_id in ids
    )
