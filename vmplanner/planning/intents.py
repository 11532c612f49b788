"""What a person wants of a placement, before it is said which VM goes where."""

from collections.abc import Iterable, Mapping

from attrs import field, frozen, validators

from vmplanner.domain import checks
from vmplanner.domain.errors import InvalidValue


def _ids(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ids))


def _some(intent: object, _attribute: object, ids: tuple[str, ...]) -> None:
    if not ids:
        raise InvalidValue(checks.describe(intent), "hosts", "must not be empty")


@frozen
class Evacuate:
    """Empty the hosts (ids of hosts or groups); with `bring_back` their VMs come back when they are empty."""

    hosts: tuple[str, ...] = field(converter=_ids, validator=_some)
    bring_back: bool = False


@frozen
class Drain:
    """Empty a whole rack or site, to wherever links lead."""

    group_id: str = field(validator=checks.text())


@frozen
class Roll:
    """Go through the hosts one by one: empty it, leave it empty for `maintain_s`, bring its VMs back, the next."""

    hosts: tuple[str, ...] = field(converter=_ids, validator=_some)
    maintain_s: float = field(default=0.0, validator=checks.number(at_least=0))


@frozen
class Balance:
    """Even out how full the hosts' memory is, until none is more than `tolerance` (a share) above or below the mean.

    Only where that takes few and cheap moves.
    """

    tolerance: float = field(default=0.05, validator=checks.number(above=0, at_most=1))


@frozen
class Consolidate:
    """Empty as many hosts as can be, so that they can be powered off."""


@frozen
class Spread:
    """These hosts have failed: even out the others. What is drawn on the failed ones can't move and is told."""

    failed: tuple[str, ...] = field(converter=_ids, validator=_some)
    tolerance: float = field(default=0.05, validator=checks.number(above=0, at_most=1))


def _targets(targets: Mapping[str, str | None]) -> tuple[tuple[str, str | None], ...]:
    return tuple(targets.items())


@frozen
class Move:
    """Move VMs, each to the host of its id, or (None) to any other than its own."""

    targets: tuple[tuple[str, str | None], ...] = field(converter=_targets, validator=validators.min_len(1))


Intent = Evacuate | Drain | Roll | Balance | Consolidate | Spread | Move
