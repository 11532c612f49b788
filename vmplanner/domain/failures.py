"""What may go wrong while a plan runs, and when: the question behind "what if".

All times are seconds on the run's clock. What is down stays down.
"""

from attrs import field, frozen

from vmplanner.domain import checks


@frozen
class LinkDown:
    """A link carries nothing any more, in either direction."""

    link_id: str = field(validator=checks.text())
    at_s: float = field(validator=checks.number(at_least=0))


@frozen
class HostDown:
    """A host stops, and all guests that it runs with it."""

    host_id: str = field(validator=checks.text())
    at_s: float = field(validator=checks.number(at_least=0))


@frozen
class Abort:
    """Someone or something ends a migration, if it is under way then."""

    migration_id: str = field(validator=checks.text())
    at_s: float = field(validator=checks.number(at_least=0))


Failure = LinkDown | HostDown | Abort
